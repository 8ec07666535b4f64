"""Write the folder for students: the notebook with its files, and `check` for the published examples.

The folder contains the modules that `check` needs, and the sheet. It contains no reference, no hidden
case and no seed of a hidden case.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from grader import assignments, diagnosis, judging
from grader.assignments import known_mistakes, oracle
from grader.errors import DiskError, UsageError
from grader.files import write_whole
from grader.handout import call, selfcheck, sheet
from grader.handout.selfcheck import Feedback
from grader.judging.compare import form_of
from grader.messages import Translator, catalog, gettext
from grader.messages.catalog import ENGLISH
from grader.model import Assignment, Function, Observation, Returned, Tier

_GRADER = Path(__file__).parents[1]
_REPAIR = ("candidates", "code", "edits", "naming", "places", "search", "statements", "words")
MODULES = (
    *("errors.py", "version.py", "messages/__init__.py", "messages/sanitize.py"),
    *(
        "model/__init__.py",
        "model/diagnoses.py",
        "model/failure.py",
        "model/result.py",
        "model/run_report.py",
    ),
    *("judging/__init__.py", "judging/compare.py", "judging/intermediates.py"),
    "notebook/cpu_timer.py",
    *(f"notebook/slicing/{name}.py" for name in ("newer_python", "parse", "placeholders", "tree")),
    *("diagnosis/locate.py", "diagnosis/nodes.py"),
    *(f"diagnosis/repair/{name}.py" for name in _REPAIR),
    *("sandbox/box/__init__.py", "sandbox/box/calling.py", "sandbox/box/wire.py"),
    *(f"handout/{name}.py" for name in ("__init__", "call", "kernel", "selfcheck", "sheet")),
)
PARTIAL = ("sandbox", "diagnosis", "diagnosis/repair", "notebook", "notebook/slicing")
"""Packages of which some modules are released only, without what their `__init__` imports."""

_INIT_MODULE = '''\
"""Check your functions on the published examples: `from grader import check`, then `check(function)`."""

import json
from pathlib import Path

from grader.handout.selfcheck import Feedback, feedback
from grader.handout.sheet import FILE_NAME

_SHEET = json.loads(Path(__file__).with_name(FILE_NAME).read_text(encoding="utf-8"))


def check(function: object) -> Feedback:
    """Run a function on its published example and return feedback."""
    return feedback(function, _SHEET)
'''
_MAIN_MODULE = '''\
"""`python -m grader` in this folder prints the purpose of the folder."""

import sys

sys.exit(
    "This folder has the grader's check for notebooks only. In your notebook, run: "
    "from grader import check. To grade a notebook, run the installed grader in another folder."
)
'''
_INSTALL = """\
    python -m venv .venv
    .venv/bin/pip install -r requirements.txt
    .venv/bin/jupyter lab {notebook}"""
_USE_CHECK = """\
    from grader import check
    check({first})"""


# ------------------------------------------------------------------ the folder


def release(
    assignment: Assignment, folder: Path, *, tier: Tier = Tier.FULL, language: str = ENGLISH
) -> list[Path]:
    """Write the folder for students in one language; return its files in order.

    Raises UsageError if the folder is not empty, and DiskError if it cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            f"{folder} already exists and is not an empty folder. Choose an empty or new folder."
        )
    content = make_sheet(assignment, tier=tier, language=language)
    _copy_files(assignment, folder)
    write_whole(folder / "grader" / "__init__.py", _INIT_MODULE)
    write_whole(folder / "grader" / "__main__.py", _MAIN_MODULE)
    for package in PARTIAL:
        write_whole(folder / "grader" / package / "__init__.py", "")
    write_whole(
        folder / "grader" / sheet.FILE_NAME,
        json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n",
    )
    write_whole(
        folder / "requirements.txt",
        "\n".join((*map(_pinned, assignment.packages), "jupyterlab", "")),
    )
    paragraphs = map(assignments.translator(assignment, language), _read_me(assignment))
    write_whole(folder / "README.md", "\n\n".join(paragraphs) + "\n")
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _pinned(package: str) -> str:
    """Return a package with the version that the grader uses, or without if it is not installed.

    >>> _pinned("no-such-package")
    'no-such-package'
    """
    try:
        return f"{package}=={metadata.version(package)}"
    except metadata.PackageNotFoundError:
        return package


def _copy_files(assignment: Assignment, folder: Path) -> None:
    """Copy the files of the template's folder, and the modules that `check` needs."""
    template = assignment.files.template.parent
    names = (path.relative_to(template) for path in sorted(template.rglob("*")) if path.is_file())
    visible = (name for name in names if not any(part[0] in "._" for part in name.parts))
    sources = {
        **{name: template / name for name in visible},
        **{Path("grader", module): _GRADER / module for module in MODULES},
    }
    try:
        for name, source in sources.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, folder / name)
    except OSError as error:
        raise DiskError(f"{folder} cannot be written: {error.strerror}.") from error


def _read_me(assignment: Assignment) -> Iterator[str]:
    """Yield the paragraphs of README.md."""
    names = [function.name for function in assignment.functions]
    yield gettext("# {title}", title=assignment.title)
    yield gettext("You need Python 3.11 or later. In this folder, run:")
    yield _INSTALL.format(notebook=assignment.files.template.name)
    yield gettext("(On Windows the programs are in `.venv\\Scripts`.)")
    yield gettext("Write these functions:")
    yield "\n".join(f"- `{name}`" for name in names)
    yield gettext("In the notebook, run this after the cell of a function:")
    yield _USE_CHECK.format(first=names[0])
    yield gettext(
        "It shows what is right on the published example and what to check next. It "
        "works offline. When your notebook is graded, every function also runs on "
        "other data."
    )


# ------------------------------------------------------------------ the sheet


def make_sheet(
    assignment: Assignment, *, tier: Tier = Tier.FULL, language: str = ENGLISH
) -> dict[str, Any]:
    """Return the sheet of an assignment, as JSON stores it. Raises UsageError, BoxError."""
    say = assignments.translator(assignment, language)
    compiled = b"" if language == ENGLISH else catalog.compiled(language)
    return {
        "assignment": assignment.name,
        "title": say(assignment.title),
        "language": language,
        "catalogue": base64.b64encode(compiled).decode(),
        "functions": [
            _FunctionEntry(assignment, f, tier, say).entry() for f in assignment.functions
        ],
    }


@dataclass(frozen=True, slots=True)
class _FunctionEntry:
    """The part of the sheet for one graded function."""

    assignment: Assignment
    function: Function
    tier: Tier
    say: Translator

    def entry(self) -> dict[str, Any]:
        """Return the entry; `sheet.read_function` reads it. Raises UsageError, BoxError."""
        function = self.function
        form = form_of(function.unpack)
        if form is None:
            raise UsageError(
                f"{function.name} has its own kind of `unpack`, which cannot "
                "be written to the hand-out. Use scalar, mapping or pair."
            )
        published = [c for c in function.checks if c.group == "fixed"]
        names = [name for check in published for name in check.quantities]
        order = list(function.computation.rules) if function.computation else names
        return {
            "name": function.name,
            "parameters": function.parameters,
            "form": form,
            "rtol": function.rtol,
            "atol": function.atol,
            "quantities": sorted(
                names, key=lambda name: order.index(name) if name in order else len(order)
            ),
            "hidden_checks": len(function.checks) - len(published),
            "cases": list(self._cases()),
            "mistakes": list(self._mistakes()),
        }

    @property
    def _expectations(self) -> oracle.Expectations:
        return oracle.consult(self.assignment, self.assignment.seed, tier=self.tier)

    def _cases(self) -> Iterator[dict[str, Any]]:
        expectations, name = self._expectations, self.function.name
        outcomes = expectations.reference[name].outcomes
        for case, outcome in zip(expectations.cases[name], outcomes, strict=False):
            if case.public:
                assert isinstance(outcome, Returned)
                yield {
                    "about": self.say(case.about),
                    "seed": case.seed,
                    "args": sheet.encode(tuple(case.args)),
                    "expected": sheet.encode(outcome.value),
                    "snippet": case.snippet,
                }

    def _mistakes(self) -> Iterator[dict[str, Any]]:
        """Yield each known mistake that has a hint and returns wrong values on the public cases."""
        function, assignment = self.function, self.assignment
        cases = self._expectations.cases[function.name]
        reference = self._expectations.reference[function.name]
        public = [at for at, case in enumerate(cases) if case.public]
        expected = Observation(tuple(reference.outcomes[at] for at in public))
        hints = known_mistakes.hints(assignment, function.name)
        mistakes = oracle.mistake_observations(
            assignment, assignment.seed, function.name, tier=self.tier
        )
        for actual in mistakes.values():
            diagnoses = diagnosis.of_values(function, cases, reference, actual, hints)
            outcomes = tuple(actual.outcomes[at] for at in public)
            values = [sheet.encode(o.value) for o in outcomes if isinstance(o, Returned)]
            right = judging.same_values(function, Observation(outcomes), expected)
            if diagnoses and len(values) == len(public) and not right:
                hint = self.say(diagnoses[0].message)
                yield {"id": diagnoses[0].id, "hint": hint, "values": values}


# ------------------------------------------------------------------ with the grader installed


def check(function: Callable[..., Any]) -> Feedback:
    """Check a function like `check` in a released folder, without releasing one.

    The first call runs the reference and the known mistakes in a sandbox. Raises BoxError.
    """
    names = assignments.names()
    graded = {name: {f.name for f in assignments.load(name).functions} for name in names}
    matches = (name for name in names if call.name_of(function, graded[name]) in graded[name])
    sheet = make_sheet(assignments.load(next(matches, names[0])))
    return selfcheck.feedback(function, json.loads(json.dumps(sheet)))  # as a folder has it
