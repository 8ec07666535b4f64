"""What a box may see of the machine: the interpreter, the packages an assignment names, no more.

The list is made from the metadata of installed distributions, so that the grader's own package, and
with it the reference and the cases, is never in it, wherever it happens to be installed.
"""

from __future__ import annotations

import functools
import platform
import stat
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

BOX_FILES = Path(__file__).parent / "box"


@functools.cache
def site_entries(packages: tuple[str, ...]) -> tuple[Path, ...]:
    """Return the files and folders of the named distributions and of all that they require.

    A distribution that is not installed is left out: a student who needs it is told by Python. So is
    a file that is listed and not there, as in the lists of a distribution's sources.
    """
    entries: dict[str, Path] = {}
    for distribution in _closure(packages):
        for file in distribution.files or ():
            top = file.parts[0]
            if top not in ("..", "__pycache__") and top not in entries:
                entries[top] = Path(str(distribution.locate_file(top))).resolve()
    return tuple(path for path in entries.values() if path.exists())


def _closure(packages: tuple[str, ...]) -> tuple[metadata.Distribution, ...]:
    found: dict[str, metadata.Distribution] = {}
    waiting = list(packages)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            found[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        waiting += _required(found[name])
    return tuple(found.values())


def _required(distribution: metadata.Distribution) -> list[str]:
    requirements = map(Requirement, distribution.requires or ())
    return [r.name for r in requirements if r.marker is None or r.marker.evaluate({"extra": ""})]


def interpreter() -> Path:
    """Return the real interpreter behind a virtual environment."""
    return Path(getattr(sys, "_base_executable", sys.executable)).resolve()


@functools.cache
def interpreter_paths() -> tuple[Path, ...]:
    """Return the interpreter, its standard library and the system libraries it is linked against."""
    shared = sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("INSTSONAME")
    library = Path(*(part or "" for part in shared))
    stdlib = Path(sysconfig.get_path("stdlib"))
    candidates = [interpreter(), stdlib, stdlib / "lib-dynload", library, *_system_libraries()]
    return tuple(path for path in candidates if path.is_absolute() and path.exists())


def site_folders() -> tuple[Path, ...]:
    """Return the folders inside the standard library that hold other people's packages."""
    stdlib = Path(sysconfig.get_path("stdlib"))
    names = ("site-packages", "dist-packages")
    return tuple(stdlib / name for name in names if (stdlib / name).is_dir())


def interpreter_entries() -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Return the same without other people's packages, and the folders that hold both.

    For a wall that can only add: what stands beside those packages is named one by one.
    """
    hidden = {folder.resolve() for folder in site_folders()}
    entries: list[Path] = []
    mixed: list[Path] = []
    waiting = [path.resolve() for path in interpreter_paths()]
    while waiting:
        path = waiting.pop()
        if any(folder.is_relative_to(path) for folder in hidden - {path}):
            mixed.append(path)
            waiting += path.iterdir()
        elif path not in hidden:
            entries.append(path)
    return tuple(entries), tuple(mixed)


def is_open_to_all(path: Path) -> bool:
    """Say whether any user of the machine may read a path, and pass all folders on the way to it."""
    ways = all(parent.stat().st_mode & stat.S_IXOTH for parent in path.parents)
    return ways and bool(path.stat().st_mode & stat.S_IROTH)


def _system_libraries() -> list[Path]:
    multiarch = f"{platform.machine()}-linux-gnu"
    debian = [Path("/lib", multiarch), Path("/usr/lib", multiarch), Path("/lib64")]
    if debian[1].is_dir():
        return debian
    return [Path("/lib"), Path("/lib64"), Path("/usr/lib"), Path("/usr/lib64")]
