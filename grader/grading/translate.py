"""A result in another language."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path

from grader.messages import translate
from grader.messages.catalog import ENGLISH, known, sentences
from grader.model.result import CheckResult, FunctionResult, Result
from grader.model.run_report import RunReport

Say = Callable[[str], str]


def in_language(result: Result, tag: str, own: Path | None = None) -> Result:
    """Return a result as it is told in a language; what nobody has translated stays English."""
    if known(tag).language == ENGLISH:
        return result
    once = functools.lru_cache(maxsize=None, typed=True)  # cases are told again and again
    say = once(functools.partial(translate, known=sentences(tag, own)))
    return dataclasses.replace(
        result,
        language=tag,
        title=say(result.title),
        message=say(result.message),
        notes=tuple(map(say, result.notes)),
        functions=tuple(_function(function, say) for function in result.functions),
        rundown=_rundown(result.rundown, say) if result.rundown else None,
    )


def _rundown(told: RunReport, say: Say) -> RunReport:
    cells = (dataclasses.replace(cell, message=say(cell.message)) for cell in told.cells)
    trainings = (
        dataclasses.replace(
            one,
            about=say(one.about),
            message=say(one.message),
            figures=tuple(dataclasses.replace(f, name=say(f.name)) for f in one.figures),
        )
        for one in told.trainings
    )
    return dataclasses.replace(
        told, message=say(told.message), cells=tuple(cells), trainings=tuple(trainings)
    )


def _function(function: FunctionResult, say: Say) -> FunctionResult:
    diagnoses = (
        dataclasses.replace(d, what=say(d.what), why=say(d.why), next=say(d.next))
        for d in function.diagnoses
    )
    checks = tuple(_check(check, say) for check in function.checks)
    return dataclasses.replace(function, checks=checks, diagnoses=tuple(diagnoses))


def _check(check: CheckResult, say: Say) -> CheckResult:
    findings = tuple(
        dataclasses.replace(one, case=say(one.case), about=say(one.about), message=say(one.message))
        for one in check.findings
    )
    return dataclasses.replace(
        check,
        name=say(check.name),
        message=say(check.message),
        findings=findings,
        steps=tuple(map(say, check.steps)),
    )
