"""The section on a notebook that was run whole, and what the class page makes of many."""

from __future__ import annotations

import html
from dataclasses import replace

import pytest

from grader.model.result import Result
from grader.model.run_report import Picture, RunReport
from grader.views.html import class_page, student_page
from grader.views.html.notebook_run_page import whole
from grader.views.html.runs import TrainingRow
from tests.support import samples
from tests.support.html_reader import read


def told(result: Result) -> RunReport:
    assert result.run is not None
    return result.run


def test_without_a_run_there_is_no_section() -> None:
    assert whole(None) is None
    assert 'id="whole"' not in student_page(samples.rich())


def test_cells_that_did_not_finish_are_told_with_cell_and_line() -> None:
    text = " ".join(read(student_page(samples.whole())).text.split())
    assert "code cell 7, line 20 NameError: name W1 is not defined" in text
    assert "code cell 18 It ended Python." in text


def test_a_figure_that_differs_is_marked_by_a_sign_and_one_that_is_unknown_by_words() -> None:
    page = student_page(samples.whole())
    assert "≠ 0.65574" in page and "≠ not shown" in page


def test_costs_are_drawn_beside_the_expected_ones_and_those_that_are_not_finite_left_out() -> None:
    view = whole(told(samples.whole()))
    assert view is not None
    right, wrong, missing = view.trainings
    assert right.chart and right.chart.own.count("L") == 3 and right.chart.expected.count("L") == 1
    assert right.chart.expected.count("M") == 2
    assert (right.chart.high, right.chart.low, right.chart.steps) == ("0.65", "0.125", "3,000")
    assert right.chart.about == (
        "Your cost goes from 0.65 to 0.15. The expected one goes from 0.65 to 0.125."
    )
    assert wrong.chart and wrong.chart.own == ""
    assert missing.planes == ()


def test_a_rehearsal_too_short_for_a_line_has_no_chart() -> None:
    first = replace(samples.trainings()[0], curve=(0.6,), expected_curve=(0.6,))
    view = whole(replace(told(samples.whole()), trainings=(first,)))
    assert view is not None and view.trainings[0].chart is None


def test_the_plane_is_drawn_in_runs_and_its_difference_is_a_share() -> None:
    view = whole(told(samples.whole()))
    assert view is not None
    own, expected = view.trainings[0].planes
    assert own.filled.startswith("M3 0h1v1h-1z") and expected.filled.startswith("M2 0h2v1h-2z")
    assert html.unescape(own.about) == "It differs from the reference's in 6.2% of the plane."
    assert own.points == ("M0.4 0.8h0", "M3.6 3.2h0")


def test_planes_of_different_sizes_do_not_break_the_page() -> None:
    odd = replace(samples.trainings()[0], plane=Picture(()), expected_plane=Picture(("1",)))
    student_page(samples.whole(trainings=(odd,)))


@pytest.mark.parametrize("status", ["right", "wrong", "missing"])
def test_every_status_of_a_training_has_words(status: str) -> None:
    one = replace(samples.trainings()[0], status=status)
    words = {"right": "right", "wrong": "not right yet", "missing": "not trained"}[status]
    assert words in read(student_page(samples.whole(trainings=(one,)))).text


def test_the_class_page_counts_what_became_of_whole_notebooks() -> None:
    page = read(class_page(samples.class_of_runs()))
    assert "In 1 of 2 notebooks that were run whole, every code cell finished." in page.text
    assert "Whole notebooks" not in read(class_page(samples.classroom())).text


def test_trainings_are_counted_by_status() -> None:
    row = TrainingRow("with L2", (1, 2, 0), 1, 3)
    assert sum(row.counts) == row.total
