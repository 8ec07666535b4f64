"""Find phrases that make our English hard to read: `python -m tests.phrases` prints file:line.

The phrases are translated idioms and the habits that CONTRIBUTING.md asks to avoid. Add one when a
reader stumbles over it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tests import ROOT

PHRASES = re.compile(
    r"""
    \bbelongs?\ into\b                              # is part of
    | \b(?:held|holds?)\ [\w'\ ]{1,40}\bbeside\b    # is compared with
    | \b(?:is|are)\ told\b                          # is reported
    | \bmend(?:s|ed|ing)?\b                         # fix
    | \banew\b                                      # again
    | \bwhoever\b
    | \b(?:what|that)\ is\ none\b
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
SUFFIXES = {".py", ".md", ".j2", ".toml"}
FOLDERS = ("grader", "reference", "testcases", "student_template", "tests", "benchmarks", "docs")
EXCLUDED = ("tests/submissions/notebooks/", "tests/phrases.py")


def texts() -> Iterator[Path]:
    """Yield the files with sentences of ours."""
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    for path in sorted([*paths, *ROOT.glob("*.md"), *ROOT.glob("*.py"), *ROOT.glob("*.toml")]):
        if path.suffix in SUFFIXES and not relative(path).startswith(EXCLUDED):
            yield path


def relative(path: Path) -> str:
    """Return a path relative to the root of the project."""
    return path.relative_to(ROOT).as_posix()


def findings() -> Iterator[str]:
    """Yield `file:line: phrase` for every phrase."""
    for path in texts():
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            for match in PHRASES.finditer(line):
                yield f"{relative(path)}:{number}: {match.group()}"


def main() -> int:
    """Print the phrases; return 1 if there are some."""
    found = list(findings())
    print("\n".join(found))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
