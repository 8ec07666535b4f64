"""Compiled templates are kept on disk, and compiled again when something they depend on changes."""

from __future__ import annotations

import errno
import io
import sys
import tempfile
from gettext import GNUTranslations
from pathlib import Path
from typing import Any, NoReturn

import pytest
from babel.messages import mofile, pofile

from grader.messages import UNTRANSLATED, Translator
from grader.views.html.render import CompiledTemplates, _PageEnvironment

SOURCE = '{{ gettext("Score") }}'


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets the source of each template that is compiled."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    sources: list[str] = []
    original = _PageEnvironment._parse

    def parse(environment: _PageEnvironment, source: str, *arguments: Any) -> Any:
        sources.append(source)
        return original(environment, source, *arguments)

    monkeypatch.setattr(_PageEnvironment, "_parse", parse)
    return sources


def translator(score: str) -> Translator:
    """Return a translator that knows one word."""
    po = pofile.read_po(io.BytesIO(f'msgid "Score"\nmsgstr "{score}"\n'.encode()))
    compiled = io.BytesIO()
    mofile.write_mo(compiled, po)
    return Translator("de", GNUTranslations(io.BytesIO(compiled.getvalue())))


def load(folder: Path, words: Translator = UNTRANSLATED, source: str = SOURCE) -> str:
    """Return what a template prints in a process that has not loaded it yet."""
    cache = CompiledTemplates(folder, words)
    environment = _PageEnvironment(bytecode_cache=cache)
    environment.globals["gettext"] = words.gettext
    bucket = cache.get_bucket(environment, "page", None, source)
    if bucket.code is None:
        bucket.code = environment.compile(source)
        cache.set_bucket(bucket)
    template = environment.template_class.from_code(environment, bucket.code, environment.globals)
    return template.render()


def test_a_template_is_compiled_once(tmp_path: Path, compilations: list[str]) -> None:
    assert [load(tmp_path), load(tmp_path)] == ["Score", "Score"]
    assert compilations == [SOURCE]
    assert load(tmp_path, source="{{ 1 + 1 }}") == "2"
    assert compilations == [SOURCE, "{{ 1 + 1 }}"]


def test_a_translation_belongs_to_its_language(tmp_path: Path, compilations: list[str]) -> None:
    assert [load(tmp_path, translator(word)) for word in ("Punkte", "Wertung")] == [
        "Punkte",
        "Wertung",
    ]
    assert load(tmp_path) == "Score"
    assert compilations == [SOURCE] * 3


def test_a_folder_that_is_not_writable(
    tmp_path: Path, compilations: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> NoReturn:
        raise PermissionError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)

    assert [load(tmp_path) for _ in range(2)] == ["Score", "Score"]
    assert compilations == [SOURCE] * 2
    assert [*tmp_path.iterdir()] == []


def test_no_file_if_python_writes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    assert load(tmp_path / "new") == "Score"
    assert not (tmp_path / "new").exists()
