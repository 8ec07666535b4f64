"""A language is data: what its file lacks or has too much is found here, not by a student."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.grading.translate import in_language
from grader.messages import catalog, gettext, translate
from grader.messages.catalog import known, named, tags
from grader.model.result import TO_SEE_IT, in_words, result_from_dict, result_to_dict
from grader.views.html import class_page, student_page
from grader.views.html.strings import ENGLISH
from tests import ROOT
from tests.support import samples
from tests.support.html_reader import read
from tests.support.languages import (
    CHINESE,
    OTHERS,
    of_own_file,
    of_the_assignment,
    of_the_harness,
    own_file,
    places,
)

OF_PROOFS = ("proofs.", "kills.", "pairs.", "naming.")
"""What the page of `grader verify` says, which its author reads in English."""

CJK = "[\u3400-\u9fff]"


# ------------------------------------------------------------------ what a language has


def test_the_languages_that_are_shipped() -> None:
    assert tags() == ("en", *OTHERS)
    assert all(known(tag).language == tag for tag in tags())


@pytest.mark.parametrize("tag", OTHERS)
def test_every_sentence_of_the_harness_is_translated_and_nothing_that_nobody_says(tag: str) -> None:
    assert set(known(tag).sentences) == of_the_harness()


@pytest.mark.parametrize("tag", OTHERS)
def test_every_sentence_of_the_assignment_is_translated_and_nothing_that_nobody_says(
    tag: str,
) -> None:
    assert set(of_own_file(tag)) == of_the_assignment()


@pytest.mark.parametrize("tag", OTHERS)
def test_everything_that_students_and_instructors_read_on_a_page_is_translated(tag: str) -> None:
    wanted = {key for key in ENGLISH if not key.startswith(OF_PROOFS)}
    page = known(tag).page

    assert page.keys() <= wanted
    missing = wanted - page.keys()
    assert {key for key in missing if not key.endswith(".one")} == set()
    assert all(f"{key.removesuffix('.one')}.other" in page for key in missing)


@pytest.mark.parametrize("tag", OTHERS)
def test_a_translation_has_the_very_places_of_what_it_translates(tag: str) -> None:
    page = [(ENGLISH[key], text) for key, text in known(tag).page.items()]

    for english, text in [*known(tag).sentences.items(), *of_own_file(tag).items(), *page]:
        assert places(text) == places(english), text
        assert text


def test_chinese_is_set_with_its_own_stops_and_no_stray_blanks() -> None:
    page = known(CHINESE).page
    texts = [*page.values(), *known(CHINESE).sentences.values(), *of_own_file(CHINESE).values()]

    for text in texts:
        assert not re.search(f"{CJK}[,.;:?!()]|[,;?!]{CJK}", text), text
        assert not re.search(r" [，。；：？！（）、]|[，。；：？！（）、] |  ", text), text
        assert not text.startswith(" ") or text == page["grid.by"], text
    assert all(re.search(CJK, text) or not re.search("[A-Za-z]{4}", _bare(text)) for text in texts)


def _bare(text: str) -> str:
    """Return a template without the names in its braces, code, and tags."""
    return re.sub(r"\{\w+\}|`[^`]*`|zh-Hans|SHA-256", "", text)


# ------------------------------------------------------------------ by what names it is asked for


@pytest.mark.parametrize(
    ("asked", "tag"),
    [
        ("en", "en"),
        ("EN", "en"),
        ("en-US", "en"),
        ("en_GB", "en"),
        ("English", "en"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh_cn", "zh-Hans"),
        ("ZH-HANS", "zh-Hans"),
        ("zh-Hans-CN", "zh-Hans"),
        (" zh-SG ", "zh-Hans"),
    ],
)
def test_a_language_is_found_by_any_of_its_names(asked: str, tag: str) -> None:
    assert named(asked) == tag


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("fr", ""),
        ("", ""),
        ("zh-Hant", "Did you mean 'zh-Hans'? "),
        ("zh-TW", ""),
        ("../en", ""),
        ("en.json", ""),
        ("zh-Han", "Did you mean 'zh-Hans'? "),
        ("Englsh", "Did you mean 'en'? "),
    ],
)
def test_an_unknown_language_is_told_with_those_there_are(asked: str, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        named(asked)

    assert str(refused.value) == (
        f"There is no language {asked!r}. {hint}There are: en (English), zh-Hans (简体中文)."
    )


# ------------------------------------------------------------------ a result in a language


def test_a_result_in_english_is_the_very_result() -> None:
    result = samples.rich()

    assert in_language(result, "en", own_file(CHINESE)) is result


def test_a_result_names_its_language_and_is_read_back_with_it() -> None:
    told = in_language(replace(samples.rich(), title=gettext("Regularization")), CHINESE)
    plain = result_to_dict(told)

    assert plain["language"] == "zh-Hans"
    assert plain["title"] == "Regularization"  # the assignment's own file was not given
    assert result_from_dict(plain).language == "zh-Hans"
    del plain["language"]
    assert result_from_dict(plain).language == "en"


def test_what_an_assignment_says_is_in_a_file_of_its_own() -> None:
    told = in_language(
        replace(samples.rich(), title=gettext("Regularization")), CHINESE, own_file(CHINESE)
    )

    assert told.title == "正则化"


def test_a_language_that_is_not_shipped_leaves_a_result_in_english() -> None:
    result = samples.rich()

    assert in_language(result, "fr") is result


def test_a_result_object_holds_plain_text() -> None:
    told = result_to_dict(replace(samples.rich(), title=gettext("Regularization")))

    assert type(told["title"]) is str


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is no JSON: Expecting property name enclosed in double quotes"),
        ("[]", "has to be one JSON object, from sentences to sentences."),
        ('{"a": 1}', "has to be one JSON object, from sentences to sentences."),
    ],
)
def test_a_file_of_an_assignment_that_holds_no_sentences_is_told(
    tmp_path: Path, text: str, told: str
) -> None:
    file = tmp_path / "exam_zh-Hans.json"
    file.write_text(text)

    with pytest.raises(UsageError) as refused:
        catalog.sentences(CHINESE, file)

    assert str(refused.value).startswith(f"{file} {told}")


def test_the_words_of_a_number_are_in_the_language_of_the_page() -> None:
    sentences = catalog.sentences(CHINESE)

    assert translate(in_words(samples.PUBLIC), sentences) == (
        "dW1 在 [2, 0] 处是 -0.25604646；期望值是 0.12298827。"
    )
    assert translate(TO_SEE_IT, sentences) == "在你的 notebook 中这样查看："


def test_a_page_is_in_the_language_of_its_result_and_the_next_one_in_its_own() -> None:
    english, chinese = samples.rich(), replace(samples.rich(), language=CHINESE)
    before = student_page(english)
    page = read(student_page(chinese))

    assert page.one("html").get("lang") == "zh-Hans"
    assert "对你所交作业的反馈" in page.text
    assert "What to do next" not in page.text
    assert student_page(english) == before
    assert read(before).one("html").get("lang") == "en"


def test_a_result_in_a_language_that_is_not_shipped_has_a_page_in_english() -> None:
    page = read(student_page(replace(samples.rich(), language="../fr")))

    assert page.one("html").get("lang") == "en"


def test_the_class_page_is_in_the_language_that_all_results_have() -> None:
    chinese = [replace(result, language=CHINESE) for result in samples.classroom()]

    assert read(class_page(chinese)).one("html").get("lang") == "zh-Hans"
    assert read(class_page([*chinese, samples.rich()])).one("html").get("lang") == "en"
    assert read(class_page([])).one("html").get("lang") == "en"


def test_one_form_of_a_sentence_does_for_every_number() -> None:
    one = replace(samples.rich(), language=CHINESE)

    assert "checks.passed.one" not in known(CHINESE).page
    assert "项检查正确" in read(student_page(one)).text


def test_the_files_of_a_language_stand_where_the_docs_say() -> None:
    told = (ROOT / "docs" / "guides" / "add-a-language.md").read_text("utf-8")

    for path in (ROOT / "grader" / "messages" / f"{CHINESE}.json", own_file(CHINESE)):
        assert Path(path).is_file()
        assert str(Path(path).relative_to(ROOT)) in told
