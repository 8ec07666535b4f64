"""Sentences that remember what they were made of are text like any other, and can be said otherwise."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from grader.errors import GraderError
from grader.messages import (
    Message,
    and_list,
    comma_list,
    gettext,
    join_sentences,
    translate,
    without_full_stop,
)

GERMAN = {
    "{name} is {what}.": "{what} ist {name}.",
    "late": "zu spät",
    "{text} {next}": "{text}~{next}",
    "{some}, {one}": "{some}; {one}",
    "{some} and {last}": "{some} und {last}",
}


def test_a_sentence_is_the_finished_english_text() -> None:
    sentence = gettext("{name} is {what}.", name="Ada", what=gettext("late"))

    assert sentence == "Ada is late."
    assert {"Ada is late.": 1}[sentence] == 1
    assert type(sentence.plain) is str
    assert sentence.plain == sentence
    assert json.dumps([sentence]) == '["Ada is late."]'
    assert f"{sentence} So?" == "Ada is late. So?"


def test_a_sentence_is_told_in_another_language_with_its_values() -> None:
    sentence = gettext("{name} is {what}.", name="Ada", what=gettext("late"))

    assert translate(sentence, GERMAN) == "zu spät ist Ada."


@pytest.mark.parametrize("text", ["", "late", "Ada is late."])
def test_text_that_nobody_said_stays_as_it_is_though_it_may_look_like_a_template(text: str) -> None:
    assert translate(text, GERMAN) is text


def test_what_is_not_translated_stays_english_around_what_is() -> None:
    assert translate(gettext("It is {what}!", what=gettext("late")), GERMAN) == "It is zu spät!"


@pytest.mark.parametrize("value", ["{name}", "{0}", "{", "}", "{what.__class__}", "{{}}", "%s"])
def test_a_value_is_never_taken_for_a_template(value: str) -> None:
    sentence = gettext("{name} is {what}.", name=value, what=gettext("late"))

    assert sentence == f"{value} is late."
    assert translate(sentence, GERMAN) == f"zu spät ist {value}."


@pytest.mark.parametrize("wrong", ["{name} {nobody}", "{} {name}", "{name", "{name.x}", "{name:d}"])
def test_a_translation_that_does_not_fit_is_as_good_as_none(wrong: str) -> None:
    sentence = gettext("{name} is {what}.", name="Ada", what=gettext("late"))

    assert translate(sentence, GERMAN | {sentence.template: wrong}) == "Ada is zu spät."


def test_sentences_and_lists_are_joined_as_the_language_joins_them() -> None:
    late = gettext("late")

    assert join_sentences(late, "", late) == "late late"
    assert translate(join_sentences(late, "", late), GERMAN) == "zu spät~zu spät"
    assert join_sentences("", late) is late
    assert translate(comma_list(["a", "b", "c"]), GERMAN) == "a; b; c"
    assert translate(and_list(["a", "b", "c"]), GERMAN) == "a; b und c"


def test_names_are_listed_in_english() -> None:
    assert and_list([]) == ""
    assert and_list(["W1"]) == "W1"
    assert and_list(["W1", "W2", "W3"]) == "W1, W2 and W3"
    assert comma_list([]) == ""
    assert comma_list(["W1", "W2"]) == "W1, W2"


def test_a_sentence_within_another_has_no_full_stop_in_either_language() -> None:
    sentence = gettext(
        "No: {why}!", why=without_full_stop(gettext("{name} is {what}.", name="Ada", what="ill"))
    )

    assert sentence == "No: Ada is ill!"
    assert translate(sentence, GERMAN) == "No: ill ist Ada!"


def test_a_sentence_survives_other_processes_copies_and_exceptions() -> None:
    sentence = gettext("{name} is {what}.", name="Ada", what=without_full_stop(gettext("late")))

    for again in (
        pickle.loads(pickle.dumps(sentence)),
        copy.deepcopy(sentence),
        str(GraderError(sentence)),
    ):
        assert isinstance(again, Message)
        assert again == sentence
        assert translate(again, GERMAN) == "zu spät ist Ada."
