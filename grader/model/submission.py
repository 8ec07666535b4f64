"""A submission as it was handed in, and the programs of it that the sandbox runs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from grader.messages import Text
from grader.model import Call, Cell
from grader.model.failure import Failure


@dataclass(frozen=True, slots=True)
class Student:
    """A student as the platform's download or the roster names them."""

    id: str | None = None
    name: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Other:
    """A further notebook or an earlier attempt of a student, with the reason why it does not count.

    `score` is set if it was graded.
    """

    source: str
    why: Text
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Module:
    """A Python module that a student handed in beside the notebook; hostile, as the notebook is."""

    name: str
    source: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Submission:
    """The submitted bytes, under an ID that is unique in the batch.

    If the bytes could not be read (from an encrypted zip file, for example), `problem` is a sentence
    with the reason. `failure` is set where the grader's machine is the reason: its disk, or rights.
    `source` is the path of the file, through zip files too. `submitted_at` is ISO 8601 with a zone.
    It and `late` are None where the download does not say. `to_look_at` are reasons why an instructor
    should look at this row. `digest` is set where the bytes were not kept, for example too many.
    `modules` are those beside the notebook whose names it contains.
    """

    id: str
    data: bytes
    problem: str = ""
    failure: Failure | None = None
    source: str = ""
    student: Student | None = None
    submitted_at: str | None = None
    late: bool | None = None
    others: tuple[Other, ...] = ()
    to_look_at: tuple[Text, ...] = ()
    digest: str | None = None
    modules: tuple[Module, ...] = ()

    @property
    def sha256(self) -> str | None:
        """Hex digest of the submitted bytes, None if they could not be read."""
        if self.problem and not self.data:
            return self.digest
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class Program:
    """The slice of a notebook that one function needs, and the calls that follow.

    `stand_ins` are imported modules that may be missing. The sandbox then uses the helper modules instead.
    A second run (`again`) gets a working folder. `old_numpy` supplies what NumPy before 2.4 allowed.
    Python imports a module of the student's only if it finds no other of that name. `supplied` are
    functions that replace the program's own before the calls: name and source.
    """

    function: str
    cells: tuple[Cell, ...]
    calls: tuple[Call, ...]
    stand_ins: tuple[str, ...] = ()
    again: bool = False
    old_numpy: bool = False
    modules: tuple[Module, ...] = ()
    supplied: tuple[tuple[str, str], ...] = ()
