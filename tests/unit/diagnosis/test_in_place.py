"""The line that changes an argument in place is quoted, with what to write instead."""

from __future__ import annotations

import pytest

from grader.diagnosis.in_place import quoted
from grader.model import Cell, Observation, Returned
from grader.model.diagnoses import INPUTS_MUTATED, UNEXPLAINED, diagnosis
from grader.model.findings import Diagnosis
from grader.notebook.slicing import Slice

ANY = diagnosis(INPUTS_MUTATED, names="X")
COPY = "before this line, so that only the copy changes."
NEW = "which makes a new array."


def found(*body: str, mutated: tuple[int, ...] = (0,)) -> Diagnosis:
    """Return the diagnosis of a function of X and `params` that has some lines."""
    source = "\n    ".join(["def f(X, params):", *body])
    slice_ = Slice("f", cells=(Cell(3, source),), cell=3, parameters=("X", "params"))
    actual = Observation((Returned(1.0), Returned(1.0, mutated)))
    (entry,) = quoted([ANY], slice_, actual)
    return entry


@pytest.mark.parametrize(
    ("line", "what_next"),
    [
        ("X *= w", f"Write `X = X * w`, {NEW}"),
        ("X -= a + b", f"Write `X = X - (a + b)`, {NEW}"),
        ("X **= 2  # squared", f"Write `X = X ** 2`, {NEW}"),
        ("X[X < 0] = 0", f"Write `X = X.copy()` {COPY}"),
        ("X[:, 0] += 1", f"Write `X = X.copy()` {COPY}"),
        ("X.sort()", f"Write `X = X.copy()` {COPY}"),
        ("del X[0]", f"Write `X = X.copy()` {COPY}"),
        ("X.shape = (1, 3)", f"Write `X = X.copy()` {COPY}"),
        ("np.fill_diagonal(X, 0)", f"Write `X = X.copy()` {COPY}"),
        ("Y = np.exp(1, out=X)", f"Write `X = X.copy()` {COPY}"),
        ("X.T[0] = 1", "Put the new value into a new variable, and leave X as it is."),
        ("X[0] += 1", "Put the new value into a new variable, and leave X as it is."),
    ],
)
def test_line_is_quoted_with_its_own_names(line: str, what_next: str) -> None:
    entry = found("m = X.shape[1]", line, "X = 1")

    text = line.partition("  #")[0]
    assert entry.id == INPUTS_MUTATED.id
    place = "in line 3 of code cell 3"
    assert entry.what == f"`{text}` {place} changes X, which the caller passed to your function."
    assert (entry.next, entry.line) == (what_next, 3)


@pytest.mark.parametrize(
    ("lines", "quote"),
    [
        (["W = params['W']", "W *= 2"], "W *= 2"),
        (["W, b = params['W'], 1", "b += 1", "W -= b"], "W -= b"),
        (["for W in params.values():", "    W *= 2"], "W *= 2"),
        (["(W, b) = params", "W[0, 0] = 1"], "W[0, 0] = 1"),
        (["W = np.asarray(params['W']).T", "W /= 2"], "W /= 2"),
        (["W = params['W'] * 1", "W *= 2", "params['W'] *= 3"], "params['W'] *= 3"),
        (["W = params['W']", "W = W + 1", "W += 1", "params.pop('W')"], "params.pop('W')"),
        (["n = params.n", "n += 1", "params.update(a=1)"], "params.update(a=1)"),
    ],
)
def test_variables_with_data_of_the_argument_count(lines: list[str], quote: str) -> None:
    what = found(*lines, mutated=(1,)).what

    assert what.startswith(f"`{quote}` in line ")
    assert what.endswith("changes params, which the caller passed to your function.")


def test_other_arguments_are_named_after_it() -> None:
    what = found("X *= 2", "params['W'] *= 2", mutated=(0, 1)).what

    assert what.endswith(
        "changes X, which the caller passed to your function. Other lines change params."
    )


@pytest.mark.parametrize("body", ["helper(X)", "X *= ", "Y = X; Z = Y * 1; Z *= 2"])
def test_a_line_that_is_not_found_is_not_quoted(body: str) -> None:
    assert found(body) == ANY


def test_other_diagnoses_are_unchanged() -> None:
    other = diagnosis(UNEXPLAINED, name="cost", line="")

    assert [*quoted([other], Slice("f"), Observation(()))] == [other]
