"""`--lang` sets the language of page, JSON and terminal."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from grader import assignments, grading
from grader.grading import Settings
from grader.model import Tier
from grader.model.submission import Submission
from grader.views.html import class_page, student_page
from tests.cli.conftest import Here
from tests.support.command_line import (
    Outcome,
    breaches,
    gradings,
    hand_in,
    is_one_sentence,
    same_as_golden,
    submission,
)
from tests.support.html_reader import read
from tests.support.languages import CHINESE

SCREENS = {
    "check_zh-Hans_partial": "wrong-hard-coded-answer",
    "check_zh-Hans_unparsable": "error-merge-markers",
    "check_zh-Hans_error": "error-name-misspelt",
    "check_zh-Hans_invalid": "malformed-pdf",
    "check_zh-Hans_removed_names": "error-removed-numpy-float",
}
PAGES = {
    "page_zh-Hans_wrong-l2-not-halved": "wrong-l2-not-halved",
    "page_zh-Hans_error-name-misspelt": "error-name-misspelt",
    "page_zh-Hans_malformed-pdf": "malformed-pdf",
}
CLASS = ("right", *PAGES.values())


def lang(page: Path) -> str:
    return read(page.read_text("utf-8")).one("html").get("lang")


@pytest.mark.parametrize("screen", SCREENS)
def test_the_screen_is_as_recorded(here: Here, tmp_path: Path, screen: str) -> None:
    hand_in(tmp_path, SCREENS[screen])
    outcome = here("check", tmp_path / f"{SCREENS[screen]}.ipynb", "--lang", "zh-CN")

    assert outcome.err == ""
    assert same_as_golden(screen, outcome.out)


def test_page_and_json_are_in_one_language(here: Here, tmp_path: Path) -> None:
    name = "wrong-l2-not-halved"
    notebook = hand_in(tmp_path, name) / f"{name}.ipynb"
    page = tmp_path / "page.html"
    outcome = here("check", notebook, "--lang", "ZH", "--report", page, "--json", "-")

    result = json.loads(outcome.out)
    assert breaches(result, name) == []
    assert (result["language"], result["title"], lang(page)) == ("zh-Hans", "正则化", "zh-Hans")
    (diagnosis,) = result["functions"][0]["diagnoses"]
    assert diagnosis["id"] == "l2-not-halved"
    assert diagnosis["message"].startswith("你的惩罚项（所在单元的第 ")
    assert diagnosis["message"] in page.read_text("utf-8")


def test_english_is_the_default(here: Here, tmp_path: Path) -> None:
    hand_in(tmp_path, "right")
    default, english = (
        json.loads(here("check", tmp_path / "right.ipynb", "--json", "-", *more).out)
        for more in ((), ("--lang", "en-GB"))
    )

    assert default["language"] == "en"
    times = {"duration_s": 0, "graded_at": ""}
    assert default | times == english | times


@pytest.mark.parametrize("line", ["check right.ipynb", "batch right.ipynb --out out"])
def test_unknown_language_is_a_usage_error(
    here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    hand_in(tmp_path, "right")
    monkeypatch.chdir(tmp_path)
    outcome = here(*line.split(), "--lang", "zh-Hant")

    assert (outcome.status, outcome.out) == (2, "")
    assert is_one_sentence(outcome.err)
    assert outcome.err == (
        "grader: There is no language 'zh-Hant'. Did you mean 'zh-Hans'? "
        "The languages are: en (English), zh-Hans (简体中文).\n"
    )
    assert not (tmp_path / "out").exists()


def test_second_batch_in_another_language(here: Here, tmp_path: Path) -> None:
    inbox, out = hand_in(tmp_path / "inbox", *CLASS), tmp_path / "out"

    def batch(*more: str) -> Outcome:
        outcome = here("batch", inbox, "--out", out, "--workers", 2, *more)
        assert outcome.status == 0, outcome.err
        return outcome

    batch()
    assert {lang(page) for page in out.rglob("*.html")} == {"en"}
    batch("--lang", "zh")
    assert {lang(page) for page in out.rglob("*.html")} == {"zh-Hans"}
    assert set(gradings(out).values()) == {1}
    assert batch("--lang", "zh-hans").err == (
        "graded 4 of 4, 4 of them unchanged since an earlier run\n"
    )
    assert "班级概览" in (out / "index.html").read_text("utf-8")


def test_pages_are_as_recorded(any_tier: Tier) -> None:
    loaded = assignments.load("regularization")
    settings = Settings(seed=loaded.seed, tier=any_tier)
    results = [
        dataclasses.replace(
            grading.grade(Submission(name, submission(name)), loaded, settings),
            duration_s=0.5,
            graded_at=None,
            sandbox="full",
        )
        for name in CLASS
    ]

    assert same_as_golden("page_zh-Hans_class", read(class_page(results, CHINESE)).text)
    for page, result in zip(PAGES, results[1:], strict=True):
        assert same_as_golden(page, read(student_page(result, CHINESE)).text)
