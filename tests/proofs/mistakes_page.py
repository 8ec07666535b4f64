"""The page of all mistakes that have a name: what others say of each, and what a student reads here.

`python -m tests.proofs.mistakes_page` writes it; with `--check` it says whether it is up to date. What we
say is asked of the grader, in the box. What others say was measured once, by `benchmarks/quotes.py`.
"""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from grader import grading
from grader.assignments import oracle
from grader.diagnosis import FunctionRun, exceptions
from grader.grading import Settings
from grader.model import Observation, Raised, Submission, Tier
from grader.model.diagnoses import id_of
from grader.model.result import Diagnosis
from grader.notebook.slicing import Slice
from tests import ROOT
from tests.submissions import FUNCTIONS, Labelled, load
from tests.support.diagnosing import COST, diagnosed, function, loaded, put, reference
from tests.support.sandbox_tier import strongest

PAGE = ROOT / "docs" / "reference" / "mistakes.md"
TEXT = Path(__file__).with_name("mistakes_page.md")
WORDS = Path(__file__).with_name("words.json")
QUOTES = ROOT / "benchmarks" / "results" / "quotes.json"

STRUCTURE = {
    "not-attempted": "error-unsolved-2021",
    "missing-function": "error-renamed",
    "syntax-error": "error-unclosed-bracket",
    "name-error": "error-name-letter-l",
    "wrong-arguments": "error-too-few-parameters",
    "raises-error": "error-shapes-do-not-fit",
    "returns-nothing": "error-returns-nothing",
    "wrong-type": "wrong-cost-with-penalty",
    "wrong-shape": "wrong-cost-of-shape-1-1",
    "gradient-keys": "wrong-gradient-keys-missing",
    "cache-order": "wrong-cache-without-masks",
    "hard-coded-answer": "wrong-hard-coded-answer",
    "global-dependence": "wrong-global-keep-prob",
    "not-deterministic": "wrong-random-penalty",
    "inputs-mutated": "wrong-weights-squared-in-place",
    "removed-numpy-name": "error-removed-numpy-float",
}
"""The mistakes that any function can have, each with a labelled submission that makes it."""

BY_ERROR = {
    "failed-import": (
        "a name comes from an import that fails",
        Raised("NameError", "name 'tf' is not defined", missing_name="tf", cell=6, line=20),
    ),
    "too-much-memory": (
        "asks for an array larger than a function is given",
        Raised("MemoryError", "", cell=6, line=20),
    ),
    "too-much-disk": (
        "writes more than a function may keep",
        Raised("OSError", "[Errno 28] No space left on device", cell=6, line=20),
    ),
}
"""Those that no harmless submission makes: what they do, and the error in which it ends."""

NO_TENSORFLOW = Raised("ModuleNotFoundError", "No module named 'tensorflow'")
UNTRIED = "not tried"
MOST_NAMES = 3
PASSED = "All tests passed."
CaseValues = Sequence[str]


def page(chosen: Tier) -> str:
    """Return the whole page; `wall` stands around the code that is asked."""
    quotes = json.loads(QUOTES.read_text("utf-8"))
    words = json.loads(WORDS.read_text("utf-8"))
    tables = {name: _table(_values(name, words, quotes, chosen)) for name in FUNCTIONS}
    structure = _table([*_structure(quotes, chosen), *_by_error(), _unexplained()])
    text = TEXT.read_text("utf-8")
    shown = {**_shown(quotes), **tables, "structure": structure}
    for name, replacement in shown.items():
        text = text.replace(f"{{{name}}}", replacement)
    return text


# ------------------------------------------------------------------ mistakes in values


def _values(name: str, words: Any, quotes: Any, chosen: Tier) -> Iterator[CaseValues]:
    """Yield a row for each known mistake of a function, variants aside."""
    for mistake, message in messages(name, chosen).items():
        said = quotes["course"][name].get(mistake)
        others = condensed(said) if said else UNTRIED
        yield f"`{id_of(mistake)}`", words[name][id_of(mistake)], others, message


def messages(name: str, chosen: Tier) -> dict[str, str]:
    """Return what is said of each known mistake of a function, asked in the box."""
    assignment = loaded()
    expectations = oracle.consult(assignment, assignment.seed, tier=chosen)
    cases, seen = expectations.cases[name], expectations.reference[name]
    right = Observation(seen.outcomes[: len(cases)], seen.ending)
    known = oracle.mistaken(assignment, assignment.seed, name, tier=chosen)
    return {
        mistake: diagnosed(FunctionRun(function(name), Slice(name), cases, right, made), known)[
            0
        ].message
        for mistake, made in known.items()
        if "__" not in mistake
    }


def condensed(said: Sequence[str]) -> str:
    """Return what the course's tests print in a few words: what is wrong, and of which variables."""
    found: dict[str, list[str]] = {}
    for line in said:
        if line.strip().startswith("Error: "):
            what, _, variable = line.strip().removeprefix("Error: ").rstrip(".").partition(" for ")
            found.setdefault(what, []).append(variable.removeprefix("variable "))
    if not found:
        assert [line.strip() for line in said] == [PASSED], said
        return f"**{PASSED}**"
    return "; ".join(f"{what}{_of(names)}" for what, names in found.items())


def _of(names: Sequence[str]) -> str:
    names = [*dict.fromkeys(name.removeprefix("in position ") for name in names if name)]
    if not names:
        return ""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    kind = "position " if names[0].isdigit() else ""
    return f": {kind}{', '.join(names[:MOST_NAMES])}{more}"


# ------------------------------------------------------------------ mistakes of any function


def _structure(quotes: Any, chosen: Tier) -> Iterator[CaseValues]:
    known = {one.name: one for one in load()}
    for id, name in STRUCTURE.items():
        asked, message = _graded(known[name], id, chosen)
        said = quotes["nbgrader"].get(name)
        others = _ending(said.get(asked)) if said is not None else UNTRIED
        yield f"`{id}`", known[name].label, others, message


def _graded(labelled: Labelled, id: str, chosen: Tier) -> tuple[str, str]:
    """Return the function of a labelled submission that has a mistake, and what is said of it."""
    assert not labelled.hostile
    settings = Settings(seed=loaded().seed, tier=chosen)
    result = grading.grade(Submission(labelled.name, labelled.data), loaded(), settings)
    return next(
        (graded.name, found.message)
        for graded in result.functions
        for found in graded.diagnoses
        if found.id == id
    )


def _ending(said: Any) -> str:
    """Return how the test cell of nbgrader ends: what the tests print first, then the error."""
    if said is None:
        return f"**{PASSED}**"
    lines = said["printed"].splitlines()
    if said["error"].startswith("AssertionError: Not all tests were passed"):
        return condensed(lines)
    return f"`{said['error']}`"


def _by_error() -> Iterator[CaseValues]:
    piece = Slice(COST, cell=6, found=True, names=frozenset({"np", "tf"}))
    for id, (what, error) in BY_ERROR.items():
        seen = Observation((error,), raised_before=(NO_TENSORFLOW,))
        (found,) = exceptions.from_errors(piece, function(COST), seen)
        assert found.id == id
        yield f"`{id}`", what, UNTRIED, found.message


def _unexplained() -> CaseValues:
    (found,) = unknown()
    return f"`{found.id}`", "a mistake that has no name yet", "as any wrong value", found.message


def unknown() -> list[Diagnosis]:
    """Return what is said of a mistake that nobody makes."""

    def cost(A3: Any, Y: Any, parameters: Any, lambd: float) -> float:
        right = float(reference().compute_cost(A3, Y))
        return right + lambd * float(np.sum(np.exp(parameters["W1"])))

    return diagnosed(put(COST, cost))


# ------------------------------------------------------------------ the text


def _shown(quotes: Any) -> dict[str, str]:
    """Return what stands in the text for the names in braces: versions, and quotes word for word."""
    value = quotes["nbgrader"]["wrong-l2-not-halved"]
    return {
        "nbgrader version": quotes["versions"]["nbgrader"],
        "otter version": quotes["versions"]["otter-grader"],
        "course said": f"{value[COST]['printed']}\n{value[COST]['error']}",
        "nbgrader said": value["bare"]["traceback"],
        "otter said": quotes["otter"]["wrong-l2-not-halved"],
        "otter renamed": quotes["otter"]["error-renamed"].splitlines()[-1].strip(),
    }


def _table(rows: Iterator[CaseValues] | Sequence[CaseValues]) -> str:
    head = ["| id | the mistake | the course's tests | we say |", "| --- | --- | --- | --- |"]
    cells = (" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows)
    return "\n".join([*head, *(f"| {row} |" for row in cells)])


def main() -> int:
    """Write the page or, with --check, compare it; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.proofs.mistakes_page", description=__doc__
    )
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 on a difference")
    options = parser.parse_args()
    chosen = strongest()
    made = page(chosen.tier if chosen else Tier.NONE)
    found = PAGE.read_text("utf-8") if PAGE.exists() else ""
    if not options.check:
        PAGE.write_text(made, "utf-8")
    elif made != found:
        sys.stdout.writelines(difflib.unified_diff(found.splitlines(True), made.splitlines(True)))
        sys.stderr.write("docs/reference/mistakes.md is old: run python3 dev.py tidy.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
