"""What an assignment puts into a box, and where in it everything goes."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.model import Program
from grader.sandbox import mounts

_FEW = ("scipy.special",)
_MANY = (
    *("scipy.special", "scipy.io", "scipy.linalg", "scipy.optimize", "scipy.stats"),
    *("matplotlib.pyplot", "IPython.core.interactiveshell", "IPython.display"),
)
_FOR_A_KERNEL = (
    *("scipy.io", "matplotlib.pyplot", "matplotlib_inline.backend_inline", "ipykernel.kernelapp"),
    *("ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.iostream", "ipykernel.heartbeat"),
    *("ipykernel.comm", "ipykernel.debugger", "IPython.core.pylabtools", "IPython.core.completer"),
    *("IPython.core.magics", "stack_data", "pygments.formatters.terminal256"),
    *("pygments.lexers.python", "nbclient", "nbformat", "nbformat.v4"),
    *("jupyter_client.asynchronous.client", "zmq.asyncio", "tornado.platform.asyncio", "psutil"),
    *("notebook_runner", "kernel"),
)
_OF_A_KERNEL = ("nbclient", "ipykernel")
_ASKS_FOR_MORE = re.compile(r"matplotlib|pylab|ipython|scipy(?!\.special)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BoxContents:
    """What an assignment puts into a box: helper files by the name they go under, and packages.

    `loaded` are modules that an interpreter has loaded, where they are there, before it is forked.
    In a box for `whole` notebooks a program is a notebook, and its child may be two processes.
    """

    helpers: tuple[tuple[str, Path], ...]
    packages: tuple[str, ...]
    loaded: tuple[str, ...] = _FEW
    whole: bool = False
    beside: tuple[tuple[str, Path], ...] = ()

    def for_whole_notebooks(self, beside: tuple[tuple[str, Path], ...]) -> BoxContents:
        """Return it with what nbclient and a kernel need, and more files beside the helpers."""
        packages = (*self.packages, *_OF_A_KERNEL)
        return replace(self, packages=packages, loaded=_FOR_A_KERNEL, whole=True, beside=beside)

    def for_programs(self, programs: Iterable[Program]) -> BoxContents:
        """Return it with more loaded where programs ask for more: each fork of that takes longer."""
        sources = (cell.source for program in programs for cell in program.cells)
        return replace(self, loaded=_MANY) if any(map(_ASKS_FOR_MORE.search, sources)) else self

    def placed(self) -> Iterator[tuple[str, Path]]:
        """Yield where each file and folder goes inside the box, and where it is outside."""
        for path in sorted(mounts.BOX_FILES.glob("[!_]*.py")):
            yield f"/box/lib/{path.name}", path
        for name, path in (*self.beside, *self.helpers):
            yield f"/box/assignment/{name}", path
        for path in mounts.site_entries(self.packages):
            yield f"/box/site/{path.name}", path

    def settings(self, root: str = "") -> dict[str, Any]:
        """Return what an interpreter is told of it that finds it under a root."""
        path = [f"{root}/box/lib", f"{root}/box/assignment", f"{root}/box/site"]
        modules = [Path(name).stem for name, _ in self.helpers if name.endswith(".py")]
        return {"path": path, "helpers": modules, "loaded": self.loaded, "whole": self.whole}


@contextlib.contextmanager
def laid_out(contents: BoxContents) -> Iterator[Path]:
    """Yield a temporary folder in which furniture stands as in a box: files copied, packages linked."""
    root = Path(tempfile.mkdtemp(prefix="grader-"))
    try:
        (root / "box/assignment").mkdir(parents=True)
        for inside, outside in contents.placed():
            place = root / inside.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            if inside.startswith("/box/site/"):
                place.symlink_to(outside)
            else:
                shutil.copy(outside, place)
        _open_to_all(root)
        (root / "box/home").mkdir(mode=0o700)
        yield root
    finally:  # at exit too, which comes too late for a TemporaryDirectory
        shutil.rmtree(root, ignore_errors=True)


def _open_to_all(root: Path) -> None:
    """Let any user read what was copied, however strict the umask and the files it is copied from."""
    for folder, _, files in os.walk(root):
        place = Path(folder)
        place.chmod(0o755)
        for file in (place / name for name in files):
            if not file.is_symlink():
                file.chmod(0o644)
