"""Parse one cell: IPython translates its magics; of code with errors the valid statements stay."""

from __future__ import annotations

import ast
import contextlib
import functools
import io
import re
import threading
import tokenize
import unicodedata
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

from grader.messages import Message, gettext
from grader.messages.sanitize import one_line
from grader.model import Cell
from grader.model.record import record
from grader.notebook import cpu_timer
from grader.notebook.slicing.newer_python import older_form, version_needed
from grader.notebook.slicing.placeholders import has_only_empty_places
from grader.notebook.slicing.tree import is_deeper, walk

_DEFINITION = re.compile(r"^[ \t]*(?:async[ \t]+)?[Dd][Ee][Ff][ \t]+(\w+)", re.MULTILINE)
_NAMED = r"(?m)^(?:class[ \t]+(?=\w+[ \t]*[(:\[])|(?=\w+[ \t]*(?:=(?!=)|[(:])))(\w+)"
_STATEMENT_START = r"(?!(?:else|elif|except|finally)\b)[^\W\d]|@"
_INDENT, _NO_FUNCTION = "unexpected indent", "'return' outside function"
_RETURN = r"(?m)^return\b"
_REACH = 20
_MOST_EFFORT = 400_000
_MOST_LINES, _MOST_CHARACTERS = 2_000, 100_000
_NESTED_MAGICS = 3
_TOO_DEEP = gettext("the code is nested too deeply")
_MAGIC = r"(?m)^[ \t]*[%!?;,/]|=[ \t]*[%!]|\?[ \t]*$"
_PYLAB = r"(?m)^get_ipython\(\)\.run_line_magic\('pylab', '[^'\n]*'\)$"
_PROMPT = re.compile(r"^In \[\d+\]: ", re.MULTILINE)
_LINE_MAGIC = r"(?ma)(?<!\\\n)^%([A-Za-z_]\w*)(?: ([\w./=-]+(?: [\w./=-]+)*))?$"
_MOST_MAGICS, _MOST_TOKENS = 50, 100_000
_WORD_OR_SIGN = r"\w+|[^\w\s]"
_LONGEST_MAGIC_LINE = 2_000
_IMPORT_SECONDS = 6.0
_DEEPEST = 300
_LONGEST_HEADER = 10_000
_MOST_ON_A_LINE = 100
_CROWDED = gettext("a line has more than {count} statements", count=_MOST_ON_A_LINE)
_MOST_MARKS = 100
_TEXTS = {tokenize.STRING, tokenize.COMMENT, getattr(tokenize, "FSTRING_MIDDLE", None)}
_NOT_ASCII = f"[^\\x00-\\x7f]{{{_MOST_MARKS},}}"
_STACKED = gettext("a character has more than {count} accents", count=_MOST_MARKS)

_warnings_lock = threading.Lock()


@record
class SyntaxFault:
    """A part of a cell that does not parse, and the functions and other names that are lost to it.

    `unwritten` means that it has no body, or only empty places for the student's lines. `version` is
    that of the Python whose syntax it is, if that is newer than the grader's.
    """

    cell: int
    line: int
    message: str
    text: str
    functions: frozenset[str]
    unwritten: bool = False
    version: str = ""
    names: frozenset[str] = frozenset()

    @property
    def is_of_ours(self) -> bool:
        """True if Python may accept the code: it exceeds a limit of the grader's."""
        return self.message in (_STACKED, _CROWDED, _TOO_DEEP)


@record
class ParsedCell:
    """The statements of a cell that parse, on their own lines, and the faults of the others.

    `version` is that of the Python that the cell needs, if it was read in an older form.
    """

    number: int
    source: str
    tree: ast.Module
    faults: tuple[SyntaxFault, ...] = ()
    version: str = ""

    @property
    def lines(self) -> list[str]:
        """The lines of the source; the first is line 1."""
        return _lines_of(self.source)


@functools.lru_cache(maxsize=8)
def _lines_of(source: str) -> list[str]:
    return source.split("\n")


def parse_cell(cell: Cell) -> ParsedCell:
    """Parse a cell; statements that do not parse are blanked out and become faults."""
    parsed = _parse_cell(cell)
    if cell.source.count(";") <= _MOST_ON_A_LINE or not (line := _crowded_line(parsed.tree)):
        return parsed
    names = frozenset(_DEFINITION.findall(cell.source))
    fault = SyntaxFault(cell.number, line, _CROWDED, one_line(parsed.lines[line - 1]), names)
    return ParsedCell(cell.number, "", parse(""), (fault,))


def _parse_cell(cell: Cell, *, depth: int = 0) -> ParsedCell:
    # With IPython's prompt a line is an annotation in plain Python.
    tree = None if _PROMPT.search(cell.source) else _parsed(cell.source)
    if tree is not None:
        return ParsedCell(cell.number, cell.source, tree)
    source = _with_line_magics(cell.source) or _translated(cell.source)
    source = re.sub(_PYLAB, "from pylab import *", source)
    tree = _parsed(source)
    older = older_form(source) if tree is None else None
    if older is not None and (older_tree := _parsed(older.source)) is not None:
        return ParsedCell(cell.number, older.source, older_tree, version=older.version)
    if tree is None and source.count("\n") > _MOST_LINES:
        lines = source.split("\n")
        return ParsedCell(cell.number, "", parse(""), (_fault(cell.number, lines, 0, len(lines)),))
    if tree is None:
        return _salvaged(cell.number, source.split("\n"))
    match tree.body:
        # IPython runs the code below a cell magic such as %%time like other code.
        case [
            ast.Expr(
                ast.Call(ast.Attribute(attr="run_cell_magic"), [_, _, ast.Constant(str(body))])
            )
        ] if depth < _NESTED_MAGICS:
            skipped = cell.source.rstrip("\n").count("\n") - body.rstrip("\n").count("\n")
            return _parse_cell(Cell(cell.number, "\n" * skipped + body), depth=depth + 1)
    return ParsedCell(cell.number, source, tree)


def _parsed(source: str) -> ast.Module | None:
    try:
        return parse(source)
    except SyntaxError:
        return None


def parse(source: str) -> ast.Module:
    """Parse hostile text. Raises SyntaxError for every failure of the parser."""
    refuse_stacked_marks(source)
    try:
        with without_warnings():
            tree = ast.parse(source)
            if is_deeper(tree, _DEEPEST):  # recursive visitors would fail
                raise SyntaxError(_TOO_DEEP)
            compile(source, "cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(str(error) or _TOO_DEEP) from error
    return tree


def tree_of(source: str) -> ast.Module:
    """Return `ast.parse(source)` of code that parses, while no other thread parses.

    Up to Python 3.12 all threads share the count of the parser's depth: of two that parse at a time, one
    may fail with a SystemError (https://github.com/python/cpython/issues/106905).
    """
    with without_warnings():
        return ast.parse(source)


def refuse_stacked_marks(source: str) -> None:
    """Raise SyntaxError for hundreds of combining marks in a name: Python sorts them in quadratic time.

    Texts and comments may contain them.
    """
    line = _line_of_stacked_marks(source)
    if line and _line_of_stacked_marks(_without_texts(re.sub(_NOT_ASCII, _shortened, source))):
        raise SyntaxError(_STACKED, ("cell", line, None, None))


def _line_of_stacked_marks(source: str) -> int | None:
    """Return the line of the first run of too many combining marks, or None."""
    for run in () if source.isascii() else re.finditer(_NOT_ASCII, source):
        if any(marks and len([*group]) > _MOST_MARKS for marks, group in _groups(run)):
            return source.count("\n", 0, run.start()) + 1
    return None


def _shortened(run: re.Match[str]) -> str:
    """Return a run with at most one combining mark too many in a row, which takes less time to split."""
    parts = (islice(group, _MOST_MARKS + 1 if marks else None) for marks, group in _groups(run))
    return "".join(map("".join, parts))


def _groups(run: re.Match[str]) -> Iterator[tuple[bool, Iterator[str]]]:
    return groupby(run[0], key=lambda character: unicodedata.combining(character) > 0)


def _without_texts(source: str) -> str:
    """Return the tokens of a source without its texts and comments; all of it if it has no tokens."""
    try:
        tokens = [*tokenize.generate_tokens(io.StringIO(source).readline)]
    except (tokenize.TokenError, SyntaxError):
        return source
    return "".join(token.string for token in tokens if token.type not in _TEXTS)


def _crowded_line(tree: ast.Module) -> int | None:
    """Return a line with so many statements that the names of all are too many, or None.

    The statements of a line share its names.
    """
    lines = Counter(node.lineno for node in walk(tree) if isinstance(node, ast.stmt))
    return next((line for line, n in lines.most_common(1) if n > _MOST_ON_A_LINE), None)


@contextlib.contextmanager
def without_warnings() -> Iterator[None]:
    """Suppress warnings about a student's code, in one thread at a time: all share the filters."""
    with _warnings_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _with_line_magics(source: str) -> str | None:
    """Return a cell as IPython runs it, if plain line magics are all that is not Python.

    They are in nearly every notebook, and loading IPython takes longer than grading one.
    """
    text = source.lstrip("\n")
    blank = len(source) - len(text)
    magics = [text.count("\n", 0, match.start()) + 1 for match in re.finditer(_LINE_MAGIC, text)]
    if not magics or len(magics) > _MOST_MAGICS or _PROMPT.search(text):
        return None
    text = text if text.endswith("\n") else text + "\n"
    translation = re.sub(_LINE_MAGIC, r"get_ipython().run_line_magic('\1', '\2')", text)
    tree = _parsed(translation)
    starts = {node.lineno for node in tree.body} if tree else set()
    if not starts.issuperset(magics):  # one is inside of a string
        return None
    return "\n" * blank + translation


@functools.cache
def _transformer_class() -> Callable[[], Any]:
    """Load IPython. Its time is not that of the notebook that is the first to need it."""
    with cpu_timer.another(_IMPORT_SECONDS):
        from IPython.core.inputtransformer2 import TransformerManager
    return TransformerManager


def _translated(source: str) -> str:
    """Return the cell as IPython runs it: magics and shell lines become calls on the same line.

    IPython splits the whole cell into tokens once more for each magic, and takes quadratic time for a
    line with many quotes. So cells with too many of them stay as they are.
    """
    text = source.lstrip("\n")
    magics = len(re.findall(_MAGIC, text))
    if (
        len(text) > _MOST_CHARACTERS
        or magics > _MOST_MAGICS
        or (magics + 1) * (len(re.findall(_WORD_OR_SIGN, text)) + text.count("\n")) > _MOST_TOKENS
        or max(map(len, text.split("\n"))) > _LONGEST_MAGIC_LINE
    ):
        return source
    try:
        translate: str = _transformer_class()().transform_cell(text)
    except Exception:  # noqa: BLE001  IPython guarantees nothing for invalid text
        return source
    return "\n" * (len(source) - len(text)) + translate


# ------------------------------------------------------------------ broken cells


def _salvaged(number: int, lines: list[str]) -> ParsedCell:
    """Keep every top-level statement that parses by itself; blank the others out, with their faults."""
    valid = [""] * len(lines)
    faults: list[SyntaxFault] = []
    previous = 0
    begin = _next_start(lines, 0)
    effort = _Effort()
    while begin < len(lines):
        end = _statement_end(lines, begin, effort)
        if end:
            valid[begin:end] = lines[begin:end]
        else:
            end = _next_start(lines, begin + 1)
            fault = _fault(number, lines, begin, end)
            opens_block = lines[begin].rstrip().endswith(":")
            lost_indent = fault.message == _NO_FUNCTION or (
                fault.message == _INDENT and not opens_block
            )
            above = "\n".join(lines[previous:begin])
            if lost_indent and not fault.functions and _DEFINITION.search(above):
                # The function above goes on here.
                valid[previous:begin] = [""] * (begin - previous)
                fault = _fault(number, lines, previous, end)
            faults.append(fault)
        previous, begin = begin, end
    source = "\n".join(valid)
    with without_warnings():
        # Not `parse`: rules for a whole cell (a late `from __future__`) need not hold for its parts.
        tree = ast.parse(source)
    return ParsedCell(number, source, tree, tuple(faults))


def _next_start(lines: list[str], index: int) -> int:
    while index < len(lines) and not re.match(_STATEMENT_START, lines[index]):
        index += 1
    return index


@dataclass(slots=True)
class _Effort:
    """The work on the runs of lines of a cell that did not parse; one costs as much as 200 characters."""

    characters: int = 0

    def add(self, text: str) -> None:
        self.characters += 200 + len(text)


def _statement_end(lines: list[str], begin: int, effort: _Effort) -> int | None:
    """Return the end of the shortest run of lines that parses, or None."""
    end = begin
    for _ in range(_REACH):
        end = _next_start(lines, end + 1)
        text = "\n".join(lines[begin:end])
        if _parsed(text) is not None:
            return end
        effort.add(text)
        if end == len(lines) or effort.characters > _MOST_EFFORT:
            break
    return None


def _fault(number: int, lines: list[str], begin: int, end: int) -> SyntaxFault:
    block = "\n".join(lines[begin:end])
    names = frozenset(_DEFINITION.findall(block))
    try:
        parse("\n" * begin + block)  # its message may name lines
        line, message = begin + 1, _INDENT
    except SyntaxError as error:
        line, message = error.lineno or begin + 1, error.msg
    text = lines[line - 1] if line <= len(lines) else ""
    unwritten = has_only_empty_places(lines[begin:])
    completed = _parsed(block + "\n    pass") if len(block) < _LONGEST_HEADER else None
    match completed.body if completed else []:
        case [ast.FunctionDef(body=[ast.Pass()] | [ast.Expr(ast.Constant(str())), ast.Pass()])]:
            # A `return` further down belongs to a body that was written, but not indented.
            unwritten = not re.search(_RETURN, "\n".join(lines[end:]))
    words = message if isinstance(message, Message) else one_line(message)
    version = version_needed(block, message)
    named = frozenset(re.findall(_NAMED, block))
    return SyntaxFault(number, line, words, one_line(text), names, unwritten, version, named)
