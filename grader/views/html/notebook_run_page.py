"""The section about a notebook that was run as a whole: its cells, and charts of its trainings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from grader.messages import gettext, join_sentences
from grader.model.run_report import Picture, RunReport, TrainingReport

_WIDTH: Final = 300
_HEIGHT: Final = 150
_MARGIN: Final = 6

Costs = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """The costs of a training as two SVG paths, the student's and the expected one, and in words."""

    about: str
    own: str
    expected: str
    high: str
    low: str
    iterations: str


@dataclass(frozen=True, slots=True)
class Plane:
    """The plane as a network divides it: a path of the area of class 1, and one for each class."""

    title: str
    about: str
    size: int
    area: str
    points: tuple[str, str]


@dataclass(frozen=True, slots=True)
class TrainingView:
    """A training with its pictures, as far as the notebook left the data for them."""

    report: TrainingReport
    anchor: str
    chart: Chart | None
    planes: tuple[Plane, ...]


def training_views(run: RunReport) -> tuple[TrainingView, ...]:
    """Return the trainings of a notebook with their pictures."""
    return tuple(
        TrainingView(report, f"training-{at}", _chart(report), tuple(_planes(report)))
        for at, report in enumerate(run.trainings, 1)
    )


# ------------------------------------------------------------------ costs


def _chart(report: TrainingReport) -> Chart | None:
    """Return the costs as a chart, or None if there are too few of them for a line."""
    costs = [cost for cost in (*report.curve, *report.expected_curve) if cost is not None]
    if len(report.expected_curve) < 2 or not costs:
        return None
    low, high = min(costs), max(costs)
    first, last = _ends(report.expected_curve)
    about: str = gettext("The expected cost goes from {first} to {last}.", first=first, last=last)
    if report.curve:
        first, last = _ends(report.curve)
        own = gettext("Your cost goes from {first} to {last}.", first=first, last=last)
        about = join_sentences(own, about)
    return Chart(
        about,
        own=_line(report.curve, low, high),
        expected=_line(report.expected_curve, low, high),
        high=f"{high:.3g}",
        low=f"{low:.3g}",
        iterations=f"{(len(report.expected_curve) - 1) * report.every:,}",
    )


def _ends(costs: Costs) -> Iterator[str]:
    return ("∞" if cost is None else f"{cost:.3g}" for cost in (costs[0], costs[-1]))


def _line(costs: Costs, low: float, high: float) -> str:
    """Return a path through costs, with a gap for each cost that is not finite."""
    span = high - low or 1.0
    points: list[str] = []
    pen = "M"
    for at, cost in enumerate(costs):
        if cost is None:
            pen = "M"
            continue
        x = _WIDTH * at / (len(costs) - 1)
        y = _MARGIN + (_HEIGHT - 2 * _MARGIN) * (high - cost) / span
        points.append(f"{pen}{x:.4g} {y:.4g}")
        pen = "L"
    return "".join(points)


# ------------------------------------------------------------------ planes


def _planes(report: TrainingReport) -> Iterator[Plane]:
    """Yield the plane as the student's network divides it, then as that of the reference does."""
    own, expected = report.plane, report.expected_plane
    if not own or not expected:
        return
    pairs = [
        pair
        for rows in zip(own.rows, expected.rows, strict=False)
        for pair in zip(*rows, strict=False)
    ]
    share = sum(a != b for a, b in pairs) / (len(pairs) or 1)
    about = gettext("It differs from the reference in {share} of the plane.", share=f"{share:.1%}")
    yield _plane(gettext("Decision boundary of your network"), about, own, report.points)
    about = gettext("Dots are examples. The coloured area is class 1 for the network.")
    yield _plane(gettext("Decision boundary of the reference"), about, expected, report.points)


def _plane(title: str, about: str, picture: Picture, points: Sequence[str]) -> Plane:
    size = len(picture.rows)
    dots = _dots(points, size, "0"), _dots(points, size, "1")
    return Plane(title, about, size, "".join(_bars(picture)), dots)


def _bars(picture: Picture) -> Iterator[str]:
    """Yield a bar for every run of cells that the network puts into class 1."""
    for y, row in enumerate(picture.rows):
        x = 0
        for cell, run in groupby(row):
            length = sum(1 for _ in run)
            if cell == "1":
                yield f"M{x} {y}h{length}v1h-{length}z"
            x += length


def _dots(points: Sequence[str], size: int, label: str) -> str:
    """Return a path for the examples of a class; the round ends of its lines draw the dots."""
    dots = []
    for across, down, own in (point.split() for point in points):
        if own == label:
            dots.append(f"M{float(across) * size:.1f} {float(down) * size:.1f}h0")
    return "".join(dots)
