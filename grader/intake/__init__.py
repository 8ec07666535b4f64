"""Find submissions in files, folders and the zip files of learning platforms.

Only names are read at first (and zip files inside zip files). The bytes are read when they are
needed, so a class of thousands fits in memory. A file that should be a submission but cannot be read
becomes a submission with a problem.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from grader.errors import GraderError, SubmissionError, UsageError
from grader.intake.files import File, Tree, refuse, tree_at
from grader.intake.ids import Place, unique
from grader.intake.labels import LABELS
from grader.intake.platforms import Parts
from grader.intake.zips import Fetch, Unreadable
from grader.messages import Message, and_list, gettext
from grader.messages.sanitize import one_line
from grader.model import Submission
from grader.model.failure import failure_of

__all__ = ["Source", "find"]

_NAMES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Source:
    """A submission that is not read yet.

    `key` identifies the student in later runs, in other downloads, too. A gradebook that stores the
    ID of each key passes them to `find` as `known`, so that only a newcomer's ID depends on others.
    """

    id: str
    fetch: Fetch = field(repr=False)
    key: str = ""

    def read(self) -> Submission:
        """Read the bytes; if they cannot be read, the reason becomes the submission's problem."""
        try:
            return Submission(self.id, self.fetch())
        except GraderError as error:
            ours = isinstance(error, Unreadable) and error.is_ours
            failure = failure_of(error, stage="reading the file") if ours else None
            return Submission(self.id, b"", str(error), failure)
        except Exception as error:
            failure = failure_of(error, stage="reading the file")
            problem = f"The grader failed with {failure.kind}."
            return Submission(self.id, b"", problem, failure)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A submission without an ID; `origin` is equal for the same file found twice."""

    place: Place
    fetch: Fetch
    origin: str


def find(paths: Sequence[Path], *, exclude: Collection[Path] = ()) -> tuple[Source, ...]:
    """Return every submission under the paths, in an order that depends on their names alone.

    `exclude` are folders to skip, such as the folder for the results. Sources may be read by several
    threads, and in another process that can open the same files.
    Raises UsageError if a path does not exist, or if no path contains a notebook.
    """
    for path in paths:
        if not os.path.exists(path):
            raise UsageError(f"There is no file or folder {one_line(str(path))}.")
    skipped = {os.path.realpath(path) for path in exclude}
    unique_paths = sorted({Path(os.path.abspath(path)) for path in paths})
    trees = [tree_at(path, skipped) for path in unique_paths]
    if not any(tree.notebooks for tree in trees):
        under = one_line(", ".join(map(str, paths)), limit=200)
        raise UsageError(f"No notebook (.ipynb) was found under {under}.")
    return _sources(candidate for tree in trees for candidate in _candidates(tree))


def _sources(candidates: Iterable[_Candidate]) -> tuple[Source, ...]:
    """Return sources with IDs; a file that is found twice (also by its folder) is one submission."""
    by_origin: dict[str, _Candidate] = {}
    for candidate in candidates:
        by_origin.setdefault(candidate.origin, candidate)
    ordered = sorted(by_origin.values(), key=lambda c: (c.place.folders, c.place.stem, c.origin))
    ids = unique([candidate.place for candidate in ordered])
    return tuple(Source(name, c.fetch) for name, c in zip(ids, ordered, strict=True))


# ------------------------------------------------------------------ from files to submissions


def _candidates(tree: Tree) -> Iterator[_Candidate]:
    """Yield the notebooks of a tree, and the students' folders without a notebook."""
    notebooks = tree.notebooks
    counts = Counter(file.parts[:-1] for file in notebooks)
    for file in notebooks:
        yield _Candidate(_place(tree, file, counts), file.fetch, file.origin)
    for head in _without_notebook(tree) if notebooks else [()]:
        files = [file for file in tree.files if file.parts[: len(head)] == head]
        ours = next((file.fault for file in files if file.fault and file.fault.is_ours), None)
        problem = ours or SubmissionError(_no_notebook([file.parts[-1] for file in files]))
        place, origin = Place(tree.folders + head, 1), str(Path(tree.origin, *head))
        yield _Candidate(place, partial(refuse, problem), origin)


def _place(tree: Tree, file: File, counts: Counter[Parts]) -> Place:
    """Return the place of a notebook: its folder and, if it is not the only notebook there, its stem.

    The stem is enough for several notebooks directly in a path, and for a path that is a file.
    """
    folders = file.parts[:-1]
    alone = counts[folders] == 1
    if folders:
        return Place(tree.folders + folders, 1, "" if alone else file.stem)
    if alone and len(counts) == 1 and tree.folders and not tree.is_file:
        return Place(tree.folders, 1)
    return Place(tree.folders, 0, file.stem)


def _without_notebook(tree: Tree) -> list[Parts]:
    """Return the students' folders that contain files but no notebook, while others' have one.

    Students' folders are the outermost that are siblings. Where notebooks are among the siblings,
    only zip files are certain to be students' folders.
    """
    folders = [file.parts[:-1] for file in tree.files]
    with_notebook = [file.parts[:-1] for file in tree.notebooks]
    for depth in range(1, max(map(len, folders)) + 1):
        heads = {path[:depth] for path in folders if len(path) >= depth}
        good = {path[:depth] for path in with_notebook if len(path) >= depth}
        if not good:
            break
        if len(heads) > 1:
            return sorted(heads - good)
    return sorted({f.parts[:1] for f in tree.files if f.packed} - {p[:1] for p in with_notebook})


def _no_notebook(names: list[str]) -> str:
    """Return the problem of a folder: printable names; a label that stands for a file is translated."""
    labels = []
    for name in sorted(names)[:_NAMES_SHOWN]:
        label, text = LABELS.get(name, name), one_line(name, limit=80)
        labels.append(label if isinstance(label, Message) and label == text else text)
    if len(names) > _NAMES_SHOWN:
        labels.append(gettext("{count} more", count=len(names) - _NAMES_SHOWN))
    if not labels:
        return gettext("This submission is empty. Submit your notebook (.ipynb).")
    return gettext(
        ("This submission contains no notebook (.ipynb), only {names}. Submit your notebook."),
        names=and_list(labels),
    )
