"""Write the folder for students: the notebook with its files, and `check` for the published examples.

The folder contains the modules that `check` needs, and the sheet. It contains no reference, no hidden
case and no seed of a hidden case.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
import json
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from grader import assignments, diagnosis, judging
from grader.assignments import known_mistakes, oracle
from grader.errors import DiskError, UsageError
from grader.files import write_whole
from grader.handout import call, display, sheet
from grader.handout.layout import Feedback, FeedbackTable
from grader.handout.selfcheck import Checker
from grader.judging.compare import form_of
from grader.messages import Translator, catalog, gettext
from grader.messages.catalog import ENGLISH
from grader.model import Assignment, Function, Observation, Returned, Tier
from grader.model.diagnoses import Words
from grader.notebook.slicing import Slice

_GRADER = Path(__file__).parents[1]
MODULES = (
    *("errors.py", "model/record.py", "version.py", "messages/__init__.py", "messages/sanitize.py"),
    *("model/__init__.py", "model/diagnoses.py", "model/findings.py"),
    *("judging/__init__.py", "judging/compare.py", "judging/intermediates.py"),
    *("notebook/cpu_timer.py", "notebook/syntax_edits.py"),
    *(
        f"notebook/slicing/{path.name}"
        for path in sorted((_GRADER / "notebook/slicing").glob("*.py"))
    ),
    *(f"diagnosis/{path.name}" for path in sorted((_GRADER / "diagnosis").glob("*.py"))),
    *(
        f"diagnosis/repair/{path.name}"
        for path in sorted((_GRADER / "diagnosis/repair").glob("*.py"))
        if path.stem != "boxed"  # the sandbox is not released
    ),
    *("sandbox/box/__init__.py", "sandbox/box/calling.py", "sandbox/box/compat.py"),
    "sandbox/box/wire.py",
    *(f"handout/{name}.py" for name in ("__init__", "call", "cells", "display", "kernel")),
    *(f"handout/{name}.py" for name in ("layout", "selfcheck", "sheet", "versions")),
)
PARTIAL = ("sandbox", "notebook")
"""Packages of which some modules are released only, without what their `__init__` imports."""

_INIT_MODULE = '''\
"""Check your functions on the published examples: `from grader import check`, then `check(function)`."""

import json
import sys
from pathlib import Path

from grader.handout import display, sheet
from grader.handout.selfcheck import Checker

_HERE = Path(__file__).parent
_CHECKER = Checker(
    json.loads((_HERE / sheet.FILE_NAME).read_text(encoding="utf-8")),
    sheet.lines_module(_HERE / sheet.LINES_NAME),
)
display.explain_missing_names(_CHECKER)


def check(function=..., *, more=False):
    """Run a function on its published example and show what is right and what is not.

    `check(function, more=True)` adds the reason, the next step and lines to try. `check()` shows a
    table of all functions.
    """
    return display.check(_CHECKER, function, sys._getframe(1).f_globals, more=more)
'''
_MAIN_MODULE = '''\
"""`python -m grader` in this folder prints the purpose of the folder."""

import sys

sys.exit(
    "This folder has the grader's check for notebooks only. In your notebook, run: "
    "from grader import check. To grade a notebook, run the installed grader in another folder."
)
'''
_PYTEST_MODULE = '''\
"""`python -m pytest` in this folder loads this module in place of the installed grader's plugin."""
'''
_COLAB = """\
    import io, os, zipfile
    from google.colab import files
    archive = zipfile.ZipFile(io.BytesIO(*files.upload().values()))
    archive.extractall()
    module = next(name for name in archive.namelist() if name.endswith("grader/__init__.py"))
    os.chdir(module.removesuffix("grader/__init__.py") or ".")"""
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
    write_whole(folder / "grader" / "pytest_plugin.py", _PYTEST_MODULE)
    if (lines := assignments.lines_file(assignment)).is_file():
        write_whole(folder / "grader" / sheet.LINES_NAME, lines.read_text(encoding="utf-8"))
    for package in PARTIAL:
        write_whole(folder / "grader" / package / "__init__.py", "")
    write_whole(
        folder / "grader" / sheet.FILE_NAME,
        json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n",
    )
    write_whole(
        folder / "requirements.txt",
        "\n".join((*map(_pinned, _imported(assignment, folder)), "jupyterlab", "")),
    )
    paragraphs = map(assignments.translator(assignment, language), _read_me(assignment))
    write_whole(folder / "README.md", "\n\n".join(paragraphs) + "\n")
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _imported(assignment: Assignment, folder: Path) -> list[str]:
    """Return the packages of an assignment that a file in the folder imports."""
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for suffix in (".py", ".ipynb")
        for path in folder.rglob(f"*{suffix}")
    )
    modules = metadata.packages_distributions()

    def is_imported(package: str) -> bool:
        names = {package, *(name for name, packages in modules.items() if package in packages)}
        pattern = rf"\b(?:import|from) (?:{'|'.join(map(re.escape, names))})\b"
        return re.search(pattern, text) is not None

    return [package for package in assignment.packages if is_imported(package)]


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
    notebook = assignment.files.template.name
    yield gettext("# {title}", title=assignment.title)
    yield gettext("You need Python 3.11 or later. In this folder, run:")
    yield _INSTALL.format(notebook=notebook)
    yield gettext("(On Windows the programs are in `.venv\\Scripts`.)")
    yield gettext(
        "On Google Colab, open `{notebook}` and run this in a new cell first. Choose the zip file of "
        "this folder.",
        notebook=notebook,
    )
    yield _COLAB
    yield gettext("Write these functions:")
    yield "\n".join(f"- `{name}`" for name in names)
    yield gettext("In the notebook, run this after the cell of a function:")
    yield _USE_CHECK.format(first=names[0])
    yield gettext(
        "It names the mistake and the line, as far as the published example shows them. `check()` "
        "shows all functions. It works offline. When your notebook is graded, every function also "
        "runs on other data."
    )
    yield gettext(
        "Then run all cells from the top, save, and submit the file `{notebook}`. A PDF or a web "
        "page of the notebook cannot be graded.",
        notebook=notebook,
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
        template = self._expectations.template.get(function.name, Observation(()))
        reads = self._expectations.template_reads[function.name]
        trainings = assignments.trainings(self.assignment)
        return {
            "name": function.name,
            "parameters": function.parameters,
            "form": form,
            "rtol": function.rtol,
            "atol": function.atol,
            "quantities": sorted(
                names, key=lambda name: order.index(name) if name in order else len(order)
            ),
            "order": order,
            "points": sum(check.points for check in published),
            "hidden_checks": len(function.checks) - len(published),
            "hidden_points": function.max_score - sum(check.points for check in published),
            "cases": list(self._cases()),
            "mistakes": list(self._mistakes()),
            "hints": {name: self._words(words) for name, words in self._hints.items()},
            "template": sheet.encode_outcomes(self._of_public_cases(template).outcomes),
            "template_reads": sorted(reads),
            "trainers": [trainings.trainer] if trainings else [],
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

    @property
    def _hints(self) -> diagnosis.Hints:
        return known_mistakes.hints(self.assignment, self.function.name)

    def _words(self, words: Words) -> list[str]:
        """Return the templates of a hint, translated; the notebook fills in the values."""
        marks = {name: f"{{{name}}}" for name in ("where", "line")}
        return [
            self.say(gettext(text, **marks)) if text else ""
            for text in (words.what, words.why, words.next)
        ]

    def _of_public_cases(self, observation: Observation) -> Observation:
        """Return the outcomes of the public cases alone."""
        cases = self._expectations.cases[self.function.name]
        pairs = zip(cases, observation.outcomes, strict=False)
        return Observation(tuple(outcome for case, outcome in pairs if case.public))

    def _mistakes(self) -> Iterator[dict[str, Any]]:
        """Yield each known mistake that is explained by its values, and wrong on the public cases."""
        function, name = self.function, self.function.name
        cases, reference = self._expectations.cases[name], self._expectations.reference[name]
        expected = self._of_public_cases(reference)
        mistakes = oracle.mistake_observations(
            self.assignment, self.assignment.seed, name, tier=self.tier
        )
        for mistake, actual in mistakes.items():
            run = diagnosis.FunctionRun(function, Slice(name), cases, reference, actual)
            public = self._of_public_cases(actual)
            causes = diagnosis.from_values(run, run.intermediates)
            if not causes and run.intermediates.wrong:
                causes = (diagnosis.as_known(mistake, run, self._hints),)
            right = judging.same_values(function, public, expected)
            returned = all(isinstance(outcome, Returned) for outcome in public.outcomes)
            if causes and returned and not right:
                yield {
                    "causes": [dataclasses.astuple(cause) for cause in causes],
                    "values": sheet.encode_outcomes(public.outcomes),
                }


# ------------------------------------------------------------------ with the grader installed


def check(function: object = ..., *, more: bool = False) -> Feedback | FeedbackTable:
    """Check a function like `check` in a released folder, without releasing one.

    The first call runs the reference and the known mistakes in a sandbox. Raises BoxError.
    """
    namespace = sys._getframe(1).f_globals  # the names of the notebook
    loaded = [assignments.load(name) for name in assignments.names()]

    def matches(assignment: Assignment) -> tuple[bool, int]:
        graded = {f.name for f in assignment.functions}
        return call.name_of(function, graded) in graded, len(graded & namespace.keys())

    return display.check(checker(max(loaded, key=matches)), function, namespace, more=more)


@functools.lru_cache(maxsize=8)
def checker(assignment: Assignment, *, tier: Tier = Tier.FULL, language: str = ENGLISH) -> Checker:
    """Return what a released folder checks functions with. Raises UsageError, BoxError."""
    content = make_sheet(assignment, tier=tier, language=language)
    lines = sheet.lines_module(assignments.lines_file(assignment))
    return Checker(json.loads(json.dumps(content)), lines)  # as a folder has it
