"""What a page says of a notebook that was run whole; part of the catalogue in `strings`."""

from collections.abc import Mapping
from typing import Final

WHOLE: Final[Mapping[str, str]] = {
    "whole.title": "Your whole notebook",
    "whole.ran.all": "All {total} code cells ran, from top to bottom.",
    "whole.ran.some": ("The cells ran from the top. {ran} of {total} code cells were reached."),
    "whole.seconds": "This took {time}.",
    "whole.rehearsal": (
        "In this rehearsal each training ran only {steps} steps, in "
        "your notebook and in the reference."
    ),
    "whole.points": ("The trainings in your notebook earned {score} of {max_score} points."),
    "whole.cells": "Cells that did not finish normally",
    "whole.cell": "Where",
    "whole.happened": "What happened",
    "whole.place": "code cell {cell}, line {line}",
    "whole.place.cell": "code cell {cell}",
    "whole.training": "Training {about}",
    "whole.status.right": "right",
    "whole.status.wrong": "not right yet",
    "whole.status.missing": "not trained",
    "whole.figures": "Your results and the expected results",
    "whole.figure": "Result",
    "whole.own": "Yours",
    "whole.unknown": "not shown",
    "whole.chart.title": "Cost over the training steps",
    "whole.chart.own": "Your cost goes from {first} to {last}.",
    "whole.chart.expected": "The expected cost goes from {first} to {last}.",
    "whole.chart.both": "{own} {expected}",
    "whole.chart.caption": ("Cost over {steps} steps, from {high} (top) to {low} (bottom)."),
    "whole.key.own": "yours",
    "whole.key.expected": "expected",
    "whole.plane.own": "Decision boundary of your network",
    "whole.plane.expected": "Decision boundary of the reference",
    "whole.plane.differ": "It differs from the reference in {share} of the plane.",
    "whole.plane.reference": ("Dots are examples. The coloured area is class 1 for the network."),
    # ------------------------------------------------------------ class: whole notebooks
    "runs.title": "Whole notebooks",
    "runs.finished": (
        "Of {total} notebooks that ran with --run-all, {finished} finished every code cell."
    ),
    "runs.caption": "Trainings, and how many notebooks match the expected results",
    "runs.training": "Training",
    "runs.share": "Success rate",
}
