"""A batch grades every unknown submission, journals it, and writes each outdated view again.

Grading itself has tests of its own; here a quick stand-in returns the results.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pytest

from grader import assignments, batch, files, grading, intake
from grader.assignments import oracle
from grader.batch import Batch, journal
from grader.batch.folder import is_current
from grader.errors import GraderError, UsageError
from grader.grading import Settings
from grader.messages import Translator
from grader.model import Assignment, Tier
from grader.model.failure import Failure
from grader.model.findings import FunctionStatus
from grader.model.progress import Origin
from grader.model.result import FunctionResult, Result, Status
from grader.model.submission import Submission
from grader.views import html
from tests.support import samples
from tests.support.command_line import gradings, raw_characters, rows

SEED = 7


def result_of(
    submission: Submission, assignment: Assignment, settings: Settings, **_: object
) -> Result:
    """Return a result that depends on the bytes: as many functions are right as they say."""
    right = 0 if submission.problem else int(submission.data or 0)
    functions = [
        FunctionResult(
            f.name,
            FunctionStatus.PASSED if i < right else FunctionStatus.FAILED,
            25.0 * (i < right),
            f.max_score,
        )
        for i, f in enumerate(assignment.functions)
    ]
    return Result(
        assignment=assignment.name,
        submission=submission.id,
        sha256=submission.sha256,
        status=Status.INVALID if submission.problem or not submission.data else Status.GRADED,
        score=25.0 * right,
        max_score=100.0,
        functions=tuple(functions),
        duration_s=next(_durations),
        message=submission.problem or ("" if submission.data else "This file is empty."),
        seed=settings.seed,
        source=submission.source,
        student=submission.student,
        submitted_at=submission.submitted_at,
        late=submission.late,
    )


_durations: Iterator[float] = iter(number / 8 for number in range(1, 1_000_000))


@dataclass
class Course:
    """A class that hands in to `inbox` and is graded to `out`."""

    inbox: Path
    out: Path
    reports: list[tuple[str, Origin]] = field(default_factory=list)
    outcome: batch.Outcome = field(default_factory=lambda: batch.Outcome(()))

    def hand_in(self, **contents: str) -> None:
        self.inbox.mkdir(exist_ok=True)
        for name, content in contents.items():
            (self.inbox / f"{name}.ipynb").write_text(content)

    def grade(self, *, seed: int = SEED, tier: Tier = Tier.FULL) -> dict[str, float | None]:
        """Grade the inbox and return the scores; `reports` gets the origin of each result."""
        self.reports.clear()
        sources = intake.search([self.inbox], exclude=[self.out]).sources
        work = Batch(assignments.load("regularization"), Settings(seed=seed, tier=tier), self.out)
        with ThreadPoolExecutor(1) as executor:  # two could not parse at once before Python 3.11.8
            self.outcome = batch.run(work, sources, executor=executor, on_result=self.record)
        return {row.submission: row.score for row in self.outcome.rows}

    def record(self, result: Result, how: Origin) -> None:
        self.reports.append((result.submission, how))

    def graded(self) -> list[str]:
        return sorted(name for name, how in self.reports if how == "graded")

    def view(self, name: str, kind: str = "result.json") -> Path:
        return self.out / "submissions" / name / kind

    def files(self) -> set[str]:
        return {str(p.relative_to(self.out)) for p in self.out.rglob("*") if p.is_file()}


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.setattr(grading, "grade", result_of)
    monkeypatch.setattr(oracle, "consult", lambda *_, **__: None)
    class_ = Course(tmp_path / "inbox", tmp_path / "out")
    class_.hand_in(alice="4", bob="2", carol="0")
    return class_


Grade = Callable[..., Result]


def failing(name: str) -> Grade:
    """Return a stand-in that fails, through our fault, for one submission."""

    def grade(
        submission: Submission, assignment: Assignment, settings: Settings, **_: object
    ) -> Result:
        result = result_of(submission, assignment, settings)
        if submission.id != name:
            return result
        functions = tuple(replace(f, score=None) for f in result.functions)
        return replace(
            result, status=Status.INTERNAL, score=None, functions=functions, message="Oh."
        )

    return grade


# ------------------------------------------------------------------ the folder


def test_folder_contains_the_promised_files_only(course: Course) -> None:
    assert course.grade() == {"alice": 100.0, "bob": 50.0, "carol": 0.0}
    views = {
        f"submissions/{name}/{file}"
        for name in ("alice", "bob", "carol")
        for file in ("report.html", "result.json")
    }
    assert course.files() == views | {"index.html", "grades.csv", "gradebook.sqlite", ".lock"}


def test_files_can_be_read_by_a_web_server(course: Course) -> None:
    course.grade()
    for name in course.files() - {".lock", "gradebook.sqlite"}:
        assert (course.out / name).stat().st_mode & 0o777 == 0o644


def test_the_folder_may_lie_among_the_submissions(course: Course) -> None:
    course.out = course.inbox / "graded"
    assert course.grade() == course.grade() == {"alice": 100.0, "bob": 50.0, "carol": 0.0}


def test_results_have_the_order_of_the_sources(
    course: Course,
) -> None:
    """They are reported as they arrive."""
    course.hand_in(**{f"s{number:02}": "1" for number in range(30)})
    course.grade()
    assert len(course.reports) == 33 and {how for _, how in course.reports} == {"graded"}


def test_a_run_keeps_the_submissions_of_others(course: Course) -> None:
    """The table and the page show all of them."""
    course.grade()
    (course.inbox / "bob.ipynb").unlink()
    assert course.grade() == {"alice": 100.0, "bob": 50.0, "carol": 0.0}
    assert list(rows(course.out)) == ["alice", "bob", "carol"]
    assert "submissions/bob" in (course.out / "index.html").read_text("utf-8")


# ------------------------------------------------------------------ once more


def test_second_run_grades_and_writes_nothing(course: Course) -> None:
    first = course.grade()
    contents = {name: (course.out / name).read_bytes() for name in course.files() - {".lock"}}
    assert course.grade() == first
    assert {how for _, how in course.reports} == {"known"}
    assert gradings(course.out) == {"alice": 1, "bob": 1, "carol": 1}
    del contents["gradebook.sqlite"]
    assert contents == {name: (course.out / name).read_bytes() for name in contents}


def test_changed_bytes_are_graded_again(course: Course) -> None:
    course.grade()
    course.hand_in(bob="3")
    assert course.grade()["bob"] == 75.0
    assert course.graded() == ["bob"]
    assert rows(course.out)["bob"]["score"] == "75.0"
    assert json.loads(course.view("bob").read_text("utf-8"))["score"] == 75.0
    assert gradings(course.out) == {"alice": 1, "bob": 2, "carol": 1}


def test_a_newcomer_is_graded_alone(course: Course) -> None:
    course.grade()
    course.hand_in(dave="1")
    assert course.grade()["dave"] == 25.0
    assert course.graded() == ["dave"]


def test_one_who_went_away_and_came_back_is_known(course: Course) -> None:
    course.grade()
    (course.inbox / "bob.ipynb").rename(course.out / "bob.later")
    course.grade()
    (course.out / "bob.later").rename(course.inbox / "bob.ipynb")
    assert course.grade()["bob"] == 50.0
    assert course.graded() == []


@pytest.mark.parametrize("change", [{"seed": 8}, {"tier": "none"}])
def test_another_seed_or_wall_grades_all_again(course: Course, change: dict) -> None:
    course.grade()
    course.grade(**change)
    assert course.graded() == ["alice", "bob", "carol"]
    course.grade(**change)
    assert course.graded() == []


def test_a_changed_assignment_grades_all_again(
    course: Course, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    course.grade()
    assignment = assignments.load("regularization")
    for field_name in ("reference", "testcases", "template"):
        copy = tmp_path / f"changed-{field_name}"
        shutil.copytree(getattr(assignment.files, field_name).parent, copy)
        path = copy / getattr(assignment.files, field_name).name
        path.write_bytes(path.read_bytes() + b"\n")
        files = replace(assignment.files, **{field_name: path})
        changed = replace(assignment, files=files)
        monkeypatch.setattr(assignments, "load", lambda name, changed=changed: changed)
        course.grade()
        assert course.graded() == ["alice", "bob", "carol"], field_name


def test_failure_of_the_grader_is_retried(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grading, "grade", failing("bob"))
    assert course.grade() == {"alice": 100.0, "bob": None, "carol": 0.0}
    assert rows(course.out)["bob"] == {
        **dict.fromkeys(rows(course.out)["bob"], ""),
        "submission": "bob",
        "max_score": "100.0",
        "status": "internal",
        "source": "inbox/bob.ipynb",
    }
    monkeypatch.setattr(grading, "grade", result_of)
    assert course.grade()["bob"] == 50.0
    assert course.graded() == ["bob"]
    assert course.grade()["bob"] == 50.0
    assert course.graded() == []


def test_an_empty_file_is_graded_once(course: Course) -> None:
    course.hand_in(dave="")
    assert course.grade()["dave"] == course.grade()["dave"] == 0.0
    assert course.graded() == []
    assert gradings(course.out)["dave"] == 1


def test_new_reason_of_a_problem_is_graded_again(
    course: Course,
) -> None:
    """A folder without a notebook is graded once."""
    (course.inbox / "erin").mkdir()
    (course.inbox / "frank").mkdir()
    (course.inbox / "erin" / "essay.docx").write_text("x")
    (course.inbox / "erin" / "plot.pdf").write_text("x")
    (course.inbox / "frank" / "homework.ipynb").write_text("4")
    for expected in ({"erin": 1}, {"erin": 1}):
        course.grade()
        assert {"erin": gradings(course.out)["erin"]} == expected
    (course.inbox / "erin" / "essay.docx").rename(course.inbox / "erin" / "poem.odt")
    course.grade()
    assert course.graded() == ["erin"]
    assert "poem.odt" in json.loads(course.view("erin").read_text("utf-8"))["message"]
    (course.inbox / "erin" / "homework.ipynb").write_text("")
    course.grade()
    assert json.loads(course.view("erin").read_text("utf-8"))["message"] == "This file is empty."


def test_vanished_file_has_a_result(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    present = intake.search([course.inbox])
    (course.inbox / "bob.ipynb").unlink()
    monkeypatch.setattr(intake, "search", lambda *_, **__: present)
    assert course.grade() == {"alice": 100.0, "bob": 0.0, "carol": 0.0}
    result = json.loads(course.view("bob").read_text("utf-8"))
    assert result["status"] == "invalid" and "bob.ipynb could not be read" in result["message"]


# ------------------------------------------------------------------ views


def test_a_view_that_is_no_text_is_replaced(course: Course) -> None:
    course.grade()
    before = course.view("alice").read_bytes()
    course.view("alice").write_bytes(b"\xff\x00" + before[:100])
    course.grade()
    assert course.view("alice").read_bytes() == before


@pytest.mark.parametrize("kind", ["report.html", "result.json"])
def test_a_view_that_was_deleted_is_made_again(course: Course, kind: str) -> None:
    course.grade()
    before = course.view("alice", kind).read_bytes()
    course.view("alice", kind).unlink()
    course.grade()
    assert course.view("alice", kind).read_bytes() == before
    assert course.graded() == []


def test_deleted_views_are_written_again(course: Course) -> None:
    course.grade()
    before = course.files()
    shutil.rmtree(course.out / "submissions")
    (course.out / "index.html").unlink()
    (course.out / "grades.csv").unlink()
    course.grade()
    assert course.files() == before
    assert course.graded() == []


def test_outdated_view_is_replaced(course: Course) -> None:
    course.grade()
    page = course.view("alice", "report.html")
    new = page.read_bytes()
    page.write_text("what was true before")
    course.view("alice").write_text("{}")
    course.grade()
    assert page.read_bytes() == new
    assert json.loads(course.view("alice").read_text("utf-8"))["score"] == 100.0
    assert course.graded() == []


def test_kill_before_the_page_is_repaired(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(batch, "write_views", killed)
        with pytest.raises(Killed):
            course.grade()
    assert not (course.out / "submissions").exists()
    assert sum(gradings(course.out).values()) == 1
    assert course.grade() == {"alice": 100.0, "bob": 50.0, "carol": 0.0}
    assert gradings(course.out) == {"alice": 1, "bob": 1, "carol": 1}


def test_drafts_of_a_killed_run_are_removed(course: Course) -> None:
    course.grade()
    for place in (course.out, course.out / "submissions" / "alice"):
        (place / ".draft-x1y2").write_text("half a pa")
    course.grade()
    assert not [name for name in course.files() if "draft" in name]


def test_a_file_is_replaced_whole_or_not_at_all(
    course: Course, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_text("old")

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(GraderError, match="file cannot be written: No space left on device"):
        files.write_whole(file, "new")
    assert file.read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == ["file", "inbox"]


def test_unwritable_text_leaves_no_draft(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        files.write_whole(tmp_path / "file", "half \ud83d")
    assert os.listdir(tmp_path) == []


def test_failing_page_costs_one_submission(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its page says that the grader failed, and the next run makes it again."""
    real = html.student_page

    def failing(result: Result, translator: Translator) -> str:
        if result.submission == "bob" and result.status is Status.GRADED:
            raise ZeroDivisionError
        return real(result, translator)

    with monkeypatch.context() as patch:
        patch.setattr(html, "student_page", failing)
        assert course.grade() == {"alice": 100.0, "bob": None, "carol": 0.0}
    assert "bob ZeroDivisionError in page\n" in (course.out / batch.ERRORS_LOG).read_text()
    assert "The grader failed" in course.view("bob", "report.html").read_text("utf-8")
    assert json.loads(course.view("bob").read_bytes())["status"] == "internal"
    assert course.grade() == {"alice": 100.0, "bob": 50.0, "carol": 0.0}
    assert course.graded() == ["bob"]


def test_failing_page_of_a_known_result_keeps_it(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = course.grade()
    course.view("bob").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(batch, "is_current", broken_for("bob", is_current))
        assert course.grade() == before
    assert course.outcome.failed == 1
    assert course.grade() == before
    assert course.graded() == []


def broken_for(name: str, real: Callable[..., bool]) -> Callable[..., bool]:
    def call(folder: Path, result: Result, translator: Translator) -> bool:
        if result.submission == name:
            raise ZeroDivisionError
        return real(folder, result, translator)

    return call


# ------------------------------------------------------------------ one at a time


def test_second_batch_in_a_folder_is_refused(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, go_on = threading.Event(), threading.Event()

    def slow(
        submission: Submission, assignment: Assignment, settings: Settings, **_: object
    ) -> Result:
        waiting.set()
        assert go_on.wait(60)
        return result_of(submission, assignment, settings)

    monkeypatch.setattr(grading, "grade", slow)
    second = replace(course, reports=[])
    with ThreadPoolExecutor(1) as executor:
        first = executor.submit(course.grade)
        assert waiting.wait(60)
        with pytest.raises(UsageError, match="Another grader command is using"):
            second.grade()
        go_on.set()
        assert first.result(60) == {"alice": 100.0, "bob": 50.0, "carol": 0.0}
    assert gradings(course.out) == {"alice": 1, "bob": 1, "carol": 1}


def test_aborted_batch_cancels_waiting_tasks(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    course.hand_in(**{f"s{number:03}": "1" for number in range(200)})

    def full(self: journal.Gradebook, *_: object) -> None:
        raise GraderError("The disk is full.")

    started = []

    def counted(
        submission: Submission, assignment: Assignment, settings: Settings, **_: object
    ) -> Result:
        started.append(submission.id)
        return result_of(submission, assignment, settings)

    monkeypatch.setattr(journal.Gradebook, "record", full)
    monkeypatch.setattr(grading, "grade", counted)
    with pytest.raises(GraderError, match="The disk is full"):
        course.grade()
    assert len(started) < 203


# ------------------------------------------------------------------ hostile names


def test_no_name_of_a_file_harms_a_view(course: Course) -> None:
    names = (
        "=cmd|calc!A1",
        "+1",
        "-1",
        "@sum(a1)",
        "\x1b[31m",
        "\u202egnp",
        "a\nb,c",
        '"; x',
        "[bold red]",
        "<script>alert(1)<script>",
        "x..\\..\\y",
    )
    course.hand_in(**dict.fromkeys(names, "1"))
    assert len(course.grade()) == 3 + len(names)
    table = (course.out / "grades.csv").read_text("utf-8-sig")
    assert len(table.splitlines()) == 1 + 3 + len(names)
    for row in csv.reader(table.splitlines()):
        assert all(cell[:1] not in tuple("=+-@\t\"'") or not cell for cell in row)
    for path in course.out.rglob("*.*"):
        if path.suffix in (".csv", ".json", ".html"):
            assert raw_characters(path.read_text("utf-8-sig")) == [], path.name
        assert raw_characters(str(path.relative_to(course.out))) == []
    assert "<script>alert" not in (course.out / "index.html").read_text("utf-8")


def test_failure_does_not_replace_an_earlier_result(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = course.grade()
    read = intake.Source.read

    def failing(source: intake.Source) -> Submission:
        if source.id == "alice":
            sentence = "alice.ipynb could not be read: I/O."
            return Submission("alice", b"", sentence, Failure("Unreadable"))
        return read(source)

    with monkeypatch.context() as patch:
        patch.setattr(intake.Source, "read", failing)
        patch.setattr(grading, "grade", failed_for_us)
        assert course.grade() == before
    assert course.outcome.failed == 1
    assert course.grade() == before
    assert course.graded() == []
    assert gradings(course.out) == {"alice": 1, "bob": 1, "carol": 1}


def failed_for_us(
    submission: Submission, assignment: Assignment, settings: Settings, **_: object
) -> Result:
    result = result_of(replace(submission, data=b"0"), assignment, settings)
    return replace(result, status=Status.INTERNAL, score=None)


def test_interrupt_after_a_replacement_is_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced = Path.replace

    def interrupted(self: Path, target: Path) -> Path:
        replaced(self, target)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        files.write_whole(tmp_path / "result.json", "{}")
    assert (tmp_path / "result.json").read_text() == "{}"


def test_interrupt_in_another_thread_is_noticed() -> None:
    """The system may wake any thread; Python lets the main one act on it when that looks next."""
    busy: Future[batch.Graded] = Future()

    class Busy(Executor):
        def submit(self, *_: object, **__: object) -> Future[batch.Graded]:  # type: ignore[override]
            return busy

    def press() -> None:
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        time.sleep(10)
        if not busy.done():
            busy.set_exception(TimeoutError())

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.5, press)
    timer.daemon = True
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            list(batch._finished(Busy(), iter([partial(batch.Graded, samples.stopped(), "known")])))
        assert not busy.done()  # so nothing but the next look let it be heeded
    finally:
        busy.cancel()
        signal.signal(signal.SIGINT, before)
