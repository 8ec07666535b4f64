"""Parse one cell: magics are translated by IPython itself, and of broken code the whole parts are kept."""

from __future__ import annotations

import ast
import contextlib
import re
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from grader.messages import gettext
from grader.messages.sanitize import printable
from grader.model import Cell
from grader.notebook.slicing.tree import is_deeper

_DEFINITION = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)", re.MULTILINE)
_STATEMENT_START = re.compile(r"(?!(?:else|elif|except|finally)\b)[^\W\d]|@")
_INDENT, _NO_FUNCTION = "unexpected indent", "'return' outside function"
_RETURN = re.compile(r"^return\b", re.MULTILINE)
_REACH = 20
_MOST_LINES, _MOST_CHARACTERS = 2_000, 100_000
_NESTED_MAGICS = 3
_TOO_DEEP = gettext("the code is nested too deeply")
_MAGIC = re.compile(r"^[ \t]*[%!?;,/]|=[ \t]*[%!]|\?[ \t]*$", re.MULTILINE)
_MOST_MAGICS = 50
_DEEPEST = 300

_warnings_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """A part of a cell that does not parse, and the functions that are lost with it.

    `header_only` is a `def` line without a body: nothing was written yet.
    """

    cell: int
    line: int
    message: str
    text: str
    functions: frozenset[str]
    header_only: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of a cell that parses, on its own lines, and what had to be left out."""

    cell: int
    source: str
    tree: ast.Module
    faults: tuple[SyntaxFault, ...] = ()

    @property
    def lines(self) -> list[str]:
        """Return the source as lines; the first is line 1."""
        return self.source.split("\n")


def parse_cell(cell: Cell, *, depth: int = 0) -> Piece:
    """Return what of a cell can run."""
    tree = _parsed(cell.source)
    if tree is not None:
        return Piece(cell.number, cell.source, tree)
    source = _translated(cell.source)
    tree = _parsed(source)
    if tree is None and source.count("\n") > _MOST_LINES:
        lines = source.split("\n")
        return Piece(cell.number, "", parse(""), (_fault(cell.number, lines, 0, len(lines)),))
    if tree is None:
        return _salvaged(cell.number, source.split("\n"))
    body = _cell_magic_body(tree)
    if body is None or depth == _NESTED_MAGICS:
        return Piece(cell.number, source, tree)
    skipped = cell.source.rstrip("\n").count("\n") - body.rstrip("\n").count("\n")
    return parse_cell(Cell(cell.number, "\n" * skipped + body), depth=depth + 1)


def _is_huge(source: str) -> bool:
    """Say whether taking a cell apart line by line would cost other submissions their time."""
    return len(source) > _MOST_CHARACTERS or source.count("\n") > _MOST_LINES


def _parsed(source: str) -> ast.Module | None:
    try:
        return parse(source)
    except SyntaxError:
        return None


def parse(source: str) -> ast.Module:
    """Parse hostile text; whatever makes the parser give up is a SyntaxError."""
    try:
        with without_warnings():
            compile(source, "cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
            tree = ast.parse(source)
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(str(error) or _TOO_DEEP) from error
    if is_deeper(tree, _DEEPEST):  # than what walks it by recursion can follow
        raise SyntaxError(_TOO_DEEP)
    return tree


@contextlib.contextmanager
def without_warnings() -> Iterator[None]:
    """Keep what Python thinks of a student's code from us; the filters belong to all threads."""
    with _warnings_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _translated(source: str) -> str:
    """Return the cell as IPython would run it: magics and shell lines become calls, lines stay lines.

    IPython reads the whole cell again for each of them, so that too many are left as they are.
    """
    from IPython.core.inputtransformer2 import TransformerManager

    text = source.lstrip("\n")
    if _is_huge(text) or len(_MAGIC.findall(text)) > _MOST_MAGICS:
        return source
    try:
        translate: str = TransformerManager().transform_cell(text)
    except Exception:  # noqa: BLE001  IPython promises nothing about text that is no Python
        return source
    return "\n" * (len(source) - len(text)) + translate


def _cell_magic_body(tree: ast.Module) -> str | None:
    """Return the code under a cell magic such as %%time, which IPython runs like any other."""
    match tree.body:
        case [
            ast.Expr(
                ast.Call(ast.Attribute(attr="run_cell_magic"), [_, _, ast.Constant(str(body))])
            )
        ]:
            return body
    return None


# ------------------------------------------------------------------ broken cells


def _salvaged(number: int, lines: list[str]) -> Piece:
    """Keep every top-level statement that parses by itself; blank the others out and say why."""
    kept = [""] * len(lines)
    faults: list[SyntaxFault] = []
    previous = 0
    begin = _next_start(lines, 0)
    while begin < len(lines):
        end = _whole_statement(lines, begin)
        if end:
            kept[begin:end] = lines[begin:end]
        else:
            end = _next_start(lines, begin + 1)
            fault = _fault(number, lines, begin, end)
            if _ends_what_is_above(fault, lines[begin], "\n".join(lines[previous:begin])):
                kept[previous:begin] = [""] * (begin - previous)
                fault = _fault(number, lines, previous, end)
            faults.append(fault)
        previous, begin = begin, end
    source = "\n".join(kept)
    with without_warnings():
        # Not `parse`: rules for a whole cell (a late `from __future__`, say) bind no part of it.
        tree = ast.parse(source)
    return Piece(number, source, tree, tuple(faults))


def _next_start(lines: list[str], index: int) -> int:
    while index < len(lines) and not _STATEMENT_START.match(lines[index]):
        index += 1
    return index


def _whole_statement(lines: list[str], begin: int) -> int | None:
    """Return where the shortest run of lines that parses ends, or None."""
    end = begin
    for _ in range(_REACH if sum(map(len, lines)) < _MOST_CHARACTERS else 1):
        end = _next_start(lines, end + 1)
        if _parsed("\n".join(lines[begin:end])) is not None:
            return end
        if end == len(lines):
            break
    return None


def _fault(number: int, lines: list[str], begin: int, end: int) -> SyntaxFault:
    block = "\n".join(lines[begin:end])
    names = frozenset(_DEFINITION.findall(block))
    try:
        parse(block)
        line, message = begin + 1, _INDENT
    except SyntaxError as error:
        line, message = begin + (error.lineno or 1), error.msg
    text = lines[line - 1] if line <= len(lines) else ""
    # A `return` further down belongs to a body that was written, but not indented.
    empty = _header_only(block) and not _RETURN.search("\n".join(lines[end:]))
    words = message if message is _TOO_DEEP else printable(message)
    return SyntaxFault(number, line, words, printable(text), names, empty)


def _ends_what_is_above(fault: SyntaxFault, first: str, above: str) -> bool:
    """Say whether a fault is the rest of the function above it, with its indent lost."""
    if fault.functions or not _DEFINITION.search(above):
        return False
    opens_block = first.rstrip().endswith(":")
    return fault.message == _NO_FUNCTION or (fault.message == _INDENT and not opens_block)


def _header_only(block: str) -> bool:
    tree = _parsed(block + "\n    pass")
    match tree.body if tree else []:
        case [ast.FunctionDef(body=[ast.Pass()])]:
            return True
        case [ast.FunctionDef(body=[ast.Expr(ast.Constant(str())), ast.Pass()])]:
            return True
    return False
