"""The section about a notebook run as a whole, and the summary of them on the class page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.model.result import Result
from grader.model.run_report import Plane
from grader.views.html import class_page, student_page
from grader.views.html.notebook_run_page import TrainingView, training_views
from tests.support import samples
from tests.support.html_reader import read


def views_of(result: Result) -> tuple[TrainingView, ...]:
    assert result.run is not None
    return training_views(result.run)


def test_without_a_run_there_is_no_section() -> None:
    assert 'id="whole"' not in student_page(samples.rich())


def test_unfinished_cells_have_cell_and_line() -> None:
    text = " ".join(read(student_page(samples.whole())).text.split())
    assert (
        "line 20 of the cell that begins W1 = 2 (code cell 7) NameError: name W1 is not defined"
        in text
    )
    assert "line 2 of code cell 18 It ended Python." in text


def test_wrong_and_unknown_measures_are_marked() -> None:
    page = student_page(samples.whole())
    assert "≠ 0.65574" in page and "≠ not shown" in page


def test_curves_are_drawn_without_infinite_values() -> None:
    right, wrong, missing = views_of(samples.whole())
    assert right.chart and right.chart.own.count("L") == 3 and right.chart.expected.count("L") == 1
    assert right.chart.expected.count("M") == 2
    assert (right.chart.high, right.chart.low, right.chart.iterations) == ("0.65", "0.125", "3,000")
    assert right.chart.about == (
        "Your curve goes from 0.65 to 0.15. The expected curve goes from 0.65 to 0.125."
    )
    assert wrong.chart and wrong.chart.own == ""
    assert missing.planes == ()


def test_constant_curve_with_rounding_is_a_flat_line() -> None:
    costs = (0.6931471805599453, 0.6931471805599455, 0.6931471805599453)
    flat = replace(samples.trainings()[0], curve=costs, expected_curve=costs)
    (view,) = views_of(samples.whole(trainings=(flat,)))
    assert view.chart and view.chart.own == "M0 6L150 6L300 6"


def test_short_rehearsal_has_no_chart() -> None:
    first = replace(samples.trainings()[0], curve=(0.6,), expected_curve=(0.6,))
    (view,) = views_of(samples.whole(trainings=(first,)))
    assert view.chart is None


def test_planes_are_drawn_and_compared() -> None:
    own, expected = views_of(samples.whole())[0].planes
    assert own.area.startswith("M3 0h1v1h-1z") and expected.area.startswith("M2 0h2v1h-2z")
    assert own.about == "It differs from the reference in 6.2% of the plane."
    assert (own.title, expected.title) == ("Your regions", "Regions of the reference")
    assert expected.about == "What is drawn."
    assert own.points == ("M0.4 0.8h0", "M3.6 3.2h0")


def test_planes_of_different_sizes_are_drawn() -> None:
    odd = replace(samples.trainings()[0], plane=Plane(()), expected_plane=Plane(("1",)))
    student_page(samples.whole(trainings=(odd,)))


@pytest.mark.parametrize("status", ["right", "wrong", "missing"])
def test_every_status_of_a_training_has_words(status: str) -> None:
    training = replace(samples.trainings()[0], status=status)
    words = {"right": "right", "wrong": "not right yet", "missing": "not trained"}[status]
    assert words in read(student_page(samples.whole(trainings=(training,)))).text


def test_class_page_counts_notebook_runs() -> None:
    page = read(class_page(samples.class_of_runs()))
    assert "Of 2 notebooks that ran with --run-all, 1 finished every code cell." in page.text
    assert "Whole notebooks" not in read(class_page(samples.classroom())).text


def test_trainings_are_counted_by_status() -> None:
    page = read(class_page(samples.class_of_runs()))
    rows = page.text.split("match the expected results\n")[1].split("Recognised mistakes")[0]
    assert rows.split("\n")[5:-1] == [
        *("with L2", "100%", "2", "0", "0"),
        *("with L2", "0%", "0", "2", "0"),
        *("with L2", "0%", "0", "0", "2"),
    ]


def test_long_paths_are_not_cut() -> None:
    checkered = Plane(tuple("01" * 40 for _ in range(80)))
    dense = replace(
        samples.trainings()[0],
        plane=checkered,
        expected_plane=checkered,
        points=tuple(f"0.{n:03} 0.5 {n % 2}" for n in range(500)),
    )
    paths = read(student_page(samples.whole(trainings=(dense,)))).all("path")
    assert max(len(path.get("d")) for path in paths) > 10_000
    assert not [path for path in paths if "…" in path.get("d")]
