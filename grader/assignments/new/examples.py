"""Run the example calls of a solved notebook in the sandbox, to learn arguments and results."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import indent
from typing import NamedTuple

from grader import sandbox
from grader.assignments.new import arguments
from grader.assignments.new.arguments import Edge
from grader.assignments.new.solved import (
    SolvedFunction,
    SolvedNotebook,
    assignments,
    needed,
    reference,
    trees,
)
from grader.errors import UnknownKind
from grader.model import Call, Cell, Limits, Raised, Returned, Tier, Value
from grader.model.submission import Program
from grader.sandbox import BoxContents

_SEED = 1
_RECORDER = """
def _example():
    import copy
    import inspect

    original, calls = globals()["{name}"], []

    def {name}(*args, **kwargs):
        bound = inspect.signature(original).bind(*args, **kwargs)
        bound.apply_defaults()
        calls.append(copy.deepcopy(tuple(bound.arguments.values())))
        return original(*args, **kwargs)
"""
"""Returns the arguments of the first call of a function; its statements follow."""


@dataclass(frozen=True, slots=True)
class Example:
    """The arguments of a function's example call, its result, and edge cases that it can compute.

    `lines` are those of the notebook that make the call and print its result. Without an example,
    `problem` is the reason.
    """

    arguments: tuple[Value, ...] = ()
    result: Value = None
    edges: tuple[Edge, ...] = ()
    lines: tuple[str, ...] = ()
    problem: str = ""


class _Recording(NamedTuple):
    """The lines of a notebook that call a function, and the program that records its arguments."""

    lines: tuple[str, ...]
    program: Program


def observe(notebook: SolvedNotebook, tier: Tier) -> Mapping[str, Example]:
    """Return the example of each function. Raises BoxError."""
    return {f.name: _example(notebook, f, tier) for f in notebook.functions}


def contents(notebook: SolvedNotebook) -> BoxContents:
    """Return the files and packages that the box of the notebook holds."""
    return BoxContents(notebook.helpers, packages(notebook))


def packages(notebook: SolvedNotebook) -> tuple[str, ...]:
    """Return the packages that the notebook imports, NumPy and IPython among them."""
    from importlib.metadata import packages_distributions

    distributions = packages_distributions()
    own = {"grader", *(name.removesuffix(".py") for name, _ in notebook.helpers)}
    imported = {distributions[m][0] for m in sorted(notebook.modules - own) if m in distributions}
    return ("numpy", *sorted(imported - {"numpy", "ipython"}), "ipython")


def _example(notebook: SolvedNotebook, function: SolvedFunction, tier: Tier) -> Example:
    recording = _recording(notebook, function) if notebook.is_solved else None
    if recording is None:
        return Example(problem="no cell calls it")
    (run,) = sandbox.run([recording.program], contents(notebook), Limits(), tier=tier)
    outcome = (*run.outcomes, None)[0]
    if not isinstance(outcome, Returned):
        reason = f"{outcome.kind}: {outcome.message}" if isinstance(outcome, Raised) else run.detail
        return Example(problem=f"its call did not run ({reason or run.ending})")
    if not outcome.value:
        return Example(problem="its call was not reached")
    example = tuple(outcome.value[0])
    try:
        edges = arguments.edges(example, function.parameters)
    except UnknownKind as error:
        return Example(problem=f"its call has an argument of type {error}")
    calls = tuple(Call(args, _SEED) for args in (example, *(e.arguments for e in edges)))
    solution = Program(function.name, (Cell(1, reference(notebook)),), calls)
    (run,) = sandbox.run([solution], contents(notebook), Limits(), tier=tier)
    results = [o.value if isinstance(o, Returned) else None for o in run.outcomes]
    if not results or results[0] is None:
        return Example(example, problem="the solution returned nothing")
    sound = zip(edges, results[1:], strict=False)
    earlier = tuple(
        edge
        for edge, result in sound
        if arguments.is_finite(result)
        and (arguments.is_more_than_signs(result) or not edge.is_large)
    )
    return Example(example, results[0], earlier, recording.lines)


def _recording(notebook: SolvedNotebook, function: SolvedFunction) -> _Recording | None:
    """Return the first call of a function in its cell or a later one, None without one."""
    for number, tree in [*enumerate(trees(notebook.document))][function.cell :]:
        body: list[ast.stmt] = []
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                continue
            body.append(node)
            if _calls(node, function.name):
                names = _read_before_set(body)
                lines = "\n".join(map(ast.unparse, body))
                statements = [*assignments(notebook, names, number), *lines.splitlines()]
                if isinstance(node, ast.Assign):
                    statements.append(f"print({ast.unparse(node.targets[0])})")
                recorder = _RECORDER.format(name=function.name) + indent(lines, "    ")
                cells = (
                    Cell(1, needed(notebook, names | {function.name}, number)),
                    Cell(2, f"{recorder}\n    return calls\n"),
                )
                program = Program("_example", cells, (Call((), _SEED),))
                return _Recording(tuple(statements), program)
    return None


def _read_before_set(body: Sequence[ast.stmt]) -> set[str]:
    """Return the names that statements read and that no earlier one of them sets."""
    reads, stores = set[str](), set[str]()
    for statement in body:
        names = [n for n in ast.walk(statement) if isinstance(n, ast.Name)]
        reads |= {n.id for n in names if isinstance(n.ctx, ast.Load)} - stores
        stores |= {n.id for n in names if isinstance(n.ctx, ast.Store)}
    return reads


def _calls(node: ast.stmt, name: str) -> bool:
    return any(
        isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == name
        for n in ast.walk(node)
    )
