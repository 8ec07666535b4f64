"""What known mistakes did, all frozen: where each is caught, how far off it is, how it is named.

The proofs that mistakes are caught and named are made from it, and so is every view of them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Naming(StrEnum):
    """How two mistakes at once are named; of those that look like one alone nothing is asked."""

    BOTH = "both recognised"
    LIKE = "recognised as another pair that gives the same values"
    ONE = "one recognised"
    BESIDE = "one recognised, and also a wrong one"
    UNEXPLAINED = "not recognised"
    OTHERWISE = "recognised as a different mistake"
    ALONE = "same values as one of the two alone"


WRONGLY = (Naming.BESIDE, Naming.OTHERWISE)
"""What may not happen: a wrong name sends a student to a line that is right."""

FAULTS = (*WRONGLY, Naming.UNEXPLAINED)
"""What no pair may be: at least one of its names must be told, and no other."""


@dataclass(frozen=True, slots=True)
class Column:
    """A test case that known mistakes are held against."""

    name: str
    about: str
    public: bool


@dataclass(frozen=True, slots=True)
class Kill:
    """What a mistake does on one test case: the positions of the checks that fail, and how far it is off.

    Where that is no number of tolerances they are infinitely many, and `word` says what it is.
    """

    checks: tuple[int, ...]
    tolerances: float
    word: str = ""

    @property
    def caught(self) -> bool:
        """Say whether any check fails on this case."""
        return bool(self.checks)


@dataclass(frozen=True, slots=True)
class Mistaken:
    """A known mistake: a kill for each test case, and the ids that it is named by, first ones first.

    `margin` is the largest number of tolerances by which it is off in a random case.
    """

    name: str
    id: str
    kills: tuple[Kill, ...]
    margin: float
    named: tuple[str, ...]

    @property
    def caught(self) -> bool:
        """Say whether any case catches it."""
        return any(kill.caught for kill in self.kills)

    @property
    def checks(self) -> frozenset[int]:
        """Return the positions of the checks that fail on any case."""
        return frozenset(check for kill in self.kills for check in kill.checks)

    @property
    def nearest(self) -> Kill | None:
        """Return the catch by the smallest margin, None where there is none."""
        caught = (kill for kill in self.kills if kill.caught)
        return min(caught, key=lambda kill: kill.tolerances, default=None)

    @property
    def right(self) -> bool:
        """Say whether it is named as what it is before anything else."""
        return self.named[:1] == (self.id,)


@dataclass(frozen=True, slots=True)
class KillMatrix:
    """The known mistakes of a function, held against its test cases and its checks."""

    function: str
    columns: tuple[Column, ...]
    checks: tuple[str, ...]
    mistakes: tuple[Mistaken, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two mistakes made at once, how they are named, and the ids that they are named by."""

    names: tuple[str, str]
    naming: Naming
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PairMatrix:
    """Every two known mistakes of a function, made at once."""

    function: str
    names: tuple[str, ...]
    pairs: tuple[Pair, ...]


def counted(pairs: Iterable[Pair]) -> Counter[Naming]:
    """Return how many pairs are named in which way."""
    return Counter(pair.naming for pair in pairs)


def label(name: str) -> str:
    """Return the id of a mistake, with its variant if it is one."""
    return name.replace("__", "/").replace("_", "-")


def off_by(kill: Kill) -> str:
    """Return how far off a mistake is on one case: tolerances, or the word in their place."""
    return kill.word or tolerances(kill.tolerances)


def tolerances(number: float) -> str:
    """Return a number of tolerances in one digit and a power of ten, or that it is endless."""
    if not math.isfinite(number):
        return "inf"
    digit, power = f"{number:.0e}".split("e")
    return f"{digit}e{int(power)}"


@dataclass(frozen=True, slots=True)
class Proof:
    """A named thing, whether it holds, and what was seen (or what to do); `needed` if it must hold."""

    name: str
    holds: bool
    detail: str
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Proven:
    """An assignment and what was proven of it: with which seed, behind which wall, on what."""

    name: str
    title: str
    seed: int
    sandbox: str
    versions: tuple[tuple[str, str], ...]
    proofs: tuple[Proof, ...]
    kills: tuple[KillMatrix, ...]
    pairs: tuple[PairMatrix, ...]
