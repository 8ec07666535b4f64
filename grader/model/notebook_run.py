"""The nouns of a whole notebook that was run: what each cell did, what it left, what it showed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from grader.model import Cell, Observation, Raised, Value


class CellStatus(StrEnum):
    """How a cell ended; `late` ones were stopped at the end of their time, or of the notebook's."""

    FINISHED = "finished"
    RAISED = "raised"
    LATE = "late"
    FLOODED = "flooded"
    DIED = "died"
    MUDDLED = "not understood"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Output:
    """What a cell showed, as Jupyter's kinds (`stream`, `display_data`, `execute_result`, `error`).

    `data` has bytes by MIME type: text/plain, text/html, image/svg+xml, image/png, all untrusted.
    """

    kind: str
    name: str
    data: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class CellRun:
    """What became of one cell. `line` is the line of it that was reached, 0 if that is not known.

    `lines` are the heights of the lines in the figures that it showed, one array each, and `left` the
    value of the name that was waited for.
    """

    cell: Cell
    status: CellStatus = CellStatus.NOT_RUN
    seconds: float = 0.0
    line: int = 0
    raised: Raised | None = None
    outputs: tuple[Output, ...] = ()
    lines: tuple[Value, ...] = ()
    left: Value = None

    @property
    def text(self) -> str:
        """Return what was printed."""
        pieces = (o.data.get("text/plain", b"") for o in self.outputs if o.kind == "stream")
        return b"".join(pieces).decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A notebook to be run whole. `watched` names the variable that a cell is to leave, by its number.

    `answer_seconds` is how long each function that it leaves may take for its calls.
    """

    cells: tuple[Cell, ...]
    watched: Mapping[int, str] = field(default_factory=dict)
    stand_ins: tuple[str, ...] = ()
    answer_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class NotebookRun:
    """A notebook that was run whole: its cells, and what the functions that it left have answered.

    A function that is not in `answers` could not be asked there. `detail` says what broke off, if
    anything did.
    """

    cells: tuple[CellRun, ...]
    answers: Mapping[str, Observation] = field(default_factory=dict)
    detail: str = ""
