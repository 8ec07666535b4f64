"""`grader check`: one notebook, one table for a person or one object for a program."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

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
HOSTILE = (
    "hostile-exception-with-markup",
    "hostile-name-error-with-markup",
    "hostile-name-with-markup",
    "hostile-type-name-with-markup",
)
COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-7]|38|9[0-7])[;m]")


@pytest.fixture
def notebooks(tmp_path: Path) -> Path:
    """Return a folder of one notebook of every kind."""
    return hand_in(tmp_path, *SCREENS.values())


def template() -> Path:
    return ROOT / "student_template" / "regularization" / "Regularization.ipynb"


# ------------------------------------------------------------------ for a person


@pytest.mark.parametrize("screen", SCREENS)
def test_the_screen_reads_word_for_word_as_recorded(
    here: Here, notebooks: Path, screen: str
) -> None:
    seen = here("check", notebooks / f"{SCREENS[screen]}.ipynb")
    assert seen.err == ""
    assert same_as_golden(screen, seen.out)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("right", 0),
        ("error-removed-numpy-float", 0),
        ("wrong-hard-coded-answer", 1),
        ("error-merge-markers", 1),
        ("malformed-pdf", 1),
    ],
)
def test_the_exit_status_is_0_for_full_marks_and_1_for_less(
    here: Here, notebooks: Path, name: str, status: int
) -> None:
    assert here("check", notebooks / f"{name}.ipynb").status == status


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe\x00", b"[]", b"null", b'{"cells": 7}'])
def test_a_broken_notebook_is_1_and_the_reason_is_told(
    here: Here, tmp_path: Path, data: bytes
) -> None:
    broken = tmp_path / "broken.ipynb"
    broken.write_bytes(data)
    seen = here("check", broken)
    assert (seen.status, seen.err) == (1, "")
    assert "broken: 0 of 100 points" in seen.out
    assert seen.out.splitlines()[-1].rstrip().endswith(".")
    assert "Traceback" not in seen.out


def test_the_notebook_as_handed_out_is_worth_nothing_and_nothing_is_called_wrong(
    here: Here,
) -> None:
    seen = here("check", template())
    assert seen.status == 1
    assert seen.out.count("not written yet") == 4 and "not right" not in seen.out


def test_what_all_checks_of_a_function_say_is_said_once(here: Here, notebooks: Path) -> None:
    seen = here("check", notebooks / "error-name-misspelt.ipynb")
    (said,) = re.findall(r"\d of \d checks: It stops with NameError", seen.out)
    assert said.startswith("4 of 4")


def test_a_process_prints_the_same_screen_without_colours(here: Here, notebooks: Path) -> None:
    notebook = notebooks / "error-merge-markers.ipynb"
    seen = run("check", notebook)
    assert (seen.status, seen.err) == (1, "")
    assert seen.out == here("check", notebook).out
    assert "\x1b" not in seen.out


def test_an_old_locale_cannot_stop_the_table(notebooks: Path) -> None:
    renamed = notebooks / "Zoë Ångström 任.ipynb"
    renamed.write_bytes(submission("malformed-pdf"))
    seen = run("check", renamed, env={"PYTHONIOENCODING": "ascii"})
    assert (seen.status, seen.err) == (1, "")
    assert "0 of 100 points" in seen.out and seen.out.isascii()
    assert "| function " in seen.out


# ------------------------------------------------------------------ on a terminal


@pytest.fixture(scope="module")
def terminals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """Return what a terminal of 80 columns shows of a wrong notebook, as it is and without colours."""
    notebook = hand_in(tmp_path_factory.mktemp("terminal"), "wrong-everything") / (
        "wrong-everything.ipynb"
    )
    return {
        "colours": on_a_terminal("check", notebook),
        "none": on_a_terminal("check", notebook, env={"NO_COLOR": "1"}),
    }


def test_a_terminal_gets_colours_unless_they_are_not_wanted(terminals: dict[str, Outcome]) -> None:
    assert terminals["colours"].status == terminals["none"].status == 1
    assert COLOUR.search(terminals["colours"].out)
    assert not COLOUR.search(terminals["none"].out)


def test_colour_is_never_the_only_sign(terminals: dict[str, Outcome]) -> None:
    assert (
        plain(terminals["colours"].out).split("points")[-1]
        == (plain(terminals["none"].out).split("points")[-1])
    )
    assert "not right yet" in plain(terminals["none"].out)


def test_the_screen_fits_80_columns(terminals: dict[str, Outcome]) -> None:
    lines = plain(terminals["none"].out).splitlines()
    assert max(map(len, lines)) <= 80
    borders = [line for line in lines if line[:1] in ("┏", "┡", "└")]
    assert len(borders) == 3 and len(set(map(len, borders))) == 1


# ------------------------------------------------------------------ for a program


@pytest.mark.parametrize("name", ["right", "wrong-hard-coded-answer", "malformed-pdf"])
def test_json_on_standard_output_is_one_object_and_nothing_else(notebooks: Path, name: str) -> None:
    notebook = notebooks / f"{name}.ipynb"
    seen = run("check", notebook, "--json", "-")
    result = json.loads(seen.out)
    assert seen.out.startswith("{\n") and seen.out.endswith("\n}\n")
    assert breaches(result, name) == []
    assert result["sha256"] == hashlib.sha256(notebook.read_bytes()).hexdigest()
    assert seen.status == (0 if result["score"] == 100 else 1)
    assert f"{name}: {result['score']:g} of 100 points" in seen.err


def test_json_and_page_go_to_files_and_the_table_stays(here: Here, notebooks: Path) -> None:
    to_json, page = notebooks / "result.json", notebooks / "page.html"
    to_json.write_text("something older, and much longer than nothing")
    seen = here("check", notebooks / "right.ipynb", "--json", to_json, "--report", page)
    assert (seen.status, seen.err) == (0, "")
    assert "right: 100 of 100 points" in seen.out
    assert breaches(json.loads(to_json.read_text("utf-8")), "right") == []
    assert page.read_text("utf-8").lower().startswith("<!doctype html>")
    assert not list(notebooks.glob(".*"))


def test_json_is_utf_8_whatever_the_locale(notebooks: Path) -> None:
    renamed = notebooks / "Zoë-任.ipynb"
    renamed.write_bytes(submission("malformed-pdf"))
    seen = run("check", renamed, "--json", "-", env={"PYTHONIOENCODING": "ascii"})
    assert json.loads(seen.out)["submission"] == "Zoë-任"


def test_the_seed_is_taken_and_told(here: Here, notebooks: Path) -> None:
    seen = here("check", notebooks / "right.ipynb", "--seed", 7, "--json", "-")
    assert seen.status == 0
    assert json.loads(seen.out)["seed"] == 7


def test_the_same_notebook_has_the_same_result_twice(here: Here, notebooks: Path) -> None:
    line = ("check", notebooks / "wrong-hard-coded-answer.ipynb", "--json", "-")
    first, second = (json.loads(here(*line).out) for _ in range(2))
    assert {**first, "duration_s": 0} == {**second, "duration_s": 0}


# ------------------------------------------------------------------ hostile text


@pytest.mark.parametrize("name", HOSTILE)
def test_no_word_of_a_submission_is_an_order_to_a_terminal_or_a_reader(
    boxed: None, here: Here, tmp_path: Path, name: str
) -> None:
    notebook = hand_in(tmp_path, name) / f"{name}.ipynb"
    shown = here("check", notebook)
    printed = here("check", notebook, "--json", "-")
    assert shown.status == printed.status == 1
    assert raw_characters(shown.out + shown.err) == []
    assert raw_characters(printed.out + printed.err) == []
    assert breaches(json.loads(printed.out), name) == []


def test_words_that_look_like_markup_are_shown_as_they_are(here: Here, tmp_path: Path) -> None:
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
    shown = " ".join(here("check", notebook).out.split())
    assert shown.count(f"with ValueError: {markup}") == 2


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
def test_the_name_of_a_file_is_harmless_wherever_it_is_shown(
    here: Here, tmp_path: Path, name: str
) -> None:
    notebook = tmp_path / f"{name}.ipynb"
    notebook.write_bytes(submission("malformed-pdf"))
    shown = here("check", notebook)
    printed = here("check", notebook, "--json", "-")
    assert shown.status == printed.status == 1
    assert raw_characters(shown.out + shown.err + printed.out + printed.err) == []
    assert json.loads(printed.out)["submission"][0] not in "=+-@"
