"""The cells that a running notebook has executed: which one defines a function, and if the newest ran.

IPython keeps the text of every executed cell in `In`, also of those that failed. Where there is no
IPython, only the text of the function's own file is known.
"""

from __future__ import annotations

import linecache
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any, NamedTuple

from grader.handout.call import Place, wrapped
from grader.messages.sanitize import one_line
from grader.model import Cell
from grader.model.record import record
from grader.sandbox.box import calling

OWN = 0
"""The number, in diagnoses, of the cell that defines the function: "the cell"."""
_MOST_CELLS, _LONGEST = 200, 100_000


def shell() -> Any:
    """Return the running IPython shell, or None."""
    ipython = sys.modules.get("IPython")
    try:
        return ipython.get_ipython() if ipython else None
    except Exception:  # noqa: BLE001 - a student's module may have this name
        return None


def executed() -> dict[int, str]:
    """Return the text of the executed cells by their number, the newest last."""
    names = getattr(shell(), "user_ns", None)
    inputs = names.get("In") if isinstance(names, dict) else None
    if not isinstance(inputs, list):
        return {}
    return {
        number: text
        for number, text in [*enumerate(inputs)][-_MOST_CELLS:]
        if type(text) is str and 0 < len(text) < _LONGEST
    }


@record
class Definition:
    """A function of the notebook with the text of its cell.

    `number` is that of the cell in IPython, None if it is not known. `newer` is the text of a newer
    cell that also has a definition of the function, but did not get as far as to define it.
    """

    name: str
    text: str
    number: int | None = None
    newer: str = ""

    @property
    def head(self) -> str:
        """The line that begins the last definition of the function in its cell."""
        lines = [*_definitions(self.name, self.text)]
        return one_line(lines[-1], limit=100) if lines else ""

    def cells(self) -> tuple[Cell, ...]:
        """Return the executed cells in order, each text once; the function's own is the last."""
        newest = {text.rstrip(): number for number, text in executed().items()}
        newest.pop(self.text.rstrip(), None)
        cells = [Cell(number, text) for text, number in newest.items() if not self._defines(text)]
        return (*cells, Cell(OWN, self.text))

    def _defines(self, text: str) -> bool:
        return any(True for _ in _definitions(self.name, text))

    def place_of(self, error: BaseException) -> Place:
        """Return the innermost cell and line that an exception passed through."""
        numbers = {text.strip(): number for number, text in executed().items()}
        numbers[self.text.strip()] = OWN
        place: Place = (None, None)
        for frame, line in traceback.walk_tb(error.__traceback__):
            number = numbers.get(_text_of(frame.f_code.co_filename).strip())
            if number is not None:
                place = number, line
        return place


def definition_of(function: Callable[..., Any], name: str) -> Definition:
    """Return the definition of a function, and the newest cell if that one failed to define it."""
    functions = [f for f in (function, *wrapped(function)) if type(f) is FunctionType]
    own = [f for f in functions if f.__code__.co_name == name]
    text = next(map(text_of, own or functions), "")
    numbers = [n for n, cell in executed().items() if own and cell.strip() == text.strip()]
    newest = newest_cell(name)
    running = max(executed(), default=0)  # this cell may define it further down
    newer = newest and numbers and newest > numbers[-1] and newest != running
    return Definition(
        name,
        text,
        numbers[-1] if numbers else None,
        executed()[newest] if newest and newer else "",
    )


def newest_cell(name: str) -> int | None:
    """Return the number of the newest cell with a definition of a function, or None."""
    cells = reversed(executed().items())
    return next((number for number, text in cells if [*_definitions(name, text)]), None)


class Stop(NamedTuple):
    """The line of a cell at which it stopped, and the words of the error."""

    line: int
    error: str


def stop_of(text: str) -> Stop | None:
    """Return where a cell stopped, if its error is the last one of the kernel."""
    error = getattr(sys, "last_value", None)
    if not isinstance(error, BaseException):
        return None
    words = ": ".join(filter(None, (type(error).__name__, calling.message_of(error))))
    for frame, line in traceback.walk_tb(error.__traceback__):
        if _text_of(frame.f_code.co_filename).strip() == text.strip():
            return Stop(line, one_line(words, limit=160))
    return None


def _definitions(name: str, text: str) -> Iterator[str]:
    """Yield the lines of a cell that begin a definition of a function."""
    if name in text:
        pattern = rf"^[ \t]*(?:async[ \t]+)?def[ \t]+{re.escape(name)}\b.*$"
        yield from re.findall(pattern, text, re.MULTILINE)


def text_of(function: FunctionType) -> str:
    """Return the text of the cell that defines a function, empty if it is not known."""
    return _text_of(function.__code__.co_filename)


def _text_of(file: str) -> str:
    """Return the text of the cell that was compiled under this file name, empty if it is not known."""
    return "".join(linecache.getlines(file)).rstrip("\n")
