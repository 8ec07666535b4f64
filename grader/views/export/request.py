"""The argument and the result of every export."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from grader.messages import UNTRANSLATED, Translator
from grader.model.result import Result
from grader.views import presentation


@dataclass(frozen=True, slots=True)
class Request:
    """The results that count, in order, and the options of the command.

    `gradebook` is the text of the platform's own export, and `column` the title of the assignment's
    column in it. `zero_missing` writes 0 where there would be no grade.
    """

    results: Sequence[Result]
    translator: Translator = UNTRANSLATED
    gradebook: str | None = None
    column: str | None = None
    zero_missing: bool = False

    @property
    def titles(self) -> tuple[str, ...]:
        """Return the titles that the assignment's column may have."""
        if self.column:
            return (self.column,)
        result = next((result for result in self.results if result.title), self.results[0])
        names = (presentation.title(result), self.translator(result.title), result.assignment)
        return tuple(dict.fromkeys(filter(None, map(str, names))))

    @property
    def max_score(self) -> float:
        """Return the points of the assignment."""
        return max(result.max_score for result in self.results)


class ExportFile(NamedTuple):
    """A file of an export: its path below the folder, with `/`, and its bytes."""

    name: str
    data: bytes


class Export(NamedTuple):
    """The files of an export, and sentences for the instructor about missing grades and rows.

    `printed` is text for standard output.
    """

    files: Iterable[ExportFile]
    notes: Sequence[str] = ()
    printed: str = ""
