"""Keep files that code writes in memory, where no folder is writable (the light tier).

Only a second run of a function installs this. It replaces the functions of `os` and `io` that files are
opened, found and removed with, so the libraries above them work too: pathlib, shutil, tempfile, zipfile.
"""

from __future__ import annotations

import builtins
import errno
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import itertools
import os
import shutil
import stat
import sys
import tempfile
import time
import types
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

_disk: Any = types.SimpleNamespace(**vars(os))
_open = open
_FIRST_DESCRIPTOR = 1 << 20
"""Above those of the kernel."""
_REPLACED = (
    "open close read write lseek fstat mkdir makedirs rmdir remove unlink rename replace stat lstat "
    "listdir scandir access chdir getcwd chmod utime listxattr"
).split()


def install(note: Callable[[str], None]) -> None:
    """Replace the functions that open, make, find and remove files; `note` gets names of new files."""
    files = MemoryFiles(note)
    for name in _REPLACED:
        setattr(os, name, getattr(files, "open_descriptor" if name == "open" else name))
    builtins.open = io.open = files.open
    modules: Any = sys.modules
    for name, attribute in {"bz2": "_builtin_open", "tarfile": "bltn_open"}.items():
        if name in modules:
            setattr(modules[name], attribute, files.open)
    shutil._use_fd_functions = False  # type: ignore[attr-defined]  # noqa: SLF001
    tempfile.tempdir = "/tmp"
    closer: Any = tempfile._TemporaryFileCloser  # type: ignore[attr-defined]  # noqa: SLF001
    for method in vars(closer).values():
        defaults = getattr(method, "__defaults__", None) or ()
        if _disk.unlink in defaults:
            method.__defaults__ = tuple(
                files.remove if value is _disk.unlink else value for value in defaults
            )
    # np.savetxt has a table of functions that open files.
    source: Any = importlib.import_module("numpy.lib._datasource")
    openers = source._file_openers  # noqa: SLF001
    openers._load()  # noqa: SLF001
    openers._file_openers[None] = files.open  # noqa: SLF001
    sys.meta_path.append(_Importer(files))


class MemoryFiles:
    """Files and folders in memory, beside the read-only files of the disk.

    `folder` is the working folder if it is one in memory.
    """

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note = note
        self.contents: dict[str, bytes] = {}
        self.folders = {"/tmp"}
        self.folder = ""
        self.descriptors: dict[int, _MemoryFile] = {}
        self._numbers = itertools.count(_FIRST_DESCRIPTOR)

    def _key(self, path: Any) -> str:
        text = os.fsdecode(path)
        return os.path.normpath(os.path.join(self.getcwd(), text))

    def _on_disk(self, path: Any) -> Any:
        """Return a path that means the same on the disk, whatever the working folder is."""
        return self._key(path) if self.folder and not isinstance(path, int) else path

    def _is_folder(self, key: str) -> bool:
        return key in self.folders or (key not in self.contents and _is_folder_on_disk(key))

    def _exists(self, key: str) -> bool:
        return key in self.contents or key in self.folders or _exists_on_disk(key)

    def _names_in(self, key: str) -> set[str]:
        return {
            os.path.basename(path)
            for path in (*self.contents, *self.folders)
            if os.path.dirname(path) == key and path != key
        }

    # -------------------------------------------------------------- files

    def open(self, file: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
        """Open a file of the disk for reading, or a file in memory. Raises OSError."""
        opener = options.pop("opener", None)
        raw: _MemoryFile
        if opener is not None:
            file = opener(file, _flags(mode))
        if isinstance(file, int):
            if file not in self.descriptors:
                return _open(file, mode, *rest, **options)
            raw = self.descriptors[file]
        else:
            key = self._key(file)
            writes = not set(mode).isdisjoint("wax+")
            if not (writes or key in self.contents) or key.startswith("/dev/"):
                return _open(self._on_disk(file), mode, *rest, **options)
            if "x" in mode and self._exists(key):
                _fail(errno.EEXIST, file)
            raw = self.file(key, mode, file)
        if "b" in mode:
            return raw
        names = ("buffering", "encoding", "errors", "newline")
        options |= dict(zip(names, rest, strict=False))
        return io.TextIOWrapper(
            raw,
            encoding=options.get("encoding") or "utf-8",
            errors=options.get("errors"),
            newline=options.get("newline"),
        )

    def file(self, key: str, mode: str, path: Any) -> _MemoryFile:
        """Return a file in memory, and note it. Raises FileNotFoundError or IsADirectoryError."""
        if self._is_folder(key):
            _fail(errno.EISDIR, path)
        if not self._is_folder(os.path.dirname(key)) or ("r" in mode and not self._exists(key)):
            _fail(errno.ENOENT, path)
        if not set(mode).isdisjoint("wax+"):
            self._note(os.path.basename(key))
        return _MemoryFile(self, key, mode)

    def bytes_of(self, key: str) -> bytes:
        """Return the bytes of a file in memory or on the disk, none if there is no such file."""
        if key in self.contents:
            return self.contents[key]
        try:
            with _open(key, "rb") as on_disk:
                return on_disk.read()
        except OSError:
            return b""

    def remove(self, path: Any, **_: Any) -> None:
        """Remove a file. Raises OSError."""
        if self.contents.pop(self._key(path), None) is None:
            _disk.remove(self._on_disk(path))

    unlink = remove

    def rename(self, src: Any, dst: Any, **_: Any) -> None:
        """Rename a file, or a folder in memory. Raises OSError."""
        old, new = self._key(src), self._key(dst)
        if not self._exists(old):
            _fail(errno.ENOENT, src)
        if old not in self.folders:
            self.contents[new] = self.bytes_of(old)
            self.contents.pop(old, None) if old != new else None
            return
        for path in [p for p in self.folders if f"{p}/".startswith(f"{old}/")]:
            self.folders.remove(path)
            self.folders.add(new + path[len(old) :])
        for path in [p for p in self.contents if p.startswith(f"{old}/")]:
            self.contents[new + path[len(old) :]] = self.contents.pop(path)

    replace = rename

    # -------------------------------------------------------------- folders

    def mkdir(self, path: Any, mode: int = 0o777, **_: Any) -> None:
        """Make a folder. Raises FileExistsError or FileNotFoundError."""
        key = self._key(path)
        if self._exists(key):
            _fail(errno.EEXIST, path)
        if not self._is_folder(os.path.dirname(key)):
            _fail(errno.ENOENT, path)
        self.folders.add(key)

    def makedirs(self, name: Any, mode: int = 0o777, exist_ok: bool = False) -> None:  # noqa: FBT001, FBT002
        """Make a folder and those above it. Raises FileExistsError."""
        key = self._key(name)
        if self._exists(key) and not (exist_ok and self._is_folder(key)):
            _fail(errno.EEXIST, name)
        while not self._is_folder(key):
            self.folders.add(key)
            key = os.path.dirname(key)

    def rmdir(self, path: Any, **_: Any) -> None:
        """Remove an empty folder. Raises OSError."""
        key = self._key(path)
        if key not in self.folders:
            _disk.rmdir(self._on_disk(path))
        if self._names_in(key):
            _fail(errno.ENOTEMPTY, path)
        self.folders.discard(key)

    def listdir(self, path: Any = ".") -> list[str]:
        """Return the names in a folder. Raises OSError."""
        key = self._key(path)
        if key in self.contents:
            _fail(errno.ENOTDIR, path)
        in_memory = self._names_in(key)
        names = [] if key in self.folders and not _is_folder_on_disk(key) else _disk.listdir(key)
        return [*in_memory, *(name for name in names if name not in in_memory)]

    def scandir(self, path: Any = ".") -> _Entries:
        """Return the entries of a folder. Raises OSError."""
        folder = os.fsdecode(path)
        return _Entries(_Entry(folder, name) for name in self.listdir(path))

    def chdir(self, path: Any) -> None:
        """Change the working folder. Raises OSError."""
        key = self._key(path)
        if key not in self.folders:
            _disk.chdir(key)
        self.folder = key if key in self.folders else ""

    def getcwd(self) -> str:
        """Return the working folder."""
        return self.folder or _disk.getcwd()

    # -------------------------------------------------------------- status

    def stat(self, path: Any, **options: Any) -> os.stat_result:
        """Return the status of a file or folder in memory, or of the disk. Raises OSError."""
        if isinstance(path, int):
            return self.fstat(path)
        key = self._key(path)
        if key in self.contents:
            return _status(stat.S_IFREG | 0o644, key, len(self.contents[key]))
        if key in self.folders:
            return _status(stat.S_IFDIR | 0o755, key, 0)
        return _disk.stat(self._on_disk(path), **options)

    def lstat(self, path: Any, **_: Any) -> os.stat_result:
        """Return the status of a path itself: `stat` without following a link."""
        return self.stat(path, follow_symlinks=False)

    def access(self, path: Any, mode: int, **options: Any) -> bool:
        """Return True if a path may be used; everything in memory may."""
        key = self._key(path)
        own = key in self.contents or key in self.folders
        return own or bool(_disk.access(self._on_disk(path), mode, **options))

    def chmod(self, path: Any, *_: Any, **__: Any) -> None:
        """Ignore a change of rights or times. Raises OSError if there is no such file."""
        self.stat(path)

    utime = chmod

    def listxattr(self, *_: Any, **__: Any) -> list[str]:
        """Return the extended attributes of a file: none."""
        return []

    # -------------------------------------------------------------- descriptors

    def open_descriptor(self, path: Any, flags: int, mode: int = 0o777, **options: Any) -> int:
        """Return the number of an open file, in place of `os.open`. Raises OSError."""
        key = self._key(path)
        number = next(self._numbers)
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            self.descriptors[number] = _MemoryFile(self, f"/dev/memory/{number}", "w+b")
            return number
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if not writes and key not in self.contents:
            return int(_disk.open(self._on_disk(path), flags, mode, **options))
        if flags & os.O_EXCL and self._exists(key):
            _fail(errno.EEXIST, path)
        is_new = flags & os.O_TRUNC or (flags & os.O_CREAT and not self._exists(key))
        how = "w+b" if is_new else "a+b" if flags & os.O_APPEND else "r+b"
        self.descriptors[number] = self.file(key, how, path)
        return number

    def close(self, fd: int) -> None:
        """Close a descriptor. Raises OSError."""
        if fd in self.descriptors:
            self.descriptors.pop(fd).close()
        else:
            _disk.close(fd)

    def read(self, fd: int, length: int, /) -> bytes:
        """Return bytes of an open file. Raises OSError."""
        raw = self.descriptors.get(fd)
        return raw.read(length) if raw else _disk.read(fd, length)

    def write(self, fd: int, data: Any, /) -> int:
        """Write to an open file. Raises OSError."""
        raw = self.descriptors.get(fd)
        if raw is None:
            return int(_disk.write(fd, data))
        count = raw.write(data)
        raw.flush()
        return count

    def lseek(self, fd: int, position: int, whence: int, /) -> int:
        """Move in an open file. Raises OSError."""
        raw = self.descriptors.get(fd)
        return raw.seek(position, whence) if raw else int(_disk.lseek(fd, position, whence))

    def fstat(self, fd: int) -> os.stat_result:
        """Return the status of an open file. Raises OSError."""
        raw = self.descriptors.get(fd)
        if raw is None:
            return _disk.fstat(fd)
        return _status(stat.S_IFREG | 0o644, str(raw.name), len(raw.getvalue()))


def _is_folder_on_disk(key: str) -> bool:
    try:
        return stat.S_ISDIR(_disk.stat(key).st_mode)
    except (OSError, ValueError):
        return False


def _exists_on_disk(key: str) -> bool:
    try:
        _disk.stat(key)
    except (OSError, ValueError):
        return False
    return True


def _status(mode: int, key: str, size: int) -> os.stat_result:
    now = int(time.time())
    return os.stat_result((mode, hash(key), 0, 1, 0, 0, size, now, now, now))


def _flags(mode: str) -> int:
    if "r" in mode and "+" not in mode:
        return os.O_RDONLY
    return os.O_RDWR | os.O_CREAT | (os.O_TRUNC if "w" in mode else 0)


def _fail(number: int, path: Any) -> NoReturn:
    raise OSError(number, os.strerror(number), path)


class _Entry:
    """An entry of `os.scandir`, which looks itself up when it is asked."""

    def __init__(self, folder: str, name: str) -> None:
        self.name, self.path = name, os.path.join(folder, name)

    def __fspath__(self) -> str:
        return self.path

    def is_dir(self, **_: Any) -> bool:
        return os.path.isdir(self.path)

    def is_file(self, **_: Any) -> bool:
        return os.path.isfile(self.path)

    def is_symlink(self) -> bool:
        return os.path.islink(self.path)

    def stat(self, **_: Any) -> os.stat_result:
        return os.stat(self.path)


class _Entries:
    """The result of `os.scandir`: an iterator that `with` closes."""

    def __init__(self, entries: Iterator[_Entry]) -> None:
        self._entries = entries

    def __iter__(self) -> Iterator[_Entry]:
        return self

    def __next__(self) -> _Entry:
        return next(self._entries)

    def __enter__(self) -> _Entries:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def close(self) -> None:
        pass


class _MemoryFile(io.BytesIO):
    """A file whose bytes stay in `MemoryFiles` when it is flushed or closed."""

    def __init__(self, files: MemoryFiles, key: str, mode: str) -> None:
        before = b"" if "w" in mode else files.bytes_of(key)
        super().__init__(before)
        self._files, self._path, self._writes = files, key, not set(mode).isdisjoint("wax+")
        self.name: str | int = key
        if "a" in mode:
            self.seek(0, io.SEEK_END)
        if self._writes and not key.startswith("/dev/"):
            files.contents[key] = before

    def flush(self) -> None:
        """Keep the bytes written so far, unless the file was removed meanwhile."""
        if self._writes and not self.closed and self._path in self._files.contents:
            self._files.contents[self._path] = self.getvalue()

    def close(self) -> None:
        """Keep the bytes, and close the file."""
        self.flush()
        super().close()


class _Importer(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports modules that code has written into a folder of `sys.path`."""

    def __init__(self, files: MemoryFiles) -> None:
        self._files = files

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return a spec for a module in memory, otherwise None."""
        for folder in sys.path:
            if os.path.join(os.path.abspath(folder), f"{name}.py") in self._files.contents:
                origin = os.path.join(os.path.abspath(folder), f"{name}.py")
                return importlib.machinery.ModuleSpec(name, self, origin=origin)
        return None

    def get_source(self, fullname: str) -> str:
        """Return the text of a module."""
        origin = self.find_spec(fullname).origin
        return importlib.util.decode_source(self._files.contents[origin])
