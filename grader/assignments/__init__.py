"""Find and load an assignment by name: the same stem in reference/, testcases/ and student_template/.

These three folders are those of the project, or of a course's own repository (`--course`).
"""

from __future__ import annotations

import copyreg
import dataclasses
import difflib
import functools
import importlib.util
import os
import pickle
import sys
import traceback
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from grader.errors import AssignmentError, AuthorError, UsageError
from grader.messages import Translator, catalog
from grader.messages.sanitize import one_line
from grader.model import Assignment, AssignmentFiles, AssignmentSpec, Computation, Function
from grader.model.training import Trainings

FOLDERS = ("reference", "testcases", "student_template")
_TRAININGS_SUFFIX = "_trainings"
_HERE = Path(__file__).parent


def home() -> Path:
    """Return the folder that holds the three folders: inside an installed package, else the checkout."""
    return _HERE if (_HERE / "testcases").is_dir() else _HERE.parents[1]


def names(course: Path | None = None) -> tuple[str, ...]:
    """Return the names of all assignments of a course, or of the included ones."""
    stems = (path.stem for path in ((course or home()) / "testcases").glob("[!_]*.py"))
    return tuple(sorted(stem for stem in stems if not stem.endswith(_TRAININGS_SUFFIX)))


def load(name: str, course: Path | None = None) -> Assignment:
    """Load an assignment of a course, or an included one, by its name.

    Raises UsageError for an unknown name, AuthorError for a mistake in its files.
    """
    return _load(name, (course or home()).resolve())


@functools.cache
def _load(name: str, folder: Path) -> Assignment:
    choices = names(folder)
    if name not in choices:
        close = difflib.get_close_matches(name, choices, n=1)
        hint = (
            f"Did you mean {close[0]!r}?"
            if close
            else f"The assignments are: {', '.join(choices)}."
        )
        raise UsageError(f"There is no assignment {name!r}. {hint}")
    path = folder / "testcases" / f"{name}.py"
    spec = getattr(module(path), "ASSIGNMENT", None)
    if not isinstance(spec, AssignmentSpec):
        raise AuthorError(f"{place(path)} defines no ASSIGNMENT. It must be an AssignmentSpec.")
    if spec.name != name:
        raise AuthorError(
            f"{place(path, spec.name)}: the name of the assignment must be that of the file, "
            f"{name!r}, not {spec.name!r}."
        )
    fields = {field.name: getattr(spec, field.name) for field in dataclasses.fields(AssignmentSpec)}
    files = _files(spec, folder)
    return Assignment(**{**fields, "functions": _functions(spec, files)}, files=files)


def _files(spec: AssignmentSpec, folder: Path) -> AssignmentFiles:
    """Return the files of an assignment. Raises AuthorError if one that it needs is missing."""
    name = spec.name
    template, testcases = folder / "student_template" / name, folder / "testcases"
    reference = folder / "reference" / f"{name}.py"
    notebooks = sorted(template.glob("*.ipynb"))
    if not notebooks:
        raise AuthorError(
            f"The assignment {name!r} has no notebook. Add one to student_template/{name}."
        )
    helpers = tuple((helper, template / helper) for helper in spec.helpers)
    for path in (reference, *(path for _, path in helpers)):
        if not path.is_file():
            raise AuthorError(f"The assignment {name!r} has no file {place(path)}.")
    mutants = reference.with_name(f"{name}_mutants.json")
    catalogues = {
        language.tag: catalog.po_file(testcases / f"{name}_locale", language.tag, name)
        for language in catalog.LANGUAGES
    }
    return AssignmentFiles(
        reference=reference,
        testcases=testcases / f"{name}.py",
        template=notebooks[0],
        helpers=helpers,
        mistakes=_by_stem(reference.with_name(f"{name}_mistakes")),
        equivalents=_by_stem(reference.with_name(f"{name}_equivalents")),
        mutants=mutants if mutants.is_file() else None,
        languages={tag: path for tag, path in catalogues.items() if path.is_file()},
        submissions=tuple(sorted(testcases.glob(f"{name}_submissions/*.ipynb"))),
    )


def trainings(assignment: Assignment) -> Trainings | None:
    """Return the trainings in the notebook, from NAME_trainings.py, if there is such a file."""
    path = _beside(assignment.files, f"{assignment.name}_trainings.py")
    if not path.is_file():
        return None
    loaded: Trainings = module(path).TRAININGS
    return loaded


def lines_file(assignment: Assignment) -> Path:
    """Return the path of the file with the mistakes that a line of the code shows; it may be missing."""
    return _beside(assignment.files, f"{assignment.name}_diagnosis") / "lines.py"


def translator(assignment: Assignment, tag: str) -> Translator:
    """Return the translator into a language, with the assignment's own catalogue if it has one.

    Raises UsageError for a file that is not a catalogue.
    """
    own = assignment.files.languages.get(tag)
    return catalog.translator(tag, *filter(None, [own]))


def _beside(files: AssignmentFiles, name: str) -> Path:
    return files.testcases.with_name(name)


def _by_stem(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(folder.glob("[!_]*.py"))}


def _functions(spec: AssignmentSpec, files: AssignmentFiles) -> tuple[Function, ...]:
    """Return the functions with the computation and the formula of each, if there are any."""
    path = _beside(files, f"{spec.name}_diagnosis") / "__init__.py"
    computations: Mapping[str, Computation] = module(path).COMPUTATIONS if path.is_file() else {}
    formulas = {
        path.stem: "".join(line.strip() for line in path.read_text("utf-8").splitlines())
        for path in _beside(files, f"{spec.name}_formulas").glob("*.xml")
    }
    return tuple(
        dataclasses.replace(
            f, computation=computations.get(f.name), formula=formulas.get(f.name, "")
        )
        for f in spec.functions
    )


def _pickled(assignment: Assignment) -> tuple[Callable[..., Assignment], tuple[str, Path | None]]:
    """Pickle an assignment by its name and its course, so that another process loads it.

    Raises PicklingError for one that differs from the files on disk.
    """
    folder = assignment.files.course
    course = None if folder == home() else folder
    if load(assignment.name, course) != assignment:
        raise pickle.PicklingError(f"the assignment {assignment.name} is not the one on disk")
    return load, (assignment.name, course)


copyreg.pickle(Assignment, _pickled)


# ------------------------------------------------------------------ the author's Python


@functools.cache
def module(path: Path) -> ModuleType:
    """Import a file by its path; a package is put into sys.modules, for its own imports.

    Raises AuthorError for a file with a mistake.
    """
    folder = path.parents[2] if path.stem == "__init__" else path.parents[1]
    name = f"_{path.parent.name}_{path.stem}_{zlib.crc32(os.fsencode(folder)):x}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path} cannot be imported as a Python module.")
    loaded = importlib.util.module_from_spec(spec)
    if spec.submodule_search_locations:
        sys.modules[name] = loaded
    with explained(path):
        spec.loader.exec_module(loaded)
    return loaded


def reference(assignment: Assignment) -> ModuleType:
    """Import the reference, which may use the helper modules of the assignment. Raises AuthorError."""
    folder = str(assignment.files.template.parent)
    before = {*sys.modules}
    sys.path.insert(0, folder)
    try:
        return module(assignment.files.reference)
    finally:
        sys.path.remove(folder)
        for name in {Path(helper).stem for helper in assignment.helpers} - before:
            sys.modules.pop(name, None)  # another assignment may have a module of this name


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn an exception of an author's code into an AuthorError that names file and line.

    The line is the innermost one in the folders of the assignment to which `path` belongs.
    """
    try:
        yield
    except (AuthorError, KeyboardInterrupt):
        raise
    except BaseException as error:  # a file may also exit
        kind = "" if isinstance(error, AssignmentError) else type(error).__name__
        file, line = _innermost(error, path)
        where = f"{place(file)}, line {line}" if line else place(file)
        why = getattr(error, "msg", str(error)).rstrip(".")
        parts = filter(None, (where, kind, one_line(why)))
        raise AuthorError(": ".join(parts) + ".") from error


def _innermost(error: BaseException, path: Path) -> tuple[Path, int | None]:
    """Return the innermost file and line of an assignment in a traceback, or of a text's error."""
    line: int | None = getattr(error, "lineno", None)  # Python and JSON that cannot be parsed
    if line:
        return Path(getattr(error, "filename", path)), line
    folders = [_course_of(path) / name for name in FOLDERS]
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if any(map(Path(frame.filename).is_relative_to, folders)):
            return Path(frame.filename), frame.lineno
    return path, None


def place(path: Path, text: str = "") -> str:
    """Return a file of an assignment as its author knows it, with the first line that has a text.

    A text that is no definition and has no quotes is quoted there.
    """
    name = path.relative_to(_course_of(path)).as_posix()
    quoted = {text} if text.startswith(("def ", '"')) else {f'"{text}"', f"'{text}'"}
    lines = path.read_text("utf-8").splitlines() if text else []
    number = next((n for n, line in enumerate(lines, 1) if any(q in line for q in quoted)), None)
    return f"{name}, line {number}" if number else name


def _course_of(path: Path) -> Path:
    """Return the folder that contains the three folders of an assignment's file."""
    within = [parent for parent in path.parents if parent.name in FOLDERS]
    return within[-1].parent if within else path.parent
