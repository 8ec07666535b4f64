"""Keep the catalogues in step with the source: `python -m grader.messages.extract [--check]`.

The grader's own domain has its calls of `gettext` and `ngettext`, in modules and in templates. An
assignment's domain has those of its modules, and each paragraph of the docstrings of its known mistakes.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import TypeAlias

from babel.messages import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import write_po

from grader.errors import UsageError
from grader.files import write_whole
from grader.messages.catalog import DOMAIN, ENGLISH, LANGUAGES, po_file, read_catalogue

ROOT = Path(__file__).parents[2]
_WIDTH = 100
_NOT_EXTRACTED = {"box"}
"""Folders whose code runs in the sandbox, without this package."""

Id: TypeAlias = str | tuple[str, ...]
"""A template, or a singular and a plural."""


@dataclass(frozen=True, slots=True)
class Domain:
    """The messages of one catalogue: where its translations are, and the files with its messages."""

    name: str
    folder: Path
    modules: tuple[Path, ...]
    templates: tuple[Path, ...] = ()
    known_mistakes: tuple[Path, ...] = ()

    def template(self) -> Catalog:
        """Return a catalogue without translations."""
        catalogue = Catalog(domain=self.name, fuzzy=False, charset="utf-8")
        for path in self.modules:
            _add(catalogue, path, _called(path))
        for path in self.templates:
            calls = extract_from_file("jinja2.ext:babel_extract", path, options={"trimmed": "true"})
            _add(catalogue, path, (id for _, id, _, _ in calls))
        for path in self.known_mistakes:
            _add(catalogue, path, _paragraphs(path))
        return catalogue


def domains(root: Path = ROOT) -> Iterator[Domain]:
    """Yield the grader's domain, and one for each assignment."""
    package = root / "grader"
    yield Domain(
        DOMAIN,
        package / "messages" / "locale",
        tuple(p for p in sorted(package.rglob("*.py")) if not _NOT_EXTRACTED & {*p.parts}),
        tuple(sorted((package / "views" / "html" / "templates").glob("*.j2"))),
    )
    cases = root / "testcases"
    for path in sorted(cases.glob("[!_]*.py")):
        if not path.stem.endswith("_trainings"):
            modules = (*cases.glob(f"{path.stem}*.py"), *cases.glob(f"{path.stem}_*/**/*.py"))
            mistakes = (root / "reference" / f"{path.stem}_mistakes").glob("[!_]*.py")
            yield Domain(
                path.stem,
                cases / f"{path.stem}_locale",
                tuple(sorted(modules)),
                known_mistakes=tuple(sorted(mistakes)),
            )


def _add(catalogue: Catalog, path: Path, ids: Iterable[Id]) -> None:
    """Add the messages of a file in alphabetical order, so that moved code does not change catalogues."""
    for id in sorted(ids, key=lambda id: (id,) if isinstance(id, str) else id):
        catalogue.add(id, locations=[(path.relative_to(ROOT).as_posix(), 1)])


def _called(path: Path) -> Iterator[Id]:
    """Yield the literal templates of a module; Babel's extractor misses those in parentheses."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        match node:
            case ast.Call(ast.Name("gettext" | "N_"), [ast.Constant(str(id)), *_]):
                yield id
            case ast.Call(
                ast.Name("ngettext"), [ast.Constant(str(one)), ast.Constant(str(many)), *_]
            ):
                yield one, many


def _paragraphs(path: Path) -> Iterator[str]:
    """Yield the paragraphs of each hint in a file of known mistakes, each on one line.

    A variant (`NAME__VARIANT`) whose docstring is one paragraph without placeholders has no own hint.
    """
    for node in ast.parse(path.read_text("utf-8"), str(path)).body:
        if isinstance(node, ast.FunctionDef) and [a.arg for a in node.args.args] == ["answer"]:
            hint = ast.get_docstring(node) or ""
            paragraphs = [" ".join(text.split()) for text in hint.split("\n\n") if text.strip()]
            if "__" not in node.name or len(paragraphs) > 1 or "{" in hint:
                yield from paragraphs


# ------------------------------------------------------------------ files


def outdated() -> Iterator[tuple[Path, str]]:
    """Yield each catalogue that differs from the source, with its text as it should be.

    Raises UsageError for a file that is not a catalogue.
    """
    for domain in domains():
        template = domain.template()
        for language in LANGUAGES:
            path = po_file(domain.folder, language.tag, domain.name)
            if language.tag != ENGLISH:
                text = _updated(path, language.tag, template)
                if not path.is_file() or path.read_text("utf-8") != text:
                    yield path, text


def _updated(path: Path, tag: str, template: Catalog) -> str:
    """Return a catalogue with the source's messages: new ones empty, similar ones marked fuzzy."""
    catalogue = Catalog(tag.replace("-", "_"), domain=template.domain, fuzzy=False)
    if path.is_file():
        catalogue = read_catalogue(path)
    template.creation_date = catalogue.creation_date
    catalogue.update(template, update_creation_date=False)
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=_WIDTH, sort_by_file=True, include_lineno=False)
    return buffer.getvalue().decode()


def faults(path: Path) -> Iterator[str]:
    """Yield a line for each translation in a file whose placeholders differ from its message's.

    Raises UsageError for a file that is not a catalogue.
    """
    catalogue = read_catalogue(path)
    for message in catalogue:
        texts = (message.string,) if isinstance(message.string, str) else message.string or ()
        if message.id and any(texts):
            template = message.id if isinstance(message.id, str) else message.id[-1]
            faulty = any(_placeholders(text) != _placeholders(template) for text in texts)
            if faulty or [*message.check(catalogue)]:
                yield f"{path}: the placeholders differ in the translation of {message.id!r}"


def _placeholders(template: str) -> set[str | None] | None:
    try:
        return {name for _, name, _, _ in Formatter().parse(template)} - {None}
    except ValueError:
        return None


def main(arguments: Sequence[str]) -> int:
    """Rewrite the catalogues that are out of date, or with `--check` only list them and their faults."""
    check = "--check" in arguments
    lines = []
    try:
        for path, text in outdated():
            if check:
                lines.append(f"{path.relative_to(ROOT)} is out of date: run python3 dev.py tidy")
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                write_whole(path, text)
        for domain in domains():
            for path in sorted(domain.folder.rglob("*.po")):
                lines += faults(path)
    except UsageError as error:
        lines.append(str(error))
    sys.stderr.writelines(f"{line}\n" for line in lines)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
