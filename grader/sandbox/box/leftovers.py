"""Let harmless leftovers run: `display`, `breakpoint`, `input`, shell lines, files that code writes.

So do progress bars (tqdm) where that package is missing.

None of them changes a value that is graded. A second run of a function gets a working folder in which
it may write. Where no folder is writable (the light tier), files that code opens for writing stay in
memory.
"""

from __future__ import annotations

import builtins
import errno
import importlib
import importlib.abc
import importlib.machinery
import io
import os
import shlex
import stat
import sys
import tempfile
import types
from collections.abc import Iterator
from typing import Any

import compat

_open, _stat = open, os.stat


def ignore_breakpoints() -> None:
    """Let `breakpoint()` do nothing, because the sandbox has no terminal."""
    sys.breakpointhook = lambda *_, **__: None


def ignore_set_trace() -> None:
    """Let `pdb.set_trace()` do nothing, as `breakpoint()`."""
    import pdb

    pdb.set_trace = lambda *_, **__: None


def display(*_: Any, **__: Any) -> None:
    """Show nothing, in place of the function that Jupyter supplies."""


def no_answer(*_: object) -> str:
    """Return an empty line, in place of `input` while the cells run."""
    return ""


def no_input(*_: object) -> str:
    """Raise EOFError, in place of `input` in a call: the sandbox has no keyboard."""
    raise EOFError("EOF when reading a line")


def shell_line(command: str, *_: Any, **__: Any) -> list[str]:
    """Ignore a shell line, except that `mkdir` makes its folders."""
    try:
        words = shlex.split(str(command))
        for folder in words[1:] if words[:1] == ["mkdir"] else ():
            if not folder.startswith("-"):
                os.makedirs(folder, exist_ok=True)
    except (OSError, ValueError):
        pass
    return []


# ------------------------------------------------------------------ progress bars


class ProgressBar:
    """An iterable without a progress bar, in place of `tqdm.tqdm`."""

    def __init__(self, iterable: Any = (), *_: Any, **__: Any) -> None:
        self._iterable = iterable

    def __iter__(self) -> Iterator[Any]:
        return iter(self._iterable)

    def __len__(self) -> int:
        return len(self._iterable)

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def update(self, *_: Any, **__: Any) -> None:
        """Show nothing, as the methods below."""

    set_description = set_postfix = set_postfix_str = set_description_str = close = update
    refresh = reset = clear = unpause = write = update


class ProgressBarImporter(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports a package without progress bars in place of tqdm, if Python cannot find it."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return a spec for tqdm and its modules, otherwise None."""
        if name.partition(".")[0] != "tqdm":
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Return an empty module, to be filled by `exec_module`."""
        return types.ModuleType(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Add the functions that wrap an iterable, and note the package."""
        names: Any = module
        names.tqdm = names.tqdm_notebook = ProgressBar
        names.trange = names.tnrange = lambda *bounds, **_: ProgressBar(range(*bounds))
        note = [compat.NO_PROGRESS_BAR, "tqdm"]
        if note not in compat.notes:
            compat.notes.append(note)


# ------------------------------------------------------------------ a working folder


def enter_working_folder() -> None:
    """Change to a new folder with the assignment's files, or keep files in memory if there is none."""
    origin = os.getcwd()
    try:
        folder = tempfile.mkdtemp(prefix="work-")
        for place, _, files in os.walk(origin):
            inside = os.path.join(folder, os.path.relpath(place, origin))
            os.makedirs(inside, exist_ok=True)
            for name in files:
                os.symlink(os.path.join(place, name), os.path.join(inside, name))
        os.chdir(folder)
        sys.path.append(folder)
    except OSError:
        _Files().install()


class _Files:
    """Files and folders in memory, beside the read-only files of the disk."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self.folders: set[str] = set()

    def install(self) -> None:
        """Replace the functions that open, make, find and remove files."""
        builtins.open = self.open
        io.open = self.open
        os.mkdir = self.mkdir
        os.makedirs = self.makedirs
        os.remove = os.unlink = self.remove
        os.stat = self.stat
        # np.savetxt has a table of functions that open files.
        source: Any = importlib.import_module("numpy.lib._datasource")
        openers = source._file_openers  # noqa: SLF001
        openers._load()  # noqa: SLF001
        openers._file_openers[None] = self.open  # noqa: SLF001

    @staticmethod
    def _key(path: Any) -> str:
        return os.path.abspath(os.fsdecode(path))

    def mkdir(self, path: Any, mode: int = 0o777, **_: Any) -> None:
        """Make a folder. Raises FileExistsError."""
        if os.path.exists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
        self.makedirs(path)

    def makedirs(self, name: Any, mode: int = 0o777, exist_ok: bool = False) -> None:  # noqa: FBT001, FBT002
        """Make a folder and those above it. Raises FileExistsError."""
        if not exist_ok and os.path.exists(name):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name)
        self.folders.add(self._key(name))

    def remove(self, path: Any, **_: Any) -> None:
        """Remove a file. Raises FileNotFoundError."""
        if self.contents.pop(self._key(path), None) is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)

    def stat(self, path: Any, **options: Any) -> os.stat_result:
        """Return the status of a file or folder in memory, or of the disk. Raises OSError."""
        key = None if isinstance(path, int) else self._key(path)
        if key in self.folders:
            return os.stat_result((stat.S_IFDIR | 0o755, *[0] * 9))
        if key in self.contents:
            size = len(self.contents[key])
            return os.stat_result((stat.S_IFREG | 0o644, *[0] * 5, size, 0, 0, 0))
        return _stat(path, **options)

    def open(self, file: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
        """Open a file of the disk for reading, or a file in memory. Raises OSError."""
        if isinstance(file, int):
            return _open(file, mode, *rest, **options)
        key = self._key(file)
        writes = not set(mode).isdisjoint("wax+")
        if not writes and key not in self.contents:
            return _open(file, mode, *rest, **options)
        if "x" in mode and os.path.exists(file):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), file)
        note = [compat.FILES_IN_MEMORY, os.path.basename(key)]
        if writes and note not in compat.notes:
            compat.notes.append(note)
        raw = _MemoryFile(self, key, mode)
        if "b" in mode:
            return raw
        encoding = options.get("encoding") or "utf-8"
        return io.TextIOWrapper(raw, encoding=encoding, newline=options.get("newline"))


class _MemoryFile(io.BytesIO):
    """A file whose bytes stay in `_Files` when it is flushed or closed."""

    def __init__(self, files: _Files, key: str, mode: str) -> None:
        before = b"" if "w" in mode else self._bytes_before(files, key)
        super().__init__(before)
        self._files, self._path, self._writes = files, key, not set(mode).isdisjoint("wax+")
        self.name = key
        if "a" in mode:
            self.seek(0, io.SEEK_END)
        if self._writes:
            files.contents[key] = before

    @staticmethod
    def _bytes_before(files: _Files, key: str) -> bytes:
        if key in files.contents:
            return files.contents[key]
        try:
            with _open(key, "rb") as on_disk:
                return on_disk.read()
        except OSError:
            return b""

    def flush(self) -> None:
        """Keep the bytes written so far."""
        if self._writes and not self.closed:
            self._files.contents[self._path] = self.getvalue()

    def close(self) -> None:
        """Keep the bytes, and close the file."""
        self.flush()
        super().close()
