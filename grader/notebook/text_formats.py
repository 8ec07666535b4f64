"""Read notebooks that are text: Python scripts, marimo notebooks, Markdown and Quarto documents.

Jupytext reads more formats, but starts other programs for Quarto and marimo, and fails on a file
with a syntax error. Here the text is only split, so that the errors stay the student's.
"""

from __future__ import annotations

import itertools
import re
import textwrap

from grader.messages import Message, gettext, ngettext

_LONGEST = 1_000_000
_MARKER = re.compile(r"^# ?(%%.*|In ?\[[ \d*]*\]:?[ \t]*)\n?", re.MULTILINE)
_TEXT_MARKER = re.compile(r"\[(?:markdown|md|raw)\]")
_FENCE = re.compile(r"^ {0,3}(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^\n`]*)$", re.MULTILINE)
_PYTHON_FENCE = re.compile(
    r"\{?\s*(?:code-cell\b.*|\.?(?:i?python3?|py)\b.*|(?:execute|exec)\b.*)", re.IGNORECASE
)
_OPTIONS = re.compile(r"(?:---\n.*?\n---\n|(?::[\w-]+:[^\n]*\n)+)", re.DOTALL)
_CODE = re.compile(r"^(?:def \w+ ?\(|import \w|from [\w.]+ import )", re.MULTILINE)
_MARIMO = re.compile(r"^(?:import marimo\b|app = marimo\.App\()", re.MULTILINE)
_MARIMO_CELL = re.compile(
    r"^(?:@app\.(?P<kind>cell|function|class_definition)\b.*\n|with app\.setup.*:[ \t]*\n"
    r"|app\._unparsable_cell\([ \t]*\n)",
    re.MULTILINE,
)
_MARIMO_SIGNATURE = re.compile(r"(?:async )?def [^\n(]*\([^()]*\)[^\n:]*:[ \t]*\n?")
_MARIMO_RETURN = re.compile(r"^return\b(?:[^\n]*|[ \t]*\([^()]*\)[ \t]*)\n*\Z", re.MULTILINE)
_MARIMO_END = re.compile(r'^(?:if __name__ == ["\']__main__)', re.MULTILINE)
_QUOTED = re.compile(r'^[ \t]*r?("""|\'\'\')\n?(.*?)\1', re.DOTALL | re.MULTILINE)


def split(text: str, limit: int) -> tuple[list[str], Message]:
    """Return the code cells of a text, at most `limit` and one more, and a note about its format."""
    short = text if len(text) <= _LONGEST else ""
    if _MARIMO.search(short) and (cells := _marimo(short)):
        return cells[: limit + 1], gettext(
            "The file was a marimo notebook. It was read as a notebook with {cells}.",
            cells=_count(cells),
        )
    if cells := _markdown(short):
        return cells[: limit + 1], gettext(
            "The file was a Markdown document. Its Python code was read as a notebook with {cells}.",
            cells=_count(cells),
        )
    cells = _script(text, limit)
    return cells, gettext(
        "The file was a Python script. It was read as a notebook with {cells}.",
        cells=_count(cells),
    )


def _count(cells: list[str]) -> Message:
    return ngettext("{count} cell", "{count} cells", len(cells))


def _script(text: str, limit: int) -> list[str]:
    """Split a Python script at its cell markers; without any it is one cell."""
    preamble, *rest = _MARKER.split(text, limit + 1)
    chunks = zip(rest[::2], rest[1::2], strict=True)
    sources = [body for mark, body in chunks if not _TEXT_MARKER.search(mark)]
    has_code = any(line.strip() and not line.startswith("#") for line in preamble.splitlines())
    return [preamble, *sources] if not rest or has_code else sources


# ------------------------------------------------------------------ Markdown


def _markdown(text: str) -> list[str]:
    """Return the code in Python fences; if no fence names a language, that in all of them.

    A text without Python code in fences, or with some outside of them, is no Markdown notebook.
    """
    blocks, outside = _blocks(text)
    python = [body for info, body in blocks if _PYTHON_FENCE.fullmatch(info)]
    if not python and not any(info for info, _ in blocks):
        python = [body for _, body in blocks]
    if _CODE.search(outside) or not any(map(_CODE.search, python)):
        return []
    return [_OPTIONS.sub("", body, count=1) if _OPTIONS.match(body) else body for body in python]


def _blocks(text: str) -> tuple[list[tuple[str, str]], str]:
    """Return the language and the body of each fenced block, and the text outside of them."""
    blocks, outside = [], []
    fence, info, start = "", "", 0
    for match in _FENCE.finditer(text):
        if not fence:
            outside.append(text[start : match.start()])
            fence, info, start = match["fence"], match["info"].strip(), match.end() + 1
        elif match["fence"].startswith(fence) and not match["info"].strip():
            blocks.append((info, text[start : match.start()]))
            fence, start = "", match.end()
    if fence:
        blocks.append((info, text[start:]))
    else:
        outside.append(text[start:])
    return blocks, "".join(outside)


# ------------------------------------------------------------------ marimo


def _marimo(text: str) -> list[str]:
    """Return the code of the cells, as marimo shows it: without signature, indentation and return."""
    end = _MARIMO_END.search(text)
    text = text[: end.start()] if end else text
    marks = list(_MARIMO_CELL.finditer(text))
    edges = [*(mark.start() for mark in marks[1:]), len(text)][: len(marks)]
    cells = []
    for mark, edge in zip(marks, edges, strict=True):
        body = text[mark.end() : edge].strip("\n") + "\n"
        if mark["kind"] in {"function", "class_definition"}:
            cells.append(body)
        elif mark.group().startswith("app._unparsable"):
            cells += [
                textwrap.dedent(quoted[2]) for quoted in itertools.islice(_QUOTED.finditer(body), 1)
            ]
        else:
            cells.append(_marimo_body(body, has_signature=bool(mark["kind"])))
    return cells


def _marimo_body(body: str, *, has_signature: bool) -> str:
    signature = _MARIMO_SIGNATURE.match(body) if has_signature else None
    body = textwrap.dedent(body[signature.end() :] if signature else body)
    return _MARIMO_RETURN.sub("", body)
