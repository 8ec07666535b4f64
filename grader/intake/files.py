"""List the files below a path: a file, a folder, a zip file, and zip files in those."""

from __future__ import annotations

import dataclasses
import errno
import gzip
import os
import stat
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from grader.errors import GraderError, UsageError
from grader.intake.kinds import is_archive, is_junk, is_notebook, is_results
from grader.intake.labels import BARE_FOLDER, LINK_OUT, NO_FILE, OUTSIDE, UNLISTED
from grader.intake.names import Decoded
from grader.intake.zips import Fetch, Unreadable, is_zip, listing, read_bounded
from grader.messages import gettext
from grader.messages.sanitize import one_line

Parts = tuple[str, ...]

MAX_NOTEBOOKS = 20
"""In a student's zip file."""


@dataclass(frozen=True, slots=True)
class File:
    """A file below a path, or a placeholder for one that cannot be listed.

    `origin` is equal for the same file found twice. `fault` is the reason if a folder or a zip file
    cannot be listed. `is_folder`: a folder that is empty or not searched; `skipped` is the reason if known.
    """

    parts: Parts
    fetch: Fetch
    origin: str
    fault: Unreadable | None = None
    is_folder: bool = False
    skipped: str = ""

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.parts[-1]


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of a path, below the folder `name`.

    `above` are the folders that contain it, outermost first. `is_file` if the path is a file, or several
    in one folder. `names` is how the names in a zip file were decoded.
    """

    above: Parts
    name: str
    files: tuple[File, ...]
    origin: str = ""
    is_file: bool = False
    names: Decoded | None = None
    warnings: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """The first part of the source of each file."""
        return "" if self.is_file else self.origin.rsplit("/", 1)[-1]

    @property
    def depth(self) -> int:
        """The number of folders around all notebooks, such as that in a zip file of a folder."""
        notebooks = [f.parts for f in self.files if is_notebook(f.name) and not is_junk(f.parts)]
        columns = zip(*(parts[:-1] for parts in notebooks), strict=False)
        return len(list(takewhile(lambda column: len(set(column)) == 1, columns)))


EARLIER_RUN = "it contains the results of an earlier run"
LINK_IN = "it is a link to a folder that is searched at its own place"


class SearchOptions(NamedTuple):
    """The folders to skip (real paths), and the encoding of names in zip files, if it is known."""

    skipped: Collection[str] = ()
    encoding: str = ""


# ------------------------------------------------------------------ from a path to its files


def trees(paths: Iterable[Path], options: SearchOptions) -> list[Tree]:
    """Return the files of absolute paths; files in one folder are one tree.

    Raises UsageError for an archive that cannot be opened.
    """
    all_trees: list[Tree] = []
    plain: dict[Path, list[File]] = {}
    for path in paths:
        if os.path.isdir(path):
            all_trees.append(_folder(path, options))
        elif path.suffix.lower() == ".zip" and _may_be_zip(path):
            all_trees.append(_zip(path, options))
        else:
            plain.setdefault(path.parent, []).append(_named_file(path))
    for parent, files in plain.items():
        above, name = parent.parts[1:-1], parent.name
        all_trees.append(Tree(above, name, tuple(files), str(parent), is_file=True))
    return all_trees


def _named_file(path: Path) -> File:
    fetch = partial(_read, path) if path.is_relative_to("/dev") else partial(_read_file, path)
    if is_archive(path.name, _head(path) or b""):
        raise UsageError(
            f"{one_line(str(path))} is a compressed archive that the grader cannot open. Unpack it and "
            "give the folder."
        )
    return File((path.name,), fetch, str(Path(os.path.realpath(path.parent), path.name)))


def _zip(path: Path, options: SearchOptions) -> Tree:
    real = os.path.realpath(path)
    try:
        files, names = _unzipped(path, real, options)
    except Unreadable as error:
        if error.is_ours:
            return _unreadable(path, error)
        raise UsageError(
            f"{one_line(str(path))} could not be opened: {error.reason.split(';')[0]}. Download it "
            "again, or unpack it and give the folder."
        ) from None
    return Tree(path.parts[1:-1], path.stem, files, real, names=names)


def _unreadable(path: Path, error: Unreadable) -> Tree:
    file = File((path.name,), partial(refuse, error), os.path.realpath(path))
    return Tree(path.parts[1:-2], path.parent.name, (file,), str(path.parent), is_file=True)


def _folder(path: Path, options: SearchOptions) -> Tree:
    """Return the files of a folder.

    A folder with a notebook's name and no notebook inside counts as an unreadable file.
    """
    root = Path(os.path.realpath(path))
    misnamed: list[Path] = []
    files = list(_walk(root, options, misnamed))
    paths = [file.parts for file in files if is_notebook(file.name) or file.name.endswith(".zip")]
    filled = {path[:depth] for path in paths for depth in range(len(path))}
    bare = [path for path in misnamed if path.relative_to(root).parts not in filled]
    files += [_refused(path / path.name, root, BARE_FOLDER) for path in bare]
    return Tree(path.parts[1:-1], path.name, tuple(files), str(root))


def members(file: File, options: SearchOptions) -> tuple[tuple[File, ...], Decoded]:
    """Return the files in a zip file below a path, and how their names were decoded. Raises Unreadable."""
    path = Path(file.origin)
    if path.is_file() and not path.is_symlink():
        return _unzipped(path, file.origin, options)
    return _unzipped_bytes(file, options)  # in a zip file, a link, or a pipe, which is refused


def _unzipped(path: Path, origin: str, options: SearchOptions) -> tuple[tuple[File, ...], Decoded]:
    members_, names = listing(path, path.name, options.encoding)
    return tuple(
        File(member.parts, member.fetch, f"{origin}//{number}", is_folder=member.is_folder)
        for number, member in enumerate(members_)
    ), names


def _unzipped_bytes(file: File, options: SearchOptions) -> tuple[tuple[File, ...], Decoded]:
    members_, names = listing(file.fetch(), file.name, options.encoding)
    return tuple(
        File(
            member.parts,
            partial(_fetch_inner, file, number, member.parts, options.encoding),
            f"{file.origin}//{number}",
            is_folder=member.is_folder,
        )
        for number, member in enumerate(members_)
    ), names


def refuse(error: GraderError) -> bytes:
    """Raise an error where a file would be read."""
    raise error


def _head(path: Path) -> bytes | None:
    """Return the first bytes of an ordinary file, or None if it cannot be read."""
    try:
        with open(path, "rb", opener=_open_regular) as file:
            return file.read(512)
    except (OSError, Unreadable):
        return None


def _may_be_zip(path: Path) -> bool:
    """Return False for a file that is not readable, or that is a notebook with this ending."""
    head = _head(path)
    return head is not None and (is_zip(head) or head.lstrip()[:1] not in {b"{", b"["})


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
            return read_bounded(file, path.name)
    except OSError as error:
        raise _failed(path.name, error) from None


def _walk(root: Path, options: SearchOptions, misnamed: list[Path]) -> Iterator[File]:
    """Yield every file below a folder; links to folders are not followed, so there are no loops.

    Folders that are empty or not searched are yielded, too. Folders with a notebook's name are searched,
    and added to `misnamed`.
    """
    pending = [root]
    while pending:
        folder = pending.pop()
        try:
            paths = [folder / name for name in os.listdir(folder)]
        except OSError as error:
            fault = _failed(folder.name, error)
            label = _below(folder / UNLISTED, root)
            yield dataclasses.replace(label, fault=fault, fetch=partial(refuse, fault))
            continue
        paths = [path for path in paths if str(path) not in options.skipped]
        skipped = EARLIER_RUN if is_results(path.name for path in paths) else ""
        if folder != root and (skipped or not paths):
            yield dataclasses.replace(_below(folder, root), is_folder=True, skipped=skipped)
            continue
        for path in paths:
            if os.path.islink(path):
                yield from _linked(path, root)
            elif os.path.isdir(path):
                if is_junk((path.name, "")):
                    yield dataclasses.replace(_below(path, root), is_folder=True)
                    continue
                pending.append(path)
                misnamed += [path] * is_notebook(path.name)
            elif os.path.isfile(path) or not os.path.lexists(path):
                yield _below(path, root)
            else:
                yield _refused(path, root, NO_FILE)


def _failed(name: str, error: OSError) -> Unreadable:
    return Unreadable(
        name, error.strerror or gettext("the disk could not be read"), error.errno or errno.EIO
    )


def _below(path: Path, root: Path) -> File:
    return File(path.relative_to(root).parts, partial(_read_file, path), str(path))


def _refused(path: Path, root: Path, reason: str) -> File:
    refused = partial(refuse, Unreadable(path.name, reason))
    return dataclasses.replace(_below(path, root), fetch=refused)


def _linked(path: Path, root: Path) -> Iterator[File]:
    """Yield the file of a link inside the root; a folder there is searched at its own place."""
    target = Path(os.path.realpath(path))
    is_folder = os.path.isdir(target)
    if not target.is_relative_to(root):
        yield _refused(path / LINK_OUT if is_folder else path, root, OUTSIDE)
    elif is_folder:
        yield dataclasses.replace(_below(path, root), skipped=LINK_IN)
    else:
        yield _below(path, root)


# ------------------------------------------------------------------ a student's own archives


def opened(file: File, options: SearchOptions) -> list[File]:
    """Return the files of a student's own zip or gzip file, as files of that student.

    Zip files inside are opened only if they are few and there is no notebook beside them. Raises
    Unreadable.
    """
    name = file.name.lower()
    if name.endswith(".gz") and not name.endswith(".tar.gz"):
        plain = file.name[: -len(".gz")]
        return [dataclasses.replace(file, fetch=partial(_gunzipped, file, plain))]
    if file.fetch()[:100].lstrip()[:1] in {b"{", b"["}:  # a notebook with this ending
        return [file]
    inner, _ = _unzipped_bytes(file, options)
    files = [dataclasses.replace(f, parts=(*file.parts, *f.parts)) for f in inner]
    files = [f for f in files if not f.is_folder]
    zips = sum(f.name.lower().endswith(".zip") for f in files)
    if zips > MAX_NOTEBOOKS or any(is_notebook(f.name) for f in files):
        return files
    return [deeper for f in files for deeper in _opened_deeper(f, options)]


def _opened_deeper(file: File, options: SearchOptions) -> list[File]:
    if not file.name.lower().endswith(".zip"):
        return [file]
    try:
        inner, _ = _unzipped_bytes(file, options)
    except Unreadable:
        return [file]
    return [dataclasses.replace(f, parts=(*file.parts, *f.parts)) for f in inner if not f.is_folder]


def _gunzipped(file: File, name: str) -> bytes:
    data = file.fetch()
    try:
        with gzip.open(BytesIO(data)) as stream:
            return read_bounded(stream, name, packed=len(data))
    except (OSError, EOFError, zlib.error):
        return data


def _fetch_inner(file: File, number: int, parts: Parts, encoding: str) -> bytes:
    """Read a member of a zip file. Raises Unreadable if the zip file has changed since it was listed."""
    inside, _ = listing(file.fetch(), file.name, encoding)
    if number >= len(inside) or inside[number].parts != parts:
        text = gettext("{name} changed while it was being read", name=one_line(file.name, limit=80))
        raise Unreadable(parts[-1], text)
    return inside[number].fetch()
