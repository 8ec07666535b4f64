"""Every language: its catalogues are complete, and results are translated by them."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

import pytest
from babel.messages import Catalog

from grader import assignments
from grader.errors import UsageError
from grader.messages import Translator, catalog, extract, gettext
from grader.messages.catalog import LANGUAGES, resolve, translator
from grader.model.findings import PUBLIC_SNIPPET_INTRO, finding_sentence
from grader.views.html import class_page, student_page
from grader.views.html.render import PageText
from tests import ROOT
from tests.support import samples
from tests.support.html_reader import read
from tests.support.languages import CHINESE, OTHERS, TAG, entries, translations

CJK = "[\u3400-\u9fff]"

# ------------------------------------------------------------------ the catalogues


def test_the_shipped_languages() -> None:
    assert [language.tag for language in LANGUAGES] == ["en", *OTHERS]


@pytest.mark.parametrize("domain", [*extract.domains()], ids=lambda domain: domain.name)
@pytest.mark.parametrize("tag", OTHERS)
def test_each_domain_has_each_language(domain: extract.Domain, tag: str) -> None:
    assert catalog.po_file(domain.folder, tag, domain.name).is_file()


def test_no_message_lacks_a_translation() -> None:
    assert [entry.id for entry in entries() if entry.fuzzy or not all(translations(entry))] == []


def test_placeholders_are_those_of_the_message() -> None:
    files = [path for domain in extract.domains() for path in domain.folder.rglob("*.po")]

    assert [fault for path in files for fault in extract.faults(path)] == []


def test_a_placeholder_that_differs_is_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "grader.po"
    file.write_text('msgid "{a} of {b}"\nmsgstr "{a} von {c}"\n\nmsgid "{a}"\nmsgstr "{a"\n')

    assert [line.partition(": ")[2] for line in extract.faults(file)] == [
        "the placeholders differ in the translation of '{a} of {b}'",
        "the placeholders differ in the translation of '{a}'",
    ]


def test_messages_of_a_file_are_in_alphabetical_order() -> None:
    """Code that is moved within a file does not change a catalogue."""
    module = Path(extract.__file__).with_name("example.py")
    catalogue = Catalog()
    extract._add(catalogue, module, ["b", ("a", "as"), "c"])

    assert [entry.id for entry in catalogue if entry.id] == [("a", "as"), "b", "c"]


def test_chinese_has_its_own_punctuation() -> None:
    texts = [text for entry in entries() for text in translations(entry)]

    for text in texts:
        assert not re.search(f"{CJK}[,.;:?!()]|[,;?!]{CJK}", text), text
        assert not re.search(r" [，。；：？！（）、]|[，。；：？！（）、] |  ", text), text
    latin = {t for t in texts if re.search("[A-Za-z]{4}", _bare(t)) and not re.search(CJK, t)}
    assert latin == {"None"}


def _bare(text: str) -> str:
    """Return a template without placeholders, code, and tags."""
    return re.sub(r"%\(\w+\)s|\{\w+\}|`[^`]*`|zh-Hans|SHA-256", "", text)


def test_the_guide_names_the_files() -> None:
    guide = (ROOT / "docs" / "guides" / "add-a-language.md").read_text("utf-8")

    for domain in extract.domains():
        assert str(catalog.po_file(domain.folder, TAG, domain.name).relative_to(ROOT)) in guide


# ------------------------------------------------------------------ names of a language


@pytest.mark.parametrize(
    ("name", "tag"),
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
        ("简体中文", "zh-Hans"),
    ],
)
def test_a_language_has_several_names(name: str, tag: str) -> None:
    assert resolve(name) == tag


@pytest.mark.parametrize(
    ("name", "hint"),
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
def test_an_unknown_language_is_a_usage_error(name: str, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        resolve(name)

    assert str(refused.value) == (
        f"There is no language {name!r}. {hint}The languages are: en (English), zh-Hans (简体中文)."
    )


# ------------------------------------------------------------------ an assignment's own catalogue


def test_an_assignment_has_a_catalogue_of_its_own() -> None:
    title = gettext("Regularization")

    assert CHINESE(title) == "正则化"
    assert translator(TAG)(title) == "Regularization"


def test_an_assignment_without_catalogue_is_english_inside() -> None:
    loaded = assignments.load("regularization")
    bare = replace(loaded, files=replace(loaded.files, languages={}))

    assert assignments.translator(bare, TAG) is translator(TAG)


def test_a_damaged_catalogue_is_a_usage_error(tmp_path: Path) -> None:
    file = tmp_path / "exam.po"
    file.write_text("{")

    with pytest.raises(UsageError) as refused:
        translator(TAG, file)

    assert str(refused.value).startswith(f"{file} is not a valid gettext catalogue: ")


@pytest.mark.parametrize("text", [None, "{"])
def test_without_the_graders_catalogue_feedback_is_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    monkeypatch.setattr(catalog, "_LOCALE", tmp_path)
    path = catalog.po_file(tmp_path, TAG, catalog.DOMAIN)
    path.parent.mkdir(parents=True)
    if text:
        path.write_text(text)
    own = assignments.load("regularization").files.languages[TAG]
    data = catalog.compiled.__wrapped__(TAG, own)
    translate = Translator(TAG, GNUTranslations(io.BytesIO(data)))

    assert translate(gettext("graded")) == "graded"
    assert translate(gettext("Regularization")) == "正则化"


# ------------------------------------------------------------------ results and pages


def test_findings_are_translated() -> None:
    assert CHINESE(finding_sentence(samples.PUBLIC)) == (
        "dW1 在 [2, 0] 处是 -0.25604646，应为 0.12298827。"
    )
    assert CHINESE(PUBLIC_SNIPPET_INTRO) == "要在你的 notebook 中查看，请运行："


def test_one_result_has_a_page_in_each_language() -> None:
    english = student_page(samples.rich())
    page = read(student_page(samples.rich(), CHINESE))

    assert page.one("html").get("lang") == "zh-Hans"
    assert "对你所交作业的反馈" in page.text
    assert "What to do next" not in page.text
    assert "项检查正确" in page.text
    assert student_page(samples.rich()) == english
    assert read(english).one("html").get("lang") == "en"


def test_the_class_page_is_translated() -> None:
    assert read(class_page(samples.classroom(), CHINESE)).one("html").get("lang") == "zh-Hans"
    assert read(class_page([])).one("html").get("lang") == "en"


def test_wrong_placeholder_in_a_page_falls_back_to_english() -> None:
    class Wrong(NullTranslations):
        def gettext(self, message: str) -> str:
            return "{wrong}"

    words = PageText(Translator(CHINESE.language, Wrong()))
    assert words.gettext("{count} points", count=3) == "3 points"
