"""Write files atomically: a reader sees the old text or the new one, never a part of it."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from grader.errors import DiskError

_DRAFT_PREFIX = ".draft-"


def write_whole(path: Path, content: str | bytes) -> None:
    """Replace a file's content in one step. Raises DiskError.

    A pipe or a device, such as /dev/null, is written to instead.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            path.write_bytes(data)
        else:
            _replace(path, data)
    except OSError as error:
        raise _unwritable(path, error) from error


def append(path: Path, text: str) -> None:
    """Add text at the end of a file in one step: all of it or, if the disk is full, none of it.

    Raises DiskError. There must be one writer at a time.
    """
    try:
        with path.open("ab", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            data = text.encode()
            if file.write(data) < len(data):
                file.truncate(size)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError as error:
        raise _unwritable(path, error) from error


def remove_drafts(folders: Iterable[Path]) -> None:
    """Remove the drafts that a killed process left in folders. Raises DiskError."""
    for draft in (path for folder in folders for path in folder.glob(f"{_DRAFT_PREFIX}*")):
        remove(draft)


def remove(path: Path) -> None:
    """Remove a file, if it exists. Raises DiskError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise DiskError(f"{path} cannot be removed: {error.strerror}.") from error


def require_writable(path: Path) -> None:
    """Raise DiskError if `write_whole` would fail, as far as that is known before writing."""
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if path.is_file() or not path.exists():
            tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> DiskError:
    return DiskError(f"{path} cannot be written: {error.strerror}.")


def _replace(path: Path, data: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=_DRAFT_PREFIX)
    try:
        with open(descriptor, "wb") as draft:  # noqa: PTH123 - Ctrl-C in os.fdopen leaves it open
            draft.write(data)
            os.fchmod(descriptor, 0o644)
        Path(name).replace(path)
    except BaseException:  # Ctrl-C just after the replacement finds no draft any more
        Path(name).unlink(missing_ok=True)
        raise
