"""The notebook as a whole: what its cells did, and its trainings drawn beside the reference's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from markupsafe import Markup

from grader.model.run_report import Picture, RunReport, TrainingReport
from grader.views.html.render import say

WIDTH: Final = 300
HEIGHT: Final = 150
_TOP: Final = 6

Costs = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """Costs over steps as two paths, one's own and the expected one, and what they show in words."""

    about: Markup
    own: str
    expected: str
    high: str
    low: str
    steps: str


@dataclass(frozen=True, slots=True)
class Plane:
    """The plane as a network divides it: where it says class 1, and the examples of either class."""

    title: Markup
    about: Markup
    size: int
    filled: str
    points: tuple[str, str]


@dataclass(frozen=True, slots=True)
class TrainingView:
    """A training with its pictures, where it left what they are drawn from."""

    report: TrainingReport
    anchor: str
    chart: Chart | None
    planes: tuple[Plane, ...]


@dataclass(frozen=True, slots=True)
class WholeView:
    """The section on the whole notebook."""

    rundown: RunReport
    summary: Markup
    trainings: tuple[TrainingView, ...]


def whole(rundown: RunReport | None) -> WholeView | None:
    """Return what is shown of a notebook that was run whole."""
    if rundown is None:
        return None
    trainings = (
        TrainingView(report, f"training-{at}", _chart(report), tuple(_planes(report)))
        for at, report in enumerate(rundown.trainings, 1)
    )
    return WholeView(rundown, _summary(rundown), tuple(trainings))


def _summary(rundown: RunReport) -> Markup:
    key = "whole.ran.all" if rundown.ran == rundown.total else "whole.ran.some"
    return say(key, ran=rundown.ran, total=rundown.total)


# ------------------------------------------------------------------ costs


def _chart(report: TrainingReport) -> Chart | None:
    """Return the costs as a chart, if there are enough of them to make a line."""
    known = [cost for cost in (*report.curve, *report.expected_curve) if cost is not None]
    if len(report.expected_curve) < 2 or not known:
        return None
    low, high = min(known), max(known)
    ends = {"first": _end(report.expected_curve, 0), "last": _end(report.expected_curve, -1)}
    about = say("whole.chart.expected", **ends)
    if report.curve:
        own = {"first": _end(report.curve, 0), "last": _end(report.curve, -1)}
        about = say("whole.chart.both", own=say("whole.chart.own", **own), expected=about)
    return Chart(
        about,
        own=_line(report.curve, low, high),
        expected=_line(report.expected_curve, low, high),
        high=f"{high:.3g}",
        low=f"{low:.3g}",
        steps=f"{(len(report.expected_curve) - 1) * report.every:,}",
    )


def _end(costs: Costs, at: int) -> str:
    cost = costs[at]
    return "∞" if cost is None else f"{cost:.3g}"


def _line(costs: Costs, low: float, high: float) -> str:
    """Return a path through costs; one that is not finite is left out."""
    span = high - low or 1.0
    pieces: list[str] = []
    pen = "M"
    for at, cost in enumerate(costs):
        if cost is None:
            pen = "M"
            continue
        x = WIDTH * at / (len(costs) - 1)
        y = _TOP + (HEIGHT - 2 * _TOP) * (high - cost) / span
        pieces.append(f"{pen}{x:.4g} {y:.4g}")
        pen = "L"
    return "".join(pieces)


# ------------------------------------------------------------------ planes


def _planes(report: TrainingReport) -> Iterator[Plane]:
    """Yield the plane as the student's network divides it, and as the reference's does."""
    if report.plane and report.expected_plane:
        about = say("whole.plane.differ", share=_difference(report.plane, report.expected_plane))
        yield _plane(say("whole.plane.own"), about, report.plane, report.points)
    if report.plane and report.expected_plane:
        about = say("whole.plane.reference")
        yield _plane(say("whole.plane.expected"), about, report.expected_plane, report.points)


def _difference(one: Picture, other: Picture) -> str:
    pairs = [
        pair
        for rows in zip(one.rows, other.rows, strict=False)
        for pair in zip(*rows, strict=False)
    ]
    return f"{sum(a != b for a, b in pairs) / (len(pairs) or 1):.1%}"


def _plane(title: Markup, about: Markup, picture: Picture, points: Sequence[str]) -> Plane:
    size = len(picture.rows)
    return Plane(
        title,
        about,
        size,
        "".join(_filled(picture)),
        (_dots(points, size, "0"), _dots(points, size, "1")),
    )


def _filled(picture: Picture) -> Iterator[str]:
    """Yield a bar for every run of cells in which a network says class 1."""
    for y, row in enumerate(picture.rows):
        x = 0
        for cell, run in groupby(row):
            length = sum(1 for _ in run)
            if cell == "1":
                yield f"M{x} {y}h{length}v1h-{length}z"
            x += length


def _dots(points: Sequence[str], size: int, kind: str) -> str:
    """Return a path of dots, drawn by its round ends, for the examples of a class."""
    dots = []
    for across, down, own in (point.split() for point in points):
        if own == kind:
            dots.append(f"M{float(across) * size:.1f} {float(down) * size:.1f}h0")
    return "".join(dots)
