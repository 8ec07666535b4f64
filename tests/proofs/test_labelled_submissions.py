"""Every labelled submission is graded as its label says, and its result is fit to be shown.

While a test looks at a result, the submissions of the next tests are graded in the background: some
of them hang until their time is up.
"""

from __future__ import annotations

import dataclasses
import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import Future

import pytest

from grader import assignments, grading
from grader.batch import workers
from grader.diagnosis import MOST_DIAGNOSES
from grader.grading import Settings
from grader.messages import Translator
from grader.messages.sanitize import one_line
from grader.model import Tier
from grader.model.result import FunctionResult, Result
from grader.model.submission import Submission
from grader.views.html import student_page
from grader.views.tables import from_json, to_json
from tests.submissions import FUNCTIONS, Labelled, load
from tests.support import notebook_check
from tests.support.languages import CHINESE, foreign

BY_STRUCTURE = frozenset(
    {
        *("not-attempted", "missing-function", "syntax-error", "name-error", "removed-numpy-name"),
        *("returns-nothing", "wrong-type", "wrong-shape", "hard-coded-answer", "inputs-mutated"),
        *("gradient-keys", "not-deterministic", "global-dependence"),
    }
)
BY_VALUE = frozenset(
    {
        *("l2-not-halved", "l2-not-averaged", "l2-multiplied-by-m", "l2-lambda-ignored"),
        *("l2-term-missing", "l2-layer-missing", "l2-layer-repeated", "l2-not-squared"),
        *("l2-square-of-sum", "l2-mean-instead-of-sum", "l1-instead-of-l2", "l2-on-biases"),
        *("l2-on-activations", "l2-subtracted", "cross-entropy-missing", "cross-entropy-doubled"),
        *("m-wrong-axis", "m-hard-coded", "lambda-hard-coded", "keep-prob-hard-coded"),
        *("grad-l2-halved", "grad-l2-not-averaged", "grad-l2-doubled", "grad-l2-lambda-ignored"),
        *("grad-l2-layer-missing", "grad-l2-term-missing", "grad-l2-divided-by-size"),
        *("grad-l1-instead-of-l2", "grad-l2-subtracted", "grad-l2-on-biases"),
        *("grad-data-term-missing", "grad-data-not-averaged", "relu-derivative", "cache-order"),
        *("mask-inverted", "mask-normal", "mask-raw", "mask-not-applied", "mask-wrong-shape"),
        *("mask-shared-by-examples", "mask-shared-by-units", "random-stream"),
        *("rescale-missing", "rescale-multiplied", "rescale-drop-prob", "activations-truncated"),
        *("dropout-on-input", "dropout-on-output", "backward-mask-missing"),
        *("backward-rescale-missing", "backward-rescale-multiplied", "backward-mask-inverted"),
        *("backward-mask-redrawn", "backward-mask-on-dz"),
    }
)
BESIDE_THE_VALUES = frozenset({"inputs-mutated", "removed-numpy-name"})
"""What may be said of a function whose values are all right."""

WORKERS = 2
AHEAD = 4
"""Submissions that are graded before their test begins."""
PATIENCE = 2.0
"""Seconds for a function of a submission that is known to hang."""

ALL = {submission.name: submission for submission in load()}
NO_ENGLISH = {"cache A", "notebook NumPy", "notebook notebook", "U C"}
"""Latin words side by side on a Chinese page: parts of `cache A3` and UTC, and a title before a note."""

_LATIN = re.compile(r"[A-Za-z'’]+(?:[ ,;:]+[A-Za-z'’]+)+")
_SNIPPET = re.compile(r"`+[^`]+`+")
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


Grade = Callable[[Labelled], Result]


@pytest.fixture(scope="module")
def grade_ahead(any_tier: Tier) -> Iterator[Grade]:
    """Return a function that grades a submission and begins with those after it.

    Processes, not threads: Python before 3.11.8 cannot parse in two threads at once (gh-106905).
    """
    order = [s for s in ALL.values() if not s.hostile or any_tier != Tier.NONE]
    graded: dict[str, Future[Result]] = {}
    with workers.pool(WORKERS) as executor:

        def result_of(submission: Labelled) -> Result:
            first = order.index(submission)
            for following in order[first : first + AHEAD]:
                if following.name not in graded:
                    graded[following.name] = executor.submit(_graded, following, any_tier)
            return graded[submission.name].result()

        yield result_of


def _graded(labelled: Labelled, tier: Tier) -> Result:
    loaded = assignments.load("regularization")
    if any("timeout" in statuses for statuses in labelled.statuses.values()):
        short = dataclasses.replace(loaded.limits, function_seconds=PATIENCE)
        loaded = dataclasses.replace(loaded, limits=short)
    settings = Settings(seed=loaded.seed, tier=tier)
    return grading.grade(Submission(labelled.name, labelled.data), loaded, settings)


def promises_broken(submission: Labelled, result: Result) -> list[str]:
    """Return what a result says otherwise than its label."""
    found = {function.name: function for function in result.functions}
    diagnoses = {diagnosis.id for function in result.functions for diagnosis in function.diagnoses}
    broken = []
    if result.status not in submission.status:
        broken.append(f"status {result.status}: {result.message}")
    for name, statuses in submission.statuses.items():
        if found[name].status not in statuses:
            broken.append(f"{name} {found[name].status}: {found[name].checks}")
    if submission.score is not None and result.score != submission.score:
        broken.append(f"score {result.score}, promised is {submission.score}")
    broken += [
        f"none of {', '.join(sorted(ids))} among {', '.join(sorted(diagnoses)) or 'nothing'}"
        for ids in submission.diagnoses
        if not ids & diagnoses
    ]
    return broken


def texts(value: object) -> Iterator[str]:
    """Yield every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)


def sound(result: Result) -> bool:
    """Return True if the points of a result add up and match its checks."""
    for function in result.functions:
        earned = [check.max_score for check in function.checks if check.status == "passed"]
        if function.score != sum(earned) or (function.status == "passed") != (
            function.score == function.max_score
        ):
            return False
    return result.score == sum(function.score or 0 for function in result.functions)


def assert_shown_in_full(result: Result) -> None:
    """Assert that `result.json` is lossless and holds short, printable texts."""
    text = to_json(result)
    assert from_json(text) == result
    for string in texts(json.loads(text, parse_constant=pytest.fail)):
        assert len(string) < 2_000
        assert not {unicodedata.category(character) for character in string} & UNSEEN


def assert_few_diagnoses(function: FunctionResult) -> None:
    """Assert that at most three mistakes are named, and hardly any in a right function."""
    assert len(function.diagnoses) <= MOST_DIAGNOSES
    if function.status == "passed":
        assert {diagnosis.id for diagnosis in function.diagnoses} <= BESIDE_THE_VALUES


def assert_reproducible(function: FunctionResult) -> None:
    """Assert that a wrong function has lines that reproduce a failure.

    Lines for a hidden case are shown once, and only if the public example passes.
    """
    failing = [c for c in function.checks if c.status in ("failed", "error", "timeout")]
    shown = [check for check in function.checks if check.steps]
    hidden = [c for c in shown if not any(finding.public for finding in c.findings)]
    assert not failing or shown
    assert all(check in failing for check in shown)
    if hidden:
        assert shown == hidden[:1]
        assert function.checks[0].status == "passed"
        assert shown[0].steps[-1].startswith("# ")


def assert_translated(result: Result, language: Translator = CHINESE) -> None:
    """Assert that a page in another language has no English prose left."""
    text = _prose_of(student_page(result, language))
    for words in sorted(foreign(result), key=len, reverse=True):
        shown = " ".join(_SNIPPET.sub(" ", one_line(words, limit=1000)).split())
        text = text.replace(shown or " ", " ")

    assert set(_LATIN.findall(text)) <= NO_ENGLISH


def assert_notebook_agrees(submission: Labelled, result: Result, tier: Tier) -> None:
    """Assert that `check` in the notebook says the same on the published example as the page.

    It may name fewer mistakes, because it has no other example. Of what the sandbox repairs there is a
    note; a student's own kernel does not repair it.
    """
    hinted = {f.name: f for f in result.functions if f.status != "passed" or f.diagnoses}
    hangs = "timeout" in {function.status for function in result.functions}
    if submission.hostile or hangs or result.status != "graded" or result.notes:
        return
    for name, feedback in notebook_check.feedback_on(submission.data, set(hinted), tier):
        if feedback.diagnoses:
            assert notebook_check.differences(feedback, hinted[name]) == []


@pytest.mark.parametrize("submission", ALL.values(), ids=ALL)
def test_labelled_submission(
    submission: Labelled, grade_ahead: Grade, any_tier: Tier, request: pytest.FixtureRequest
) -> None:
    if submission.hostile:
        request.getfixturevalue("tier")
    result = grade_ahead(submission)

    assert result.failures == []
    assert promises_broken(submission, result) == []
    assert [function.name for function in result.functions] == list(FUNCTIONS)
    assert sound(result)
    assert_shown_in_full(result)
    for function in result.functions:
        assert_few_diagnoses(function)
        assert_reproducible(function)
    assert_translated(result)
    assert_notebook_agrees(submission, result, any_tier)


def test_labels_cover_the_published_diagnoses() -> None:
    labelled = {id for submission in ALL.values() for ids in submission.diagnoses for id in ids}

    assert labelled >= BY_STRUCTURE | BY_VALUE


def _prose_of(page: str) -> str:
    """Return the text of a page without code, the submission's name and formulas."""
    page = page.replace("<wbr>", "")
    for tag in ("style", "code", "strong", "math", "title"):
        page = re.sub(f"<{tag}\\b[^>]*>.*?</{tag}>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", page)).split())


def test_names_of_submissions_are_unique() -> None:
    assert len(ALL) == len(load())
