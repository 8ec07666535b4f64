"""The drawing of the exception tree in `grader/errors.py` equals the classes."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from grader import assignments, cli, errors
from tests.unit.test_architecture import MODULES, module_name, parsed

BRANCH = re.compile(r"^((?:│   |    )*)(?:├── |└── )?(\w+)(?: {2,}[^ ].*?)?(?: +exit (\d))?$")
INSIDE_THE_BOX = "grader.sandbox.box."


def drawing() -> Iterator[tuple[str, str, int | None]]:
    """Yield class, parent and exit status of each line of the tree."""
    text = (errors.__doc__ or "").split("\n\n")[2]
    parents: dict[int, str] = {}
    for line in text.splitlines():
        branch = BRANCH.match(line)
        assert branch, line
        depth = 0 if line[0].isalpha() else 1 + len(branch[1]) // 4
        parents[depth] = branch[2]
        if depth:
            yield branch[2], parents[depth - 1], int(branch[3]) if branch[3] else None
        else:
            parents[0] = branch[2]


def defined() -> Iterator[tuple[str, str, str]]:
    """Yield module, class and parent of each exception class that the grader defines."""
    known = {"Exception", "ValueError", *(name for name, _, _ in drawing())}
    for path in MODULES.values():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ClassDef):
                bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
                if known & set(bases) or any(base.endswith("Error") for base in bases):
                    yield module_name(path), node.name, bases[0]


def test_drawing_equals_the_classes() -> None:
    drawn = {name: parent for name, parent, _ in drawing() if name != "ValueError"}

    assert drawn == {name: parent for _, name, parent in defined()}


def test_drawing_has_the_exit_status() -> None:
    classes = {
        name: getattr(importlib.import_module(module), name)
        for module, name, _ in defined()
        if not module.startswith(INSIDE_THE_BOX)
    }
    for name, _, status in drawing():
        if status is not None:
            assert classes[name].exit_status == status, name


KINDS = (errors.UsageError, errors.BoxError, errors.DiskError, errors.AssignmentError)


@pytest.mark.parametrize("kind", KINDS)
def test_command_exits_with_the_status(
    monkeypatch: pytest.MonkeyPatch, kind: type[errors.GraderError]
) -> None:
    def fail(_: str) -> None:
        raise kind("It is wrong.")

    monkeypatch.setattr(assignments, "load", fail)
    outcome = CliRunner().invoke(cli.main, ["verify"])

    assert (outcome.exit_code, outcome.stderr) == (kind.exit_status, "grader: It is wrong.\n")
