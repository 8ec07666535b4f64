"""`grader check`: one notebook, one table for a person or one object for a program."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from grader.cli import check
from grader.errors import DiskError
from tests import ROOT
from tests.cli.conftest import Here
from tests.support.command_line import (
    Outcome,
    breaches,
    hand_in,
    on_a_terminal,
    plain,
    raw_characters,
    run,
    same_as_golden,
    submission,
)

SCREENS = {
    "check_full": "right",
    "check_partial": "wrong-hard-coded-answer",
    "check_unparsable": "error-merge-markers",
    "check_error": "error-name-misspelt",
    "check_invalid": "malformed-pdf",
    "check_removed_names": "error-removed-numpy-float",
}
FULL_MARKS = ("right", "error-removed-numpy-float")
HOSTILE = (
    "hostile-exception-with-markup",
    "hostile-name-error-with-markup",
    "hostile-name-with-markup",
    "hostile-type-name-with-markup",
)
COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-7]|38|9[0-7])[;m]")


@pytest.fixture
def notebooks(tmp_path: Path) -> Path:
    """Return a folder with one notebook for each recorded screen."""
    return hand_in(tmp_path, *SCREENS.values())


def template() -> Path:
    return ROOT / "student_template" / "regularization" / "Regularization.ipynb"


# ------------------------------------------------------------------ for a person


@pytest.mark.parametrize("screen", SCREENS)
def test_screen_as_recorded(here: Here, notebooks: Path, screen: str) -> None:
    """The exit status is 0 only for full marks."""
    outcome = here("check", notebooks / f"{SCREENS[screen]}.ipynb")
    assert (outcome.status, outcome.err) == (0 if SCREENS[screen] in FULL_MARKS else 1, "")
    assert same_as_golden(screen, outcome.out)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe\x00", b"[]", b"null", b'{"cells": 7}'])
def test_broken_notebook_gets_a_reason(here: Here, tmp_path: Path, data: bytes) -> None:
    broken = tmp_path / "broken.ipynb"
    broken.write_bytes(data)
    outcome = here("check", broken)
    assert (outcome.status, outcome.err) == (1, "")
    assert "broken: 0 of 100 points" in outcome.out
    assert outcome.out.splitlines()[-1].rstrip().endswith(".")
    assert "Traceback" not in outcome.out


def test_unchanged_template_is_not_called_wrong(
    here: Here,
) -> None:
    """Each of its functions counts as not written yet."""
    outcome = here("check", template())
    assert outcome.status == 1
    assert outcome.out.count("│ not written yet ") == 4 and "not right" not in outcome.out


def test_message_of_all_checks_is_shown_once(here: Here, notebooks: Path) -> None:
    """One message that all checks of a function share is not repeated."""
    outcome = here("check", notebooks / "error-name-misspelt.ipynb")
    (message,) = re.findall(r"\d of \d checks: Your function stops in line", outcome.out)
    assert message.startswith("4 of 4")


def test_process_prints_no_colours(here: Here, notebooks: Path) -> None:
    """Otherwise its screen is the same as that of a call within this process."""
    notebook = notebooks / "error-merge-markers.ipynb"
    outcome = run("check", notebook)
    assert (outcome.status, outcome.err) == (1, "")
    assert outcome.out == here("check", notebook).out
    assert "\x1b" not in outcome.out


def test_table_in_an_ascii_locale(notebooks: Path) -> None:
    """Characters that the encoding of standard output lacks are replaced."""
    renamed = notebooks / "Zoë Ångström 任.ipynb"
    renamed.write_bytes(submission("malformed-pdf"))
    outcome = run("check", renamed, env={"PYTHONIOENCODING": "ascii"})
    assert (outcome.status, outcome.err) == (1, "")
    assert "0 of 100 points" in outcome.out and outcome.out.isascii()
    assert "| Function " in outcome.out


# ------------------------------------------------------------------ on a terminal


@pytest.fixture(scope="module")
def terminals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """Check a wrong notebook in a terminal of 80 columns, with colours and without."""
    notebook = hand_in(tmp_path_factory.mktemp("terminal"), "wrong-everything") / (
        "wrong-everything.ipynb"
    )
    return {
        "colours": on_a_terminal("check", notebook),
        "none": on_a_terminal("check", notebook, env={"NO_COLOR": "1"}),
    }


def test_no_color_is_respected(terminals: dict[str, Outcome]) -> None:
    assert terminals["colours"].status == terminals["none"].status == 1
    assert COLOUR.search(terminals["colours"].out)
    assert not COLOUR.search(terminals["none"].out)


def test_screen_is_readable_without_colours(terminals: dict[str, Outcome]) -> None:
    """The words are the same, so colour is never the only sign."""
    assert (
        plain(terminals["colours"].out).split("points")[-1]
        == (plain(terminals["none"].out).split("points")[-1])
    )
    assert "not right yet" in plain(terminals["none"].out)


def test_check_fits_80_columns(terminals: dict[str, Outcome]) -> None:
    lines = plain(terminals["none"].out).splitlines()
    assert max(map(len, lines)) <= 80
    borders = [line for line in lines if line[:1] in ("┏", "┡", "└")]
    assert len(borders) == 3 and len(set(map(len, borders))) == 1


# ------------------------------------------------------------------ for a program


@pytest.mark.parametrize("name", ["right", "wrong-hard-coded-answer", "malformed-pdf"])
def test_json_alone_on_standard_output(here: Here, notebooks: Path, name: str) -> None:
    """The one in the middle is checked by a process of its own."""
    notebook = notebooks / f"{name}.ipynb"
    check = run if name == "wrong-hard-coded-answer" else here
    outcome = check("check", notebook, "--json", "-")
    result = json.loads(outcome.out)
    assert outcome.out.startswith("{\n") and outcome.out.endswith("\n}\n")
    assert breaches(result, name) == []
    assert result["sha256"] == hashlib.sha256(notebook.read_bytes()).hexdigest()
    assert outcome.status == (0 if result["score"] == 100 else 1)
    assert f"{name}: {result['score']:g} of 100 points" in outcome.err


def test_json_and_page_are_written_to_files(here: Here, notebooks: Path) -> None:
    """The table is printed all the same, and no draft of a file is left over."""
    json_file, page = notebooks / "result.json", notebooks / "page.html"
    json_file.write_text("an older file")
    outcome = here("check", notebooks / "right.ipynb", "--json", json_file, "--report", page)
    assert (outcome.status, outcome.err) == (0, "")
    assert "right: 100 of 100 points" in outcome.out
    assert outcome.out.endswith(f"Page: {page}\n")
    assert breaches(json.loads(json_file.read_text("utf-8")), "right") == []
    assert page.read_text("utf-8").lower().startswith("<!doctype html>")
    assert not list(notebooks.glob(".*"))


def test_verdict_comes_before_a_page_that_cannot_be_written(
    here: Here, notebooks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, content: str) -> None:
        raise DiskError(f"No space left on device: {path}")

    monkeypatch.setattr(check, "write_whole", fail)
    outcome = here("check", notebooks / "right.ipynb", "--report", notebooks / "page.html")
    assert outcome.status == 3
    assert "right: 100 of 100 points" in outcome.out


def test_json_is_utf_8_in_any_locale(notebooks: Path) -> None:
    renamed = notebooks / "Zoë-任.ipynb"
    renamed.write_bytes(submission("malformed-pdf"))
    line = ("check", renamed, "--json", "-", "--no-sandbox")
    outcome = run(*line, env={"PYTHONIOENCODING": "ascii"})
    assert json.loads(outcome.out)["submission"] == "Zoë-任"


def test_result_has_the_requested_seed(here: Here, notebooks: Path) -> None:
    outcome = here("check", notebooks / "right.ipynb", "--seed", 7, "--json", "-")
    assert outcome.status == 0
    assert json.loads(outcome.out)["seed"] == 7


def test_grading_is_repeatable(here: Here, notebooks: Path) -> None:
    line = ("check", notebooks / "wrong-hard-coded-answer.ipynb", "--json", "-")
    first, second = (json.loads(here(*line).out) for _ in range(2))
    times = {"duration_s": 0, "graded_at": ""}
    assert first | times == second | times


# ------------------------------------------------------------------ hostile text


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_escaped(boxed: None, here: Here, tmp_path: Path, name: str) -> None:
    """Control characters in a submission reach neither a terminal nor a program."""
    notebook = hand_in(tmp_path, name) / f"{name}.ipynb"
    table = here("check", notebook)
    as_json = here("check", notebook, "--json", "-")
    assert table.status == as_json.status == 1
    assert raw_characters(table.out + table.err) == []
    assert raw_characters(as_json.out + as_json.err) == []
    assert breaches(json.loads(as_json.out), name) == []


def test_markup_is_printed_literally(here: Here, tmp_path: Path) -> None:
    markup = "[bold red]now[/] [link=file:///etc]here[/link] :smiley: {x} \\[b]"
    source = json.loads(submission("right"))
    (cell,) = [
        cell for cell in source["cells"] if "def compute_cost_with_r" in "".join(cell["source"])
    ]
    cell["source"] = (
        "def compute_cost_with_regularization(A3, Y, parameters, lambd):\n"
        f"    raise ValueError({markup!r})\n"
    )
    notebook = tmp_path / "markup.ipynb"
    notebook.write_text(json.dumps(source))
    screen = " ".join(here("check", notebook).out.split())
    assert screen.count(f"with ValueError: {markup}") == 2


@pytest.mark.parametrize(
    "name",
    [
        "\x1b[31mred\x1b[0m",
        "[bold red]red[link=x]:smiley:",
        "a\nb\rc\td",
        "\u202egnp.exe",
        "=cmd|calc!A1",
        "-rf",
        "\udcff\udcfe",
        "\x9b31m",
        "\u2028\u200b\ufeff",
    ],
)
def test_file_name_is_escaped(here: Here, tmp_path: Path, name: str) -> None:
    """The id of the submission does not begin with a spreadsheet's formula character either."""
    notebook = tmp_path / f"{name}.ipynb"
    notebook.write_bytes(submission("malformed-pdf"))
    table = here("check", notebook)
    as_json = here("check", notebook, "--json", "-")
    assert table.status == as_json.status == 1
    assert raw_characters(table.out + table.err + as_json.out + as_json.err) == []
    assert json.loads(as_json.out)["submission"][0] not in "=+-@"
