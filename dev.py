#!/usr/bin/env python3
"""Set up, try and check the project: all that a newcomer needs is this file and Python 3.11.

Every command first sees to it that `.venv` holds what `requirements/dev.txt` pins, which takes time
only once and after those pins have changed. Nothing outside this folder is touched.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements" / "dev.txt"
STAMP = VENV / "made-from.txt"
DEMO = Path("reports", "demo")
GENERATORS = (
    "grader.messages.extract",
    "tests.support.result_schema",
    "tests.unit.cli.commands_page",
    "tests.proofs.mistakes_page",
)
"""Modules that write files from others, or compare them with `--check`."""

ON_ALL_CORES = ("-n", "auto", "--maxprocesses", "4", "--dist", "worksteal")

EXAMPLES = """\
examples:
  python3 dev.py demo                  grade a made-up class and read the reports
  python3 dev.py test                  run all tests
  python3 dev.py test -x -k sandbox    run some: what stands behind `test` goes to pytest
  python3 dev.py all                   all that must pass before a change is merged
"""


class Trouble(Exception):
    """One sentence on what is in the way, and what to do about it."""


# ------------------------------------------------------------------------------------ commands


def demo() -> int:
    """Grade a made-up class and say where its reports are."""
    submissions, results = DEMO / "submissions", DEMO / "class"
    shutil.rmtree(ROOT / submissions, ignore_errors=True)
    written = _python("-m", "tests.submissions", str(submissions), "--sample", "24")
    graded = written or _python("-m", "grader", "batch", str(submissions), "--out", str(results))
    if graded == 0:
        _say(f"Open {results / 'index.html'} in a browser.")
    return graded


def test(*arguments: str) -> int:
    """Run the tests on all cores; further arguments go to pytest, `-n 0` for one process."""
    return _python("-m", "pytest", *ON_ALL_CORES, *arguments)


def lint() -> int:
    """Check form, rules, types and that what is made from other files is up to date."""
    return max(
        _python("-m", "ruff", "format", "--check", "--output-format", "concise", "."),
        _python("-m", "ruff", "check", "--output-format", "concise", "."),
        _python("-m", "mypy"),
        _python("student_template/build.py", "--check"),
        *(_python("-m", generator, "--check") for generator in GENERATORS),
    )


def tidy() -> int:
    """Put right what `lint` can put right by itself."""
    return max(
        _python("-m", "ruff", "check", "--quiet", "--fix-only", "."),
        _python("-m", "ruff", "format", "--quiet", "."),
        _python("student_template/build.py"),
        *(_python("-m", generator) for generator in GENERATORS),
    )


def wheel() -> int:
    """Build the wheel, install it away from the checkout, and grade with it there."""
    with tempfile.TemporaryDirectory(prefix="grader-wheel-") as name:
        folder = Path(name)
        _say("Building the wheel and installing it into an environment of its own ...")
        _quietly(PYTHON, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder)
        _quietly(PYTHON, "-m", "tests.submissions", folder / "class")
        _install_as_a_user_would(next(folder.glob("*.whl")), folder / "venv")
        grader = folder / "venv" / "bin" / "grader"
        notebook = folder / "class" / "right" / "Regularization.ipynb"
        return max(
            _run(grader, "--help", cwd=folder),
            _run(grader, "verify", "--report", folder / "proofs.html", cwd=folder),
            _run(grader, "check", notebook, cwd=folder),
        )


def everything() -> int:
    """Run `test`, `lint` and `wheel`."""
    return max(test(), lint(), wheel())


def lock(*arguments: str) -> int:
    """Pin anew what pyproject.toml asks for; `--upgrade` takes the newest of everything."""
    _quietly(*_pip(VENV), "install", "--quiet", "uv>=0.9")
    return _python(
        *("-m", "uv", "pip", "compile", "pyproject.toml", "--extra", "dev", "--extra", "notebook"),
        *("--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"),
        *("--custom-compile-command", "python3 dev.py lock", "--quiet"),
        *("--output-file", str(LOCK.relative_to(ROOT)), *arguments),
    )


COMMANDS: dict[str, Callable[..., int]] = {
    "demo": demo,
    "test": test,
    "lint": lint,
    "tidy": tidy,
    "wheel": wheel,
    "all": everything,
    "lock": lock,
}


# -------------------------------------------------------------------------------------- set-up


def set_up() -> None:
    """Make `.venv` hold what is pinned, and the project itself, unless it does already."""
    place = f"{ROOT} {sys.version}"
    pins = hashlib.sha256(LOCK.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    known = STAMP.read_text("utf-8").splitlines() if PYTHON.exists() and STAMP.exists() else []
    if known == [place, pins]:
        return
    STAMP.unlink(missing_ok=True)
    if known[:1] != [place]:
        _say("Making .venv ...")
        _create(VENV)
    _say("Installing what requirements/dev.txt pins ...")
    _quietly(*_pip(VENV), "install", "--quiet", "--require-hashes", "--requirement", LOCK)
    itself = ("--no-deps", "--no-build-isolation", "--editable", ROOT)
    _quietly(*_pip(VENV), "install", "--quiet", *itself)
    STAMP.write_text(f"{place}\n{pins}\n", "utf-8")


def _create(venv: Path) -> None:
    """Make an empty virtual environment; without pip where Python came without it, as on Debian."""
    options = [] if _has("ensurepip") else ["--without-pip"]
    if not _has("venv") or (options and not _has("pip")):
        raise Trouble(
            "This Python can make no virtual environment: install its venv module"
            " (on Debian and Ubuntu: apt install python3-venv) and try again."
        )
    _quietly(sys.executable, "-m", "venv", "--clear", *options, venv)


def _pip(venv: Path) -> list[str | Path]:
    """Return the beginning of a command line of the pip that installs into an environment."""
    python = venv / "bin" / "python"
    asked = subprocess.run([python, "-c", "import pip"], stderr=subprocess.DEVNULL, check=False)
    if asked.returncode == 0:
        return [python, "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", python]


def _install_as_a_user_would(built: Path, venv: Path) -> None:
    """Install a wheel with what it says it needs, in the versions that the tests ran with.

    The pins go without their hashes, since pip would ask for one of the wheel too.
    """
    _create(venv)
    pins = (line for line in LOCK.read_text("utf-8").splitlines() if line[:1].isalnum())
    constraints = built.with_name("constraints.txt")
    constraints.write_text("\n".join(line.removesuffix(" \\") for line in pins), "utf-8")
    _quietly(*_pip(venv), "install", "--quiet", "--constraint", constraints, f"{built}[notebook]")


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


# ----------------------------------------------------------------------------------- processes


def _python(*arguments: str) -> int:
    return _run(PYTHON, *arguments, cwd=ROOT)


def _run(*command: str | Path, cwd: Path) -> int:
    """Run a command for all to see; return its exit status, or 128 and more for a signal."""
    _say("$ " + " ".join(map(_shown, command)))
    status = subprocess.run(command, cwd=cwd, env=_environment(), check=False).returncode
    return status if status >= 0 else 128 - status


def _quietly(*command: str | Path) -> None:
    """Run a command whose output is of interest only if it fails. Raises Trouble if it does."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        sys.stderr.write(done.stdout.decode(errors="replace"))
        raise Trouble(f"This failed, for the reason above: {' '.join(map(_shown, command))}")


def _environment() -> dict[str, str]:
    """Return our environment without what would let other packages in."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return {**kept, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


def _shown(part: str | Path) -> str:
    return str(part).removeprefix(f"{ROOT}{os.sep}")


def _say(text: str) -> None:
    """Tell what is going on, where it does not mix with the output of what we run."""
    print(text, file=sys.stderr, flush=True)


# --------------------------------------------------------------------------------- command line


def main() -> int:
    """Run the command that was asked for, after set-up; return its exit status."""
    parser = _parser()
    options = parser.parse_args()
    if options.command is None:
        parser.print_help()
        return 0
    if options.arguments and options.command not in ("test", "lock"):
        parser.error(f"{options.command} takes no arguments")
    try:
        set_up()
        return COMMANDS[options.command](*options.arguments)
    except Trouble as trouble:
        _say(f"dev.py: {trouble}")
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    described = "\n".join(f"  {name:6} {call.__doc__}" for name, call in COMMANDS.items())
    parser = argparse.ArgumentParser(
        usage="python3 dev.py COMMAND [ARGUMENT ...]",
        description=f"Set up, try and check the project.\n\ncommands:\n{described}",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", nargs="?", choices=COMMANDS, help=argparse.SUPPRESS)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    if sys.version_info < (3, 11):
        sys.exit(f"dev.py: This is Python {sys.version.split()[0]}; 3.11 or later is needed.")
    sys.exit(main())
