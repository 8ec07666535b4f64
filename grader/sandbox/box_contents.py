"""The files and packages that an assignment puts into a box, and their paths there."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

from grader.model.submission import Program
from grader.sandbox import mounts

_FEW_MODULES = ("scipy.special",)
_DATA_MODULES = (
    *("scipy.special", "scipy.io", "matplotlib.pyplot", "matplotlib.backends.backend_agg"),
    *("IPython.core.interactiveshell", "IPython.display"),
)
"""Imported by functions that load or plot data, which a program with all statements calls."""
_MANY_MODULES = (
    *_DATA_MODULES,
    *("scipy.linalg", "scipy.optimize", "scipy.stats", "sklearn", "sklearn.datasets"),
)
"""They take a second more of processor time than those for data."""
_KERNEL_MODULES = (
    *("scipy.io", "matplotlib.pyplot", "matplotlib_inline.backend_inline", "ipykernel.kernelapp"),
    *("ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.iostream", "ipykernel.heartbeat"),
    *("ipykernel.comm", "ipykernel.debugger", "IPython.core.pylabtools", "IPython.core.completer"),
    *("IPython.core.magics", "stack_data", "pygments.formatters.terminal256"),
    *("pygments.lexers.python", "nbclient", "nbformat", "nbformat.v4"),
    *("jupyter_client.asynchronous.client", "zmq.asyncio", "tornado.platform.asyncio", "psutil"),
    *("notebook_runner", "kernel"),
)
EVERY_MODULE = (*_MANY_MODULES, *_KERNEL_MODULES)
"""All modules that a sandbox may import before it runs a program."""
_KERNEL_PACKAGES = ("nbclient", "ipykernel")
_NEEDS_MANY = re.compile(r"sklearn|scipy(\.| +import\b.*\b)(linalg|optimize|stats)\b")
_NEEDS_DATA = re.compile(r"matplotlib|pylab|ipython|scipy(?!\.special)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BoxContents:
    """The helper files of an assignment, by their name in the box, and its packages.

    The interpreter imports the modules in `preloaded` before it is forked; missing ones are skipped.
    With `for_notebooks` a program is a whole notebook, and its child becomes two processes.
    `data_files` lie in the same folder as the helpers.
    """

    helpers: tuple[tuple[str, Path], ...]
    packages: tuple[str, ...]
    preloaded: tuple[str, ...] = ()
    for_notebooks: bool = False
    data_files: tuple[tuple[str, Path], ...] = ()

    def for_notebook_run(self, data_files: tuple[tuple[str, Path], ...]) -> BoxContents:
        """Return a copy with the packages of nbclient and ipykernel, and with data files."""
        return replace(
            self,
            packages=(*self.packages, *_KERNEL_PACKAGES),
            preloaded=_KERNEL_MODULES,
            for_notebooks=True,
            data_files=data_files,
        )

    def for_programs(self, programs: Iterable[Program]) -> BoxContents:
        """Return a copy with more preloaded modules if a program is likely to import them.

        Otherwise they are left out, because each fork of a larger interpreter takes longer.
        """
        programs = tuple(programs)
        sources = [cell.source for program in programs for cell in program.cells]
        if any(map(_NEEDS_MANY.search, sources)):
            return replace(self, preloaded=_MANY_MODULES)
        again = any(program.again for program in programs)
        if again or any(map(_NEEDS_DATA.search, sources)):
            return replace(self, preloaded=_DATA_MODULES)
        if any("scipy" in source for source in sources):
            return replace(self, preloaded=_FEW_MODULES)
        return self

    def placements(self) -> Iterator[tuple[str, Path]]:
        """Yield the path of each file and folder inside the box, and its path outside."""
        for path in sorted(mounts.BOX_FILES.glob("[!_]*.py")):
            yield from _with_compiled("/box/lib", path)
        for name, path in (*self.data_files, *self.helpers):
            yield f"/box/assignment/{name}", path
        for path in mounts.site_entries(self.packages):
            yield from _with_compiled("/box/site", path)

    def settings(self, root: str = "") -> dict[str, Any]:
        """Return the settings for an interpreter that finds these files under `root`."""
        return {
            "path": [f"{root}/box/lib", f"{root}/box/assignment", f"{root}/box/site"],
            "helpers": [Path(name).stem for name, _ in self.helpers if name.endswith(".py")],
            "preloaded": self.preloaded,
            "for_notebooks": self.for_notebooks,
        }


def _with_compiled(folder: str, path: Path) -> Iterator[tuple[str, Path]]:
    """Yield a file or folder, and for a module also its compiled form, if there is one.

    A box writes none, so each start would compile the module again.
    """
    yield f"{folder}/{path.name}", path
    compiled = Path(cache_from_source(path))
    if path.suffix == ".py" and compiled.is_file():
        yield f"{folder}/__pycache__/{compiled.name}", compiled


@contextlib.contextmanager
def copy_to_folder(contents: BoxContents) -> Iterator[Path]:
    """Yield a temporary folder with the paths of a box: copies of files, and links to packages."""
    root = Path(tempfile.mkdtemp(prefix="grader-"))
    try:
        (root / "box/assignment").mkdir(parents=True)
        for inside, outside in contents.placements():
            path = root / inside.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            if inside.startswith("/box/site/"):
                path.symlink_to(outside)
            else:
                shutil.copy2(outside, path)  # a compiled module is valid for one time of its source
        _make_readable_by_all(root)
        (root / "box/home").mkdir(mode=0o700)
        yield root
    finally:  # also at exit, which is too late for a TemporaryDirectory
        shutil.rmtree(root, ignore_errors=True)


def _make_readable_by_all(root: Path) -> None:
    """Let every user read the copies, whatever the umask and the permissions of the originals."""
    for name, _, files in os.walk(root):
        folder = Path(name)
        folder.chmod(0o755)
        for file in (folder / file for file in files):
            if not file.is_symlink():
                file.chmod(0o644)
