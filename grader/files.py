"""Write files whole: a reader sees the old text or the new one, never a part."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from grader.errors import DiskError

_DRAFT = ".draft-"


def write_whole(path: Path, text: str) -> None:
    """Replace a file in one step: a reader sees the old text or the new one, never a part.

    What is no file and no folder (a pipe, /dev/null) is written to, not replaced.
    """
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            path.write_text(text, encoding="utf-8")
        else:
            _replace(path, text)
    except OSError as error:
        raise _unwritable(path, error) from error


def prove_writable(path: Path) -> None:
    """Raise DiskError now where `write_whole` would later, as far as can be told beforehand."""
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if path.is_file() or not path.exists():
            tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> DiskError:
    return DiskError(f"{path} cannot be written: {error.strerror}.")


def _replace(path: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="", dir=path.parent, prefix=_DRAFT, delete=False
    ) as draft:
        written = Path(draft.name)
        try:
            draft.write(text)
            draft.close()
            written.chmod(0o644)
            written.replace(path)
        except BaseException:  # Ctrl-C just after the replacement finds no draft any more
            written.unlink(missing_ok=True)
            raise
