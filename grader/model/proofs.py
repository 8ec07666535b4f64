"""The evidence that an assignment can be trusted: claims, the kill matrix, and pairs of mistakes.

`grader verify` and `grader doctor` produce these records, and every view is made from them. The terms
are those of mutation testing: a test case *catches* a mistake if a check fails on that case.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim about an assignment or a machine, whether it holds, and the evidence or the remedy.

    `failures` are the reasons of a claim that fails for several; `detail` is the first of them. A claim
    that was not `examined` holds because there is nothing that could break it; `detail` states what is
    absent. A claim that is not `required` may fail: it describes something that would be an improvement.
    """

    name: str
    holds: bool
    detail: str
    failures: tuple[str, ...] = ()
    examined: bool = True
    required: bool = True


class Recognition(StrEnum):
    """How the diagnosis recognises two mistakes in one submission."""

    BOTH = "both recognised"
    AS_EQUAL_PAIR = "recognised as another pair that gives the same values"
    ONE = "one recognised"
    ONE_AND_WRONG = "one recognised, and also a wrong one"
    NONE = "not recognised"
    WRONG = "recognised as a different mistake"
    UNDECIDABLE = "same values as one of the two alone"


MISLEADING = (Recognition.ONE_AND_WRONG, Recognition.WRONG)
"""A wrong diagnosis sends a student to a line that is right."""

UNACCEPTABLE = (*MISLEADING, Recognition.NONE)
"""Every pair that differs from its single mistakes needs a right diagnosis and no wrong one."""


@dataclass(frozen=True, slots=True)
class MatrixCase:
    """A test case as a column of the kill matrix."""

    name: str
    about: str
    public: bool


@dataclass(frozen=True, slots=True)
class Detection:
    """The effect of one mistake on one test case.

    `failed_checks` are positions in the function's checks. `error` is the largest error of any
    quantity, in units of the tolerance. If it is infinite, `reason` is `"error"`, `"structure"` or
    `"not finite"`.
    """

    failed_checks: tuple[int, ...]
    error: float
    reason: str = ""

    @property
    def caught(self) -> bool:
        """Return True if any check fails on this case."""
        return bool(self.failed_checks)

    @property
    def error_text(self) -> str:
        """Return the error for a table: the reason, or the number of tolerances."""
        return self.reason or format_tolerances(self.error)


@dataclass(frozen=True, slots=True)
class MistakeRow:
    """A known mistake as a row of the kill matrix: one detection for each test case.

    `margin` is its largest error in a hidden case, in units of the tolerance. `recognised_as` are the
    ids of its diagnoses, most important first.
    """

    name: str
    id: str
    detections: tuple[Detection, ...]
    margin: float
    recognised_as: tuple[str, ...]

    @property
    def caught(self) -> bool:
        """Return True if any test case catches the mistake."""
        return any(detection.caught for detection in self.detections)

    @property
    def failed_checks(self) -> frozenset[int]:
        """Return the positions of the checks that fail on any case."""
        return frozenset(at for detection in self.detections for at in detection.failed_checks)

    @property
    def smallest(self) -> Detection | None:
        """Return the detection with the smallest error, or None if no case catches the mistake."""
        caught = (detection for detection in self.detections if detection.caught)
        return min(caught, key=lambda detection: detection.error, default=None)

    @property
    def recognised(self) -> bool:
        """Return True if the first diagnosis is this mistake."""
        return self.recognised_as[:1] == (self.id,)


@dataclass(frozen=True, slots=True)
class KillMatrix:
    """The known mistakes of a function, by the test cases and checks that catch them.

    `points` are those of the checks.
    """

    function: str
    cases: tuple[MatrixCase, ...]
    checks: tuple[str, ...]
    mistakes: tuple[MistakeRow, ...]
    points: tuple[float, ...]

    def cost(self, mistake: MistakeRow) -> float:
        """Return the points that a mistake costs: those of the checks that fail."""
        return sum(self.points[at] for at in mistake.failed_checks)

    @property
    def costs(self) -> str:
        """A sentence about the cheapest and the dearest mistake."""
        least, most = (pick(self.mistakes, key=self.cost) for pick in (min, max))
        low, high = self.cost(least), self.cost(most)
        if low == high:
            return f"Each mistake costs {low:g} points."
        return (
            f"The mistakes cost from {low:g} points ({mistake_label(least.name)}) to {high:g} "
            f"({mistake_label(most.name)})."
        )


@dataclass(frozen=True, slots=True)
class MistakePair:
    """Two mistakes in one submission, and the ids of the diagnoses."""

    names: tuple[str, str]
    recognition: Recognition
    recognised_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PairMatrix:
    """Every pair of known mistakes of a function."""

    function: str
    names: tuple[str, ...]
    pairs: tuple[MistakePair, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of `grader verify`: claims and matrices, with the seed, sandbox and versions used."""

    name: str
    title: str
    seed: int
    sandbox: str
    versions: tuple[tuple[str, str], ...]
    claims: tuple[Claim, ...]
    kill_matrices: tuple[KillMatrix, ...]
    pair_matrices: tuple[PairMatrix, ...]


def mistake_label(name: str) -> str:
    """Return the id of a mistake and, after a slash, its variant.

    >>> mistake_label("l2_layer_missing__w1")
    'l2-layer-missing/w1'
    """
    return name.replace("__", "/").replace("_", "-")


def format_tolerances(number: float) -> str:
    """Return a number of tolerances as one digit and a power of ten.

    >>> format_tolerances(35562.1)
    '4e4'
    """
    if not math.isfinite(number):
        return "inf"
    digit, power = f"{number:.0e}".split("e")
    return f"{digit}e{int(power)}"
