"""Find submissions in files, folders and the zip files of learning platforms.

Finding reads names only (and zip files inside zip files); bytes are read when they are wanted, so
a class of thousands fits in memory. Nobody is lost silently: what should have been a submission
and cannot be read becomes one that says so.
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
from grader.messages.sanitize import printable
from grader.model import Submission
from grader.model.failure import failure_of

__all__ = ["Source", "find"]

_NAMES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Source:
    """A submission that was found and not read yet."""

    id: str
    fetch: Fetch = field(repr=False)

    def read(self) -> Submission:
        """Read the bytes; what keeps them from being read becomes the submission's problem."""
        try:
            return Submission(self.id, self.fetch())
        except GraderError as error:
            ours = isinstance(error, Unreadable) and error.is_ours
            failure = failure_of(error, stage="reading the file") if ours else None
            return Submission(self.id, b"", str(error), failure)


@dataclass(frozen=True, slots=True)
class _Found:
    place: Place
    fetch: Fetch
    origin: str


def find(paths: Sequence[Path], *, exclude: Collection[Path] = ()) -> tuple[Source, ...]:
    """Return every submission under the paths, in an order that depends on their names alone.

    `exclude` are folders to pass over, such as the one the results go to. Sources may be read by
    several threads, and in another process that sees the same files.
    Raises UsageError if a path does not exist, or if there is no notebook anywhere.
    """
    for path in paths:
        if not os.path.exists(path):
            raise UsageError(f"There is no file or folder {printable(str(path))}.")
    skipped = {os.path.realpath(path) for path in exclude}
    given = sorted({Path(os.path.abspath(path)) for path in paths})
    trees = [tree_at(path, skipped) for path in given]
    if not any(tree.notebooks for tree in trees):
        raise UsageError(_nothing_under(paths))
    return _sources(found for tree in trees for found in _found_in(tree))


def _sources(found: Iterable[_Found]) -> tuple[Source, ...]:
    """Give IDs; what was found twice (a folder, and a file in it) is one submission."""
    once: dict[str, _Found] = {}
    for one in found:
        once.setdefault(one.origin, one)
    ordered = sorted(once.values(), key=lambda one: (one.place.folders, one.place.stem, one.origin))
    ids = unique([one.place for one in ordered])
    return tuple(Source(name, one.fetch) for name, one in zip(ids, ordered, strict=True))


def _nothing_under(paths: Sequence[Path]) -> str:
    under = printable(", ".join(map(str, paths)), limit=200)
    return f"No notebook (.ipynb) was found under {under}."


# ------------------------------------------------------------------ from files to submissions


def _found_in(tree: Tree) -> Iterator[_Found]:
    notebooks = tree.notebooks
    counts = Counter(file.parts[:-1] for file in notebooks)
    for file in notebooks:
        yield _Found(_place(tree, file, counts), file.fetch, file.origin)
    for head in _without_notebook(tree) if notebooks else [()]:
        held = [file for file in tree.files if file.parts[: len(head)] == head]
        ours = next((file.fault for file in held if file.fault and file.fault.is_ours), None)
        problem = ours or SubmissionError(_what_instead([file.parts[-1] for file in held]))
        place, origin = Place(tree.folders + head, 1), str(Path(tree.origin, *head))
        yield _Found(place, partial(refuse, problem), origin)


def _place(tree: Tree, file: File, counts: Counter[Parts]) -> Place:
    """Name a notebook by its folder if it is the only one there, else by its stem as well.

    Of several that stand directly in a given folder the stem is enough, and so it is for a file
    that was named itself.
    """
    folders = file.parts[:-1]
    alone = counts[folders] == 1
    if folders:
        return Place(tree.folders + folders, 1, "" if alone else file.stem)
    if alone and len(counts) == 1 and tree.folders and not tree.lone:
        return Place(tree.folders, 1)
    return Place(tree.folders, 0, file.stem)


def _without_notebook(tree: Tree) -> list[Parts]:
    """Return the students' folders that hold files but no notebook, while others' do.

    Students' folders are the outermost that stand side by side; where notebooks stand there
    themselves, none but zip files are students' folders for certain.
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


def _what_instead(names: list[str]) -> str:
    shown = [_shown(name) for name in sorted(names)[:_NAMES_SHOWN]]
    if len(names) > _NAMES_SHOWN:
        shown.append(gettext("{count} more", count=len(names) - _NAMES_SHOWN))
    if not shown:
        return gettext("This submission is empty. Submit your notebook (.ipynb).")
    held = and_list(shown)
    return gettext(
        ("This submission contains no notebook (.ipynb), only {names}. Submit your notebook."),
        names=held,
    )


def _shown(name: str) -> str:
    """Return a name fit to be shown; what we said in the place of a file stays a sentence of ours."""
    name, fit = LABELS.get(name, name), printable(name, limit=80)
    return name if isinstance(name, Message) and name == fit else fit
