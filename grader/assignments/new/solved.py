"""Read a solved notebook: the functions to grade, the code that they need, and their example calls."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import nbformat

from grader.errors import UsageError
from grader.notebook.slicing.placeholders import marked_regions

_NOT_PYTHON = re.compile(r"^[ \t]*[%!?].*$", re.MULTILINE)
_STAR = "*"
_STUB = '''\
def {signature}:
    """Say here what the function returns."""
    ### START CODE HERE ###
    raise NotImplementedError("write the solution here")
    ### END CODE HERE ###'''


@dataclass(frozen=True, slots=True)
class SolvedFunction:
    """A function to grade: its definition, the position of its cell, the lines between its markers."""

    node: ast.FunctionDef = field(repr=False)
    cell: int
    regions: tuple[tuple[int, int], ...]

    @property
    def name(self) -> str:
        """The name of the function."""
        return self.node.name

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters in order."""
        arguments = self.node.args
        every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        return tuple(argument.arg for argument in every)

    @property
    def returned_names(self) -> tuple[str, ...]:
        """The names of the values in the last `return`; "" for a value that has none."""
        returns = [n.value for n in ast.walk(self.node) if isinstance(n, ast.Return) and n.value]
        last = max(returns, key=lambda value: value.lineno, default=None)
        values = last.elts if isinstance(last, ast.Tuple) else [last]
        return tuple(value.id if isinstance(value, ast.Name) else "" for value in values)


@dataclass(frozen=True, slots=True)
class SolvedNotebook:
    """A notebook with the author's solution, its functions to grade, and the modules beside it.

    Without a solution (`is_solved` is False) the functions are stubs.
    """

    name: str
    document: Any = field(repr=False)
    functions: tuple[SolvedFunction, ...]
    helpers: tuple[tuple[str, Path], ...] = ()
    is_solved: bool = True

    @property
    def title(self) -> str:
        """The first heading, else the name."""
        texts = "\n".join(c.source for c in self.document.cells if c.cell_type == "markdown")
        heading = re.search(r"^# +(.+)$", texts, re.MULTILINE)
        return heading[1].strip() if heading else self.name

    @property
    def file_name(self) -> str:
        """The name of the students' notebook: the title without characters that need quotes."""
        return re.sub(r"\W+", "_", self.title).strip("_") + ".ipynb"

    @property
    def modules(self) -> set[str]:
        """The top-level modules that the code imports."""
        nodes = [node for tree in trees(self.document) for node in ast.walk(tree)]
        imports = (a.name for node in nodes if isinstance(node, ast.Import) for a in node.names)
        froms = (node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module)
        return {name.partition(".")[0] for name in (*imports, *froms)}


def read(path: Path, name: str, names: Collection[str] = ()) -> SolvedNotebook:
    """Return a solved notebook with the functions of some names, or all that have marked lines.

    Without a heading its title is `name`.

    Raises UsageError if it cannot be read, or has no such function.
    """
    try:
        document = nbformat.reads(path.read_text("utf-8"), as_version=4)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except Exception as error:
        raise UsageError(f"{path} is not a Jupyter notebook.") from error
    defined = _functions(document)
    if missing := [name for name in names if name not in defined]:
        raise UsageError(f"{path} does not define {missing[0]}.")
    chosen = [f for f in defined.values() if (f.name in names if names else f.regions)]
    if not chosen:
        raise UsageError(
            f"No function in {path} has lines between '### START CODE HERE ###' and "
            "'### END CODE HERE ###'. Mark the lines that students write, or give the names of the "
            "functions with --function."
        )
    notebook = SolvedNotebook(name, document, tuple(chosen))
    beside = ((f"{m}.py", path.resolve().with_name(f"{m}.py")) for m in sorted(notebook.modules))
    helpers = tuple((name, file) for name, file in beside if file.is_file())
    return replace(notebook, helpers=helpers)


def stubs(title: str, signatures: Sequence[str]) -> SolvedNotebook:
    """Return a notebook with a stub for each signature, such as `mean(x, weights)`. Raises UsageError."""
    cells = [
        nbformat.v4.new_markdown_cell(f"# {title}", id="title"),
        nbformat.v4.new_code_cell("import numpy as np", id="imports"),
    ]
    for signature in signatures:
        try:
            [node] = ast.parse(f"def {signature}: pass").body
            assert isinstance(node, ast.FunctionDef)
        except (SyntaxError, ValueError, AssertionError):
            raise UsageError(
                f"--function: {signature!r} is not the head of a function. Write it as in "
                "'mean(x, weights)'."
            ) from None
        stub = _STUB.format(signature=signature)
        cells.append(nbformat.v4.new_code_cell(stub, id=node.name.replace("_", "-")[:64]))
    metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    document = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    return SolvedNotebook(title, document, tuple(_functions(document).values()), is_solved=False)


def trees(document: Any) -> Iterator[ast.Module]:
    """Yield the parsed code cells without magics. A cell that is not Python is empty."""
    for cell in document.cells:
        source = cell.source if cell.cell_type == "code" else ""
        try:
            yield ast.parse(_NOT_PYTHON.sub("", source))
        except SyntaxError:
            yield ast.Module([], [])


def _functions(document: Any) -> dict[str, SolvedFunction]:
    """Return the functions at the top level by name; of several with one name the last."""
    functions = {}
    for number, tree in enumerate(trees(document)):
        lines = document.cells[number].source.splitlines()
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and not (node.args.vararg or node.args.kwarg):
                regions = tuple(marked_regions(node, lines))
                functions[node.name] = SolvedFunction(node, number, regions)
    return functions


# ------------------------------------------------------------------ the code that is needed


def reference(notebook: SolvedNotebook) -> str:
    """Return the graded functions and the code that they need, as a Python module."""
    roots = {function.name for function in notebook.functions}
    last = max(function.cell for function in notebook.functions)
    body = needed(notebook, roots, last + 1)
    return f'"""Solution of the assignment "{notebook.title}"."""\n\n{body}'


def needed(notebook: SolvedNotebook, roots: Collection[str], end: int) -> str:
    """Return the imports, definitions and variables that some names need, and those that these need.

    Only variables of the cells before the one with the number `end` count: a later cell may give them
    the result of a training.
    """
    blocks = [_block(*statement) for statement in _needed(notebook, roots, end)]
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(blocks)) + "\n"


def assignments(notebook: SolvedNotebook, roots: Collection[str], end: int) -> list[str]:
    """Return the lines of the assignments in the cells before `end` that some names need."""
    statements = _needed(notebook, roots, end)
    sources = (code for node, code in statements if isinstance(node, ast.Assign | ast.AnnAssign))
    return [line for source in sources for line in source.splitlines()]


def _needed(
    notebook: SolvedNotebook, roots: Collection[str], end: int
) -> list[tuple[ast.stmt, str]]:
    """Return the statements that some names need, with their source."""
    statements = [
        (node, ast.get_source_segment(_NOT_PYTHON.sub("", cell.source), node) or "")
        for number, (cell, tree) in enumerate(
            zip(notebook.document.cells, trees(notebook.document), strict=True)
        )
        for node in tree.body
        if number < end or not isinstance(node, ast.Assign | ast.AnnAssign)
    ]
    names, chosen = {*roots, _STAR}, set[int]()
    pending = True
    while pending:
        pending = False
        for at, (node, _) in enumerate(statements):
            if at not in chosen and (_defined(node) & names):
                chosen.add(at)
                names |= _read(node)
                pending = True
    return [statements[at] for at in sorted(chosen)]


def _read(node: ast.stmt) -> set[str]:
    """Return the names that a statement reads, without the local ones of a function."""
    used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    if not isinstance(node, ast.FunctionDef):
        return used
    stored = {
        n.id for n in ast.walk(node) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
    }
    return used - stored - {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}


def _block(node: ast.stmt, source: str) -> str:
    is_definition = isinstance(node, ast.FunctionDef | ast.ClassDef)
    return f"\n\n{source}\n\n" if is_definition else source


def _defined(node: ast.stmt) -> set[str]:
    """Return the names that a statement at the top level defines."""
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.ImportFrom(module="grader"):
            return set()
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return {(a.asname or a.name).partition(".")[0] for a in aliases}
        case ast.Assign() | ast.AnnAssign():
            return {
                n.id
                for n in ast.walk(node)
                if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            }
    return set()
