"""Mistakes that a line of the code shows, together with an error or with the values.

`grader release` copies this file into the folder for students, so it holds no right formula and imports
only the standard library and `grader.model`.
"""

import ast
import re
from collections.abc import Iterator

from grader.model import Mistake, Raised

# ------------------------------------------------------------------ variants with equal values


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


# ------------------------------------------------------------------ errors

_GENERATORS = (
    *("rand", "randn", "random", "random_sample", "ranf", "uniform", "normal", "standard_normal"),
    *("binomial", "choice", "randint", "integers", "ones", "zeros"),
)
DRAWS = tuple(f"{dot}{name}" for name in _GENERATORS for dot in ("", "."))
"""Names by which to locate the line that draws a mask and gives it its shape."""

_MASK = re.compile(
    r"\b(D[12])\b"
    r"|[*@]\s*(D)\b|\b(D)(?:\.T)?\s*[*@]|(?:dot|matmul|multiply)\([^()]*\b(D)\b"
)
"""The mask of a layer, or that of any where it is multiplied with something."""
_LAYERS = re.compile(r"\b[AZ]([12])\b")
_ONE_AXIS = re.compile(r"\(\d+,\)")
_BENT = re.compile(r"\.T\b|@|\b(?:dot|matmul|transpose|reshape)\b")
"""Operations that make the line itself wrong, for a mask of any shape."""
_MISFITS = ("could not be broadcast", "not aligned", "core dimension", "non-broadcastable")


def stopped(error: Raised, line: str) -> Iterator[Mistake]:
    """Yield the mistake of a mask whose shape does not fit the activations that it multiplies.

    `line` is the source of the line that raised. Yields nothing for other errors and lines.
    """
    mask = _MASK.search(line)
    if mask and error.kind == "ValueError" and any(text in error.message for text in _MISFITS):
        name = str(mask[mask.lastindex or 0])
        layers = _LAYERS.findall(line)
        if name[1:] and layers and name[1:] not in layers:
            return  # the mask of another layer: this line may be wrong, and not the mask
        shared = bool(_ONE_AXIS.search(error.message))
        id = "mask-shared-by-examples" if shared else "mask-wrong-shape"
        quantity, reads = (f"A{name[1:]}", (name,)) if _BENT.search(line) else (name, _drawn(name))
        yield Mistake(id, quantity, name, reads)


def _drawn(mask: str) -> tuple[str, ...]:
    """Return the names by which to locate the line of a mask: the draws, or the other layer's mask."""
    return (*(name for name in ("D1", "D2") if name != mask), *DRAWS)


# ------------------------------------------------------------------ by function

_VARIANTS = {"integer_division": divides_without_fraction, "although_halved": halves}
VARIANTS = {
    "compute_cost_with_regularization": _VARIANTS,
    "backward_propagation_with_regularization": _VARIANTS,
}
"""For each function the variants that a node of the code shows: `Computation.variants`."""
STOPPED = {"forward_propagation_with_dropout": stopped}
"""For each function its mistakes that an error and its line show: `Computation.stopped`."""
