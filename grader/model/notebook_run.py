"""The nouns of a notebook that runs as a whole: request, cells, outputs, answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from grader.model import Cell, Observation, Raised, Value
from grader.model.submission import Module


class CellStatus(StrEnum):
    """How a cell ended; a `late` cell reached its own time limit or the notebook's."""

    FINISHED = "finished"
    RAISED = "raised"
    LATE = "late"
    FLOODED = "flooded"
    DIED = "died"
    MUDDLED = "not understood"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Output:
    """An output of a cell; `kind` is Jupyter's: stream, display_data, execute_result or error.

    `data` has untrusted bytes by MIME type: text/plain, text/html, image/svg+xml, image/png.
    """

    kind: str
    name: str
    data: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class CellRun:
    """The run of one cell. `line` is the line that it reached, 0 if that is not known.

    `lines` are the y-values of the lines in its plots, an array for each line. `left` is the value
    of the variable that the request watches.
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
        """The printed text."""
        streams = (o.data.get("text/plain", b"") for o in self.outputs if o.kind == "stream")
        return b"".join(streams).decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A notebook to run as a whole. `watched` is the variable to return for each cell number.

    `answer_seconds` is the time limit for the calls of one graded function.
    """

    cells: tuple[Cell, ...]
    watched: Mapping[int, str] = field(default_factory=dict)
    stand_ins: tuple[str, ...] = ()
    answer_seconds: float = 10.0
    modules: tuple[Module, ...] = ()


@dataclass(frozen=True, slots=True)
class NotebookRun:
    """A whole notebook that ran: its cells, and the observations of the functions that it defines.

    A function without an answer could not be called. `detail` is the reason if the run stopped early.
    """

    cells: tuple[CellRun, ...]
    answers: Mapping[str, Observation] = field(default_factory=dict)
    detail: str = ""
