"""Supply what NumPy before 2.4 allowed, for a program that stopped at exactly that.

Students' machines may still have such a NumPy. The program's calls and assignments are rewritten, and
every use of an old behaviour leaves a note.
"""

from __future__ import annotations

import ast
import builtins
import functools
import types
from collections.abc import Callable
from typing import Any

import compat
import numpy as np

_CALL, _MOD, _SET = "__grader_call__", "__grader_mod__", "__grader_set__"
_METHOD = "__grader_method__"
_NUMBERS = (float, int, complex)
_METHODS: dict[str, Callable[..., Any]] = {
    "ptp": np.ptp,
    "tostring": np.ndarray.tobytes,
    "itemset": lambda array, *place: array.__setitem__(place[:-1] or ..., place[-1]),
}


def names() -> dict[str, Any]:
    """Return the functions that rewritten code calls, by name."""
    return {_CALL: _old_call, _MOD: _old_mod, _SET: _old_target, _METHOD: _old_method}


class Rewriter(ast.NodeTransformer):
    """Replaces calls, `%` and the targets of assignments to elements by functions of this module."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Return `f(...)` as `old_call(f)(...)`."""
        self.generic_visit(node)
        match node.func:
            case ast.Attribute(value=value, attr=name) if name in _METHODS:
                node.func = _call(_METHOD, value, ast.Constant(name))
            case _:
                node.func = _call(_CALL, node.func)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Return `a % b` as `old_mod(a, b)`."""
        self.generic_visit(node)
        is_format = isinstance(node.op, ast.Mod)
        return ast.copy_location(_call(_MOD, node.left, node.right), node) if is_format else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """Return `a[i] = b`, for any `a`, as `old_target(a)[i] = b`."""
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Store):
            node.value = _call(_SET, node.value)
        return node


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def rewritten(statement: ast.stmt) -> ast.stmt:
    """Return a statement with the old behaviours supplied."""
    new: ast.stmt = Rewriter().visit(statement)
    return ast.fix_missing_locations(new)


def _note(behaviour: str) -> None:
    note = [compat.OLD_BEHAVIOUR, behaviour]
    if note not in compat.notes:
        compat.notes.append(note)


def _item(value: Any, behaviour: str) -> Any:
    """Return the element of an array with one element in one or more dimensions, else the value."""
    if isinstance(value, np.ndarray) and value.ndim and value.size == 1:
        _note(behaviour)
        return value.item()
    return value


def _old_call(function: Any) -> Any:
    """Return a function, or its replacement with the old behaviour."""
    if function is np.sum:
        return _sum
    if function is np.array:
        return _array
    if function is np.reshape:
        return _reshape
    is_math = isinstance(function, types.BuiltinFunctionType) and function.__module__ == "math"
    if is_math or any(function is number for number in _NUMBERS):
        return functools.partial(_of_numbers, function)
    return function


def _old_method(value: Any, name: str) -> Any:
    if isinstance(value, np.ndarray) and not hasattr(value, name):
        _note(compat.REMOVED_METHOD)
        return functools.partial(_METHODS[name], value)
    return getattr(value, name)


def _of_numbers(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    return function(*(_item(arg, compat.NUMBER_OF_ARRAY) for arg in args), **options)


def _sum(a: Any, *args: Any, **options: Any) -> Any:
    if isinstance(a, types.GeneratorType):
        _note(compat.SUM_OF_GENERATOR)
        return builtins.sum(a)
    return np.sum(a, *args, **options)


def _array(*args: Any, **options: Any) -> Any:
    if options.get("copy") is False:
        _note(compat.ARRAY_WITHOUT_COPY)
        options["copy"] = None
    return np.array(*args, **options)


def _reshape(*args: Any, **options: Any) -> Any:
    if "newshape" in options:
        _note(compat.NEW_SHAPE)
        options["shape"] = options.pop("newshape")
    return np.reshape(*args, **options)


def _old_mod(left: Any, right: Any) -> Any:
    if not isinstance(left, str):
        return left % right
    values = right if isinstance(right, tuple) else (right,)
    items = tuple(_item(value, compat.FORMAT_OF_ARRAY) for value in values)
    changed = any(new is not old for new, old in zip(items, values, strict=True))
    return left % (items if changed else right)


def _old_target(target: Any) -> Any:
    is_numeric = isinstance(target, np.ndarray) and target.dtype != object
    return _Elements(target) if is_numeric else target


class _Elements:
    """The elements of an array, which can be set from an array with one element."""

    def __init__(self, array: Any) -> None:
        self._array = array

    def __getitem__(self, place: Any) -> Any:
        return self._array[place]

    def __setitem__(self, place: Any, value: Any) -> None:
        try:
            self._array[place] = value
        except (TypeError, ValueError):
            item = _item(value, compat.ELEMENT_FROM_ARRAY)
            if item is value:
                raise
            self._array[place] = item
