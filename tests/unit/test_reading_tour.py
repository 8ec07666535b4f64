"""The reading tour is complete: it explains every name that its functions use."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import PurePosixPath
from types import ModuleType
from typing import NamedTuple

import pytest

from tests import ROOT

TOUR = (ROOT / "docs/concepts/from-notebook-to-page.md").read_text("utf-8")
MOST_FILES = 25


class Stop(NamedTuple):
    """A file of the tour, and the functions and classes in it that are read; none means all."""

    file: str
    names: tuple[str, ...]


def stops() -> list[Stop]:
    rows = re.findall(r"^\| \d+ \| `([^`]+)` \| (.*?) \|", TOUR, re.MULTILINE)
    return [Stop(file, tuple(re.findall(r"`(\w+)`", read))) for file, read in rows]


STOPS = stops()
OUTSIDE = [s for s in STOPS if s.file.startswith("grader/") and s.file.endswith(".py")]
OUTSIDE = [s for s in OUTSIDE if "/box/" not in s.file and s.file != "grader/__init__.py"]
"""Those outside the sandbox: files inside it are imported there only."""


def named_files() -> set[str]:
    """Return the files that the tour names; a name without a folder is in that of the file before it."""
    files: set[str] = set()
    folder = PurePosixPath()
    for path in re.findall(r"`([\w/]+\.py)`", TOUR):
        file = PurePosixPath(path) if "/" in path else folder / path
        folder = file.parent
        files.add(str(file))
    return files


def definitions(stop: Stop) -> dict[str, ast.stmt]:
    tree = ast.parse((ROOT / stop.file).read_text("utf-8"))
    kinds = ast.FunctionDef | ast.ClassDef
    return {node.name: node for node in tree.body if isinstance(node, kinds)}


def used(node: ast.AST, module: ModuleType) -> Iterator[object]:
    """Yield the objects that code of a module names, alone or as `module.name`."""
    for inner in ast.walk(node):
        match inner:
            case ast.Name(name):
                yield vars(module).get(name)
            case ast.Attribute(ast.Name(name), attribute):
                owner = vars(module).get(name)
                yield getattr(owner, attribute, None) if inspect.ismodule(owner) else None


def file_of(thing: object) -> str | None:
    """Return the file in `grader/` that defines a function or a class."""
    is_definition = inspect.isfunction(thing) or inspect.isclass(thing)
    if not is_definition or not thing.__module__.startswith("grader."):
        return None
    path = PurePosixPath(str(sys.modules[thing.__module__].__file__))
    return str(path.relative_to(ROOT))


def test_the_tour_is_short() -> None:
    assert 20 <= len(STOPS) <= MOST_FILES
    assert [stop.file for stop in STOPS if not (ROOT / stop.file).is_file()] == []


@pytest.mark.parametrize("stop", OUTSIDE, ids=[stop.file for stop in OUTSIDE])
def test_the_tour_names_every_file_in_use(stop: Stop) -> None:
    """The functions that are read may use other files only if the tour states their content."""
    found = definitions(stop)
    module = importlib.import_module(
        stop.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    )
    read = [found[name] for name in stop.names if name in found] or [*found.values()]
    files = {file_of(thing) for node in read for thing in used(node, module)} - {None}

    assert files - named_files() == set()


def test_the_tour_names_files_that_exist() -> None:
    assert [
        file for file in named_files() if file[:7] == "grader/" and not (ROOT / file).is_file()
    ] == []
