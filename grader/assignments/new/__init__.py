"""Make the files of a new assignment, from a solved notebook or from the names of functions.

    solved      the solved notebook → functions, reference, example calls
    arguments   the arguments of a call → Python that draws others of the same kinds
    spec        functions and examples → the text of testcases/NAME.py
    template    the solved notebook → the notebook for students

The files are a proposal that the author edits; `grader verify` names what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from grader import assignments
from grader.assignments.new import solved, spec, template
from grader.assignments.new.examples import observe
from grader.assignments.new.solved import SolvedNotebook
from grader.errors import UsageError
from grader.files import write_whole
from grader.model import Tier


def create(name: str, course: Path, notebook: SolvedNotebook, *, tier: Tier) -> list[Path]:
    """Write the files of an assignment into a course, and return their paths.

    Raises UsageError for a name that is taken or that no Python module can have, BoxError, DiskError.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise UsageError(
            f"An assignment cannot have the name {name!r}. Use small letters, digits and underscores."
        )
    if name in assignments.names(course):
        raise UsageError(f"{course} already has an assignment {name}. Choose another name.")
    paths = []
    for path, content in _files(name, notebook, tier):
        (course / path).parent.mkdir(parents=True, exist_ok=True)
        write_whole(course / path, content)
        paths.append(course / path)
    return paths


def _files(name: str, notebook: SolvedNotebook, tier: Tier) -> Iterator[tuple[str, str | bytes]]:
    """Yield the path and the content of each file."""
    folder = f"student_template/{name}"
    examples = observe(notebook, tier)
    yield f"reference/{name}.py", solved.reference(notebook)
    testcases, arrays = spec.text(name, notebook, examples)
    yield f"testcases/{name}.py", testcases
    if arrays:
        yield f"testcases/{name}_example.npz", arrays
    yield f"{folder}/{notebook.file_name}", template.build(notebook)
    for helper, path in notebook.helpers:
        yield f"{folder}/{helper}", path.read_bytes()
    if notebook.is_solved:
        yield f"testcases/{name}_submissions/100-solved.ipynb", template.without_outputs(notebook)
