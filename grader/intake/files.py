"""List the files below a path: a file, a folder, a zip file, and zip files in those."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import os
import re
import stat
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from grader.errors import GraderError
from grader.intake.labels import BARE_FOLDER, LINK_OUT, NO_FILE, OUTSIDE, UNLISTED
from grader.intake.platforms import Parts, by_canvas_student, by_student
from grader.intake.zips import MAX_BYTES, TOO_LARGE, Fetch, Unreadable, is_zip, members
from grader.messages import gettext
from grader.messages.sanitize import one_line

_NOTEBOOK = re.compile(r"\.ipynb(?:\.json|\.txt)?$", re.IGNORECASE)
"""Browsers add a second ending when they save an unknown type."""

_JUNK = {"__MACOSX", "__pycache__"}
_MAX_IN_STUDENTS_ZIP = 20


@dataclass(frozen=True, slots=True)
class File:
    """A file below a path, or a label in the place of one that cannot be listed.

    `origin` is equal for the same file found twice. `packed` files come from a zip file among
    notebooks or students' folders, which always is one student's. `fault` is the reason if a folder
    or a zip file cannot be listed.
    """

    parts: Parts
    fetch: Fetch
    origin: str
    packed: bool = False
    fault: Unreadable | None = None

    @property
    def is_notebook(self) -> bool:
        """True if the name has the ending of a notebook."""
        return bool(_NOTEBOOK.search(self.parts[-1]))

    @property
    def stem(self) -> str:
        """The name without its ending."""
        name = self.parts[-1]
        return _NOTEBOOK.sub("", name) if self.is_notebook else Path(name).stem


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of a path; `folders` are the path's own, and `is_file` if it is a file itself."""

    origin: str
    folders: Parts
    files: tuple[File, ...]
    is_file: bool = False

    @property
    def notebooks(self) -> list[File]:
        """The files to grade; a path that is a file always is one."""
        return [file for file in self.files if self.is_file or file.is_notebook]


# ------------------------------------------------------------------ from a path to its files


def tree_at(path: Path, skipped: Collection[str]) -> Tree:
    """Return the files of an absolute path, without the folders in `skipped` (real paths)."""
    if os.path.isdir(path):
        return _folder(path, skipped)
    fetch: Fetch
    if path.suffix.lower() == ".zip" and _starts_as_zip(path):
        real = os.path.realpath(path)
        try:
            files = _by_student(_unzipped(path, real), (path.stem,))
            return Tree(real, (*path.parts[1:-1], path.stem), files)
        except Unreadable as error:
            fetch = partial(refuse, error)
    elif path.is_relative_to("/dev"):  # standard input, or a shell's <(command)
        fetch = partial(_read, path)
    else:
        fetch = partial(_read_file, path)
    origin = str(Path(os.path.realpath(path.parent), path.name))
    return Tree(origin, path.parts[1:-1], (File((path.name,), fetch, origin),), is_file=True)


def _folder(path: Path, skipped: Collection[str]) -> Tree:
    """Return the files of a folder.

    A folder with a notebook's name and no notebook inside counts as an unreadable file.
    """
    root = Path(os.path.realpath(path))
    folders = path.parts[1:]
    misnamed: list[Path] = []
    files = [inner for file in _walk(root, skipped, misnamed) for inner in _with_zips(file, root)]
    paths = (file.parts for file in files if file.is_notebook)
    with_notebook = {path[:depth] for path in paths for depth in range(len(path))}
    bare = [path for path in misnamed if path.relative_to(root).parts not in with_notebook]
    files += [_refused(path / path.name, root, BARE_FOLDER) for path in bare]
    return Tree(str(root), folders, _by_student(files, folders))


def _by_student(files: Sequence[File], inside: Parts) -> tuple[File, ...]:
    paths = by_student([file.parts for file in files], inside=inside)
    pairs = zip(files, paths, strict=True)
    return tuple(dataclasses.replace(file, parts=parts) for file, parts in pairs)


def refuse(error: GraderError) -> bytes:
    """Raise an error where a file would be read."""
    raise error


def _read_file(path: Path) -> bytes:
    return _read(path, opener=_open_regular)


def _open_regular(path: str, flags: int) -> int:
    """Open a file or a folder. Raises Unreadable for a pipe, which could block forever."""
    descriptor = os.open(path, flags | os.O_NONBLOCK)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return descriptor
    os.close(descriptor)
    raise Unreadable(os.path.basename(path), NO_FILE)


def _read(path: Path, *, opener: Callable[[str, int], int] | None = None) -> bytes:
    try:
        with open(path, "rb", opener=opener) as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _failed(path.name, error) from None
    if len(data) > MAX_BYTES:
        raise Unreadable(path.name, TOO_LARGE)
    return data


def _walk(root: Path, skipped: Collection[str], misnamed: list[Path]) -> Iterator[File]:
    """Yield every file below a folder; links to folders are not followed, so there are no loops.

    Folders with a notebook's name are searched, too, and added to `misnamed`.
    """
    pending = [root]
    while pending:
        folder = pending.pop()
        try:
            paths = [folder / name for name in os.listdir(folder)]
        except OSError as error:
            label = _below(folder / UNLISTED, root)
            yield dataclasses.replace(label, fault=_failed(folder.name, error))
            continue
        for path in paths:
            if _is_junk(path.name) or str(path) in skipped:
                continue
            if os.path.islink(path):
                yield from _linked(path, root)
            elif os.path.isdir(path):
                pending.append(path)
                misnamed += [path] * bool(_NOTEBOOK.search(path.name))
            elif os.path.isfile(path) or not os.path.lexists(path):
                yield _below(path, root)
            else:
                yield _refused(path, root, NO_FILE)


def _with_zips(file: File, root: Path) -> Iterator[File]:
    """Yield the files of a zip file in a folder: a student's own, or a platform's for a class."""
    path = root.joinpath(*file.parts)
    if path.name.lower().endswith(".zip"):
        with contextlib.suppress(Unreadable):  # `_opened` reports it
            inside = members(file.fetch(), path.name)
            notebooks = sum(bool(_NOTEBOOK.search(member.parts[-1])) for member in inside)
            if notebooks > _MAX_IN_STUDENTS_ZIP:
                for inner in _unzipped(path, file.origin):
                    parts = (*file.parts[:-1], path.stem, *inner.parts)
                    yield dataclasses.replace(inner, parts=parts)
                return
    yield from _opened(file)


def _failed(name: str, error: OSError) -> Unreadable:
    return Unreadable(
        name, error.strerror or gettext("the disk could not be read"), error.errno or errno.EIO
    )


def _is_junk(name: str) -> bool:
    return name.startswith(".") or name in _JUNK


def _below(path: Path, root: Path) -> File:
    return File(path.relative_to(root).parts, partial(_read_file, path), str(path))


def _refused(path: Path, root: Path, reason: str) -> File:
    refused = partial(refuse, Unreadable(path.name, reason))
    return dataclasses.replace(_below(path, root), fetch=refused)


def _linked(path: Path, root: Path) -> Iterator[File]:
    """Yield the file of a link inside the root; a folder there is walked at its own place."""
    target = Path(os.path.realpath(path))
    is_folder = os.path.isdir(target)
    if not target.is_relative_to(root):
        yield _refused(path / LINK_OUT if is_folder else path, root, OUTSIDE)
    elif not is_folder:
        yield _below(path, root)


# ------------------------------------------------------------------ zip files, and those in them


def _starts_as_zip(path: Path) -> bool:
    try:
        with open(path, "rb", opener=_open_regular) as file:
            return is_zip(file.read(4))
    except (OSError, Unreadable):
        return False


def _unzipped(path: Path, origin: str) -> list[File]:
    useful = [member for member in members(path, path.name) if not any(map(_is_junk, member.parts))]
    renamed = by_canvas_student([member.parts for member in useful])
    files = [
        File(parts, member.fetch, f"{origin}//{number}")
        for number, (parts, member) in enumerate(zip(renamed, useful, strict=True))
    ]
    return [inner for file in files for inner in _opened(file)]


def _opened(file: File) -> Iterator[File]:
    """Yield the files of a student's own zip file, one level deep, as files of that student."""
    name = file.parts[-1]
    if not name.lower().endswith(".zip"):
        yield file
        return
    if len(file.parts) == 1:
        file = dataclasses.replace(file, parts=(name[: -len(".zip")], name), packed=True)
    try:
        inner = [
            File(
                (*file.parts[:-1], "-".join(member.parts)),
                partial(_fetch_inner, file, number, member.parts),
                f"{file.origin}//{number}",
                file.packed,
            )
            for number, member in enumerate(members(file.fetch(), name))
            if not any(map(_is_junk, member.parts))
        ]
    except Unreadable as error:
        label = gettext("{name} ({reason})", name=name, reason=error.reason)
        yield dataclasses.replace(_renamed(file, label), fault=error)
        return
    notebooks = sum(member.is_notebook for member in inner)
    if notebooks > _MAX_IN_STUDENTS_ZIP:
        label = gettext(
            "{name} (it contains {count} notebooks; submit only one)", name=name, count=notebooks
        )
        yield _renamed(file, label)
    else:
        yield from inner or [file]


def _fetch_inner(file: File, number: int, parts: Parts) -> bytes:
    """Read a member of a zip file. Raises Unreadable if the zip file has changed since it was listed."""
    name = file.parts[-1]
    inside = members(file.fetch(), name)
    if number >= len(inside) or inside[number].parts != parts:
        text = gettext("{name} changed while it was being read", name=one_line(name, limit=80))
        raise Unreadable(parts[-1], text)
    return inside[number].fetch()


def _renamed(file: File, name: str) -> File:
    return dataclasses.replace(file, parts=(*file.parts[:-1], name))
