"""Find and load an assignment by name: the same stem in reference/, testcases/ and student_template/."""

from __future__ import annotations

import copyreg
import dataclasses
import difflib
import functools
import importlib.util
import pickle
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType

from grader.errors import UsageError
from grader.messages import Translator, catalog
from grader.model import Assignment, AssignmentFiles, AssignmentSpec, Computation, Function
from grader.model.training import Trainings

_TRAININGS_SUFFIX = "_trainings"
_HERE = Path(__file__).parent


def home() -> Path:
    """Return the folder that holds the three folders: inside an installed package, else the checkout."""
    return _HERE if (_HERE / "testcases").is_dir() else _HERE.parents[1]


def names() -> tuple[str, ...]:
    """Return the names of all assignments."""
    stems = (path.stem for path in (home() / "testcases").glob("[!_]*.py"))
    return tuple(sorted(stem for stem in stems if not stem.endswith(_TRAININGS_SUFFIX)))


@functools.cache
def load(name: str) -> Assignment:
    """Load an assignment by its name. Raises UsageError for an unknown one."""
    if name not in names():
        close = difflib.get_close_matches(name, names(), n=1)
        hint = (
            f"Did you mean {close[0]!r}?"
            if close
            else (f"The assignments are: {', '.join(names())}.")
        )
        raise UsageError(f"There is no assignment {name!r}. {hint}")
    spec: AssignmentSpec = module(home() / "testcases" / f"{name}.py").ASSIGNMENT
    fields = {field.name: getattr(spec, field.name) for field in dataclasses.fields(AssignmentSpec)}
    return Assignment(**{**fields, "functions": _functions(spec)}, files=_files(name, spec))


def _files(name: str, spec: AssignmentSpec) -> AssignmentFiles:
    """Return the files of an assignment. Raises UsageError if it has no notebook."""
    template = home() / "student_template" / name
    notebooks = sorted(template.glob("*.ipynb"))
    if not notebooks:
        raise UsageError(
            f"The assignment {name!r} has no notebook. Add one to student_template/{name}."
        )
    reference, testcases = home() / "reference", home() / "testcases"
    mutants = reference / f"{name}_mutants.json"
    catalogues = {
        language.tag: catalog.po_file(testcases / f"{name}_locale", language.tag, name)
        for language in catalog.LANGUAGES
    }
    return AssignmentFiles(
        reference=reference / f"{name}.py",
        testcases=testcases / f"{name}.py",
        template=notebooks[0],
        helpers=tuple((helper, template / helper) for helper in spec.helpers),
        mistakes=_by_stem(reference / f"{name}_mistakes"),
        equivalents=_by_stem(reference / f"{name}_equivalents"),
        mutants=mutants if mutants.is_file() else None,
        languages={tag: path for tag, path in catalogues.items() if path.is_file()},
    )


def trainings(assignment: Assignment) -> Trainings | None:
    """Return the trainings in the notebook, from NAME_trainings.py, if there is such a file."""
    path = home() / "testcases" / f"{assignment.name}_trainings.py"
    if not path.is_file():
        return None
    loaded: Trainings = module(path).TRAININGS
    return loaded


def lines_file(assignment: Assignment) -> Path:
    """Return the path of the file with the mistakes that a line of the code shows; it may be missing."""
    return home() / "testcases" / f"{assignment.name}_diagnosis" / "lines.py"


def translator(assignment: Assignment, tag: str) -> Translator:
    """Return the translator into a language, with the assignment's own catalogue if it has one.

    Raises UsageError for a file that is not a catalogue.
    """
    own = assignment.files.languages.get(tag)
    return catalog.translator(tag, *filter(None, [own]))


def _by_stem(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(folder.glob("[!_]*.py"))}


def _functions(spec: AssignmentSpec) -> tuple[Function, ...]:
    """Return the functions with the computation and the formula of each, if there are any."""
    path = home() / "testcases" / f"{spec.name}_diagnosis" / "__init__.py"
    computations: Mapping[str, Computation] = module(path).COMPUTATIONS if path.is_file() else {}
    formulas = {
        path.stem: "".join(line.strip() for line in path.read_text("utf-8").splitlines())
        for path in (home() / "testcases" / f"{spec.name}_formulas").glob("*.xml")
    }
    return tuple(
        dataclasses.replace(
            f, computation=computations.get(f.name), formula=formulas.get(f.name, "")
        )
        for f in spec.functions
    )


def _pickled(assignment: Assignment) -> tuple[Callable[[str], Assignment], tuple[str]]:
    """Pickle an assignment by its name, so that another process loads it.

    Raises PicklingError for one that differs from the files on disk.
    """
    if load(assignment.name) != assignment:
        raise pickle.PicklingError(f"the assignment {assignment.name} is not the one on disk")
    return load, (assignment.name,)


copyreg.pickle(Assignment, _pickled)


@functools.cache
def module(path: Path) -> ModuleType:
    """Import a file by its path; a package is put into sys.modules, for its own imports."""
    name = f"_{path.parent.name}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path} cannot be imported as a Python module.")
    loaded = importlib.util.module_from_spec(spec)
    if spec.submodule_search_locations:
        sys.modules[name] = loaded
    spec.loader.exec_module(loaded)
    return loaded
