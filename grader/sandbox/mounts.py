"""The files of the machine that a box may see: the interpreter and an assignment's packages only.

The list is made from the metadata of installed distributions, so it never contains the grader's own
package, and with it the reference and the test cases, wherever that is installed.
"""

from __future__ import annotations

import functools
import platform
import stat
import sys
import sysconfig
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement

BOX_FILES = Path(__file__).parent / "box"


class InterpreterEntries(NamedTuple):
    """Paths of the interpreter without other packages, and the folders that contain both kinds."""

    entries: tuple[Path, ...]
    mixed: tuple[Path, ...]


@functools.cache
def site_entries(packages: tuple[str, ...]) -> tuple[Path, ...]:
    """Return the files and folders of these distributions and of all their requirements.

    A distribution that is not installed is left out: a student who needs it gets Python's own error.
    So is a file that the metadata lists but that does not exist, as in lists of a source distribution.
    """
    entries: dict[str, Path] = {}
    for distribution in _closure(packages):
        for top in _tops(distribution):
            if top not in ("", "..", "__pycache__") and top not in entries:
                entries[top] = Path(str(distribution.locate_file(top))).resolve()
    return tuple(path for path in entries.values() if path.exists())


def _tops(distribution: metadata.Distribution) -> set[str]:
    """Return the first part of the path of each file. `files` makes objects of thousands of paths."""
    record = distribution.read_text("RECORD")
    if record is None:
        return {file.parts[0] for file in distribution.files or ()}
    # The first field of a line; a path with a comma or a quote is in quotes.
    return {line.lstrip('"').partition("/")[0].partition(",")[0] for line in record.splitlines()}


def _closure(packages: tuple[str, ...]) -> tuple[metadata.Distribution, ...]:
    """Return the installed distributions among these packages and their requirements."""
    distributions: dict[str, metadata.Distribution] = {}
    pending = list(packages)
    while pending:
        name = pending.pop()
        if name in distributions:
            continue
        try:
            distributions[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        lines = distributions[name].requires or ()
        requirements = [Requirement(line) for line in lines if "extra ==" not in line]
        pending += [r.name for r in requirements if r.marker is None or r.marker.evaluate()]
    return tuple(distributions.values())


def interpreter() -> Path:
    """Return the real interpreter behind a virtual environment."""
    return Path(getattr(sys, "_base_executable", sys.executable)).resolve()


@functools.cache
def interpreter_paths() -> tuple[Path, ...]:
    """Return the interpreter, its standard library and the system libraries that it links to."""
    shared = sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("INSTSONAME")
    library = Path(*(part or "" for part in shared))
    stdlib = Path(sysconfig.get_path("stdlib"))
    multiarch = f"{platform.machine()}-linux-gnu"
    debian = [Path("/lib", multiarch), Path("/usr/lib", multiarch), Path("/lib64")]
    others = [Path("/lib"), Path("/lib64"), Path("/usr/lib"), Path("/usr/lib64")]
    system = debian if debian[1].is_dir() else others
    candidates = [interpreter(), stdlib, stdlib / "lib-dynload", library, *system]
    return tuple(path for path in candidates if path.is_absolute() and path.exists())


def site_folders() -> tuple[Path, ...]:
    """Return the folders inside the standard library that contain other packages."""
    stdlib = Path(sysconfig.get_path("stdlib"))
    names = ("site-packages", "dist-packages")
    return tuple(stdlib / name for name in names if (stdlib / name).is_dir())


def interpreter_entries() -> InterpreterEntries:
    """Return the interpreter's paths without the packages of `site_folders`.

    Landlock can only add permissions. So a folder that contains such packages is replaced by its
    entries, one by one.
    """
    hidden = {folder.resolve() for folder in site_folders()}
    entries: list[Path] = []
    mixed: list[Path] = []
    pending = [path.resolve() for path in interpreter_paths()]
    while pending:
        path = pending.pop()
        if any(folder.is_relative_to(path) for folder in hidden - {path}):
            mixed.append(path)
            pending += path.iterdir()
        elif path not in hidden:
            entries.append(path)
    return InterpreterEntries(tuple(entries), tuple(mixed))


def is_readable_by_all(path: Path) -> bool:
    """Return True if every user may read a path and traverse all its parent folders."""
    traversable = all(parent.stat().st_mode & stat.S_IXOTH for parent in path.parents)
    return traversable and bool(path.stat().st_mode & stat.S_IROTH)
