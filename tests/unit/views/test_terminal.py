"""The terminal output of made-up results that cover every label and every edge case."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.progress import Task

from grader.model.findings import (
    HIDDEN_SNIPPET_INTRO,
    CheckResult,
    CheckStatus,
    Diagnosis,
    FunctionStatus,
)
from grader.model.proofs import Claim
from grader.model.result import FunctionResult, FunctionSource, Result, Status, UngradedState
from grader.views import terminal
from grader.views.terminal.progress import RateColumn
from tests.submissions import FUNCTIONS
from tests.support import samples
from tests.support.command_line import plain, raw_characters

GRADED = [
    samples.result(
        *(samples.function(status, name) for name, status in zip(FUNCTIONS, four, strict=True)),
        submission=f"student-{number}",
    )
    for number, four in enumerate(
        [
            (FunctionStatus.PASSED,) * 4,
            (FunctionStatus.PARTIAL, FunctionStatus.FAILED) * 2,
            (FunctionStatus.ERROR, FunctionStatus.TIMEOUT) * 2,
            (FunctionStatus.MISSING, FunctionStatus.NOT_ATTEMPTED) * 2,
        ]
    )
]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return a function that calls a function and returns what it prints, at 80 columns."""

    def show(call: Callable[..., None], *arguments: object, columns: int = 80) -> str:
        for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "LINES"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("NO_COLOR", "1")
        printed = Terminal()
        with monkeypatch.context() as patch:
            patch.setattr("sys.stdout", printed)
            call(*arguments)
        return plain(printed.getvalue())

    return show


def lines_starting(text: str, *starts: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(starts)]


# ------------------------------------------------------------------ a class


def test_class_of_four_functions_fits_80_columns(screen: Callable[..., str]) -> None:
    output = screen(terminal.show_class, GRADED, Path("out"))
    assert max(map(len, output.splitlines())) <= 80
    assert "…" not in output
    assert [line.split("│")[1:-1] for line in lines_starting(output, "│")] == [
        [" student-2  ", "      0 ", " error   ", " slow  ", " error   ", " slow  "],
        [" student-3  ", "      0 ", " missing ", " empty ", " missing ", " empty "],
        [" student-1  ", "     25 ", " partly  ", " wrong ", " partly  ", " wrong "],
        [" student-0  ", "    100 ", " right   ", " right ", " right   ", " right "],
    ]


def test_columns_have_numbers_explained_once(screen: Callable[..., str]) -> None:
    output = screen(terminal.show_class, GRADED, Path("out"))
    assert lines_starting(output, "1 =", "2 =", "3 =", "4 =") == [
        f"{number} = {name}" for number, name in enumerate(FUNCTIONS, 1)
    ]
    assert all(output.count(name) == 1 for name in FUNCTIONS)


def test_functions_without_points_are_counted(screen: Callable[..., str]) -> None:
    """Rows that are not graded do not count."""
    right, planted = (UngradedState("backward", state, "") for state in ("right", "planted"))
    states: list[tuple[UngradedState, ...]] = [(right,), (planted,), (planted,), ()]
    rows = [replace(row, ungraded=own) for row, own in zip(GRADED, states, strict=True)]
    invalid = samples.ungraded(Status.INVALID, ungraded=(right,))
    output = screen(terminal.show_class, [*rows, invalid], Path("out"))

    sentence = "backward (0 points): 1 right, 2 not right, 1 not found."
    assert lines_starting(output, "backward") == [sentence]


def test_a_long_id_is_cut_and_a_status_is_not(screen: Callable[..., str]) -> None:
    long = [replace(result, submission="x" * 120) for result in GRADED]
    output = screen(terminal.show_class, long, Path("out"))
    rows = lines_starting(output, "│")
    assert len(rows) == 4 and max(map(len, rows)) <= 80
    assert all("x… │" in row for row in rows)
    assert sum("missing │ empty" in row for row in rows) == 1


def test_a_long_path_is_not_broken_in_two(screen: Callable[..., str]) -> None:
    folder = Path("/" + "long/" * 30)
    assert f"Class page: {folder}/index.html\n" in screen(terminal.show_class, GRADED, folder)


def test_ungraded_submissions_have_a_reason(screen: Callable[..., str]) -> None:
    ungraded = [samples.ungraded(status) for status in samples.UNGRADED]
    none = [replace(r, score=None) if r.status is Status.INTERNAL else r for r in ungraded]
    output = screen(terminal.show_class, [*GRADED, *none], Path("out"), columns=200)
    reasons = [f"{r.submission} was not graded. {r.message}" for r in none]
    lines = lines_starting(output, *(f"{r.submission} was" for r in none))
    assert [line.rstrip() for line in lines] == [reasons[-1], *reasons[:-1]]
    assert "1 not graded because the grader failed." in output


def test_what_needs_a_look_comes_first(screen: Callable[..., str]) -> None:
    """Failures of the grader, unreadable files, rows to look at, low scores, full marks, absentees."""
    doubtful = replace(GRADED[0], submission="two-notebooks", to_look_at=("Two notebooks.",))
    absent = replace(samples.ungraded(Status.NOT_SUBMITTED), score=None)
    failed = replace(samples.ungraded(Status.INTERNAL), score=None)
    rows = [*GRADED[:2], absent, samples.ungraded(Status.INVALID), doubtful, failed]
    output = screen(terminal.show_class, rows, Path("out"))

    assert [line.split()[1] for line in lines_starting(output, "│")] == [
        *("internal-one", "invalid-one", "two-notebooks", "student-1", "student-0"),
        "not_submitted-one",
    ]
    assert "Look at two-notebooks: Two notebooks." in output
    summary = "5 submissions, 2 with full marks; mean 75.0, median 100 of the 3 graded; 1 on the"
    assert summary in " ".join(output.split())


def test_a_dropped_function_is_named(screen: Callable[..., str]) -> None:
    functions = (replace(GRADED[0].functions[0], max_score=0.0), *GRADED[0].functions[1:])
    output = screen(terminal.show_class, [replace(GRADED[0], functions=functions)], Path("out"))

    assert f"1 = {FUNCTIONS[0]} (does not count)" in output


def test_large_class_is_cut(screen: Callable[..., str]) -> None:
    many = [replace(GRADED[0], submission=f"s{number:04}") for number in range(1000)]
    broken = [
        replace(samples.ungraded(Status.INVALID), submission=f"t{number}") for number in range(50)
    ]
    output = screen(terminal.show_class, [*many, *broken], Path("out"))
    assert len(output.splitlines()) < 80
    assert "\nand 1010 more\n" in output and "\nand 40 more were not graded\n" in output
    summary = "1050 submissions, 1000 with full marks; mean 100.0, median 100 of the 1000 graded."
    assert summary in " ".join(output.split())


def test_one_submission_is_singular(screen: Callable[..., str]) -> None:
    output = screen(terminal.show_class, GRADED[:1], Path("out"))
    assert "1 submission, 1 with full marks; mean 100.0, median 100 of the 1 graded." in output


# ------------------------------------------------------------------ one result


def test_every_status_has_words_and_points(screen: Callable[..., str]) -> None:
    functions = [samples.function(status, status.value) for status in FunctionStatus]
    output = screen(terminal.show_result, samples.result(*functions))
    lines = [[cell.strip() for cell in row.split("│")[1:-1]] for row in lines_starting(output, "│")]
    assert lines == [
        ["passed", "right", "25 / 25"],
        ["partial", "partly right", "12.5 / 25"],
        ["failed", "not right yet", "0 / 25"],
        ["error", "stopped with an error", "0 / 25"],
        ["timeout", "took too long", "0 / 25"],
        ["missing", "not found", "0 / 25"],
        ["not_attempted", "not written yet", "0 / 25"],
    ]


def checks(*lines: tuple[CheckStatus, str]) -> tuple[CheckResult, ...]:
    return tuple(
        CheckResult(f"check {number}", status, message)
        for number, (status, message) in enumerate(lines, 1)
    )


def told_of(screen: Callable[..., str], function: FunctionResult) -> list[str]:
    output = screen(terminal.show_result, samples.result(function), columns=200)
    return [line.strip() for line in output.split("\n\n")[1].splitlines()]


def test_hints_come_first_and_passed_checks_are_left_out(
    screen: Callable[..., str],
) -> None:
    function = samples.function(
        FunctionStatus.PARTIAL,
        checks=checks(
            (CheckStatus.PASSED, "Right."),
            (CheckStatus.FAILED, "Off by one."),
            (CheckStatus.SKIPPED, "Not asked."),
            (CheckStatus.TIMEOUT, "Too long."),
        ),
        diagnoses=(Diagnosis("a", "First hint."), Diagnosis("b", "Second hint.")),
        cell=3,
        begins="import math",
        source=FunctionSource(7, ("def f():", "    return 1"), (None, 8)),
    )
    assert told_of(screen, function) == [
        "cost",
        "First hint.",
        "Second hint.",
        "return 1",
        "In your notebook: the cell that begins `import math` (code cell 3).",
        "check 2: Off by one.",
        "check 4: Too long.",
    ]


def test_a_right_function_shows_its_hint(screen: Callable[..., str]) -> None:
    hint = Diagnosis("inputs-mutated", "`X *= w` changes X.")
    function = samples.function(FunctionStatus.PASSED, diagnoses=(hint,))

    assert told_of(screen, function) == ["cost", "`X *= w` changes X."]


def test_smallest_failure_comes_first_with_its_snippet(
    screen: Callable[..., str],
) -> None:
    public = replace(samples.PUBLIC, quantity="cost", index="", got="2", expected="1")
    large = replace(samples.HIDDEN, total=800)
    small = replace(samples.HIDDEN, total=4)
    function = samples.function(
        FunctionStatus.FAILED,
        checks=(
            samples.check(CheckStatus.FAILED, "large", findings=(large,)),
            samples.check(CheckStatus.FAILED, "small", findings=(small,)),
            samples.check(
                CheckStatus.FAILED, "public", findings=(public,) * 5, steps=samples.SNIPPET
            ),
            samples.check(CheckStatus.PASSED, "right"),
        ),
        diagnoses=(Diagnosis("a", "First hint."),),
    )
    assert told_of(screen, function)[1:] == [
        "First hint.",
        *["cost is 2 instead of 1."] * 3,
        "To see this in your notebook, run:",
        *samples.SNIPPET,
        "small: What small found.",
        "large: What large found.",
    ]
    assert f"\n      {samples.SNIPPET[0]}" in screen(
        terminal.show_result, samples.result(function), columns=200
    )


def test_narrow_terminal_keeps_names_and_code_whole(
    screen: Callable[..., str],
) -> None:
    step = f"result = {'_'.join(['very_long_name'] * 8)}(X, Y)"
    failed = samples.check(CheckStatus.FAILED, findings=(samples.PUBLIC,), steps=(step,))
    function = samples.function(FunctionStatus.FAILED, "n" * 50, checks=(failed,))
    output = screen(terminal.show_result, samples.result(function), columns=60)
    assert f"\n      {step}\n" in output
    table, _ = output.split("\n\n")
    assert table.count("n" * 20) >= 1 and "…" not in table
    assert max(map(len, table.splitlines())) <= 60


def test_long_code_line_is_not_broken(
    screen: Callable[..., str],
) -> None:
    step = "print(" + " + ".join(f"x{i}" for i in range(30)) + ")"
    failed = samples.check(CheckStatus.FAILED, findings=(samples.PUBLIC,), steps=(step,))
    function = samples.function(FunctionStatus.FAILED, checks=(failed,))
    output = screen(terminal.show_result, samples.result(function), columns=60)
    assert f"\n      {step}\n" in output


def test_snippet_of_a_hidden_case_is_introduced(
    screen: Callable[..., str],
) -> None:
    small, large = (replace(samples.HIDDEN, total=total) for total in (4, 800))
    failed = (
        samples.check(CheckStatus.FAILED, "small", findings=(small,)),
        samples.check(CheckStatus.FAILED, "large", findings=(large,), steps=samples.SNIPPET),
    )
    function = samples.function(
        FunctionStatus.FAILED, checks=failed, diagnoses=(Diagnosis("unexplained", "A hint."),)
    )
    assert told_of(screen, function)[1:] == [
        "A hint.",
        HIDDEN_SNIPPET_INTRO,
        *samples.SNIPPET,
        "small: What small found.",
        "large: What large found.",
    ]


def test_shared_message_appears_once(screen: Callable[..., str]) -> None:
    function = samples.function(
        FunctionStatus.ERROR,
        checks=checks(
            (CheckStatus.ERROR, "It stops."),
            (CheckStatus.FAILED, "Off by one."),
            (CheckStatus.ERROR, "It stops."),
            (CheckStatus.ERROR, "It stops."),
        ),
    )
    assert told_of(screen, function) == [
        "cost",
        "3 of 4 checks: It stops.",
        "check 2: Off by one.",
    ]


def test_a_long_message_is_indented_on_every_line(screen: Callable[..., str]) -> None:
    message = "word " * 60
    function = samples.function(FunctionStatus.FAILED, diagnoses=(Diagnosis("a", message),))
    output = screen(terminal.show_result, samples.result(function))
    (_, lines) = output.split("\ncost\n")
    assert len(lines.splitlines()) > 2
    assert all(line.startswith("  word") and len(line) <= 80 for line in lines.splitlines())


def test_internal_failure_shows_reason_but_no_score(
    screen: Callable[..., str],
) -> None:
    ours = samples.ungraded(Status.INTERNAL, message="The reference is gone.", score=None)
    output = screen(terminal.show_result, ours)
    assert f"{ours.submission}: - of 50 points" in output
    assert "\nThe reference is gone.\n" in output
    assert output.count("not graded") == len(ours.functions)


# ------------------------------------------------------------------ hostile text


def everywhere(text: str) -> Result:
    """Return a result with `text` in the place of every text."""
    function = samples.function(
        FunctionStatus.ERROR,
        text,
        checks=(CheckResult(text, CheckStatus.ERROR, text),),
        diagnoses=(Diagnosis(text, text),),
    )
    return samples.result(function, submission=text, title=text, message=text, notes=(text, text))


@given(
    st.text()
    | st.lists(
        st.sampled_from(
            ["[bold red]", "[/]", "[link=x]", ":smiley:", "\x1b[31m", "\x9b", "\u202e", "\\[", "\r"]
        )
    ).map("".join)
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_raw_text_reaches_the_terminal(screen: Callable[..., str], text: str) -> None:
    result = everywhere(text)
    for call, arguments in (
        (terminal.show_result, (result,)),
        (terminal.show_class, ([result, replace(result, status=Status.INVALID)], Path(text + "x"))),
        (terminal.show_proofs, (text, [Claim(text, True, text), Claim(text, False, text)])),
        (terminal.show_proofs, (text, [], samples.proven_with(text).kill_matrices)),
    ):
        assert raw_characters(screen(call, *arguments, columns=120)) == []


def test_markup_in_text_is_shown_as_text(screen: Callable[..., str]) -> None:
    markup = "[bold red]x[/] :smiley: [link=file:///etc]y[/link]"
    output = screen(terminal.show_result, everywhere(markup), columns=300)
    assert output.count(markup) == 9
    output = screen(terminal.show_proofs, markup, [Claim(markup, True, markup)], columns=300)
    assert output.count(markup) == 3


def test_every_failure_of_a_claim_is_printed_up_to_ten(screen: Callable[..., str]) -> None:
    """A long one is not broken, so that it can be copied."""
    long = "x" * 200
    failures = tuple(f"{long} {number}" for number in range(12))
    claims = [Claim("mutants are caught", False, "the first (and 11 more)", failures)]
    output = screen(terminal.show_proofs, "A toy", claims)
    _, listed = output.split("\nmutants are caught: 12 failures\n")
    assert listed.splitlines() == [
        *(f"  {failure}" for failure in failures[:10]),
        "  2 more are on the page that --report FILE writes",
        "0 of 1 checks passed.",
    ]


def test_a_claim_about_nothing_is_not_counted(screen: Callable[..., str]) -> None:
    claims = [Claim("points", True, "100"), Claim("pairs", True, "nothing", examined=False)]
    output = screen(terminal.show_proofs, "A toy", claims)
    assert [line.split("│")[2].strip() for line in output.splitlines() if "│" in line] == [
        "yes",
        "-",
    ]
    assert output.endswith("1 of 1 checks passed.\n")


# ------------------------------------------------------------------ known mistakes

KILLS = samples.proven().kill_matrices


def test_known_mistake_is_one_line(
    screen: Callable[..., str],
) -> None:
    output = screen(terminal.show_proofs, "A toy", samples.proven().claims, KILLS)
    _, lines, _ = output.split("Known mistakes in ")
    *rows, costs = lines.strip().splitlines()[1:]
    assert [row.rstrip().split(maxsplit=5) for row in rows] == [
        ["mistake", "cases", "checks", "points", "least", "recognised as"],
        ["l2-not-halved", "P#", "##", "25", "4e4", "itself"],
        ["l2-not-halved/twice", ".#", "##", "25", "4e4", "itself, x"],
        ["l2-odd", "..", "..", "0", "-", "l2-not-halved, l2-odd"],
        ["l2-even", "P.", ".#", "20", "error", "not recognised"],
    ]
    assert costs == "The mistakes cost from 0 points (l2-odd) to 25 (l2-not-halved)."
    assert "\nEach mistake costs 25 points.\n" in output


def test_legend_appears_once_and_the_summary_is_last(
    screen: Callable[..., str],
) -> None:
    output = screen(terminal.show_proofs, "A toy", samples.proven().claims, KILLS)
    assert output.count("# catches the mistake") == 1
    assert output.endswith("\n1 of 2 checks passed.\n")
    without = screen(terminal.show_proofs, "A toy", samples.proven().claims)
    assert "catches" not in without and without.endswith("\n1 of 2 checks passed.\n")


def test_mistake_with_many_cases_fits_80_columns(
    screen: Callable[..., str],
) -> None:
    (case, _), detection = KILLS[0].cases, KILLS[0].mistakes[0].detections[0]
    long = replace(
        KILLS[0].mistakes[0],
        name="a_" * 60,
        detections=(detection,) * 100,
        recognised_as=("b" * 30, "c" * 30),
    )
    matrix = replace(KILLS[0], cases=(case,) * 100, mistakes=(long,))
    output = screen(terminal.show_proofs, "A toy", [], [matrix])
    assert max(map(len, output.splitlines())) <= 80
    assert "…" not in output
    assert output.split("cases: #")[0].count("P") == 100


# ------------------------------------------------------------------ progress


def test_progress_without_terminal_is_plain_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with terminal.show_spinner("Grading alice"), terminal.show_progress(12) as report:
        for number in range(12):
            report(GRADED[0], "known" if number < 5 else "graded")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "graded 10 of 12, 5 of them unchanged since an earlier run",
        "graded 12 of 12, 5 of them unchanged since an earlier run",
    ]


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_progress_bar_has_rate_and_remaining_time(
    monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    output = Terminal()
    monkeypatch.setattr("sys.stderr", output)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(columns))
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    with terminal.show_spinner("Grading alice"):
        pass
    with terminal.show_progress(2) as report:
        report(GRADED[0], "graded")
        report(GRADED[1], "graded")
    last = plain(output.getvalue()).strip().splitlines()[-1].split("\r")[-1].strip()
    assert re.search(r"^grading ━{5,} 2/2 \d+\.\d/s 0:00:0\d left 0:00:00$", last)
    assert columns - 2 <= len(last) <= columns
    assert "Grading alice" in plain(output.getvalue())


@pytest.mark.parametrize(("speed", "text"), [(None, ""), (0.05, "3.0/min"), (4.25, "4.2/s")])
def test_rate_is_per_second_or_per_minute(speed: float | None, text: str) -> None:
    task = SimpleNamespace(finished_speed=None, speed=speed)
    assert RateColumn().render(cast(Task, task)).plain == text


def test_a_dumb_terminal_gets_no_cursor_movements(monkeypatch: pytest.MonkeyPatch) -> None:
    output = Terminal()
    monkeypatch.setattr("sys.stderr", output)
    monkeypatch.setenv("TERM", "dumb")
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    with terminal.show_progress(1) as report:
        report(GRADED[0], "graded")
    assert "\x1b" not in output.getvalue()
