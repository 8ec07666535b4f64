"""What a page says of a notebook that was run whole; part of the catalogue in `strings`."""

from collections.abc import Mapping
from typing import Final

WHOLE: Final[Mapping[str, str]] = {
    "whole.title": "Your notebook as a whole",
    "whole.ran.all": "It was run from top to bottom, all {total} code cells.",
    "whole.ran.some": "It was run from the top; {ran} of {total} code cells were reached.",
    "whole.seconds": "That took {time}.",
    "whole.rehearsal": "The trainings were rehearsed with {steps} steps, and the reference's too.",
    "whole.points": "The trainings earned {score} of {max_score} points, for what the notebook shows.",
    "whole.cells": "Cells that did not simply finish",
    "whole.cell": "Where",
    "whole.happened": "What happened",
    "whole.place": "code cell {cell}, line {line}",
    "whole.place.cell": "code cell {cell}",
    "whole.training": "Training {about}",
    "whole.status.right": "right",
    "whole.status.wrong": "not right yet",
    "whole.status.missing": "not trained",
    "whole.figures": "Its figures, and those that the reference comes to",
    "whole.figure": "Figure",
    "whole.own": "Yours",
    "whole.unknown": "not shown",
    "whole.chart.title": "The cost over the steps",
    "whole.chart.own": "Your cost goes from {first} to {last}.",
    "whole.chart.expected": "The expected one goes from {first} to {last}.",
    "whole.chart.both": "{own} {expected}",
    "whole.chart.caption": "The cost, between {high} and {low}, over {steps} steps.",
    "whole.key.own": "yours",
    "whole.key.expected": "expected",
    "whole.plane.own": "How your network divides the plane",
    "whole.plane.expected": "How the reference's does",
    "whole.plane.differ": "It differs from the reference's in {share} of the plane.",
    "whole.plane.reference": "The examples are dots; where the network says class 1 is coloured.",
    # ------------------------------------------------------------ class: whole notebooks
    "runs.title": "Whole notebooks",
    "runs.finished": "In {finished} of {total} notebooks that were run whole, every code cell finished.",
    "runs.caption": "The trainings, and how many notebooks come to the figures expected",
    "runs.training": "Training",
    "runs.share": "Right",
}
