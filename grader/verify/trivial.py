"""Trivially wrong notebooks: right structure, values that take no work. They must earn little.

Each function of such a notebook calls the reference for the structure of its answer, and replaces
every number. A second form knows the published examples by heart. The template with its gaps filled
in is trivial, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from grader import judging, notebook
from grader.assignments import oracle
from grader.assignments.notebooks import slices_of
from grader.grading import Settings
from grader.grading.function import GradingContext, score
from grader.model import Assignment, Cell, Notebook, Tier
from grader.model.findings import FunctionStatus

FILLERS: Mapping[str, str] = {
    "zeros": "np.zeros(shape)",
    "ones": "np.ones(shape)",
    "minus one": "-np.ones(shape)",
    "huge": "np.full(shape, 1e300)",
    "small": "np.full(shape, 1e-12)",
    "tiny": "np.full(shape, 1e-200)",
    "denormal": "np.full(shape, 5e-324)",
    "below the normal numbers": "np.full(shape, 2e-308)",
    "NaN": "np.full(shape, np.nan)",
    "infinity": "np.full(shape, np.inf)",
    "random": "np.random.standard_normal(shape)",
    "random and tiny": "1e-310 * np.random.standard_normal(shape)",
    "an argument of the same shape": "like(shape, args)",
}
"""Expressions for an array of a shape."""

_CELL = """
import numpy as np

def arrays(value):
    if isinstance(value, dict):
        return [a for item in value.values() for a in arrays(item)]
    if isinstance(value, (tuple, list)):
        return [a for item in value for a in arrays(item)]
    return [np.asarray(value, float)]

def like(shape, args):
    return next((a for a in arrays(args) if a.shape == shape), np.zeros(shape))

def filled(value, args):
    if isinstance(value, dict):
        return {{key: filled(item, args) for key, item in value.items()}}
    if isinstance(value, (tuple, list)):
        return type(value)(filled(item, args) for item in value)
    shape = np.shape(value)
    return ({filler}) if shape else float({filler})

def trivial(function):
    calls = []
    def answer(*args):
        calls.append(1)
        right = function(*args)
        return right if len(calls) in {known} else filled(right, args)
    return answer

{wrapped}
"""
_GAPS: Mapping[str, str] = {"0": "0", "1": "1", "the line left out": ""}


def notebooks(assignment: Assignment) -> Iterator[tuple[str, Notebook]]:
    """Yield every trivially wrong notebook by its name."""
    reference = assignment.files.reference.read_text(encoding="utf-8")
    names = [function.name for function in assignment.functions]
    wrapped = "\n".join(f"{name} = trivial({name})" for name in names)
    for filler, expression in FILLERS.items():
        for by_heart in (False, True):
            known = [1] if by_heart else []
            cell = _CELL.format(filler=expression, known=known, wrapped=wrapped)
            name = f"{filler}, published examples by heart" if by_heart else filler
            yield name, Notebook((Cell(1, reference), Cell(2, cell)))
    template = json.loads(assignment.files.template.read_bytes())
    for name, text in _GAPS.items():
        data = json.dumps(_without_gaps(template, text)).encode()
        yield f"the template with {name} in its gaps", notebook.read(data)


def _without_gaps(template: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Return a template whose placeholders have a text, or that lacks their lines."""
    cells = []
    for cell in template["cells"]:
        lines = "".join(cell["source"]).split("\n")
        if cell["cell_type"] == "code":
            lines = [line.replace("None", text) for line in lines if text or "None" not in line]
        cells.append({**cell, "source": "\n".join(lines)})
    return {**template, "cells": cells}


def points(assignment: Assignment, document: Notebook, tier: Tier) -> float:
    """Return the points that the wrong functions of a notebook earn, without a diagnosis.

    A function that is right in every check is not wrong, however trivial: zeros can be the task.
    """
    settings = Settings(seed=assignment.seed, tier=tier)
    expectations = oracle.consult(assignment, assignment.seed, tier=tier)
    context = GradingContext(assignment, settings, expectations)
    slices = slices_of(assignment, document)[: len(assignment.functions)]
    observations = context.observe(slices)
    total = 0.0
    for function, slice_ in zip(assignment.functions, slices, strict=True):
        if function.name in observations:
            run = context.function_run(function, slice_, observations[function.name])
            checks, _ = judging.judge(function, run.cases, run.expected, run.actual)
            scored = score(run, checks)
            if scored.status is not FunctionStatus.PASSED:
                total += sum(check.score for check in scored.checks)
    return total
