"""Recognise the downloads of learning platforms, file by file: whose a file is, and which attempt.

`PLATFORMS` has a pattern for each platform. It matches the path from the student's folder, or from the
file of a student, to its end. The named groups are:

    name, login, id      the student; together they make the ID of the row
    time, attempt        order of the attempts, of which the latest counts
    late                 the platform's own mark
    rest                 the path below the student's folder
    side                 a file that the platform adds for each student, such as a receipt
    staff                a file that the instructor gave back
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal, NamedTuple

from grader.intake.files import Parts, Tree
from grader.intake.kinds import is_junk, is_notebook, is_staff, is_thing

_MAX_PATH = 2000
_FEW = 2
"""So many other folders may be beside a folder with a download of at least four students."""


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform, and the pattern of the paths in its downloads.

    A new attempt replaces all files of the earlier one (`whole`), or those of the same name (`files`).
    A `plain` pattern also fits names that have nothing to do with the platform, so `proof` decides
    about all files that fit. `is_number` if the id is the platform's own number of the student.
    `marks_late` if a missing mark means that the file was in time.
    """

    name: str
    pattern: re.Pattern[str]
    attempts: Literal["whole", "files"] = "whole"
    is_number: bool = True
    marks_late: bool = False
    proof: Callable[[Sequence[Match], Tree], bool] | None = None


class Match(NamedTuple):
    """A file of a platform's download: its number in the tree, and the groups of the pattern.

    `base` is the folder that contains the folders of the students.
    """

    platform: Platform
    file: int
    base: Parts
    groups: dict[str, str | None]

    @property
    def label(self) -> str:
        """The student's name and number."""
        parts = (self.groups.get("name"), self.groups.get("login"), self.groups.get("id"))
        return "_".join(part.replace(", ", "_").strip() for part in parts if part)

    @property
    def key(self) -> str:
        """The identity of the student within one assignment."""
        who = self.groups.get("id") or self.label
        prefix = self.groups.get("prefix")  # a user's name may contain its separator
        return f"{self.platform.name}:{prefix}_{who}" if prefix else f"{self.platform.name}:{who}"


def _is_canvas(matches: Sequence[Match], _: Tree) -> bool:
    """Return True unless the two numbers are part of names such as `hw_2024_11_ada`.

    In Canvas's names they differ with the student and with every file, but for a few damaged names.
    """
    people = {match.label: match.groups["name"] for match in matches}
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for match in matches:
        owners[match.groups["attempt"] or match.label].add(match.label)
    shared = [match for match in matches if len(owners[match.groups["attempt"] or match.label]) > 1]
    if 2 * len(shared) > len(matches):
        return False
    if len(people) == 1:
        return all(len(m.groups["attempt"] or "0000") >= 4 for m in matches)
    return len(set(people.values())) > 1 or None in people.values()


def _is_nbgrader(matches: Sequence[Match], tree: Tree) -> bool:
    """Return True if the tree has nbgrader's own files, or not more assignments than students."""
    base = len(matches[0].base)
    beside = {parts[base] for file in tree.files if len(parts := (tree.name, *file.parts)) > base}
    if beside & {"gradebook.db", "nbgrader_config.py", "source", "release", "autograded"}:
        return True
    if any(match.groups["side"] for match in matches):
        return True
    students = {match.groups["id"] for match in matches}
    return len({match.groups["task"] for match in matches}) <= len(students)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.DOTALL | re.VERBOSE | re.IGNORECASE)


_MOODLE = _pattern(
    r"""(?P<name>[^/]+)_(?P<id>\d+)_assignsubmission_[a-z]+
    (?: _?/(?P<rest>.+) | _(?P<flat>[^/]+) | _? )"""
)
_BLACKBOARD = _pattern(
    r"""(?P<prefix>[^/]+?)_(?P<id>[^/_]+)_attempt_(?P<time>\d{4}(?:-\d\d){5})
    (?: _(?P<rest>[^/]+(?:/.+)?) | (?P<side>\.txt) )"""
)
_BRIGHTSPACE = _pattern(
    r"""(?P<id>\d+)-\d+[ ]-[ ](?P<name>[^/]+?)[ ]-[ ]
    (?P<time>(?:[^\W\d]{3,}\.?[ ]\d{1,2},?|\d{1,2}\.?[ ][^\W\d]{3,}\.?,?)[ ]\d{4},?[ ]\d{3,4}(?:[ ]?[AP]M)?)
    (?: /(?P<rest>.+) | [ ]-[ ](?P<flat>[^/]+) )?"""
)
_SAKAI = _pattern(
    r"""(?P<name>[^/]+?)[ ]?\((?P<id>[^/()]+)\)/
    (?: Submission[ ]attachment\(s\)(?:/(?P<rest>.+))?
      | (?P<staff>Feedback[ ]attachment\(s\)(?:/.+)?)
      | (?P<staff2>(?:feedbackText\.html|comments\.txt))
      | (?P<side>timestamp\.txt)
      | (?P<entry>[^/]*_submissionText\.html) )"""
)
_ILIAS = _pattern(
    r"(?P<name>[^/]+)_(?P<login>[^/_]+)_(?P<id>\d+)/(?P<time>\d{14})_(?P<rest>[^/]+(?:/.+)?)"
)
_CANVAS = _pattern(
    r"""(?:(?P<name>[^/]*?)_)?? (?:(?P<late>(?-i:LATE))_)? (?P<id>anon_[^/_]+|0|[1-9]\d*)_
    (?: (?P<attempt>[1-9]\d*)_(?P<rest>[^/]+) | (?P<entry>(?:text|link)\.html) )"""
)

PLATFORMS = (
    Platform("moodle", _MOODLE),
    Platform("gradescope", _pattern(r"(?P<id>submission_\d+)(?:/(?P<rest>.+))?"), is_number=False),
    Platform("blackboard", _BLACKBOARD),
    Platform("brightspace", _BRIGHTSPACE),
    Platform("sakai", _SAKAI),
    Platform("ilias", _ILIAS, attempts="files"),
    Platform(
        "teams",
        _pattern(
            r"Submitted[ ]files/(?P<name>[^/]+)/[^/]+/Version[ ](?P<attempt>\d+)/(?P<rest>.+)"
        ),
        is_number=False,
    ),
    Platform(
        "nbgrader",
        _pattern(
            r"(?P<folder>submitted)/(?P<id>[^/]+)/(?P<task>[^/]+)(?:/(?:(?P<side>timestamp\.txt)|(?P<rest>.+)))?"
        ),
        is_number=False,
        proof=_is_nbgrader,
    ),
    Platform("canvas", _CANVAS, attempts="files", marks_late=True, proof=_is_canvas),
)


def recognise(tree: Tree) -> list[Match]:
    """Return a match for each file of a platform's download.

    The outermost folder that fits decides, so that no name inside a student's folder counts. Junk in
    it matches, too, because a student who handed in nothing else needs a row.
    """
    groups: defaultdict[tuple[str, Parts], list[Match]] = defaultdict(list)
    for number, file in enumerate(tree.files):
        path = file.parts if tree.is_file else (tree.name, *file.parts)
        match = _first_match(number, path)
        if match and not is_junk(path[: len(match.base) + 1]):
            groups[match.platform.name, match.base].append(match)
    proven = [
        match
        for matches in groups.values()
        if not (proof := matches[0].platform.proof) or proof(matches, tree)
        for match in matches
    ]
    students = [match for match in proven if not any(map(is_staff, match.base[1:]))]
    return _with_users(_well_placed(students or proven, tree))


def _first_match(number: int, path: Parts) -> Match | None:
    for depth in range(len(path)):
        tail = "/".join(path[depth:])
        for platform in PLATFORMS if len(tail) < _MAX_PATH else ():
            if match := platform.pattern.fullmatch(tail):
                return Match(platform, number, path[:depth], match.groupdict())
    return None


def _well_placed(matches: list[Match], tree: Tree) -> list[Match]:
    """Leave out names that look like a download, but are few in a class of another kind.

    Students choose the names inside their folders, which therefore must not give rows. So beside a
    folder with a download there must be fewer folders of students with notebooks, or few at all.
    """
    matched = {match.file for match in matches}
    unmatched = [
        (tree.name, *file.parts)
        for number, file in enumerate(tree.files)
        if number not in matched and is_notebook(file.name) and not is_junk(file.parts)
    ]
    downloads = _children(match.base for match in matches)
    students = _children(path[:-1] for path in unmatched)
    forged = {
        parent
        for parent, names in downloads.items()
        if (others := len({n for n in students[parent] - names if not is_thing(n)})) >= len(names)
        and not (
            others <= _FEW < len({m.key for m in matches if m.base[: len(parent)] == parent}) - 1
        )
    }
    kept = [m for m in matches if not any(m.base[:k] in forged for k in range(1, len(m.base)))]
    people = {match.key for match in kept}
    depth = tree.depth + 2
    if len({path[:depth] for path in unmatched}) > len(people):
        return [match for match in kept if match.platform.proof is None]
    return kept


def _with_users(matches: Sequence[Match]) -> list[Match]:
    """Return the matches with the users of Blackboard separated from the name of the assignment.

    Both may contain `_`. The name of the assignment is the beginning that all users of a folder share.
    """
    heads: defaultdict[Parts, set[str]] = defaultdict(set)
    for match in matches:
        if match.groups.get("prefix"):
            heads[match.base].add(_head(match))
    shared = {base: _shared(names) for base, names in heads.items() if len(names) > 1}
    return [
        match._replace(groups=match.groups | {"prefix": prefix, "id": user})
        if match.groups.get("prefix")
        and (prefix := shared.get(match.base))
        and (user := _head(match).removeprefix(f"{prefix}_"))
        else match
        for match in matches
    ]


def _head(match: Match) -> str:
    return f"{match.groups['prefix']}_{match.groups['id']}"


def _shared(names: Iterable[str]) -> str:
    """Return the parts between `_` at the beginning of all names, of each at most all but the last."""
    columns = zip(*(name.split("_")[:-1] for name in names), strict=False)
    return "_".join(first for first, *rest in takewhile(lambda c: len(set(c)) == 1, columns))


def _children(paths: Iterable[Parts]) -> defaultdict[Parts, set[str]]:
    """Return for each folder the names of the folders in it that the paths run through."""
    children: defaultdict[Parts, set[str]] = defaultdict(set)
    for path in set(paths):
        for depth in range(1, len(path)):
            children[path[:depth]].add(path[depth])
    return children
