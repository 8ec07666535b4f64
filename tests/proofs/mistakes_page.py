"""The page of all diagnoses: our words beside the output of the course's own tests.

`python -m tests.proofs.mistakes_page` writes it; with `--check` it fails if the page is out of date.
Our words come from the catalogue and from the known mistakes. The output of the course's tests was
measured once, by `benchmarks/quotes.py`.
"""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from string import Formatter
from typing import Any

from grader.assignments import known_mistakes
from grader.judging.compare import Keys, Pair
from grader.model.diagnoses import CATALOGUE, REPAIR, Words
from grader.model.findings import PLACES
from grader.model.proofs import mistake_label
from tests import ROOT
from tests.submissions import FUNCTIONS, Labelled, load
from tests.submissions.siblings import load_siblings
from tests.support.diagnosing import loaded

PAGE = ROOT / "docs" / "reference" / "mistakes.md"
TEXT = ROOT / "tests" / "proofs" / "mistakes_page.md"
QUOTES = ROOT / "benchmarks" / "results" / "quotes.json"

UNTRIED = "not tried"
MOST_NAMES = 3
PASSED = "All tests passed."
VALUE = "…"
"""Stands for a value that is filled in: a quantity, the name of an error."""

COLUMNS = ("id", "what", "why", "next", "the course's tests")


def page() -> str:
    """Return the whole page."""
    quotes = json.loads(QUOTES.read_text("utf-8"))
    tables = {name: _table(_known_mistakes(name, quotes)) for name in FUNCTIONS}
    parts = {**_quoted(quotes), **tables, "any": _table(_catalogue(quotes))}
    text = TEXT.read_text("utf-8")
    for name, part in parts.items():
        text = text.replace(f"{{{name}}}", part)
    return text


def _known_mistakes(function: str, quotes: Any) -> Iterator[Sequence[str]]:
    """Yield a row for each known mistake of a function and for each variant with words of its own."""
    for name, words in known_mistakes.hints(loaded(), function).items():
        output = quotes["course"][function].get(name)
        yield _row(
            mistake_label(name),
            words,
            condensed(output) if output else UNTRIED,
        )


def _catalogue(quotes: Any) -> Iterator[Sequence[str]]:
    own = own_ids()
    for id, row in CATALOGUE.items():
        name = f"{id}` (here `{own[id]}" if id in own else id
        yield _row(name, row.words, _of_example(own.get(id, id), quotes))
        for variant, words in row.variants.items():
            yield _row(f"{id}/{variant}", words, "as above")


def own_ids() -> dict[str, str]:
    """Return the ids that the assignment has for rows of the catalogue."""
    own: dict[str, str] = {}
    for function in loaded().functions:
        match function.unpack:
            case Keys(missing=id):
                own["missing-keys"] = id
            case Pair(misplaced=id):
                own["wrong-parts"] = id
    return own


def examples(id: str) -> list[Labelled]:
    """Return the labelled submissions whose label names a diagnosis, or a kind of repair."""

    def is_named(label: str) -> bool:
        return label == id or (id == REPAIR.id and label.startswith(f"{id}-"))

    return [
        one
        for one in (*load(), *load_siblings())
        if any(map(is_named, frozenset().union(*one.diagnoses)))
    ]


def _of_example(id: str, quotes: Any) -> str:
    """Return the end of the course's test of the first example that was tried, in nbgrader."""
    tried = (one for one in examples(id) if one.name in quotes["nbgrader"])
    example = next(tried, None)
    if example is None:
        return UNTRIED
    wrong = [name for name in FUNCTIONS if "passed" not in example.statuses[name]]
    return _ending(quotes["nbgrader"][example.name].get((wrong or FUNCTIONS)[0]))


def _ending(output: Mapping[str, str] | None) -> str:
    """Return how a test cell ends: the output of the tests first, then the error."""
    if output is None:
        return f"**{PASSED}**"
    if output["error"].startswith("AssertionError: Not all tests were passed"):
        return condensed(output["printed"].splitlines())
    return f"`{output['error']}`"


def condensed(output: Sequence[str]) -> str:
    """Return the output of the course's tests in a few words: the error, and of which variables."""
    found: dict[str, list[str]] = {}
    for line in output:
        if line.strip().startswith("Error: "):
            error, _, variable = line.strip().removeprefix("Error: ").rstrip(".").partition(" for ")
            found.setdefault(error, []).append(variable.removeprefix("variable "))
    if not found:
        assert [line.strip() for line in output] == [PASSED], output
        return f"**{PASSED}**"
    return "; ".join(f"{error}{_of(names)}" for error, names in found.items())


def _of(names: Sequence[str]) -> str:
    names = [*dict.fromkeys(name.removeprefix("in position ") for name in names if name)]
    if not names:
        return ""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    kind = "position " if names[0].isdigit() else ""
    return f": {kind}{', '.join(names[:MOST_NAMES])}{more}"


def _quoted(quotes: Any) -> dict[str, str]:
    """Return the versions and the literal quotes in the text."""
    value = quotes["nbgrader"]["wrong-l2-not-halved"]
    cost = value[FUNCTIONS[0]]
    return {
        "nbgrader version": quotes["versions"]["nbgrader"],
        "otter version": quotes["versions"]["otter-grader"],
        "course output": f"{cost['printed']}\n{cost['error']}",
        "nbgrader output": value["bare"]["traceback"],
        "otter output": quotes["otter"]["wrong-l2-not-halved"],
        "otter renamed": quotes["otter"]["error-renamed"].splitlines()[-1].strip(),
    }


def _row(id: str, words: Words, output: str) -> Sequence[str]:
    closed = ")" if "(" in id else ""
    return (f"`{id}`{closed}", *_texts(words), output)


def _texts(words: Words) -> Iterator[str]:
    for text in (words.what, words.why, words.next):
        names = {name for _, name, _, _ in Formatter().parse(text) if name}
        yield text.format_map({name: "" if name in PLACES else VALUE for name in names})


def _table(rows: Iterable[Sequence[str]]) -> str:
    head = [f"| {' | '.join(COLUMNS)} |", f"|{' --- |' * len(COLUMNS)}"]
    cells = (" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows)
    return "\n".join([*head, *(f"| {row} |" for row in cells)])


def main() -> int:
    """Write the page or, with --check, compare it; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.mistakes_page")
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 on a difference")
    options = parser.parse_args()
    text = page()
    current = PAGE.read_text("utf-8") if PAGE.exists() else ""
    if not options.check:
        PAGE.write_text(text, "utf-8")
    elif text != current:
        sys.stdout.writelines(difflib.unified_diff(current.splitlines(True), text.splitlines(True)))
        sys.stderr.write("docs/reference/mistakes.md is out of date: run python3 dev.py tidy.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
