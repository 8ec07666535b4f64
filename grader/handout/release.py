"""Build what students get: the notebook with its files, and checks of what is published.

The folder holds no reference, no hidden case and no seed of one. What it knows of right and wrong are
values: those that are published, and those that known mistakes give on the same examples.
"""

from __future__ import annotations

import base64
import functools
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from grader import assignments, diagnosis, judging
from grader.assignments import misconceptions, oracle
from grader.errors import DiskError, UsageError
from grader.files import write_whole
from grader.handout import call, selfcheck
from grader.handout.selfcheck import SHEET, Feedback
from grader.judging.compare import form_of
from grader.messages import Translator, catalog, gettext
from grader.messages.catalog import ENGLISH
from grader.model import Assignment, Function, Observation, Returned, TestCase, Tier, Value

_GRADER = Path(__file__).parents[1]
_MODULES = (
    *("errors.py", "messages/__init__.py", "messages/sanitize.py"),
    *(
        "model/__init__.py",
        "model/diagnoses.py",
        "model/failure.py",
        "model/result.py",
        "model/run_report.py",
    ),
    *("judging/__init__.py", "judging/compare.py"),
    *("handout/__init__.py", "handout/call.py", "handout/selfcheck.py"),
)
_INIT = '''\
"""Check your functions on the published examples: `from grader import check`, then `check(function)`."""

import json
from pathlib import Path

from grader.handout.selfcheck import SHEET, Feedback, feedback

_SHEET = json.loads(Path(__file__).with_name(SHEET).read_text(encoding="utf-8"))


def check(function: object) -> Feedback:
    """Run a function on its published example and return feedback."""
    return feedback(function, _SHEET)
'''
_START = """\
    python -m venv .venv
    .venv/bin/pip install -r requirements.txt
    .venv/bin/jupyter lab {notebook}"""
_CHECK = """\
    from grader import check
    check({first})"""


# ------------------------------------------------------------------ the folder


def release(
    assignment: Assignment, folder: Path, *, tier: Tier = Tier.FULL, language: str = ENGLISH
) -> list[Path]:
    """Write the folder for students, in which `check` speaks a language; return its files in order.

    Raises UsageError if there is something in the folder already, and DiskError if it cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            f"{folder} already exists and is not an empty folder. Choose an empty or new folder."
        )
    told = sheet(assignment, tier=tier, language=language)
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n"
    try:
        for name, source in _copied(assignment):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, folder / name)
    except OSError as error:
        raise DiskError(f"{folder} cannot be written: {error.strerror}.") from error
    for name, content in _written(assignment, assignments.translator(assignment, language)):
        write_whole(folder / name, content)
    write_whole(folder / "grader" / SHEET, text)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _copied(assignment: Assignment) -> Iterator[tuple[str, Path]]:
    """Yield the files of the template's folder, and the modules that judge without a reference."""
    home = assignment.files.template.parent
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home)
        if path.is_file() and not any(part.startswith((".", "_")) for part in name.parts):
            yield str(name), path
    for module in _MODULES:
        yield f"grader/{module}", _GRADER / module


def _written(assignment: Assignment, say: Translator) -> Iterator[tuple[str, str]]:
    yield "grader/__init__.py", _INIT
    yield "requirements.txt", "".join(f"{name}\n" for name in (*assignment.packages, "jupyterlab"))
    yield "README.md", "\n\n".join(map(say, _read_first(assignment))) + "\n"


def _read_first(assignment: Assignment) -> Iterator[str]:
    """Yield the paragraphs that tell a student how to begin."""
    names = [function.name for function in assignment.functions]
    yield gettext("# {title}", title=assignment.title)
    yield gettext("You need Python 3.11 or later. In this folder, run:")
    yield _START.format(notebook=assignment.files.template.name)
    yield gettext("(On Windows the programs are in `.venv\\Scripts`.)")
    yield gettext("Write these functions:")
    yield "\n".join(f"- `{name}`" for name in names)
    yield gettext("In the notebook, run this after the cell of a function:")
    yield _CHECK.format(first=names[0])
    yield gettext(
        "It shows what is right on the published example and what to check next. It "
        "works offline. When your notebook is graded, every function also runs on "
        "other data."
    )


# ------------------------------------------------------------------ the sheet


def sheet(
    assignment: Assignment, *, tier: Tier = Tier.FULL, language: str = ENGLISH
) -> dict[str, Any]:
    """Return what is published of an assignment, as JSON takes it. Raises UsageError, BoxError."""
    say = assignments.translator(assignment, language)
    functions = [_of_function(assignment, f, tier) for f in assignment.functions]
    for function in functions:
        for case in function["cases"]:
            case["about"] = say(case["about"])
        for mistake in function["mistakes"]:
            mistake["message"] = say(mistake["message"])
    return {
        "assignment": assignment.name,
        "title": say(assignment.title),
        "language": language,
        "catalogue": _catalogue(language),
        "functions": functions,
    }


def _catalogue(language: str) -> str:
    """Return the grader's catalogue in the form that `gettext.GNUTranslations` reads, as Base64."""
    compiled = b"" if language == ENGLISH else catalog.compiled(language)
    return base64.b64encode(compiled).decode()


def _of_function(assignment: Assignment, function: Function, tier: Tier) -> dict[str, Any]:
    form = form_of(function.unpack)
    if form is None:
        raise UsageError(
            f"{function.name} has its own kind of `unpack`, which cannot "
            "be written to the hand-out. Use scalar, mapping or pair."
        )
    expectations = oracle.consult(assignment, assignment.seed, tier=tier)
    cases = expectations.cases[function.name]
    public = [(i, case) for i, case in enumerate(cases) if case.public]
    right = expectations.reference[function.name]
    return {
        "name": function.name,
        "parameters": function.parameters,
        "form": form,
        "rtol": function.rtol,
        "atol": function.atol,
        "quantities": _in_order(function),
        "further": sum(check.group != "fixed" for check in function.checks),
        "cases": [_of_case(case, right.outcomes[i]) for i, case in public],
        "mistakes": list(_of_mistakes(assignment, function, [i for i, _ in public], tier)),
    }


def _in_order(function: Function) -> list[str]:
    """Return the quantities of the published examples, as far as is known in the order they are made."""
    named = [q for check in function.checks if check.group == "fixed" for q in check.quantities]
    order = list(function.computation.rules) if function.computation else named
    return sorted(named, key=lambda name: order.index(name) if name in order else len(order))


def _of_case(case: TestCase, outcome: object) -> dict[str, Any]:
    assert isinstance(outcome, Returned)
    return {
        "about": case.about,
        "seed": case.seed,
        "args": plain(tuple(case.args)),
        "expected": plain(outcome.value),
        "steps": case.steps,
    }


def _of_mistakes(
    assignment: Assignment, function: Function, public: Sequence[int], tier: Tier
) -> Iterator[dict[str, Any]]:
    """Yield what each known mistake gives on the published cases, and what is to be said of it."""
    expectations = oracle.consult(assignment, assignment.seed, tier=tier)
    cases, right = expectations.cases[function.name], expectations.reference[function.name]
    hints = misconceptions.hints(assignment, function.name)
    known = oracle.mistaken(assignment, assignment.seed, function.name, tier=tier)
    shown = Observation(tuple(right.outcomes[i] for i in public))
    for seen in known.values():
        found = diagnosis.of_values(function, cases, right, seen, hints)
        given = [seen.outcomes[i] for i in public]
        values = [plain(one.value) for one in given if isinstance(one, Returned)]
        same = judging.same_values(function, Observation(tuple(given)), shown)
        if found and len(values) == len(given) and not same:
            yield {"id": found[0].id, "message": found[0].message, "outcomes": values}


def plain(value: Value) -> Any:
    """Return a value as JSON takes it; `selfcheck.value` makes it whole again."""
    if isinstance(value, np.ndarray):
        return {"array": value.ravel().tolist(), "dtype": value.dtype.str, "shape": value.shape}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {"dict": [[key, plain(item)] for key, item in value.items()]}
    if isinstance(value, tuple | list):
        return {type(value).__name__: [plain(item) for item in value]}
    return value


# ------------------------------------------------------------------ from a checkout


@functools.cache
def _own_sheet(name: str) -> dict[str, Any]:
    """Return the sheet as a student's folder has it."""
    read: dict[str, Any] = json.loads(json.dumps(sheet(assignments.load(name))))
    return read


def check(function: Callable[..., Any]) -> Feedback:
    """Check a function in a notebook as the folder for students does, where all of grader is installed.

    Raises BoxError, since the sheet is made in a box when it is first asked for.
    """
    names = assignments.names()
    graded = {name: {f.name for f in assignments.load(name).functions} for name in names}
    known = (n for n in names if call.name_of(function, graded[n]) in graded[n])
    return selfcheck.feedback(function, _own_sheet(next(known, names[0])))
