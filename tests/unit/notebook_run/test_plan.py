"""A whole notebook: the plan of its run, the report on its trainings, the executed notebook."""

from __future__ import annotations

import dataclasses
import re
import time
from typing import NoReturn

import nbformat
import pytest

from grader import assignments
from grader.assignments import notebooks
from grader.errors import AssignmentError
from grader.messages.sanitize import keep_colours
from grader.model import Assignment, Cell, Notebook, Raised
from grader.model.notebook_run import CellRun, CellStatus, NotebookRun, Output, RunRequest
from grader.model.run_report import RunReport
from grader.notebook.slicing import Slice
from grader.notebook_run import plan as planning
from grader.notebook_run import trainings
from grader.notebook_run.executed import executed_notebook
from grader.notebook_run.plan import LIMITS, Plan, limits_within

ITERATIONS = 30


# ------------------------------------------------------------------ what is planned


def report(
    assignment: Assignment, run: NotebookRun, cells: dict[str, int], iterations: int
) -> RunReport:
    return trainings.run_report(assignment, run, Plan(RunRequest(()), cells, iterations))


def plan(regularization: Assignment, *sources: str, iterations: int | None = None) -> Plan:
    cells = tuple(Cell(number, source) for number, source in enumerate(sources, 1))
    pieces: tuple[Slice, ...] = notebooks.slices_of(regularization, Notebook(cells))
    return planning.plan(regularization, Notebook(cells), pieces, iterations)


def test_arguments_decide_the_training(
    regularization: Assignment,
) -> None:
    planned = plan(
        regularization,
        "def model(X, Y, lambd=0, keep_prob=1):\n    return {}",
        "parameters = model(train_X, train_Y, keep_prob = 0.86, learning_rate = 0.3)",
        "parameters = model(train_X, train_Y)",
        "again = model(train_X, train_Y, lambd=0)\nl2 = model(train_X, train_Y, lambd=0.7)",
        "other = model(train_X, train_Y, lambd=0.1)",
    )
    assert planned.cells == {"dropout": 2, "plain": 3, "L2": 4}
    assert planned.request.watched == {2: "parameters", 3: "parameters", 4: "l2"}


@pytest.mark.parametrize(
    "source",
    [
        "p = q = model(X, Y)",
        "p: dict = model(X, Y)",
        "%time p = model(X, Y)",
        "%%time\np = model(X, Y)",
        "x = 1\nif x:\n    p = model(X, Y)",
        "with warnings.catch_warnings():\n    for _ in range(1):\n        p = model(X, Y)",
        "try:\n    pass\nfinally:\n    p = model(X, Y)",
    ],
)
def test_training_is_found_in_any_statement(regularization: Assignment, source: str) -> None:
    planned = plan(regularization, "x = 1", source)
    assert (planned.cells, planned.request.watched) == ({"plain": 2}, {2: "p"})


def test_training_inside_a_function_does_not_count(
    regularization: Assignment,
) -> None:
    nested = "%time " * 20_000 + "p = model(X, Y)"
    planned = plan(regularization, "def later():\n    p = model(X, Y)", nested)
    assert planned.cells == {}


def test_rehearsal_adds_a_cell_after_the_trainer(regularization: Assignment) -> None:
    sources = ("x = 1", "def model(X, Y):\n    pass", "parameters = model(train_X, train_Y)")
    cells = plan(regularization, *sources, iterations=300).request.cells
    assert [cell.number for cell in cells] == [1, 2, 0, 3]
    assert cells[2].source.startswith("# Added by the grader: --iterations 300\n")


@pytest.mark.parametrize(
    "call",
    [
        "model(X, Y)",
        "model(X, Y, num_iterations=30_000)",
        "model(X, Y, 0.3, 30_000)",
        "model(*(X, Y), **{'num_iterations': 5})",
    ],
)
def test_rehearsal_overrides_the_calls_iterations(regularization: Assignment, call: str) -> None:
    defined = "def model(X, Y, learning_rate=0.3, num_iterations=9):\n    return X, num_iterations"
    cells = plan(regularization, defined, f"seen = {call}", iterations=300).request.cells
    namespace: dict[str, object] = {"X": "x", "Y": "y"}
    for cell in cells:
        exec(cell.source, namespace)
    assert namespace["seen"] == ("x", 300)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("model(X, Y, 0.3, 30000, True)", "plain"),
        ("model(X, Y, 0.3, 30000, True, 0.7)", "L2"),
        ("model(X, Y, 0.3, 30000, True, 0, 0.86)", "dropout"),
        ("model(X, Y, 0.3, 30000, True, 0.7, keep_prob=1)", "L2"),
        ("model(*data, lambd=0.7)", "L2"),
    ],
)
def test_positional_arguments_count_too(regularization: Assignment, call: str, name: str) -> None:
    assert plan(regularization, f"p = {call}").cells == {name: 1}


def test_notebook_without_training_stays_as_it_is(regularization: Assignment) -> None:
    cells = plan(regularization, "x = 1", "y = 2", iterations=2).request.cells
    assert [cell.number for cell in cells] == [1, 2]


@pytest.mark.parametrize(
    ("sources", "rehearsed"),
    [
        (("x = 1", "y = 2"), None),
        (("def train(X, Y):\n    return {}", "p = train(X, Y, lambd=0.7)"), None),
        (('def model(X, Y):\n    """Return a model."""', "x = 1"), None),
        (("def model(X, Y):\n    return {}", "%timeit model(X, Y)"), ITERATIONS),
        (("def model(X, Y): ...\ndef go(): return model(X, Y, lambd=3)", "go()"), ITERATIONS),
        (("from reg_utils import model", "p = model(X, Y)"), ITERATIONS),
    ],
)
def test_report_names_a_rehearsal_with_a_cell_only(
    regularization: Assignment, sources: tuple[str, ...], rehearsed: int | None
) -> None:
    """Without the added cell, nothing makes a notebook train with fewer iterations."""
    planned = plan(regularization, *sources, iterations=ITERATIONS)
    ran = session(*(CellRun(cell, CellStatus.FINISHED) for cell in planned.request.cells))
    summary = trainings.run_report(regularization, ran, planned)
    assert (summary.steps, summary.total) == (rehearsed, 2)


def test_cell_is_added_before_the_first_training(
    regularization: Assignment,
) -> None:
    """If the notebook does not define the trainer."""
    sources = ("from reg_utils import model", "p = model(X, Y)")
    cells = plan(regularization, *sources, iterations=2).request.cells
    assert [cell.number for cell in cells] == [1, 0, 2]


def printed_values(regularization: Assignment, text: str) -> dict[int, float]:
    """Return the values of a curve that are read from printed text."""
    outputs = (Output("stream", "stdout", {"text/plain": text.encode()}),)
    run = CellRun(Cell(1, ""), CellStatus.FINISHED, outputs=outputs)
    return trainings.curve_values(run, trainings.expected(regularization, 2)["plain"])


def test_printed_values_replace_a_missing_plot(regularization: Assignment) -> None:
    text = "Cost after iteration 0: 0.65\nCost after iteration 10000: 0.163\nother: 3\n"
    assert printed_values(regularization, text) == {0: 0.65, 10: 0.163}


def test_regions_have_the_words_of_the_assignment(regularization: Assignment) -> None:
    run = NotebookRun((CellRun(Cell(1, "")),))
    plain, *_ = report(regularization, run, {}, 2).trainings
    assert plain.expected_plane and plain.quantity == "cost"
    assert plain.expected_plane.title == "Decision boundary of the reference"
    assert plain.expected_plane.about == (
        "Dots are examples. The coloured area is class 1 for the network."
    )
    regions = trainings.expected(regularization, 2)["plain"].evaluation.regions
    assert regions and regions.title == "Decision boundary of your network"


def test_trainings_in_one_cell_are_not_compared(regularization: Assignment) -> None:
    run = CellRun(Cell(1, ""), CellStatus.FINISHED)
    where = {"plain": 1, "L2": 1}
    plain, l2, dropout = report(regularization, NotebookRun((run,)), where, 2).trainings
    for shared in (plain, l2):
        assert (shared.status, shared.cell) == ("missing", 1)
        assert shared.message == (
            "Its cell trains more than once, so the results cannot be separated. Put each training "
            "in its own cell."
        )
    assert dropout.message == "No cell of the notebook runs this training."


@pytest.mark.parametrize("tail", ["1" * 4000 + "x", "1 " * 4000 + "x", "1" + " " * 4000 + "x"])
def test_hostile_output_takes_no_time(regularization: Assignment, tail: str) -> None:
    began = time.monotonic()
    assert printed_values(regularization, f"cost after {tail}") == {}
    assert time.monotonic() - began < 5


def test_printed_values_are_read_line_by_line(regularization: Assignment) -> None:
    text = "Cost after iteration 0: 0.5\n\nbetween\nCost after iteration 10000: 2e-1 \nend"
    assert printed_values(regularization, text) == {0: 0.5, 10: 0.2}


def test_timeout_shortens_the_limits() -> None:
    assert limits_within(None) is LIMITS
    limits = limits_within(20.0)
    assert (limits.submission_seconds, limits.function_seconds) == (20.0, 20.0)


def test_failing_reference_is_the_graders_failure(
    regularization: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> NoReturn:
        raise ValueError("Unknown mat file type")

    described = assignments.trainings(regularization)
    assert described is not None
    monkeypatch.setattr(
        assignments, "trainings", lambda _: dataclasses.replace(described, train=broken)
    )
    words = "The reference's trainings failed (ValueError: Unknown mat file type)."
    with pytest.raises(AssignmentError, match=re.escape(words)):
        trainings.expected.__wrapped__(regularization, 1)


def test_corrupted_messages_do_not_mean_a_crash(
    regularization: Assignment,
) -> None:
    odd = CellRun(Cell(1, "x"), CellStatus.MUDDLED)
    (cell,) = report(regularization, session(odd), {}, 1).cells
    assert cell.message == "The kernel's messages about this cell were corrupted."


@pytest.mark.parametrize("status", [CellStatus.FINISHED, CellStatus.RAISED])
def test_unreached_training_is_not_compared(regularization: Assignment, status: CellStatus) -> None:
    before, behind = (CellRun(Cell(n, "p = model(X, Y)"), CellStatus.FINISHED) for n in (1, 2))
    put_in = CellRun(Cell(0, ""), status)
    run = NotebookRun((before, put_in, behind))
    summary = report(regularization, run, {"plain": 1, "L2": 2}, 2)
    plain, l2, _ = summary.trainings
    unreached = "The rehearsal did not change its cell, which trained with all its iterations."
    assert (plain.status, plain.message) == ("missing", unreached)
    assert (l2.message == unreached) == (status is CellStatus.RAISED)


# ------------------------------------------------------------------ the executed notebook


def session(*runs: CellRun) -> NotebookRun:
    return NotebookRun(runs)


def shown(kind: str, **data: bytes) -> Output:
    mimes = {"plain": "text/plain", "html": "text/html", "svg": "image/svg+xml", "png": "image/png"}
    return Output(kind, "stdout", {mimes[key]: value for key, value in data.items()})


def executed_with(*outputs: Output, data: bytes = b"") -> nbformat.NotebookNode:
    run = CellRun(Cell(1, "x = 1"), CellStatus.FINISHED, outputs=outputs)
    notebook = nbformat.reads(executed_notebook(data, session(run)), as_version=4)
    nbformat.validate(notebook)
    return notebook


HARMFUL = (
    b"<b onclick='x()'>fine</b><script>alert(1)</script><img src=x onerror=alert(1)>"
    b"<a href='javascript:alert(1)'>link</a><iframe src='http://x'></iframe><style>*{}</style>"
)
DRAWN = (
    b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'><script>1</script>"
    b"<path d='M0 0' fill='url(http://x)' stroke='red'/><foreignObject><b>z</b></foreignObject>"
    b"<image href='http://x/y.png'/></svg>"
)


def test_markup_in_outputs_is_cleaned() -> None:
    (output,) = (
        executed_with(shown("display_data", html=HARMFUL, svg=DRAWN, plain=b"fine"))
        .cells[0]
        .outputs
    )
    assert output.data["text/html"] == '<b>fine</b><a rel="noopener noreferrer">link</a>'
    assert output.data["image/svg+xml"] == (
        '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0" stroke="red"></path></svg>'
    )


def test_markup_has_a_limit() -> None:
    """Cleaning takes quadratic time."""
    long = shown("display_data", html=b"<div>" * 400_000, plain=b"long")
    many = [shown("display_data", html=b"<p>" + b"x" * 60_000, plain=b"x")] * 20
    began = time.monotonic()
    first, *rest, note = executed_with(long, *many).cells[0].outputs
    assert time.monotonic() - began < 10
    assert first.data == {"text/plain": "long"}
    assert ["text/html" in o.data for o in rest] == [True] * 5 + [False] * 15
    assert note.text == (
        "[The grader did not keep all outputs of this cell: this notebook has too many.]\n"
    )


def test_text_and_pictures_have_limits() -> None:
    """Each is counted for the whole notebook; an output without anything left is left out."""
    text, picture = b"x" * (4 << 20), b"\x89PNG\r\n\x1a\n" + b"x" * (20 << 20)
    shows = [shown("display_data", png=picture, plain=b"x"), shown("stream", plain=text)]

    outputs = executed_with(*shows, *shows).cells[0].outputs

    kept = [(o.output_type, *sorted(o.get("data", {}))) for o in outputs]
    picture_kept, text_kept = ("display_data", "image/png", "text/plain"), ("stream",)
    assert kept == [picture_kept, text_kept, ("display_data", "text/plain"), text_kept]
    assert outputs[-1].name == "stderr"


def failed(output: Output, raised: Raised | None) -> nbformat.NotebookNode:
    run = CellRun(Cell(1, "x"), CellStatus.RAISED, raised=raised, outputs=(output,))
    notebook = nbformat.reads(executed_notebook(b"", session(run)), as_version=4)
    nbformat.validate(notebook)
    return notebook.cells[0].outputs[0]


TRACE = b"\x1b[31mSystemExit\x1b[39m\x1b[31m:\x1b[39m bye \x1b]8;;http://x\x07now\n"


@pytest.mark.parametrize(
    ("raised", "trace", "message"),
    [
        (Raised("SystemExit", "bye\nnow\x1bc\x00"), TRACE, "bye\nnow"),
        (Raised("ValueError", "of another output"), TRACE, "bye now"),
        (None, TRACE, "bye now"),
        (None, b"\x1b[31mSystemExit\x1b[39m", ""),
        (None, b"", ""),
    ],
)
def test_an_error_is_kept_with_its_message(
    raised: Raised | None, trace: bytes, message: str
) -> None:
    error = failed(Output("error", "SystemExit", {"text/plain": trace}), raised)
    assert (error.ename, error.evalue) == ("SystemExit", message)
    assert error.traceback == keep_colours(trace.decode()).split("\n") * bool(trace)


@pytest.mark.parametrize("kind", ["stream", "display_data", "execute_result"])
def test_text_keeps_only_its_colours(kind: str) -> None:
    text = b"\x1b[31mred\x1b[0m \x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\x1bc\x00\x07\n"
    (output,) = executed_with(shown(kind, plain=text)).cells[0].outputs
    written = output.text if kind == "stream" else output.data["text/plain"]
    assert written == "\x1b[31mred\x1b[0m link\n"


@pytest.mark.parametrize("bytes_", [b"<script>", b"\x89PN", b"GIF89a"])
def test_an_invalid_picture_is_left_out(bytes_: bytes) -> None:
    (output,) = executed_with(shown("display_data", png=bytes_, plain=b"?")).cells[0].outputs
    assert "image/png" not in output.data


def test_script_is_written_as_code_cells() -> None:
    notebook = executed_with(shown("stream", plain=b"1\n"), data=b"# %%\nx = 1\n")
    assert [cell.source for cell in notebook.cells] == ["x = 1"]


def test_cells_after_a_crash_are_not_run() -> None:
    request = RunRequest((Cell(1, "x"), Cell(2, "y")))
    runs = session(CellRun(request.cells[0], CellStatus.DIED), CellRun(request.cells[1]))
    notebook = nbformat.reads(executed_notebook(b"{}", runs), as_version=4)
    assert [cell.execution_count for cell in notebook.cells] == [1, None]
