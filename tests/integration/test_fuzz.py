"""Mutated notebooks are read, or refused with a sentence, within the reader's time.

The seeds are the labelled submissions. FUZZ_EXAMPLES=100000 runs for about half an hour. Hypothesis
mutates tokens, and finds the smallest notebook that fails. Atheris would find new paths in bytes, but
Python's parser and IPython's translation, where the time goes, give it little coverage to follow.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader import assignments
from grader.assignments import notebooks
from grader.notebook import NotANotebook, read, reader
from tests.submissions.corpus import read_all

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "150"))
ASSIGNMENT = assignments.load(assignments.names()[0])
MOST_CHARACTERS = 25_000
"""Of a cell; four larger ones can take 2 s by their length alone, beside other tests."""
TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
PIECES = (
    *"()[]{}\\'\"`;:,.?!%@#*=~$&|^<>\0\t\r\x0c\xa0\ufeff\u2028\u0301\u200b\U0001d431\ud800…（）“”−",
    *(
        '"""',
        "'''",
        "f'",
        'f"{',
        "rb'",
        "\\'",
        "\\\n",
        "{a}",
        "{{",
        "->",
        ":=",
        "...",
        "**",
        "0x",
        "1e999",
    ),
    *(
        "%time ",
        "%%time\n",
        "%run a.py\n",
        "!ls ",
        "x = %time ",
        "?\n",
        "%%writefile a.py\n",
        "/f ",
        ",f ",
    ),
    *(
        "def f(x):\n",
        "class A:\n",
        "if a:\n",
        " ",
        "    ",
        "\n",
        "else:\n",
        "try:\n",
        "except A, B:\n",
    ),
    *("lambda: ", "await ", "async ", "yield ", "return ", "global x\n", "nonlocal x\n", "del x\n"),
    *(
        "type X = int\n",
        "match x:\n case ",
        "from __future__ import annotations\n",
        "from a import *\n",
    ),
    *(
        "exec('x = 1')\n",
        "import numpy as np\n",
        "not ",
        "-",
        "x if x else ",
        "x; ",
        "(x := ",
        "[*",
        "9" * 50,
    ),
)
seeds = st.deferred(
    lambda: st.sampled_from(
        tuple(
            dict.fromkeys(
                cell.source
                for labelled in read_all()
                if labelled.status == frozenset({"graded"})
                for cell in read(labelled.data).cells
            )
        )
    )
)
counts = st.sampled_from((1, 1, 1, 1, 2, 3, 10, 101, 1_000, 30_000))


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Return a cell of a labelled submission after up to four mutations."""
    source = draw(seeds)
    for _ in range(draw(st.integers(0, 4))):
        source = draw(changed(source))
    return source


@st.composite
def changed(draw: st.DrawFn, source: str) -> str:
    """Return a cell with tokens deleted, repeated, swapped or inserted, or joined with another cell."""
    tokens = TOKEN.findall(source)
    begin, other_end = (draw(st.integers(0, len(tokens))) for _ in range(2))
    size = draw(st.sampled_from((1, 1, 2, 5, 1_000)))
    middle, rest = tokens[begin : begin + size], tokens[begin + size :]
    match draw(st.integers(0, 5)):
        case 0:
            middle = []
        case 1:
            room = MOST_CHARACTERS // max(1, len("".join(middle)))
            middle *= min(draw(counts), room)
        case 2:
            middle, rest = tokens[other_end : other_end + size], middle + rest
        case 3:
            middle = [draw(seeds)]
        case _:
            middle.insert(0, draw(st.sampled_from(PIECES)) * draw(counts))
    return "".join((*tokens[:begin], *middle, *rest))[:MOST_CHARACTERS]


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(st.lists(mutated(), min_size=1, max_size=4))
def test_mutated_notebook_is_read_within_the_limit(cells: list[str]) -> None:
    tree = {"nbformat": 4, "cells": [{"cell_type": "code", "source": cell} for cell in cells]}
    request = dataclasses.replace(notebooks.request_for(ASSIGNMENT), with_remainder=True)
    try:
        reader.read_with_limits(json.dumps(tree).encode(), request)  # ReaderError: our failure
    except NotANotebook as error:
        assert str(error).endswith(".")
    except reader.ReadingLimit as error:
        raise AssertionError(f"{error}") from None
