"""Whole notebooks on the command line: options, the printed report, the executed notebook."""

from __future__ import annotations

import json
from pathlib import Path

import jupytext
import nbformat
import pytest

from grader.model import Tier
from tests import ROOT
from tests.cli.conftest import Here

STEPS = ("--run-all", "--iterations", "20")


@pytest.fixture
def notebook(tier: Tier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a solved notebook, in which L2 is left out of the cost, in the current folder."""
    if tier != Tier.FULL:
        pytest.skip("a whole notebook needs the full box")
    text = (ROOT / "reference/regularization_solved.py").read_text("utf-8")
    wrong = text.replace("cost = cross_entropy_cost + L2_", "cost = cross_entropy_cost + 0 * L2_")
    assert wrong != text
    monkeypatch.chdir(tmp_path)
    (tmp_path / "class").mkdir()
    path = tmp_path / "class" / "alice.ipynb"
    stopping = f"{wrong}\n# %%\nraise ValueError('stopped')\n"
    nbformat.write(jupytext.reads(stopping, fmt="py:percent"), path)
    return path


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            ("--iterations", "5"),
            "--iterations works only with --run-all, which runs the trainings. Add --run-all.",
        ),
        (
            ("--keep-notebook",),
            "--keep-notebook works only with --run-all, which produces the outputs. Add --run-all.",
        ),
    ],
)
def test_options_of_run_all_need_it(here: Here, options: tuple[str, ...], words: str) -> None:
    outcome = here("check", "x.ipynb", *options)
    assert (outcome.status, outcome.out, outcome.err) == (2, "", f"grader: {words}\n")


def test_in_the_light_box_there_is_no_whole_run(
    here: Here, notebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.cli.options.choose_tier", lambda *_: "light")
    outcome = here("check", notebook, "--run-all")
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == (
        "grader: --run-all needs the full sandbox: the Jupyter kernel uses sockets, and the "
        "light sandbox blocks them. 'grader doctor' lists what is missing.\n"
    )


def test_check_reports_on_the_whole_notebook(here: Here, notebook: Path, tmp_path: Path) -> None:
    """Without `--report` the executed notebook is in the current folder."""
    outcome = here("check", notebook, *STEPS, "--keep-notebook")
    assert outcome.status == 1
    _, section = outcome.out.split("\nThe whole notebook\n")
    first, *lines = [" ".join(line.split()) for line in section.splitlines()]
    assert first.startswith("22 of 22 code cells ran, in ")
    assert lines[0] == "In this rehearsal each training ran only 20 iterations."
    assert " ".join(lines[1:3]) == (
        "In line 1 of the cell that begins `raise ValueError('stopped')` (code cell 22): ValueError: "
        "stopped"
    )
    assert "Training without regularization: right." in lines
    wrong = lines.index("Training with L2 regularization, lambd = 0.7: not right yet.")
    assert lines[wrong + 1].startswith("cost after 0 iterations: 0.7737811621, expected 0.815")
    assert lines[-1] == "Training with dropout, keep_prob = 0.86: right."
    assert (tmp_path / "alice-executed.ipynb").is_file()


def test_executed_notebook_is_next_to_the_report(here: Here, notebook: Path) -> None:
    """No submission is overwritten."""
    notebook.write_text(jupytext.writes(jupytext.reads("# %%\nx = 1\n", fmt="py:percent"), "ipynb"))
    before = notebook.read_bytes()
    page = notebook.with_suffix(".html")
    here("check", notebook, *STEPS, "--keep-notebook", "--report", page)
    assert notebook.read_bytes() == before
    executed = nbformat.read(notebook.with_name("alice-executed.ipynb"), as_version=4)
    nbformat.validate(executed)
    assert "Your whole notebook" in page.read_text("utf-8")


def test_batch_keeps_executed_notebooks(here: Here, notebook: Path, tmp_path: Path) -> None:
    """Each in its folder; a second run executes none."""
    arguments = ("batch", "class", "--out", "graded", *STEPS, "--keep-notebook", "--workers", "1")
    assert here(*arguments).status == 0
    place = tmp_path / "graded" / "submissions" / "class"
    result = json.loads((place / "result.json").read_text("utf-8"))
    assert [t["status"] for t in result["run"]["trainings"]] == ["right", "wrong", "right"]
    nbformat.validate(nbformat.read(place / "executed.ipynb", as_version=4))
    assert "ran with --run-all" in (tmp_path / "graded" / "index.html").read_text("utf-8")
    stamp = (place / "executed.ipynb").stat().st_mtime_ns
    assert here(*arguments).status == 0
    assert (place / "executed.ipynb").stat().st_mtime_ns == stamp
