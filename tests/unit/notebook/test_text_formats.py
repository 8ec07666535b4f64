"""Notebooks as text: marimo, Markdown and Quarto are read by cells, links are named as what they are."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence

import pytest

from grader.notebook import NotANotebook, read

BODY = "def f(x):\n    return x + 1\n"
CELL: dict[str, object] = {
    "cell_type": "code",
    "metadata": {},
    "outputs": [],
    "execution_count": None,
}
NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 4,
    "metadata": {},
    "cells": [{**CELL, "source": [BODY]}],
}


def sources(text: str | bytes) -> list[str]:
    data = text.encode() if isinstance(text, str) else text
    return [cell.source for cell in read(data).cells]


def note(text: str) -> str:
    return str(read(text.encode()).notes[-1])


def refusal(data: bytes) -> str:
    with pytest.raises(NotANotebook) as caught:
        read(data)
    return str(caught.value)


def indented(text: str) -> str:
    return "".join(f"    {line}" for line in text.splitlines(keepends=True))


# ------------------------------------------------------------------ marimo

HEAD = "import marimo\n\n__generated_with = '0.9'\napp = marimo.App(width='medium')\n\n\n"
TAIL = "\n\nif __name__ == '__main__':\n    app.run()\n"

INNER = f"    import numpy as np\n\n{indented(BODY)}"


@pytest.mark.parametrize(
    "cell",
    [
        f"@app.cell\ndef _():\n{INNER}    return f, np\n",
        f"@app.cell(hide_code=True)\ndef __(mo, np):\n{INNER}    return (f,)\n",
        f"@app.cell\ndef _(\n    mo,\n    np,\n):\n{INNER}    return (\n        f,\n    )\n",
        f"@app.cell\nasync def load():\n{INNER}    return\n",
        f"with app.setup:\n{INNER}",
    ],
    ids=["plain", "options", "many lines", "async", "setup"],
)
def test_marimo_cells_have_no_signature_and_no_return(cell: str) -> None:
    assert sources(HEAD + cell + TAIL) == [f"import numpy as np\n\n{BODY}"]


def test_a_marimo_function_is_a_cell_of_its_own() -> None:
    text = f"{HEAD}@app.function\n{BODY}\n\n@app.cell\ndef _():\n    f(1)\n    return\n{TAIL}"

    assert sources(text) == [BODY, "f(1)\n"]
    assert note(text) == "The file was a marimo notebook. It was read as a notebook with 2 cells."


def test_marimo_keeps_a_cell_that_python_cannot_read() -> None:
    text = f'{HEAD}app._unparsable_cell(\n    r"""\n    def f(x:\n    """,\n    name="_"\n)\n{TAIL}'

    assert sources(text) == ["def f(x:\n"]


# ------------------------------------------------------------------ Markdown


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("```python\n", "```\n"),
        ("```{python}\n#| label: a\n", "```\n"),
        ("```{python, echo=FALSE}\n", "```\n"),
        ("```py\n", "```\n"),
        ("~~~~ipython3\n", "~~~~\n"),
        ("```{code-cell} ipython3\n:tags: [hide]\n", "```\n"),
        ("```{code-cell}\n---\ntags: [hide]\n---\n", "```\n"),
        ("````{.python .numberLines}\n", "````\n"),
        ("```\n", "```\n"),
        ("```python\n", ""),
    ],
)
def test_markdown_is_read_by_its_fences(start: str, end: str) -> None:
    text = f"---\ntitle: x\n---\n\n# Title\n\nSome words.\n\n{start}{BODY}{end}"

    (source,) = sources(text)
    assert source.removeprefix("#| label: a\n").rstrip() == BODY.rstrip()
    assert note(text) == (
        "The file was a Markdown document. Its Python code was read as a notebook with 1 cell."
    )


def test_other_languages_in_markdown_are_left_out() -> None:
    text = f"# x\n```bash\npip install x\n```\n```python\n{BODY}```\n```\noutput\n```\n"

    assert sources(text) == [BODY]


def test_fences_in_a_script_do_not_make_it_markdown() -> None:
    text = f'"""\n```python\nimport x\n```\n"""\n{BODY}'

    assert sources(text) == [text.rstrip()]


def test_markdown_without_python_is_plain_text() -> None:
    assert "plain text" in refusal(b"# Title\n\n```bash\nls\n```\n")


# ------------------------------------------------------------------ answers of servers, links


@pytest.mark.parametrize(
    "answer",
    [
        {"name": "x.ipynb", "type": "notebook", "format": "json", "content": NOTEBOOK},
        {"type": "file", "format": "text", "content": json.dumps(NOTEBOOK)},
        {
            "encoding": "base64",
            "content": base64.encodebytes(json.dumps(NOTEBOOK).encode()).decode(),
        },
    ],
    ids=["Jupyter", "Jupyter as text", "GitHub"],
)
def test_notebook_inside_an_answer_is_read(answer: dict[str, object]) -> None:
    text = json.dumps(answer)

    assert sources(text) == [BODY]
    assert (
        "The file was a server's response. The notebook in it was used."
        in read(text.encode()).notes
    )


@pytest.mark.parametrize("content", [None, 3, "{", "[" * 100, {"x": 1}])
def test_answer_without_a_notebook_is_refused(content: object) -> None:
    assert "JSON without a list of cells" in refusal(json.dumps({"content": content}).encode())


DRIVE = "open it in Google Drive or Colab, choose File > Download > Download .ipynb, and submit that file."
FOLLOW = "open it and submit the .ipynb file that it leads to."
PLIST = '<?xml version="1.0"?>\n<plist version="1.0">\n<dict>\n<key>URL</key><string>https://x.org</string>'


@pytest.mark.parametrize(
    ("data", "kind", "step"),
    [
        (
            b'{"doc_id": "x", "email": "a@b.org"}',
            "only a shortcut to a file in Google Drive",
            DRIVE,
        ),
        (
            b'{"url": "https://colab.research.google.com/drive/x"}',
            "only a shortcut to a file in Google Drive",
            DRIVE,
        ),
        (b"https://colab.research.google.com/drive/x?usp=sharing\n", "only a link", DRIVE),
        (b"My notebook:\n\nhttps://github.com/a/b.ipynb\n", "only a link", FOLLOW),
        (b"[InternetShortcut]\r\nURL=https://x.org/y\r\n", "only a link", FOLLOW),
        (b"[Desktop Entry]\nType=Link\nURL=https://x.org\n", "only a link", FOLLOW),
        (PLIST.encode(), "only a link", FOLLOW),
        (b"bplist00\xd1\x01\x02SURL", "a link", FOLLOW),
        (b"L\0\0\0\x01\x14\x02\0" + bytes(9), "a Windows shortcut", FOLLOW),
        (
            bytes(257) + b"ustar",
            "a compressed archive",
            "unpack it and submit the .ipynb file inside.",
        ),
        (b"BZh9", "a compressed archive", "unpack it and submit the .ipynb file inside."),
    ],
)
def test_shortcuts_and_archives_have_a_next_step(data: bytes, kind: str, step: str) -> None:
    assert refusal(data) == f"This file is {kind}, not a notebook: {step}"


def test_a_link_in_code_does_not_make_it_a_link() -> None:
    text = f"# from https://x.org\n{BODY}"

    assert sources(text) == [text.rstrip()]


@pytest.mark.parametrize(
    "text", ["`" * 50_000, "```\n" * 20_000, "@app.cell\n" * 20_000, "~~~ \n" * 9]
)
def test_hostile_text_is_read_or_refused(text: str) -> None:
    """In linear time; a quadratic pattern would take minutes."""
    for head in ("", HEAD, "```python\nimport x\n"):
        try:
            cells: Sequence[str] = sources(head + text)
        except NotANotebook:
            continue
        assert cells
