"""Let harmless leftovers run: `display`, `breakpoint`, `input`, shell lines, files that code writes.

So do progress bars (tqdm) where that package is missing.

None of them changes a value that is graded. A second run of a function gets a working folder in which
it may write. Where no folder is writable (the light tier), files that code opens for writing stay in
memory.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import os
import shlex
import sys
import tempfile
import types
from collections.abc import Iterator
from typing import Any

import compat


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
        # Tools such as shutil set rights and times, which the sandbox denies.
        os.chmod = os.utime = _find
    except OSError:
        importlib.import_module("memory_files").install(_note_file)


def _find(path: Any, *_: Any, **__: Any) -> None:
    """Raise OSError if there is no such file."""
    os.stat(path)


def _note_file(name: str) -> None:
    note = [compat.FILES_IN_MEMORY, name]
    if note not in compat.notes:
        compat.notes.append(note)
