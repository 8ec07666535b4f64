"""Texts that would do harm, and notebooks that carry each into whatever a page says of a submission."""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

from tests.submissions import FUNCTIONS, load

TEXTS: Final = {
    "script": "<script>window.ran = 1</script>",
    "closing": "</title></style></code></td></table></section></main><script>window.ran = 1</script>",
    "comment": "<!-- --!><svg onload=window.ran=1><![CDATA[ ]]><plaintext>",
    "handler": '"><img src=x onerror="window.ran = 1"><details open ontoggle=window.ran=1>',
    "attribute": "' autofocus onfocus='window.ran=1' x='",
    "url": "javascript:window.ran=1//",
    "frame": "<iframe srcdoc='<script>parent.ran=1</script>'></iframe><object data=x>",
    "refresh": '<meta http-equiv="refresh" content="0;url=http://grader.invalid/">',
    "style": "<style>main { display: none }</style><link rel=stylesheet href=//grader.invalid>",
    "svg": "<svg><style><img src=x onerror=window.ran=1></style><animate onbegin=window.ran=1>",
    "mathml": "<math><mtext><mglyph><style><img src=x onerror=window.ran=1></style></mglyph></math>",
    "dialog": "<dialog open>x</dialog><script>alert(1)</script><img src=x onerror=prompt(1)>",
    "section": "]]></svg></math></script><script>window.ran = 1</script>",
    "formats": "%s%n%(x)s {x!r} {0.__class__} ${IFS} $(id) `id` $$x$$ \\(x\\) **x** [x](javascript:x)",
    "ansi": "\x1b[31mred\x1b[0m\x1b]0;title\x07\x1b[2J\x9b31m",
    "rtl": "\u202egnp.exe\u2066\u2067\u200f\u061c",
    "nul": "a\x00b\x00\x08\x7f\ufeff",
    "surrogate": "\ud800x\udfff\ud83d",
    "braces": "{{ 7 * 7 }}{% raw %}{# x #}${7*7}#{7*7}<%= 7*7 %>",
    "long": "W" * 3000,
    "lines": "\r\n\u2028\u2029\v\f" * 50,
    "marks": "Z" + "\u0300\u0323" * 45,
}

GRADED: Final = (
    *("script", "closing", "attribute", "mathml", "formats", "ansi", "rtl", "nul", "surrogate"),
    *("braces", "long", "lines", "marks"),
)
"""The texts of the class. To grading the others are HTML like the first four; pages show them all."""

UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_LONGEST: Final = 200
_BRACKETS: Final = f"[{'(), ' * 500}]"
"""In a function with so many brackets no repair is searched, which would take a second each."""
_VALUES = """\
NAME = TEXT.replace("\\0", "").encode("utf-8", "ignore").decode()

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    BRACKETS
    raise type("qkind" + NAME, (Exception,), {})("qwords" + TEXT)

def backward_propagation_with_regularization(X, Y, cache, lambd):
    BRACKETS
    return {"dW1": np.array([TEXT]), TEXT: TEXT}

def forward_propagation_with_dropout(X, parameters, keep_prob=0.5):
    BRACKETS
    return type("qtype" + NAME, (), {"__repr__": lambda self: TEXT})()

def backward_propagation_with_dropout(X, Y, cache, keep_prob):
    BRACKETS
    return {}["qname" + TEXT]
"""
_LINES = """\
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    BRACKETS
    print(TEXT.encode("utf-8", "replace").decode())
    cost = compute_cost(A3, Y)  # qline RAW
    return cost

def backward_propagation_with_regularization(X, Y, cache, lambd):
    BRACKETS
    error = ModuleNotFoundError("qmodule" + TEXT, name="qmodule" + TEXT)
    error.add_note(TEXT)
    raise error

def forward_propagation_with_dropoutשבת(X, parameters, keep_prob=0.5):
    'RAW'
"""
_BROKEN = "def backward_propagation_with_dropout(X, Y, cache, keep_prob):\n    return 'RAW"


def write(folder: Path) -> None:
    """Write a class into a folder in which each text of `GRADED` comes in by every way there is."""
    for name, text in {**{name: TEXTS[name] for name in GRADED}, "tame": "words"}.items():
        for kind, source in (("values", (_VALUES,)), ("lines", (_LINES, _BROKEN))):
            place = folder / f"{name}-{kind}"
            place.mkdir(parents=True)
            _file(place, "notebook", ".ipynb", _notebook(text, source))
        document = json.dumps({"nbformat": text, "cells": text})
        _file(folder, text, ".ipynb", document.encode())
        _file(folder, text, "_1_assignsubmission_file.ipynb", text.encode("utf-8", "replace"))


def _file(folder: Path, stem: str, end: str, data: bytes) -> None:
    """Write a file whose name is as close to the requested one as the system accepts."""
    possible = stem.replace("/", "_").replace("\0", "_").encode("utf-8", "surrogatepass")
    (folder / os.fsdecode(possible[:_LONGEST] + end.encode())).write_bytes(data)


def _notebook(text: str, sources: tuple[str, ...]) -> bytes:
    """Return the right notebook with cells of ours below, and the text in outputs and metadata too."""
    document = json.loads(_right())
    document["metadata"] |= {"title": text, "kernelspec": {"name": text, "display_name": text}}
    document["cells"] += [_cell(text, _with(text, source)) for source in sources]
    document["cells"] += [{"cell_type": "markdown", "metadata": {text: text}, "source": text}]
    return json.dumps(document).encode()


@cache
def _right() -> bytes:
    """Return the right notebook without the functions that are graded."""
    document = json.loads(
        next(submission.data for submission in load() if submission.name == "right")
    )
    begins = tuple(f"def {name}(" for name in FUNCTIONS)
    cells = [c for c in document["cells"] if not any(b in "".join(c["source"]) for b in begins)]
    return json.dumps({**document, "cells": cells}).encode()


def _with(text: str, source: str) -> str:
    """Return Python with the text as a literal and as it is, but for the ends of its lines."""
    source = source.replace("BRACKETS", _BRACKETS)
    return source.replace("TEXT", ascii(text)).replace("RAW", " ".join(text.split()))


def _cell(text: str, source: str) -> dict[str, Any]:
    data = {"text/html": text, "text/plain": text, "image/svg+xml": text, text: text}
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": text},
        {"output_type": "display_data", "data": data, "metadata": {}},
        {"output_type": "error", "ename": text, "evalue": text, "traceback": [text]},
    ]
    code = {"cell_type": "code", "execution_count": 1, "metadata": {text: text}}
    return {**code, "outputs": outputs, "source": source}
