#!/usr/bin/env python3
"""Set up, try and check the project. Needs only Python 3.11.

Each command first installs the packages that it needs into `.venv`, pinned in `requirements/`. This
takes about a minute, once.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements"
INSTALLED = VENV / "made-from.txt"
_NOT_PASSED_ON = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
DEMO = Path("reports", "demo")
PARALLEL = (
    "-n",
    str(min(6, (os.cpu_count() or 1) + 2)),
    "--dist",
    "loadscope",
    "--no-loadscope-reorder",
)
"""Two processes more than cores: browsers and tests of time limits mostly wait."""

IMPORT_AS_A_SANDBOX = """
import compileall, contextlib, importlib
import grader.cli.batch, grader.cli.check
from grader.sandbox import box_contents, mounts
compileall.compile_dir(mounts.BOX_FILES, quiet=1)
for module in box_contents.EVERY_MODULE:
    with contextlib.suppress(ImportError):
        importlib.import_module(module)
"""
"""Compiles what sandboxes import: they may not write, and would compile it again at each start."""

GENERATORS = (
    "grader.messages.extract",
    "tests.support.result_schema",
    "tests.unit.cli.commands_page",
    "tests.proofs.mistakes_page",
)
"""Modules that write files from others, or compare them with `--check`."""

EXAMPLES = """\
examples:
  python3 dev.py demo                  grade a sample class and open its pages
  python3 dev.py test                  run all tests
  python3 dev.py test unit             run the first tier, less than a minute
  python3 dev.py test unit -x -k zip   further arguments go to pytest
  python3 dev.py all                   run everything that a merge requires
"""


class SetupError(SystemExit):
    """Ends the command with exit status 1 and one sentence: a problem of the machine, the next step."""


# ------------------------------------------------------------------------------------ commands


def demo() -> int:
    """Grade a sample class of 30 and print where its pages are (10 seconds, and half a minute more)."""
    submissions, results = str(DEMO / "submissions"), str(DEMO / "class")
    shutil.rmtree(ROOT / DEMO, ignore_errors=True)
    batch = ("-m", "grader", "batch", submissions, "--out", results)
    terms = ("--due", "2026-11-08T23:00+00:00", "--late-penalty", "10%/day,grace=15min")
    status = _python("-m", "tests.submissions.demo_class", submissions) or _python(*batch, *terms)
    if status == 0:
        say(f"Open {results}/index.html in a browser.")
        say(
            "Now one of the notebooks runs whole, with its trainings (half a minute). Ctrl-C skips it."
        )
        status = _python(*batch, "--only", "Ada_Okafor_300101", "--run-all")
    return status


def test(*arguments: str) -> int:
    """Run all tests, or a tier: unit, sandbox, cli, browser, proofs, integration."""
    tiers = [*itertools.takewhile(lambda a: (ROOT / "tests" / a).is_dir(), arguments)]
    paths = [f"tests/{tier}" for tier in tiers]
    return _python("-m", "pytest", *PARALLEL, *paths, *arguments[len(tiers) :])


def lint() -> int:
    """Check format, rules, types, phrases and generated files (1 minute)."""
    return max(
        _python("-m", "ruff", "format", "--check", "--output-format", "concise", "."),
        _python("-m", "ruff", "check", "--output-format", "concise", "."),
        _python("-m", "mypy"),
        _python("-m", "tests.phrases"),
        _python("student_template/build.py", "--check"),
        *(_python("-m", generator, "--check") for generator in GENERATORS),
    )


def tidy() -> int:
    """Format the code and regenerate generated files."""
    return max(
        _python("-m", "ruff", "check", "--quiet", "--fix-only", "."),
        _python("-m", "ruff", "format", "--quiet", "."),
        _python("student_template/build.py"),
        *(_python("-m", generator) for generator in GENERATORS),
    )


def wheel() -> int:
    """Build the wheel, install it outside the project, and grade with it (20 seconds)."""
    return _python("-m", "tests.support.wheel")


def everything() -> int:
    """Run test, lint and wheel."""
    return max(test(), lint(), wheel())


def lock(*arguments: str) -> int:
    """Pin the dependencies of pyproject.toml; --upgrade chooses the newest versions."""
    return _python("-m", "tests.support.lock", *arguments)


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


def set_up(name: str) -> None:
    """Install the pins of `requirements/NAME.txt` and the project, unless they are installed."""
    place = f"{ROOT} {sys.version}"
    current = INSTALLED.read_text("utf-8").splitlines() if PYTHON.exists() else []
    if current[:1] == [place] and {_digest(name), _digest("dev")} & {*current[1:]}:
        return
    INSTALLED.unlink(missing_ok=True)
    if current[:1] != [place]:
        say("Making .venv ...")
        create_environment(VENV)
    say(f"Installing requirements/{name}.txt (about a minute) ...")
    install = (*pip_of(VENV), "install", "--quiet", "--no-compile", "--no-deps")
    _install_pins(install, (REQUIREMENTS / f"{name}.txt").read_text("utf-8"))
    quietly(*install, "--no-build-isolation", "--editable", ROOT)
    quietly(PYTHON, "-c", IMPORT_AS_A_SANDBOX)
    INSTALLED.write_text(f"{place}\n{_digest(name)}\n", "utf-8")


def _install_pins(install: tuple[str | Path, ...], pins: str) -> None:
    """Install pinned packages in two processes, each half of them: pip itself uses one core."""
    packages = re.split(r"\n(?=\w)", pins)  # below a name are its hashes and its reasons
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as threads:
        halves = [Path(folder, f"{number}.txt") for number in range(2)]
        for number, half in enumerate(halves):
            half.write_text("\n".join(packages[number::2]) + "\n", "utf-8")
        command = (*install, "--require-hashes", "--requirement")
        list(threads.map(lambda half: quietly(*command, half), halves))


def _digest(name: str) -> str:
    pins = (REQUIREMENTS / f"{name}.txt").read_bytes()
    return hashlib.sha256(pins + (ROOT / "pyproject.toml").read_bytes()).hexdigest()


def create_environment(venv: Path, *, pip: bool = True) -> None:
    """Create an empty virtual environment, without pip too if Python has no ensurepip, as on Debian."""
    options = [] if pip and _has("ensurepip") else ["--without-pip"]
    if not _has("venv") or (options and not _has("pip")):
        raise SetupError(
            "This Python cannot create virtual environments. Install its venv module"
            " (on Debian and Ubuntu: apt install python3-venv) and run the command again."
        )
    quietly(sys.executable, "-m", "venv", "--clear", *options, venv)


def pip_of(venv: Path) -> list[str | Path]:
    """Return the command of the pip that installs into an environment."""
    python = venv / "bin" / "python"
    imported = subprocess.run([python, "-c", "import pip"], stderr=subprocess.DEVNULL, check=False)
    if imported.returncode == 0:
        return [python, "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", python]


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


# ----------------------------------------------------------------------------------- processes


def _python(*arguments: str) -> int:
    return run(PYTHON, *arguments, cwd=ROOT)


def run(*command: str | Path, cwd: Path) -> int:
    """Run a command and print its time; return its exit status, or 128 plus the signal."""
    shown = _shown(command)
    say(f"$ {shown}")
    started = time.monotonic()
    status = subprocess.run(command, cwd=cwd, env=_environment(), check=False).returncode
    say(f"  {time.monotonic() - started:.0f} s")
    return status if status >= 0 else 128 - status


def quietly(*command: str | Path) -> None:
    """Run a command and print its output only if it fails. Raises SetupError.

    On a terminal the seconds that have passed are shown.
    """
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=_environment(), stdout=output, stderr=subprocess.STDOUT
        )
        started = time.monotonic()
        while _is_running(process):
            if sys.stderr.isatty():
                sys.stderr.write(f"\r  {time.monotonic() - started:.0f} s\r")
        if process.returncode:
            output.seek(0)
            sys.stderr.write(output.read().decode(errors="replace"))
            raise SetupError(f"This command failed: {_shown(command)}")


def _is_running(process: subprocess.Popen[bytes]) -> bool:
    """Wait a second for a process; return True if it still runs."""
    try:
        process.wait(1)
    except subprocess.TimeoutExpired:
        return True
    return False


def _environment() -> dict[str, str]:
    """Return the environment without PYTHONPATH, and with a quiet pip.

    Without compiled files each of the many processes that the tests start takes twice the time.
    """
    own = {key: value for key, value in os.environ.items() if key not in _NOT_PASSED_ON}
    return {**own, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


def _shown(command: tuple[str | Path, ...]) -> str:
    return " ".join(str(part).removeprefix(f"{ROOT}{os.sep}") for part in command)


def say(text: str) -> None:
    """Print to standard error, so that it does not mix with the output of a command."""
    print(text, file=sys.stderr, flush=True)


# --------------------------------------------------------------------------------- command line


def main() -> int:
    """Install what the command needs, then run it; return its exit status."""
    commands = "\n".join(f"  {name:6} {call.__doc__}" for name, call in COMMANDS.items())
    parser = argparse.ArgumentParser(
        usage="python3 dev.py COMMAND [ARGUMENT ...]",
        description=f"Set up, try and check the project.\n\ncommands:\n{commands}",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", nargs="?", choices=COMMANDS, help=argparse.SUPPRESS)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.command is None:
        parser.print_help()
        return 0
    if options.arguments and options.command not in ("test", "lock"):
        parser.error(f"{options.command} takes no arguments")
    try:
        set_up("demo" if options.command == "demo" else "dev")
        return COMMANDS[options.command](*options.arguments)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    if sys.version_info < (3, 11):
        sys.exit(f"dev.py: This is Python {sys.version.split()[0]}; 3.11 or later is needed.")
    sys.exit(main())
