"""Variants of a mistake that return the same values and differ in the student's lines."""

import ast


def divides_without_fraction(node: ast.AST) -> bool:
    """Return True for `//`, which drops the fraction.

    >>> divides_without_fraction(ast.parse("lambd // m", mode="eval").body)
    True
    """
    return isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.FloorDiv)


def halves(node: ast.AST) -> bool:
    """Return True for a division by 2 (or by a product with 2), and for 0.5 times something.

    >>> halves(ast.parse("lambd / (2 * m)", mode="eval").body)
    True
    """
    match node:
        case ast.BinOp(op=ast.Div(), right=divisor):
            factors = [divisor]
            for factor in factors:
                if isinstance(factor, ast.BinOp) and isinstance(factor.op, ast.Mult):
                    factors += [factor.left, factor.right]
            return any(isinstance(f, ast.Constant) and f.value == 2 for f in factors)
        case (
            ast.BinOp(ast.Constant(0.5), ast.Mult())
            | ast.BinOp(op=ast.Mult(), right=ast.Constant(0.5))
        ):
            return True
    return False


VARIANTS = {"integer_division": divides_without_fraction, "although_halved": halves}
