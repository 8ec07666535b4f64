"""Text of a student is no command for the CI service that shows the output.

Lines are read as `ActionCommand.cs` of actions/runner reads them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Here
from tests.support.command_line import hand_in

COMMAND = re.compile(r"^\s*::[\w-]+( [^:]*)?::|##\w*\[[\w-]+[^]]*\]", re.MULTILINE)
EVIL = "##[set-output name=result]100 ##vso[task.complete]"
SQUARES = b"np.sum(W3 ** 2))"


@pytest.fixture
def evil(tmp_path: Path) -> Path:
    """Return a notebook with a mistake in a line whose comment has commands; feedback quotes the line."""
    (file,) = hand_in(tmp_path, evil="wrong-l2-not-halved").iterdir()
    file.write_bytes(file.read_bytes().replace(SQUARES, SQUARES + f"  # {EVIL}".encode()))
    return file


def test_feedback_has_no_commands_in_ci(
    here: Here, evil: Path, boxed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    assert COMMAND.findall(here("check", evil).out)

    monkeypatch.setenv("CI", "true")
    text, printed = here("check", evil), here("check", evil, "--json", "-")

    assert text.status == printed.status == 1
    assert "## [set-output" in text.out and "## vso[task" in text.out
    assert not COMMAND.findall(text.out + text.err + printed.out + printed.err)
    assert EVIL.split(maxsplit=1)[0] in str(json.loads(printed.out))


def test_annotations_are_commands_in_ci(
    here: Here, tmp_path: Path, boxed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that the grader itself makes."""
    monkeypatch.setenv("CI", "true")
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    folder = hand_in(tmp_path / "in", "wrong-l2-not-halved")

    assert here("batch", folder, "--out", tmp_path / "out").status == 0
    annotations = here("export", "github", tmp_path / "out").out.splitlines()

    assert [line.split(" ")[0] for line in annotations] == ["::warning", "::notice"]
