"""Try the wheel: build it, install it in an empty environment, and grade with it from another folder."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from dev import PYTHON, REQUIREMENTS, create_environment, pip_of, quietly, run, say


def main() -> int:
    """Return the largest exit status of the commands of an installed wheel."""
    with tempfile.TemporaryDirectory(prefix="grader-wheel-") as name:
        folder = Path(name)
        say("Building and installing the wheel ...")
        quietly(PYTHON, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder)
        quietly(PYTHON, "-m", "tests.submissions", folder / "class")
        install(next(folder.glob("*.whl")), folder / "venv")
        grader = folder / "venv" / "bin" / "grader"
        notebook = folder / "class" / "right" / "Regularization.ipynb"
        return max(
            run(grader, "--help", cwd=folder),
            run(grader, "verify", "--report", folder / "proofs.html", cwd=folder),
            run(grader, "check", notebook, cwd=folder),
            run(grader, "check", notebook, "--run-all", "--iterations", "10", cwd=folder),
        )


def install(wheel: Path, venv: Path) -> None:
    """Install a wheel with its dependencies in the pinned versions. Raises SetupError.

    scikit-learn, which the notebook imports and no graded function needs, is not among them.
    The constraints have no hashes, because pip would then require a hash of the wheel too.
    """
    create_environment(venv)
    pins = (REQUIREMENTS / "demo.txt").read_text("utf-8").splitlines()
    constraints = wheel.with_name("constraints.txt")
    constraints.write_text("\n".join(p.removesuffix(" \\") for p in pins if p[:1].isalnum()))
    options = ("install", "--quiet", "--no-compile", "--constraint", constraints)
    quietly(*pip_of(venv), *options, wheel)


if __name__ == "__main__":
    sys.exit(main())
