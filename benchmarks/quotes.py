#!/usr/bin/env python3
"""Record the output of other graders for known mistakes: the course's tests, nbgrader, otter-grader.

The course's tests are not part of this project: `--course` is a folder with its `public_tests.py` and
`test_utils.py`. They are run on every known mistake, and are the test cells of nbgrader. `--otter` is
an environment with otter-grader and the packages that notebooks import.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import importlib.util
import io
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
# Our own folder must not be searched for modules: its profile.py would hide Python's.
sys.path[0] = str(ROOT)

from benchmarks import measure, workload
from benchmarks.workload import Document
from tests.proofs.mistakes_page import QUOTES
from tests.support import diagnosing as bench

VALUE = "wrong-l2-not-halved"
RENAMED = "error-renamed"
OF_ANY_FUNCTION = (
    *("error-unsolved-2021", RENAMED, "error-unclosed-bracket", "error-name-letter-l"),
    *("error-too-few-parameters", "error-shapes-do-not-fit", "error-returns-nothing"),
    *("wrong-cost-with-penalty", "wrong-cost-of-shape-1-1", "wrong-gradient-keys-missing"),
    *("wrong-cache-without-masks", "wrong-hard-coded-answer", "wrong-global-keep-prob"),
    *("wrong-random-penalty", "wrong-weights-squared-in-place", "error-removed-numpy-float"),
)
"""Labelled submissions with a diagnosis that any function can have."""
FIGURES = f"""\
A3, Y, parameters = testCases.{bench.COST}_test_case()
cost = {bench.COST}(A3, Y, parameters, 0.1)
"""
BARE = f"import testCases\n{FIGURES}assert abs(cost - 1.7864859451590758) < 1e-6"
OK_TEST = """\
OK_FORMAT = True
test = {"name": "q1", "points": 1, "suites": [{"type": "doctest", "scored": True, "cases": [
    {"hidden": False, "locked": False, "code": r'''
>>> import numpy as np, testCases
>>> A3, Y, parameters = testCases.FUNCTION_test_case()
>>> bool(np.isclose(FUNCTION(A3, Y, parameters, 0.1), 1.7864859451590758))
True
'''}]}]}
""".replace("FUNCTION", bench.COST)
CHECK = """\
import contextlib, json, pathlib, otter
for cell in json.loads(pathlib.Path("Regularization.ipynb").read_text("utf-8"))["cells"]:
    if cell["cell_type"] == "code":
        lines = (line for line in cell["source"] if not line.startswith(("%", "!")))
        with contextlib.suppress(Exception):
            exec("".join(lines))
pathlib.Path("output").write_text(str(otter.Notebook(tests_dir="tests").check("q1", globals())))
"""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_FOLDER = re.compile(r"(?<=File \")/[^\"]*/")
Quote = dict[str, str]


def main() -> int:
    """Run all three graders and write their output."""
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="grader-quotes-") as name:
        folder = Path(name)
        quotes = {
            "versions": _versions(options.peers, options.otter),
            "course": _course(options.course),
            "nbgrader": _nbgrader(folder, options.peers, options.course),
            "otter": {name: _otter(folder, options.otter, name) for name in (VALUE, RENAMED)},
        }
    options.results.write_text(json.dumps(quotes, indent=1) + "\n", "utf-8")
    return 0


def _versions(peers: Path, otter: Path) -> dict[str, str]:
    environments = {"nbgrader": peers, "otter-grader": otter}
    return {name: _version(venv, name) for name, venv in environments.items()}


def _version(venv: Path, name: str) -> str:
    """Return the version of a package in an environment."""
    places = [str(place) for place in venv.glob("lib/python3*/site-packages")]
    return next(iter(importlib.metadata.distributions(name=name, path=places))).version


# ------------------------------------------------------------------ the course's tests


def _course(folder: Path) -> dict[str, dict[str, list[str]]]:
    """Return the output of the course's tests for every known mistake."""
    sys.path.insert(0, str(folder))  # for test_utils
    tests = _module(folder / "public_tests.py")
    output: dict[str, dict[str, list[str]]] = {}
    for function, mistake in bench.every_mistake():
        if "__" not in mistake:
            test = getattr(tests, f"{function}_test")
            output.setdefault(function, {})[mistake] = _lines(test, _target(function, mistake))
    return output


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _target(function: str, mistake: str) -> Any:
    """Return a function with a mistake; its cost is a NumPy scalar, as in students' notebooks."""
    answer = bench.wrong(function, mistake)

    def target(*arguments: Any) -> Any:
        value = answer(*arguments)
        return np.float64(value) if isinstance(value, float) else value

    target.__name__ = function
    return target


def _lines(test: Any, target: Any) -> list[str]:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), np.errstate(all="ignore"):
        try:
            test(target)
        except AssertionError as error:
            print(f"AssertionError: {error}")  # noqa: T201 - goes with what the test prints
    return _plain(printed.getvalue()).splitlines()


# ------------------------------------------------------------------ nbgrader


def _nbgrader(folder: Path, peers: Path, course: Path) -> dict[str, dict[str, Quote]]:
    """Return nbgrader's output below failing test cells, for each submission."""
    names = [VALUE, *OF_ANY_FUNCTION]
    bare = workload.test_cell("bare", BARE)
    workload.lay_out_course_of(folder, workload.named(*names), bare)
    for place in (*folder.glob("source/*"), *folder.glob("submitted/*/*")):
        for file in ("public_tests.py", "test_utils.py"):
            shutil.copy(course / file, place)
    for verb in ("generate_assignment", "autograde"):
        measure.run(
            [peers.absolute() / "bin" / "nbgrader", verb, workload.EXERCISE],
            cwd=folder,
            extra={"PATH": f"{peers.absolute() / 'bin'}:/usr/bin:/bin"},
        )
    folders = {name: folder / "autograded" / name / workload.EXERCISE for name in names}
    return {name: dict(_failed(path / workload.NOTEBOOK)) for name, path in folders.items()}


def _failed(path: Path) -> Iterator[tuple[str, Quote]]:
    """Yield the name and the output of each test cell that failed."""
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        nbgrader = cell["metadata"].get("nbgrader", {})
        if nbgrader.get("grade"):
            printed = "".join(_streams(cell))
            for output in cell["outputs"]:
                if output["output_type"] == "error":
                    yield nbgrader["grade_id"].removeprefix("test-"), _quote(output, printed)


def _streams(cell: Document) -> Iterator[str]:
    for output in cell["outputs"]:
        if output["output_type"] == "stream" and output["name"] == "stdout":
            yield "".join(output["text"])


def _quote(output: Document, printed: str) -> Quote:
    """Return the output, with the traceback only if the exception has no message."""
    ended = f"{output['ename']}: {output['evalue']}"
    traceback = _plain("\n".join(output["traceback"])) if ended == "AssertionError: " else ""
    return {"printed": _plain(printed), "error": ended, "traceback": traceback}


# ------------------------------------------------------------------ otter-grader


def _otter(folder: Path, venv: Path, name: str) -> str:
    """Return the output of otter's `grader.check("q1")` in a notebook."""
    place = folder / "otter" / name
    ((_, document),) = workload.named(name)
    workload.write(place, document)
    (place / "tests").mkdir()
    (place / "tests" / "q1.py").write_text(OK_TEST, "utf-8")
    measure.run([venv.absolute() / "bin" / "python", "-c", CHECK], cwd=place)
    return _plain((place / "output").read_text("utf-8"))


def _plain(text: str) -> str:
    """Return text without colours, trailing blanks, and folders of this machine."""
    lines = _FOLDER.sub("", _COLOUR.sub("", text)).splitlines()
    return "\n".join(line.rstrip() for line in lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python benchmarks/quotes.py", description=__doc__)
    parser.add_argument("--course", type=Path, required=True, metavar="DIR")
    parser.add_argument("--peers", type=Path, default=ROOT / "benchmarks" / ".peers")
    parser.add_argument("--otter", type=Path, required=True, metavar="VENV")
    parser.add_argument("--results", type=Path, default=QUOTES, metavar="FILE")
    return parser


if __name__ == "__main__":
    sys.exit(main())
