"""The section about a notebook that was run as a whole: its cells, and charts of its trainings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from grader.messages import gettext, join_sentences
from grader.model.run_report import Plane, RunReport, TrainingReport

_WIDTH: Final = 300
_HEIGHT: Final = 150
_MARGIN: Final = 6
_ROUNDING: Final = 1e-9

Values = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """The curve of a training as two SVG paths, the student's and the expected one, and in words."""

    about: str
    own: str
    expected: str
    high: str
    low: str
    iterations: str


@dataclass(frozen=True, slots=True)
class PlaneView:
    """The plane as a model divides it: a path of the coloured area, and one for each kind of points."""

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
    planes: tuple[PlaneView, ...]


def training_views(run: RunReport) -> tuple[TrainingView, ...]:
    """Return the trainings of a notebook with their pictures."""
    return tuple(
        TrainingView(report, f"training-{at}", _chart(report), tuple(_planes(report)))
        for at, report in enumerate(run.trainings, 1)
    )


# ------------------------------------------------------------------ curves


def _chart(report: TrainingReport) -> Chart | None:
    """Return the curve as a chart, or None if it has too few values for a line."""
    values = [value for value in (*report.curve, *report.expected_curve) if value is not None]
    if len(report.expected_curve) < 2 or not values:
        return None
    low, high = min(values), max(values)
    first, last = _ends(report.expected_curve)
    expected = gettext("The expected curve goes from {first} to {last}.", first=first, last=last)
    own = ""
    if report.curve:
        first, last = _ends(report.curve)
        own = gettext("Your curve goes from {first} to {last}.", first=first, last=last)
    return Chart(
        join_sentences(own, expected),
        own=_line(report.curve, low, high),
        expected=_line(report.expected_curve, low, high),
        high=f"{high:.3g}",
        low=f"{low:.3g}",
        iterations=f"{(len(report.expected_curve) - 1) * report.every:,}",
    )


def _ends(values: Values) -> Iterator[str]:
    return ("∞" if value is None else f"{value:.3g}" for value in (values[0], values[-1]))


def _line(values: Values, low: float, high: float) -> str:
    """Return a path through values, with a gap for each that is not finite.

    Values that differ only by rounding are a flat line.
    """
    span = high - low
    if span <= _ROUNDING * max(abs(high), abs(low)):
        span = 1.0
    points: list[str] = []
    pen = "M"
    for at, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        x = _WIDTH * at / (len(values) - 1)
        y = _MARGIN + (_HEIGHT - 2 * _MARGIN) * (high - value) / span
        points.append(f"{pen}{x:.4g} {y:.4g}")
        pen = "L"
    return "".join(points)


# ------------------------------------------------------------------ planes


def _planes(report: TrainingReport) -> Iterator[PlaneView]:
    """Yield the plane as the student's model divides it, then as that of the reference does."""
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
    for plane, words in ((own, about), (expected, expected.about)):
        size = len(plane.rows)
        dots = _dots(report.points, size, "0"), _dots(report.points, size, "1")
        yield PlaneView(plane.title, words, size, "".join(_bars(plane)), dots)


def _bars(plane: Plane) -> Iterator[str]:
    """Yield a bar for every run of coloured cells."""
    for y, row in enumerate(plane.rows):
        x = 0
        for cell, run in groupby(row):
            length = sum(1 for _ in run)
            if cell == "1":
                yield f"M{x} {y}h{length}v1h-{length}z"
            x += length


def _dots(points: Sequence[str], size: int, kind: str) -> str:
    """Return a path for the points of a kind; the round ends of its lines draw the dots."""
    dots = []
    for across, down, own in (point.split() for point in points):
        if own == kind:
            dots.append(f"M{float(across) * size:.1f} {float(down) * size:.1f}h0")
    return "".join(dots)
