"""Messages are text like any other, and can be translated afterwards."""

from __future__ import annotations

import copy
import io
import json
import pickle
from gettext import GNUTranslations

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo

from grader.errors import GraderError
from grader.messages import (
    UNTRANSLATED,
    Message,
    Translator,
    and_list,
    comma_list,
    gettext,
    join_sentences,
    ngettext,
    with_article,
)

TEMPLATES: dict[str | tuple[str, str], str | tuple[str, str]] = {
    "{name} is {what}.": "{what} ist {name}.",
    "late": "zu spät",
    "{text} {next}": "{text}~{next}",
    "{names}, {name}": "{names}; {name}",
    "{names} and {last}": "{names} und {last}",
    ("{count} test", "{count} tests"): ("{count} Prüfung", "{count} Prüfungen"),
}


def german(templates: dict = TEMPLATES) -> Translator:
    """Return a translator into German."""
    catalogue, buffer = Catalog("de"), io.BytesIO()
    for id, string in templates.items():
        catalogue.add(id, string)
    write_mo(buffer, catalogue)
    buffer.seek(0)
    return Translator("de", GNUTranslations(buffer))


def test_a_message_is_the_english_text() -> None:
    message = gettext("{name} is {what}.", name="Ada", what=gettext("late"))

    assert message == "Ada is late."
    assert {"Ada is late.": 1}[message] == 1
    assert type(message.plain) is str
    assert message.plain == message
    assert json.dumps([message]) == '["Ada is late."]'
    assert f"{message} So?" == "Ada is late. So?"


def test_values_are_translated_too() -> None:
    message = gettext("{name} is {what}.", name="Ada", what=gettext("late"))

    assert german()(message) == "zu spät ist Ada."
    assert UNTRANSLATED(message) is message


@pytest.mark.parametrize("text", ["", "late", "Ada is late."])
def test_plain_text_is_not_translated(text: str) -> None:
    assert german()(text) is text


def test_an_unknown_template_stays_english() -> None:
    assert german()(gettext("It is {what}!", what=gettext("late"))) == "It is zu spät!"


@pytest.mark.parametrize("value", ["{name}", "{0}", "{", "}", "{what.__class__}", "{{}}", "%s"])
def test_a_value_is_never_a_template(value: str) -> None:
    message = gettext("{name} is {what}.", name=value, what=gettext("late"))

    assert message == f"{value} is late."
    assert german()(message) == f"zu spät ist {value}."


@pytest.mark.parametrize(
    "wrong", ["{name} {no catalogue}", "{} {name}", "{name", "{name.x}", "{name:d}"]
)
def test_a_faulty_translation_is_not_used(wrong: str) -> None:
    message = gettext("{name} is {what}.", name="Ada", what=gettext("late"))

    assert german(TEMPLATES | {message.id: wrong})(message) == "Ada is zu spät."


@pytest.mark.parametrize(
    ("count", "english", "translated"),
    [
        (0, "0 tests", "0 Prüfungen"),
        (1, "1 test", "1 Prüfung"),
        (2, "2 tests", "2 Prüfungen"),
    ],
)
def test_a_number_chooses_the_form(count: int, english: str, translated: str) -> None:
    message = ngettext("{count} test", "{count} tests", count)

    assert message == english
    assert german()(message) == translated
    assert german({})(message) == english


def test_a_value_that_json_does_not_know_is_text() -> None:
    message = gettext("{shape} {share}", shape=(2, 3), share=0.5)

    assert message == "(2, 3) 0.5"
    assert message.values == {"shape": "(2, 3)", "share": "0.5"}


def test_languages_join_in_their_own_way() -> None:
    late = gettext("late")

    assert join_sentences(late, "", late) == "late late"
    assert german()(join_sentences(late, "", late)) == "zu spät~zu spät"
    assert join_sentences("", late) is late
    assert german()(comma_list(["a", "b", "c"])) == "a; b; c"
    assert german()(and_list(["a", "b", "c"])) == "a; b und c"


def test_english_lists_and_articles() -> None:
    assert and_list([]) == ""
    assert and_list(["W1"]) == "W1"
    assert and_list(["W1", "W2", "W3"]) == "W1, W2 and W3"
    assert comma_list([]) == ""
    assert comma_list(["W1", "W2"]) == "W1, W2"
    assert [with_article(kind) for kind in ("int", "uint8")] == ["an int", "a uint8"]


def test_a_message_survives_pickle_copy_exception() -> None:
    message = gettext(
        "{name} is {what}.", name="Ada", what=ngettext("{count} test", "{count} tests", 2)
    )

    for again in (
        pickle.loads(pickle.dumps(message)),
        copy.deepcopy(message),
        str(GraderError(message)),
    ):
        assert isinstance(again, Message)
        assert again == message
        assert german()(again) == "2 Prüfungen ist Ada."
