"""Read untrusted zip files in memory, with a limit on each member."""

from __future__ import annotations

import contextlib
import errno
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from threading import Lock

from grader.errors import SubmissionError
from grader.messages import gettext
from grader.messages.sanitize import one_line

MAX_BYTES = 64 << 20
MAX_MEMBERS = 10_000
"""In a student's zip file; a longer list of members alone could fill the memory."""

TOO_LARGE = gettext(
    "it is larger than {size} MiB; clear its outputs and submit it again", size=MAX_BYTES >> 20
)
_ENCRYPTED = gettext("it is encrypted; submit it without a password")
_DAMAGED = gettext("the zip file is damaged; submit it again")
_UNUSUAL = gettext("its compression method is not supported; pack it as an ordinary zip file")
_TOO_MANY = gettext(
    "it contains more than {count} files; submit only the notebook", count=MAX_MEMBERS
)

_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
_DIRECTORY_ENTRY = b"PK\x01\x02"
_UTF8_NAME = 0x800
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
)

Fetch = Callable[[], bytes]
"""Returns the bytes of a file. Raises Unreadable."""


_NOT_THERE = (0, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EINVAL)


class Unreadable(SubmissionError):
    """A file that cannot be read: a sentence with its name, the reason and the next step.

    `number` is the system's error number, 0 if the reason lies in the file.
    """

    def __init__(self, name: str, reason: str, number: int = 0) -> None:
        super().__init__(name, reason, number)
        self.name = name
        self.reason = reason
        self.number = number

    @property
    def is_ours(self) -> bool:
        """True if this machine failed, for example its disk; False if the file is missing or invalid."""
        return self.number not in _NOT_THERE

    def __str__(self) -> str:
        name = one_line(self.name, limit=80)
        return gettext("{name} could not be read: {reason}.", name=name, reason=self.reason)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a zip file: the parts of its path, which are labels only, and its bytes."""

    parts: tuple[str, ...]
    fetch: Fetch = field(repr=False, compare=False)


class _Archive:
    """A zip file that is opened once for all threads, and again in each other process."""

    def __init__(self, file: Path | bytes) -> None:
        self._file = file
        self._lock = Lock()
        self._opened: zipfile.ZipFile | None = None

    def __reduce__(self) -> tuple[type[_Archive], tuple[Path | bytes]]:
        return _Archive, (self._file,)

    def infos(self) -> list[zipfile.ZipInfo]:
        with self._lock:
            return self._open().infolist()

    def read(self, info: zipfile.ZipInfo, name: str) -> bytes:
        """Return the bytes of a member, up to the limit, whatever size it declares.

        Raises Unreadable with this name.
        """
        if info.flag_bits & 1:
            raise Unreadable(name, _ENCRYPTED)
        if info.compress_type not in _METHODS:
            raise Unreadable(name, _UNUSUAL)
        try:
            with self._lock, self._open().open(info) as member:
                data = member.read(MAX_BYTES + 1)
        except _BROKEN as error:
            raise _broken(name, error) from None
        if len(data) > MAX_BYTES:
            raise Unreadable(name, TOO_LARGE)
        return data

    def _open(self) -> zipfile.ZipFile:
        if self._opened is None:
            file = self._file
            self._opened = zipfile.ZipFile(BytesIO(file) if isinstance(file, bytes) else file)
        return self._opened


def is_zip(head: bytes) -> bool:
    """Return True if a file begins like a zip file."""
    return head.startswith(_SIGNATURES)


def members(file: Path | bytes, name: str) -> list[Member]:
    """Return the files in a zip file. Raises Unreadable with this name."""
    if isinstance(file, bytes) and file.count(_DIRECTORY_ENTRY) > MAX_MEMBERS:
        raise Unreadable(name, _TOO_MANY)
    archive = _Archive(file)
    try:
        infos = archive.infos()
    except _BROKEN as error:
        raise _broken(name, error) from None
    files = [(_parts(info), info) for info in infos if not info.filename.endswith("/")]
    return [Member(p, partial(archive.read, info, p[-1])) for p, info in files if p]


def _broken(name: str, error: Exception) -> Unreadable:
    """Return the reason of an error: the system's, or a damaged file (EINVAL: an offset before its start)."""
    if isinstance(error, OSError) and error.strerror and error.errno != errno.EINVAL:
        return Unreadable(name, error.strerror, error.errno or errno.EIO)
    return Unreadable(name, _DAMAGED)


def _parts(info: zipfile.ZipInfo) -> tuple[str, ...]:
    """Split a member's name; it is a label only, so parts such as `..` are dropped.

    Several packers write names in UTF-8 without the flag for it.
    """
    name = info.filename
    if not info.flag_bits & _UTF8_NAME:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode()
    return tuple(part for part in name.replace("\\", "/").split("/") if part not in {"", ".", ".."})
