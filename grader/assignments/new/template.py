"""Make the notebook for students from a solved one: without the lines between the markers, and outputs."""

from __future__ import annotations

import ast
import copy
from typing import Any

import nbformat

from grader.assignments.new.solved import SolvedFunction, SolvedNotebook


def build(notebook: SolvedNotebook) -> str:
    """Return the students' notebook as JSON, with a cell that checks each graded function."""
    document = _cleared(notebook)
    by_cell: dict[int, list[SolvedFunction]] = {}
    for function in notebook.functions:
        by_cell.setdefault(function.cell, []).append(function)
    cells = []
    for number, cell in enumerate(document.cells):
        functions = by_cell.get(number, [])
        for function in reversed(functions):
            cell.source = hide(cell.source, function)
        cells.append(cell)
        if functions:
            checks = "\n".join(f"check({function.name})" for function in functions)
            source = f"from grader import check\n\n{checks}"
            cells.append(nbformat.v4.new_code_cell(source, id=f"check-{number}"))
    document.cells = cells
    return _text(document)


def without_outputs(notebook: SolvedNotebook) -> str:
    """Return the solved notebook as JSON, without its outputs."""
    return _text(_cleared(notebook))


def hide(source: str, function: SolvedFunction) -> str:
    """Return the source of a cell with placeholders in place of a function's solution."""
    lines = source.splitlines()
    if not function.regions:
        first, last = _body(function.node)
        indent = " " * (function.node.col_offset + 4)
        return "\n".join([*lines[: first - 1], f"{indent}pass", *lines[last:]])
    for first, last in reversed(function.regions):
        is_open = "END" not in lines[last - 1]
        inside = range(first + 1, last + 1 if is_open else last)
        marker = lines[first - 1]
        indent = marker[: len(marker) - len(marker.lstrip())]
        lines[first : inside.stop - 1] = [
            f"{indent}{text}" for text in _placeholders(function.node, inside)
        ]
    return "\n".join(lines)


def _placeholders(node: ast.FunctionDef, inside: range) -> list[str]:
    """Return `name = None` for each variable that the lines set, or `pass`."""
    names: dict[str, None] = {}
    assignments = [s for s in ast.walk(node) if isinstance(s, ast.Assign) and s.lineno in inside]
    for statement in sorted(assignments, key=lambda statement: statement.lineno):
        for target in statement.targets:
            elements = target.elts if isinstance(target, ast.Tuple) else [target]
            names |= {e.id: None for e in elements if isinstance(e, ast.Name)}
    return [f"{name} = None" for name in names] or ["pass"]


def _body(node: ast.FunctionDef) -> tuple[int, int]:
    """Return the first and the last line of a function's body, without its docstring."""
    has_docstring = ast.get_docstring(node) is not None and len(node.body) > 1
    return node.body[has_docstring].lineno, node.end_lineno or node.lineno


def _cleared(notebook: SolvedNotebook) -> Any:
    document = copy.deepcopy(notebook.document)
    for cell in document.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return document


def _text(document: Any) -> str:
    document.nbformat_minor = max(5, document.nbformat_minor)  # the first with ids
    for number, cell in enumerate(document.cells):
        cell.setdefault("id", f"cell-{number}")
    return f"{nbformat.writes(document, indent=1)}\n"
