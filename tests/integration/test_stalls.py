"""Cells that took minutes to slice: each is cut at a cap, or sliced in linear time.

A child process slices each, and the kernel kills it after a generous processor time.
"""

from __future__ import annotations

import os
import signal

import pytest

from grader.model import Cell, Notebook
from grader.notebook.slicing import Slice, slices

SECONDS = 20
RIGHT = "def f(x):\n    return x\n"
STALLS = {
    "one name with 60,000 combining marks": "a" + "\u0301\u0323" * 30_000 + " = 1",
    "30,000 combining marks in a text of a cell that does not parse": (
        "x = 'a" + "\u0301" * 30_000 + "'\n" + "def g(:\n    return 1\n" * 30
    ),
    "100 KB of escaped quotes, not closed": "x = = '" + "\\'" * 49_000,
    "escaped quotes behind a magic": "%time x = '" + "\\'" * 49_000,
    "140,000 statements on one line": "a;" * 140_000,
    "70,000 assignments on one line": ";".join(["a=b"] * 70_000),
    "statements on one line below an if": "if a:\n " + "x=1;" * 70_000,
    "a long condition around 9,000 statements": (
        "if (" + ",".join(f"a{i}" for i in range(20_000)) + "):\n" + " x=1\n" * 9_000
    ),
    "nested if statements around many others": (
        "".join(" " * i + "if a:\n" for i in range(90)) + (" " * 90 + "x=1\n") * 2_000
    ),
    "magics nested in assignments": "\n".join(["x = %time y = %time z = 1"] * 49),
    "magics in a cell of 2,000 lines": "x = !ls\n" * 49 + "a b\n" * 1_900,
    "1,900 brackets that are not closed": ("x = [" + "a," * 20 + "\n") * 1_900,
    "50,000 brackets": "x = " + "(" * 50_000 + ")" * 50_000,
    "an integer of 290,000 digits": "x = 0x" + "f" * 290_000,
}


@pytest.mark.parametrize("source", STALLS.values(), ids=list(STALLS))
def test_a_stalling_cell_leaves_its_neighbour_as_it_is(source: str) -> None:
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        part = _slice(Cell(1, source), Cell(2, RIGHT))
        os._exit(0 if part.is_defined and part.source == RIGHT else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def _slice(*cells: Cell) -> Slice:
    return slices(Notebook(cells), [("f", ("x",))])[0]
