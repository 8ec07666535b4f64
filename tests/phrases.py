"""Find phrases that make our English hard to read: `python -m tests.phrases` prints file:line.

The phrases are translated idioms and the habits that CONTRIBUTING.md asks to avoid. Add one when a
reader stumbles over it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po

from tests import ROOT

PHRASES = re.compile(
    r"""
    \bbelongs?\ into\b                              # is part of
    | \b(?:held|holds?)\ [\w'\ ]{1,40}\bbeside\b    # is compared with
    | \b(?:tells?|told|telling)\b                   # reports, is reported
    | \bsays?\ (?:so|what|which|whether|how|nothing|anything|everything)\b    # shows, names
    | \bstands?\ (?:beside|first|last|at|clear|in(?!\ for\b))\b              # is, appears
    | \basked\ (?:for|wrongly)\b                    # requested
    | \b(?:wants|thinks|minds|notices|forgives|obeys|believes|remembers|forgets)\b  # by a thing
    | \bmend(?:s|ed|ing)?\b                         # fix
    | \banew\b                                      # again
    | \bwhoever\b
    | \b(?:what|that)\ is\ (?-i:none)\b
    | \bthe\ ones?\ (?:that|which|who)\b            # the noun
    | \bnobody\b                                    # state the rule
    | \bin\ so\ many\ words\b
    | \bfor\ good\b                                 # permanently
    | \bput\ right\b                                # correct
    | \bof\ its\ own\ accord\b
    | \bSay\ whether\b                              # return True if
    | \bno\ word\ of\b
    | \bcome\ to\ an\ end\b                         # end
    | \bby\ the\ way\b
    | \bsome\ (?:twenty|thirty|forty|fifty|eighty|hundred)\b   # the number
    """,
    re.IGNORECASE | re.VERBOSE,
)
NAMES = re.compile(r"^\s*(?:for )?(?:told|seen|made|found|given|asked|stated)(?: =| in |: )")
"""Variables that are named by their history and not by their kind."""

SUFFIXES = {".py", ".md", ".j2", ".toml", ".po", ".js", ".css"}
FOLDERS = ("grader", "reference", "testcases", "student_template", "tests", "benchmarks", "docs")
NAMED = ("grader/", "reference/", "testcases/", "dev.py")
"""Where names are checked, too."""

EXCLUDED = ("tests/submissions/notebooks/", "tests/phrases.py", "benchmarks/results/")


def texts() -> Iterator[Path]:
    """Yield the files with sentences of ours."""
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    paths += [path for suffix in SUFFIXES for path in ROOT.glob(f"*{suffix}")]
    for path in sorted([*paths, ROOT / ".ci" / "run"]):
        checked = path.suffix in SUFFIXES or path.name == "run"
        if checked and path.is_file() and not relative(path).startswith(EXCLUDED):
            yield path


def relative(path: Path) -> str:
    """Return a path relative to the root of the project."""
    return path.relative_to(ROOT).as_posix()


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file with their numbers; of a catalogue, the English of each message."""
    if path.suffix != ".po":
        yield from enumerate(path.read_text("utf-8").splitlines(), 1)
        return
    with path.open("rb") as stream:
        for message in read_po(stream):
            yield (
                message.lineno or 0,
                message.id if isinstance(message.id, str) else " ".join(message.id),
            )


def findings() -> Iterator[str]:
    """Yield `file:line: phrase` for every phrase."""
    for path in texts():
        place = relative(path)
        for number, line in lines(path):
            matches = [*PHRASES.finditer(line)]
            if path.suffix == ".py" and place.startswith(NAMED):
                matches += NAMES.finditer(line)
            yield from (f"{place}:{number}: {match.group().strip()}" for match in matches)


def main() -> int:
    """Print the phrases; return 1 if there are some."""
    listed = list(findings())
    print("\n".join(listed))
    return bool(listed)


if __name__ == "__main__":
    sys.exit(main())
