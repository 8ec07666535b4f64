"""Try the wheel: build it, install it in an empty environment, and grade with it from another folder."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterable
from importlib import metadata
from importlib.util import cache_from_source
from pathlib import Path

from packaging.requirements import Requirement

from dev import PYTHON, create_environment, pip_of, quietly, run, say
from grader import assignments
from grader.errors import GraderError
from tests.submissions.corpus import notebook as as_notebook
from tests.submissions.siblings import solved


def main() -> int:
    """Return the largest exit status of the commands of an installed wheel, for every assignment.

    `verify` is not among them: it takes most of a minute, the tests run it, and the wheel has the files
    of the checkout (tests/integration/test_packaging.py).
    """
    with tempfile.TemporaryDirectory(prefix="grader-wheel-") as temporary:
        folder = Path(temporary)
        say("Building and installing the wheel ...")
        quietly(PYTHON, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder)
        install(next(folder.glob("*.whl")), folder / "venv")
        grader = folder / "venv" / "bin" / "grader"
        statuses = [run(grader, "--help", cwd=folder)]
        for name in assignments.names():
            notebook = folder / f"{name}.ipynb"
            notebook.write_bytes(as_notebook(solved(name)))
            options = ("--assignment", name)
            statuses += [
                run(grader, "release", folder / f"{name}-handout", *options, cwd=folder),
                run(grader, "check", notebook, *options, cwd=folder),
            ]
        regularization = folder / "regularization.ipynb"
        few = ("--run-all", "--iterations", "10")
        return max(*statuses, run(grader, "check", regularization, *few, cwd=folder))


def install(wheel: Path, venv: Path) -> None:
    """Install a wheel, with copies of the packages in `.venv` that it declares. Raises SetupError.

    scikit-learn, which the notebook imports and no graded function needs, is not among them. To unpack
    the same packages again would take most of a minute.
    """
    create_environment(venv, pip=False)
    quietly(*pip_of(venv), "install", "--quiet", "--no-compile", "--no-deps", wheel)
    (installed,) = metadata.distributions(path=[_site(venv)])
    link_packages(needed_by(installed), venv)


def _site(venv: Path) -> str:
    return sysconfig.get_path("purelib", "venv", {"base": str(venv), "platbase": str(venv)})


def link_packages(packages: Iterable[metadata.Distribution], venv: Path) -> None:
    """Install packages of this environment in another one, as links to their files."""
    for distribution in packages:
        for file in distribution.files or ():
            _copy(Path(str(distribution.locate_file(file))), Path(_site(venv), file))


def needed_by(installed: metadata.Distribution, *extras: str) -> Iterable[metadata.Distribution]:
    """Return the packages that a package declares, and that these declare. Raises GraderError."""
    needed: dict[str, metadata.Distribution] = {}
    pending: list[tuple[str, tuple[str, ...]]] = [
        (line, ("", *extras)) for line in installed.requires or ()
    ]
    for line, wanted in pending:  # the list grows during the loop
        requirement = Requirement(line)
        marker = requirement.marker
        if marker and not any(marker.evaluate({"extra": extra}) for extra in wanted):
            continue
        distribution = metadata.distribution(requirement.name)
        if not requirement.specifier.contains(distribution.version, prereleases=True):
            raise GraderError(f"{requirement} is declared, but {distribution.version} is pinned.")
        key = f"{distribution.name}{sorted(requirement.extras)}"
        if key not in needed:
            needed[key] = distribution
            pending += [(other, ("", *requirement.extras)) for other in distribution.requires or ()]
    return needed.values()


def _copy(file: Path, target: Path) -> None:
    """Link a file, or copy it to another file system; its compiled form too."""
    _link(file, target)
    if file.suffix == ".py":
        _link(Path(cache_from_source(file)), Path(cache_from_source(target)))


def _link(file: Path, target: Path) -> None:
    place = Path(os.path.normpath(target))
    if not file.exists() or place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, place)
    except OSError:
        shutil.copy2(file, place)


if __name__ == "__main__":
    sys.exit(main())
