"""Read untrusted zip files in memory, with a limit on each member."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from gzip import GzipFile
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import IO, NamedTuple

from grader.errors import SubmissionError
from grader.intake.names import Decoded, decode_names
from grader.messages import gettext
from grader.messages.sanitize import one_line

MAX_BYTES = 64 << 20
MAX_DIGESTED = 2 << 30
MAX_EXPANSION = 50
"""No digest is made of a file larger than `MAX_DIGESTED` either, nor of one that was compressed more than
this: a zip file of a few bytes can contain petabytes."""

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
_DRIVE = re.compile(r"^[A-Za-z]:(?=/)")
_UTF8_NAME = 0x800
_UNICODE_PATH = 0x7075
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

    `number` is the system's error number, 0 if the reason lies in the file. `digest` is the SHA-256 of a
    file that is too large to be kept.
    """

    def __init__(self, name: str, reason: str, number: int = 0, digest: str | None = None) -> None:
        super().__init__(name, reason, number, digest)
        self.name = name
        self.reason = reason
        self.number = number
        self.digest = digest

    @property
    def is_ours(self) -> bool:
        """True if this machine failed, for example its disk; False if the file is missing or invalid."""
        return self.number not in _NOT_THERE

    def __str__(self) -> str:
        name = one_line(self.name, limit=80)
        return gettext("{name} could not be read: {reason}.", name=name, reason=self.reason)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a zip file: the parts of its path, which are labels only, and its bytes.

    An `is_folder` has no bytes.
    """

    parts: tuple[str, ...]
    fetch: Fetch = field(repr=False, compare=False)
    is_folder: bool = False


class Contents(NamedTuple):
    """The members of a zip file, and how their names were read."""

    members: list[Member]
    names: Decoded


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
        if obstacle := _obstacle(info):
            raise Unreadable(name, obstacle)
        try:
            with self._lock, self._open().open(info) as member:
                return read_bounded(member, name, packed=info.compress_size)
        except _BROKEN as error:
            raise _broken(name, error) from None

    def _open(self) -> zipfile.ZipFile:
        if self._opened is None:
            file = self._file
            self._opened = zipfile.ZipFile(BytesIO(file) if isinstance(file, bytes) else file)
        return self._opened


def is_zip(head: bytes) -> bool:
    """Return True if a file begins like a zip file."""
    return head.startswith(_SIGNATURES)


def read_bounded(file: IO[bytes] | GzipFile, name: str, *, packed: int | None = None) -> bytes:
    """Return the bytes of a file, up to the limit; `packed` is its compressed size.

    Raises Unreadable with this name and a digest.
    """
    data = file.read(MAX_BYTES + 1)
    if len(data) <= MAX_BYTES:
        return data
    most = MAX_DIGESTED if packed is None else min(MAX_DIGESTED, MAX_EXPANSION * packed)
    digest, size = hashlib.sha256(data), len(data)
    while size <= most and (chunk := file.read(1 << 20)):
        digest.update(chunk)
        size += len(chunk)
    raise Unreadable(name, TOO_LARGE, digest=digest.hexdigest() if size <= most else None)


def listing(file: Path | bytes, name: str, encoding: str = "") -> Contents:
    """Return the files and empty folders in a zip file.

    Raises Unreadable with this name, also if none of its files can be read.
    """
    if isinstance(file, bytes) and file.count(_DIRECTORY_ENTRY) > MAX_MEMBERS:
        raise Unreadable(name, _TOO_MANY)
    archive = _Archive(file)
    try:
        infos = archive.infos()
    except _BROKEN as error:
        raise _broken(name, error) from None
    obstacles = {_obstacle(info) for info in infos if not info.filename.endswith("/")}
    if obstacles and None not in obstacles:
        raise Unreadable(name, max(filter(None, obstacles)))
    names = _names(infos, encoding)
    members = []
    for info, text in zip(infos, names.names, strict=True):
        parts = _parts(text)
        if parts:
            fetch = partial(archive.read, info, parts[-1])
            members.append(Member(parts, fetch, is_folder=info.filename.endswith("/")))
    return Contents(members, names)


def members(file: Path | bytes, name: str, encoding: str = "") -> list[Member]:
    """Return the files in a zip file. Raises Unreadable with this name."""
    return [m for m in listing(file, name, encoding).members if not m.is_folder]


def _obstacle(info: zipfile.ZipInfo) -> str | None:
    """Return why a member cannot be read, as far as its entry in the list shows it."""
    if info.flag_bits & 1:
        return _ENCRYPTED
    return None if info.compress_type in _METHODS else _UNUSUAL


def _broken(name: str, error: Exception) -> Unreadable:
    """Return the reason of an error: the system's, or a damaged file (EINVAL: an offset before its start)."""
    if isinstance(error, OSError) and error.strerror and error.errno != errno.EINVAL:
        return Unreadable(name, error.strerror, error.errno or errno.EIO)
    return Unreadable(name, _DAMAGED)


def _names(infos: Sequence[zipfile.ZipInfo], encoding: str) -> Decoded:
    """Return the names of all members; those in an unknown code page are decoded together."""
    known = [_marked_name(info) for info in infos]
    unclear = [
        info.orig_filename.encode("cp437", "replace")
        for info, name in zip(infos, known, strict=True)
        if name is None
    ]
    decoded = decode_names(unclear, encoding)
    others = iter(decoded.names)
    return decoded._replace(names=tuple(next(others) if n is None else n for n in known))


def _marked_name(info: zipfile.ZipInfo) -> str | None:
    """Return the name that the zip file marks as Unicode: by its flag, or by Info-ZIP's extra field.

    The extra field has a checksum of the plain name, so that it is ignored after a renaming.
    """
    if info.flag_bits & _UTF8_NAME:
        return info.orig_filename
    checksum = struct.pack("<I", zlib.crc32(info.orig_filename.encode("cp437", "replace")))
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        field = extra[4 : 4 + size]
        if kind == _UNICODE_PATH and field[1:5] == checksum:
            with contextlib.suppress(UnicodeDecodeError):
                return field[5:].decode()
        extra = extra[4 + size :]
    return None


def _parts(name: str) -> tuple[str, ...]:
    """Split a member's name; it is a label only, so parts such as `..` are dropped."""
    parts = _DRIVE.sub("", name.replace("\\", "/")).split("/")
    return tuple(part for part in parts if part not in {"", ".", ".."})
