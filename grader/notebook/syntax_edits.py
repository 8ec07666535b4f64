"""Edits of a function that does not parse: its characters, brackets, tokens and indentation.

Each edit function yields the text of the function after one edit. Lines are counted from 1 in the text.
Every attempt compiles a student's text, so the reader makes them, not the process that grades.
"""

from __future__ import annotations

import difflib
import io
import itertools
import re
import tokenize
from collections.abc import Callable, Iterator
from typing import NamedTuple

from grader.model import Cell, Notebook
from grader.model.record import record
from grader.notebook.slicing import Slice
from grader.notebook.slicing.parse import without_warnings


class TextEdit(NamedTuple):
    """One edit: its kind, the line at fault, the new text, what is odd there, its cost."""

    kind: str
    line: int
    text: str
    odd: str = ""
    cost: float = 1.0


class Fault(NamedTuple):
    """A text that does not parse, and the line of the error."""

    text: str
    line: int
    message: str

    @property
    def lines(self) -> list[str]:
        """The lines of the text."""
        return self.text.split("\n")

    def with_line(self, number: int, line: str) -> str:
        """Return the text with another line."""
        lines = self.lines
        lines[number - 1] = line
        return "\n".join(lines)


@record
class SyntaxRepairs:
    """The series of edits after which a function parses, the likeliest first.

    `first` is the line of its cell, from 0, at which it begins. `slices` has for each series the
    function's slice after it.
    """

    function: str
    first: int
    series: tuple[tuple[TextEdit, ...], ...]
    slices: tuple[Slice, ...]


Make = Callable[[Fault], Iterator[TextEdit]]

_OPEN, _CLOSE = "([{", ")]}"
_PAIRS = dict(zip(_OPEN, _CLOSE, strict=True))
_WIDE = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {
    "\uff0c": ",",
    "\u3001": ",",
    "\u3002": ".",
}
_INVISIBLE = dict.fromkeys("\u00a0\u2002\u2003\u2009\u202f\u3000", " ") | dict.fromkeys(
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f", ""
)
_MINUS = dict.fromkeys("\u2212\u2013\u2014\u2010\u2011", "-")
_TIMES = {
    "\u00d7": "*",
    "\u00b7": "*",
    "\u22c5": "*",
    "\u2217": "*",
    "\u00f7": "/",
    "\u2215": "/",
    "\u2264": "<=",
    "\u2265": ">=",
    "\u00b2": "**2",
    "\u00b3": "**3",
}
_QUOTES = dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"') | dict.fromkeys(
    "\u2018\u2019\u201a\u201b\u2032`\u00b4", "'"
)
CHARACTERS = {
    "wide-character": _WIDE,
    "invisible-character": _INVISIBLE,
    "minus-sign": _MINUS,
    "times-sign": _TIMES,
    "curly-quotes": _QUOTES,
}
"""The kinds of characters that look like others, and the characters that Python reads."""
_EVERY = {odd: plain for table in CHARACTERS.values() for odd, plain in table.items()}
_OPERATORS = dict.fromkeys(("*^", "^*", "^^", "* *"), "**") | {
    "(*)": "*",
    ".*": "*",
    ". *": "*",
    "./": "/",
    "=>": ">=",
    "=<": "<=",
    "=!": "!=",
    "<>": "!=",
    "===": "==",
    "/ =": "/=",
    "* =": "*=",
    "+ =": "+=",
    "- =": "-=",
    "=/": "/=",
    "=*": "*=",
    "= *": "*=",
    "&&": " and ",
    "||": " or ",
    "=+": "+=",
}
"""Operators of other languages, or misspelled ones, and what Python calls them."""
_DECLARED = re.compile(
    r"(\s*)(int|float|double|let|var|const|auto|val|string|str|bool|array)\s+(?=\w+\s*=)"
)
_BACKSLASH = re.compile(r"\\(?=\s*[\w(])")
_FOREIGN_LOOP = re.compile(
    r"(\s*for )\s*\(?(?:int |let |var )?(\w+)\s*(?:=|in)\s*(\w+)\s*"
    r"(?::|\.\.|to\b|;\s*\w+\s*(<=?))\s*(\w+)\s*(?:;[^;]*)?\)?\s*[:{]?\s*$"
)
"""The head of a loop as in MATLAB or C: `for i = 1:3`, `for (int i = 1; i <= 3; i++)`."""
_PROMPT = re.compile(r"^(\s*)(?:>>>|\.\.\.) ?")
_FUNCTION_HEAD = re.compile(r"(\s*[Dd][Ee][Ff]\s+\w+)\s+(?=\w)")
_TRAILING = re.compile(r"[-+*/,=<>%@]\s*$")
_KEYWORDS = (
    "return",
    "for",
    "while",
    "if",
    "elif",
    "else",
    "def",
    "import",
    "from",
    "in",
    "not",
    "and",
    "or",
)
_TOKEN = re.compile(r"\d+\.?\d*(?:e[-+]?\d+)?|\w+|\"[^\"]*\"|'[^']*'|\*\*|//|[<>=!+\-*/]=|[^\w\s]")
_VALUE_END, _VALUE_START = re.compile(r"[\w\"')\]}]$"), re.compile(r"[\w\"'(\[{]")


def fault_of(text: str) -> Fault | None:
    """Return the first syntax error of a text, or None if it parses."""
    try:
        with without_warnings():
            compile(text, "cell", "exec", dont_inherit=True)
    except SyntaxError as error:
        return Fault(text, error.lineno or 1, error.msg)
    except (ValueError, RecursionError, MemoryError) as error:
        return Fault(text, 1, str(error))
    return None


# ------------------------------------------------------------------ characters and whole lines


def characters(fault: Fault) -> Iterator[TextEdit]:
    """Yield the text with plain characters for all that look alike, outside of comments and strings."""
    odd = [character for character in fault.text if character in _EVERY]
    if not odd:
        return
    lines = [_plain(line) for line in fault.lines]
    changed = [i for i, (a, b) in enumerate(zip(fault.lines, lines, strict=True), 1) if a != b]
    if changed:
        line = min(changed, key=lambda number: (abs(number - fault.line), number))
        first = next(c for c in fault.lines[line - 1] if c in _EVERY)
        kind = next(kind for kind, table in CHARACTERS.items() if first in table)
        before = _TOKEN.findall(fault.lines[line - 1].partition(first)[0])
        shown = (before or [""])[-1] if kind == "invisible-character" else first
        yield TextEdit(kind, line, "\n".join(lines), shown, 0.0)


def _plain(line: str) -> str:
    code, mark, comment = line.partition("#")
    return "".join(_EVERY.get(character, character) for character in code) + mark + comment


def foreign_lines(fault: Fault) -> Iterator[TextEdit]:
    """Yield the text without the fences and the prose of an answer, and without marks of a merge."""
    lines = fault.lines
    fences = [i for i, line in enumerate(lines) if line.lstrip().startswith("```")]
    if fences:
        kept = "\n".join("" if i in fences else line for i, line in enumerate(lines))
        yield TextEdit("fence", fences[0] + 1, kept, "```", 0.1)
    prompts = [i for i, line in enumerate(lines) if line.lstrip().startswith(">>>")]
    if prompts:
        plain = "\n".join(_PROMPT.sub(r"\1", line) for line in lines)
        yield TextEdit("prompt", prompts[0] + 1, plain, ">>>", 0.0)
    prose = [i for i, line in enumerate(lines) if _is_prose(line)]
    if prose:
        hidden = {*prose, *fences}
        kept = "\n".join("" if i in hidden else line for i, line in enumerate(lines))
        yield TextEdit("prose", prose[0] + 1, kept, lines[prose[0]].strip(), 0.4)
    marks = [i for i, line in enumerate(lines) if re.match(r"<{7}|={7}|>{7}", line)]
    if len(marks) == 3:
        for first, last in ((marks[0], marks[1]), (marks[1], marks[2])):
            kept = "\n".join(
                "" if i in marks or (marks[0] < i < marks[2] and not first < i < last) else line
                for i, line in enumerate(lines)
            )
            yield TextEdit("conflict", marks[0] + 1, kept, "<<<<<<<", 0.1)
    if 0 < fault.line <= len(lines):
        number = fault.line
        yield TextEdit(
            "extra-line", number, fault.with_line(number, ""), lines[number - 1].strip(), 3.0
        )


def _is_prose(line: str) -> bool:
    words = line.split()
    plain = [word for word in words if re.fullmatch(r"[A-Za-z']+[.,:;!?]?", word)]
    code = re.search(r"[=()\[\]{}#]|^\s*(?:return|import|from|for|if|else|def|pass)\b", line)
    return len(words) > 3 and len(plain) >= len(words) - 1 and not code


# ------------------------------------------------------------------ brackets and quotes


def brackets(fault: Fault) -> Iterator[TextEdit]:
    """Yield the text with a closing bracket more, less, or of another kind; the line is the opening one's."""
    opened: list[tuple[int, int, str]] = []
    for number, column, character in _brackets_of(fault.text):
        if character in _OPEN:
            opened.append((number, column, character))
        elif opened and _PAIRS[opened[-1][2]] == character:
            opened.pop()
        else:
            yield from _wrong_bracket(fault, number, column, opened)
            break
    for number, column, character in reversed(opened):
        yield from _closed(fault, number, column, character)


_MOST_BELOW = 6
"""Lines below an opening bracket at whose ends it may be closed."""


def _wrong_bracket(
    fault: Fault, number: int, column: int, opened: list[tuple[int, int, str]]
) -> Iterator[TextEdit]:
    line = fault.lines[number - 1]
    if opened:
        right = _PAIRS[opened[-1][2]]
        mixed = fault.with_line(number, line[:column] + right + line[column + 1 :])
        yield TextEdit("bracket-kind", number, mixed, line[column], 0.3)
        at, start, _ = opened[-1]
        above, opening = fault.lines[at - 1], _OPEN[_CLOSE.index(line[column])]
        other = fault.with_line(at, above[:start] + opening + above[start + 1 :])
        yield TextEdit("bracket-kind", number, other, line[column], 0.35)
        missing = fault.with_line(number, line[:column] + right + line[column:])
        yield TextEdit("unclosed", opened[-1][0], missing, opened[-1][2], 0.4)
    without = fault.with_line(number, line[:column] + line[column + 1 :])
    yield TextEdit("extra-bracket", number, without, line[column], 0.2 if not opened else 0.6)
    if not opened:
        opening = _OPEN[_CLOSE.index(line[column])]
        starts = [match.start() for match in _TOKEN.finditer(line[:column])]
        for rank, start in enumerate(reversed(starts[1:])):
            text = fault.with_line(number, line[:start] + opening + line[start:])
            yield TextEdit("unopened", number, text, line[column], 0.5 + rank / 100)
    for at, character in enumerate(line[:column]):
        if character == line[column]:
            other = fault.with_line(number, line[:at] + line[at + 1 :])
            yield TextEdit("extra-bracket", number, other, character, 0.8)


def _closed(fault: Fault, number: int, column: int, character: str) -> Iterator[TextEdit]:
    """Yield the closing bracket at the end of the line, behind each token, and at the end of others."""
    line = fault.lines[number - 1]
    code = _code_of(line)
    ends = [match.end() for match in _TOKEN.finditer(code) if match.start() > column]
    for rank, end in enumerate([*ends[-1:], *ends[:-1]]):
        text = fault.with_line(number, line[:end] + _PAIRS[character] + line[end:])
        yield TextEdit("unclosed", number, text, character, 0.2 + rank / 100)
    for below in range(number + 1, min(number + _MOST_BELOW, len(fault.lines)) + 1):
        code = _code_of(fault.lines[below - 1]).rstrip()
        text = fault.with_line(below, code + _PAIRS[character])
        yield TextEdit("unclosed", number, text, character, 0.25 + (below - number) / 100)
    without = fault.with_line(number, line[:column] + line[column + 1 :])
    yield TextEdit("unclosed", number, without, character, 0.9)


def _brackets_of(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield line, column and character of each bracket outside of strings and comments."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.OP and token.string in _OPEN + _CLOSE:
                yield token.start[0], token.start[1], token.string
    except (tokenize.TokenError, SyntaxError):
        return


def _code_of(line: str) -> str:
    return re.sub(r"\s*#.*", "", line)


def quotes(fault: Fault) -> Iterator[TextEdit]:
    """Yield a line with one quote more at each place, and a docstring that ends."""
    number = fault.line
    if number > len(fault.lines):
        return
    line = fault.lines[number - 1]
    for quote in ('"', "'"):
        if line.count(quote) % 2:
            for at in range(len(line), -1, -1):
                text = fault.with_line(number, line[:at] + quote + line[at:])
                yield TextEdit("quote", number, text, quote, 0.3 + (len(line) - at) / 1000)
    for triple in ('"""', "'''"):
        if fault.text.count(triple) % 2:
            last = next(i for i, text in enumerate(fault.lines, 1) if triple in text)
            for end in range(last, min(last + 25, len(fault.lines)) + 1):
                text = fault.with_line(end, fault.lines[end - 1] + triple)
                yield TextEdit("docstring", last, text, triple, 0.3 + end / 1000)


# ------------------------------------------------------------------ tokens


def tokens(fault: Fault) -> Iterator[TextEdit]:
    """Yield the line of the error with one token more, less or changed."""
    yield from _commas_at_ends(fault)
    for number in dict.fromkeys((fault.line, fault.line - 1)):
        if 0 < number <= len(fault.lines):
            far = 0.0 if number == fault.line else 0.5
            for edit in _token_edits(fault, number, fault.lines[number - 1]):
                yield edit._replace(cost=edit.cost + far)


def _commas_at_ends(fault: Fault) -> Iterator[TextEdit]:
    """Yield a comma at the end of a line: a dictionary or a call goes on in the next one."""
    for number in (fault.line - 1, fault.line):
        if 0 < number < len(fault.lines):
            above, below = (_code_of(line).strip() for line in fault.lines[number - 1 : number + 1])
            left, right = _TOKEN.findall(above)[-1:], _TOKEN.findall(below)[:1]
            if left and right and _VALUE_END.search(above) and _VALUE_START.match(below):
                line = _code_of(fault.lines[number - 1]).rstrip()
                text = fault.with_line(number, line + ",")
                yield TextEdit("missing-comma", number, text, f"{left[0]} {right[0]}", 0.4)


def _token_edits(fault: Fault, number: int, line: str) -> Iterator[TextEdit]:
    matches = list(_TOKEN.finditer(_code_of(line)))
    for left, right in itertools.pairwise(matches):
        if _VALUE_END.search(left[0]) and _VALUE_START.match(right[0]):
            odd = f"{left[0]} {right[0]}"
            for kind, text, cost in _between(left[0], right[0], fault.text):
                new = line[: left.end()] + text + line[right.start() :]
                yield TextEdit(kind, number, fault.with_line(number, new), odd, cost)
            if left[0].isidentifier() and right[0].isidentifier():
                new = f"{line[: left.end()]}({right[0]}){line[right.end() :]}"
                call = fault.with_line(number, new)
                yield TextEdit("uncalled-argument", number, call, left[0], 0.75)
    if line.count(";") > 1:
        commas = fault.with_line(number, line.replace(";", ","))
        yield TextEdit("semicolon", number, commas, ";", 0.2)
    for match in matches:
        for kind, odd, text, cost in _instead(match[0], line[match.start() :]):
            new = line[: match.start()] + text + line[match.start() + len(odd) :]
            yield TextEdit(kind, number, fault.with_line(number, new), odd, cost)


def _instead(token: str, rest: str) -> Iterator[tuple[str, str, str, float]]:
    """Yield what may stand for a token: the kind, what is replaced, the text, the cost."""
    if digits := re.match(r"(\d+\.?\d*)([A-Za-z_]\w*)", rest):
        yield "missing-operator", digits[0], f"{digits[1]} * {digits[2]}", 0.1
    if not re.match(r"\w|[\"']", token):
        yield "extra-token", token, "", 0.9
    yield from ((kind, odd, right, cost) for odd, right, kind, cost in _CONFUSED if odd == token)


_CONFUSED = (
    ("=", "==", "single-equals", 0.6),
    ("==", "=", "double-equals", 0.6),
    (";", ",", "semicolon", 0.3),
    (",", ":", "comma-in-entry", 0.7),
)


def _between(left: str, right: str, source: str) -> Iterator[tuple[str, str, float]]:
    """Yield what may be missing between two values: the kind, the text, the cost."""
    joined = f"{left}_{right}"
    if re.search(rf"\b{re.escape(joined)}\b", source):
        yield "bad-name", "_", 0.05
    is_number = left[0].isdigit()
    yield "missing-operator", " * ", 0.2 if is_number else 0.5
    far = 1.0 if is_number else 0.0
    yield "missing-comma", ", ", 0.4 + far
    yield "missing-colon", ": ", 0.6 + far
    yield "missing-dot", ".", 0.7 + far
    yield "missing-equals", " = ", 0.8 + far


def spellings(fault: Fault) -> Iterator[TextEdit]:
    """Yield the line of the error without words and signs of other languages or of mathematics."""
    for number in dict.fromkeys((fault.line, fault.line - 1)):
        if not 0 < number <= len(fault.lines):
            continue
        line = fault.lines[number - 1]
        for kind, odd, text, cost in _respelled(line, fault.text):
            yield TextEdit(kind, number, fault.with_line(number, text), odd, cost)


def _respelled(line: str, source: str) -> Iterator[tuple[str, str, str, float]]:
    """Yield other spellings of a line: the kind, what is odd, the new line, the cost."""
    for odd, plain in _OPERATORS.items():
        if odd in line:
            yield "operator-spelling", odd, line.replace(odd, plain), 0.05
    if (plain := _BACKSLASH.sub("/", line)) != line:
        yield "operator-spelling", "\\", plain, 0.05
    if match := re.search(r"\|([^|]+)\|", line):
        absolute = f"{line[: match.start()]}abs({match[1]}){line[match.end() :]}"
        yield "times-sign", "|", absolute, 0.05
    if match := re.search(r"\w\{([^{}]*)\}", line):
        for opening, closing in ("[]", "()"):
            inner = f"{opening}{match[1]}{closing}"
            changed = f"{line[: match.start() + 1]}{inner}{line[match.end() :]}"
            yield "braces", match[0][1:], changed, 0.2
    if match := re.match(r"\s*(\w+(?:[- ]\w+)+)(?=\s*=)", line):
        name = re.sub("[- ]", "_", match[1])
        if re.search(rf"\b{re.escape(name)}\b", source):
            yield "bad-name", match[1], line.replace(match[1], name, 1), 0.0
    yield from _commented(line)
    yield from _translated(line)


def _translated(line: str) -> Iterator[tuple[str, str, str, float]]:
    """Yield a line of another language in Python's words: a declaration, the head of a loop."""
    if match := _DECLARED.match(line):
        yield "declaration", match[2], match[1] + line[match.end() :], 0.0
    if match := _FOREIGN_LOOP.match(line):
        head, name, first, sign, last = match.groups()
        for end in (last, f"{last} + 1")[:: 1 if sign == "<" else -1]:
            loop = f"{head}{name} in range({first}, {end}):"
            yield "foreign-loop", line.strip(), loop, 0.1


def _commented(line: str) -> Iterator[tuple[str, str, str, float]]:
    """Yield a line in which the words at its end are a comment."""
    if match := re.search(r"(//|--|;)\s*((?:[A-Za-z]+ ?)+)$", line):
        yield "comment-sign", match[0], f"{line[: match.start()]}# {match[2]}", 0.05
    if match := re.search(r"(?<=[\w)\]}]) +([A-Za-z]+(?: [A-Za-z]+)+\.?)$", line):
        yield "comment-sign", match[1], f"{line[: match.start()]}  # {match[1]}", 0.3
    if match := re.search(r"(?<=[\w)\]}]) +([A-Za-z]+ (?:[\w'-]+[,:;.]? ){3,}.*)$", line):
        yield "comment-sign", match[1], f"{line[: match.start()]}  # {match[1]}", 0.35


def open_ends(fault: Fault) -> Iterator[TextEdit]:
    """Yield a line that ends with an operator, joined with the next one, or with a value at its end."""
    for number in dict.fromkeys((fault.line, fault.line - 1)):
        if not 0 < number <= len(fault.lines):
            continue
        line = _code_of(fault.lines[number - 1]).rstrip()
        if not _TRAILING.search(line):
            continue
        joined = fault.with_line(number, line + " \\")
        yield TextEdit("open-line", number, joined, line.strip(), 0.1)
        names = re.findall(r"^\s*(\w+)\s*[-+*/]?=", fault.text, re.MULTILINE)
        for name in list(dict.fromkeys(reversed(names)))[:_MOST_NAMES]:
            filled = fault.with_line(number, f"{line} {name}")
            yield TextEdit("no-operand", number, filled, line[-1], 0.5)


_MOST_NAMES = 8


def heads(fault: Fault) -> Iterator[TextEdit]:
    """Yield the colon that a head lacks, a keyword in the right spelling, a call of print."""
    for number in dict.fromkeys((fault.line, fault.line - 1)):
        if not 0 < number <= len(fault.lines):
            continue
        line = fault.lines[number - 1]
        code = _code_of(line)
        if head := _FUNCTION_HEAD.match(line):
            opened = f"{head[1]}({line[head.end() :]}"
            yield TextEdit("unopened", number, fault.with_line(number, opened), ")", 0.1)
        if re.match(r"\s*(?:def|if|elif|else|for|while|with)\b", line) and not code.endswith(":"):
            text = code.rstrip(";,") + ":" + line[len(code) :]
            yield TextEdit("colon", number, fault.with_line(number, text), code.strip(), 0.2)
        if printed := re.match(r"(\s*)print\s+(.+)$", code):
            text = f"{printed[1]}print({printed[2]})"
            yield TextEdit("print-statement", number, fault.with_line(number, text), "print", 0.2)
        if word := re.match(r"(\s*)([A-Za-z]+)\b", line):
            for keyword in difflib.get_close_matches(word[2].lower(), _KEYWORDS, 2, 0.6):
                text = word[1] + keyword + line[word.end() :]
                if keyword != word[2]:
                    yield TextEdit(
                        "keyword-spelling", number, fault.with_line(number, text), word[2], 0.3
                    )


# ------------------------------------------------------------------ indentation


def indentation(fault: Fault) -> Iterator[TextEdit]:
    """Yield the line, or all lines from it on, at another indentation that the function has."""
    lines = fault.lines
    widths = sorted({len(line) - len(line.lstrip()) for line in lines if line.strip()})
    if "\t" in fault.text:
        text = fault.text.expandtabs(4)
        yield TextEdit("tabs", fault.line, text, "", 0.1)
    for number in dict.fromkeys((fault.line, fault.line - 1)):
        if not 1 < number <= len(lines) or not lines[number - 1].strip():
            continue
        line = lines[number - 1].lstrip()
        own = len(lines[number - 1]) - len(line)
        for width in widths:
            if width != own:
                text = fault.with_line(number, " " * width + line)
                yield TextEdit("indent", number, text, line.strip(), 0.3 + abs(width - own) / 20)
        below = [" " * 4 + text if text.strip() else text for text in lines[number - 1 :]]
        text = "\n".join([*lines[: number - 1], *below])
        yield TextEdit("indent", number, text, line.strip(), 0.6)


EDITS: tuple[Make, ...] = (
    *(
        characters,
        foreign_lines,
        spellings,
        brackets,
        quotes,
        tokens,
        open_ends,
        heads,
        indentation,
    ),
)
"""All edits of a text that does not parse."""

_ROUNDS = 3
_MOST = 12
_MOST_LINES, _MOST_CHARACTERS, _MOST_BRACKETS = 100, 10_000, 500
"""Of the needed lines of a cell; the longest of the labelled submissions has 68 with 3,900."""


def repairs_of(
    notebook: Notebook, function: str, number: int, slice_of: Callable[[Notebook], Slice]
) -> SyntaxRepairs:
    """Return the repairs of a function that does not parse in a cell; none if it is long or not found."""
    cell = next(cell for cell in notebook.cells if cell.number == number)
    place = function_text(cell.source, function)
    if place is None or is_long(place[1]):
        return SyntaxRepairs(function, 0, (), ())
    first, text = place
    series = repairs(text)
    slices = []
    for edits in series:
        source = with_function(cell.source, function, edits[-1].text)
        cells = tuple(Cell(number, source) if c is cell else c for c in notebook.cells)
        slices.append(slice_of(Notebook(cells)))
    return SyntaxRepairs(function, first, tuple(series), tuple(slices))


def is_long(text: str) -> bool:
    """Return True for a text in which a search for a repair would take many seconds."""
    lines = [line for line in text.split("\n") if line.strip()]
    brackets = sum(map(text.count, "([{"))
    return len(lines) > _MOST_LINES or len(text) > _MOST_CHARACTERS or brackets > _MOST_BRACKETS


def repairs(text: str) -> list[tuple[TextEdit, ...]]:
    """Return the likeliest series of edits after which a text parses, the shortest first; at most 12.

    If no single edit is enough, the edit after which the error is furthest down comes first.
    """
    start = fault_of(text)
    series: tuple[TextEdit, ...] = ()
    for _ in range(_ROUNDS):
        if start is None:
            return []
        complete, best = _round(start)
        if complete:
            return [(*series, edit) for edit in complete[:_MOST]]
        if best is None:
            return []
        series, start = (*series, best), fault_of(best.text)
    return []


def _round(fault: Fault) -> tuple[list[TextEdit], TextEdit | None]:
    """Return the edits after which a text parses, and the one after which most of it parses."""
    edits = sorted((e for make in EDITS for e in make(fault)), key=lambda edit: edit.cost)
    complete, best, furthest = [], None, fault.line
    known = {fault.text}
    for edit in edits[:400]:
        if edit.text in known:
            continue
        known.add(edit.text)
        left = fault_of(edit.text)
        if left is None:
            complete.append(edit)
        elif edit.kind in CHARACTERS and best is None:
            best = edit
        elif left.line > furthest and edit.kind != "extra-line":
            best, furthest = edit, left.line
        if len(complete) >= _MOST:
            break
    return complete, best


def function_text(source: str, function: str) -> tuple[int, str] | None:
    """Return the first line of a function in a cell, from 0, and its text, also if it does not parse."""
    lines = source.split("\n")
    starts = [
        i
        for i, line in enumerate(lines)
        if re.match(rf"\s*[Dd][Ee][Ff]\s+{re.escape(function)}\b", line)
    ]
    if not starts:
        return None
    begin = starts[-1]
    ends = (i for i in range(begin + 1, len(lines)) if re.match(r"def\b|class\b|@|%", lines[i]))
    return begin, "\n".join(lines[begin : next(ends, len(lines))])


def with_function(source: str, function: str, text: str) -> str:
    """Return a cell with another text of a function."""
    place = function_text(source, function)
    assert place is not None
    first, old = place
    lines = source.split("\n")
    return "\n".join([*lines[:first], text, *lines[first + old.count("\n") + 1 :]])
