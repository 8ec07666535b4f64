"""Collect the files of each student: whose they are, when they came, and which attempt counts."""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import NamedTuple

from grader.errors import GraderError
from grader.intake import records, times
from grader.intake.files import File, Parts, Tree
from grader.intake.ids import Place
from grader.intake.kinds import is_junk, is_notebook, stem
from grader.intake.layout import (
    LEFTOVER,
    NOT_NAMED,
    SIDE_FILES,
    STAMPS,
    Stray,
    StudentFiles,
    arrange,
)
from grader.intake.platforms import Match, recognise
from grader.messages.sanitize import one_line
from grader.model.submission import Student

_VERSION = re.compile(
    r"(?:version|attempt|submission|try|v)?[ _-]?(\d{1,3})|(\d{4}[-_.]\d\d[-_.]\d\d\D?[-_.:h \d]*)",
    re.IGNORECASE,
)
"""The name of the folder of an attempt: its number, or a date and time."""
_COPY = re.compile(r"(?P<stem>.*)-(?P<number>\d{1,3})", re.DOTALL)
_AGAIN = re.compile(r" \(\d+\)$")
_ZIP = re.compile(r"\.zip$", re.IGNORECASE)
"""A class has the same IDs in a zip file, beside others, and unpacked."""


@dataclass(frozen=True, slots=True)
class Item:
    """A file of a student. Of the items in a `series`, those with the highest `rank` count."""

    file: File
    source: str
    series: str = ""
    rank: tuple[int, float, str] = (0, 0.0, "")
    time: datetime | None = None
    is_late: bool = False
    is_side: bool = False


@dataclass(slots=True)
class HandIn:
    """Everything that one student handed in.

    `identity` is equal for the same student in all paths of a run, and `key` in later runs, too.
    `aliases` are further keys, by which a student is found whose `key` has changed.
    """

    place: Place
    identity: str
    key: str
    student: Student | None = None
    marks_late: bool = False
    items: list[Item] = field(default_factory=list)
    aliases: tuple[str, ...] = ()


class Collected(NamedTuple):
    """The hand-ins below a path, the files of no student, and sentences about doubtful names."""

    hand_ins: list[HandIn]
    strays: list[tuple[str, str]]
    warnings: list[str]


def collect(tree: Tree, zone: tzinfo | None) -> Collected:
    """Return the hand-ins of a tree: those of a platform's download, else by folder and file."""
    skipped = [(_source(tree, file), file.skipped) for file in tree.files if file.skipped]
    tree = dataclasses.replace(tree, files=tuple(f for f in tree.files if not f.skipped))
    matches = recognise(tree)
    result = Collected([], skipped, [*tree.warnings, *_doubts(tree)])
    rest = _of_platform(tree, matches, zone, result)
    is_download = bool(matches) and not tree.is_file
    depth = tree.depth
    others_with_notebook = {f.parts[: depth + 1] for f in rest if is_notebook(f.name)}
    if is_download and len(others_with_notebook) <= len(result.hand_ins):
        strays: Iterable[StudentFiles | Stray] = (
            Stray(
                file,
                LEFTOVER if is_junk(file.parts) else f"{NOT_NAMED} ({matches[0].platform.name})",
            )
            for file in rest
        )
    else:
        strays = arrange(tree, rest)
    for entry in strays:
        if isinstance(entry, Stray):
            result.strays.append((_source(tree, entry.file), entry.reason))
        else:
            result.hand_ins.append(_of_group(tree, entry))
    for hand_in in result.hand_ins:
        _stamp(hand_in, zone)
    return result


def _source(tree: Tree, file: File) -> str:
    parts = file.parts if tree.is_file else (tree.source, *file.parts)
    return one_line("/".join(parts), limit=2000) + "/" * file.is_folder


def _doubts(tree: Tree) -> list[str]:
    """Return a sentence if the code page of the names in a zip file was guessed."""
    if not tree.names or not tree.names.encoding:
        return []
    how = "are doubtful. They were" if tree.names.is_doubtful else "have no encoding mark and were"
    sentence = (
        f"The names in {one_line(tree.source)} {how} read as {tree.names.encoding}. If they are wrong, "
        "add --zip-names with the right encoding, for example gbk, big5, cp932, cp949, cp866 or cp1251."
    )
    return [sentence]


# ------------------------------------------------------------------ a platform's download


def _of_platform(
    tree: Tree, matches: Sequence[Match], zone: tzinfo | None, result: Collected
) -> list[File]:
    """Add the hand-ins of a download to the result, and return the other files."""
    by_key: defaultdict[str, list[Match]] = defaultdict(list)
    for match in matches:
        if match.groups.get("staff") or match.groups.get("staff2"):
            source = _source(tree, tree.files[match.file])
            result.strays.append((source, "it is the instructor's feedback"))
        else:
            by_key[match.key].append(match)
    for key, same in by_key.items():
        labels = {match.label for match in same}
        for label in sorted(labels):  # a damaged download may give one number to several students
            own = [match for match in same if match.label == label]
            own_key = key if len(labels) == 1 else f"{same[0].platform.name}:{label}"
            result.hand_ins.append(_of_matches(tree, own, own_key, zone))
    used = {match.file for match in matches}
    rest = [file for number, file in enumerate(tree.files) if number not in used]
    if any(match.platform.name == "gradescope" for match in matches):
        rest = _with_members(tree, rest, zone, result)
    return rest


def _of_matches(tree: Tree, matches: Sequence[Match], identity: str, zone: tzinfo | None) -> HandIn:
    match = matches[0]
    groups = match.groups
    student = Student(groups.get("id"), _name(groups.get("name") or ""))
    label = match.label
    for receipt in (m for m in matches if m.groups.get("prefix") and m.groups.get("side")):
        user = f"{receipt.groups['prefix']}_{receipt.groups['id']}"
        if known := records.receipt(tree.files[receipt.file], user):
            student, label = known, known.id or label
    above = (*tree.above, *match.base)
    folder = groups.get("folder") or "".join(match.base[-1:])
    key = identity if match.platform.is_number else f"{folder}/{label}"
    return HandIn(
        Place(above, label),
        identity,
        key,
        student,
        match.platform.marks_late,
        _items(tree, matches, zone),
    )


def _name(text: str) -> str | None:
    """Return a student's name, None for Moodle's `Participant 12` of blind marking."""
    is_blind = text.casefold().startswith("participant")
    return None if is_blind else text.replace("_", " ") or None


def _items(tree: Tree, matches: Sequence[Match], zone: tzinfo | None) -> list[Item]:
    names = {_rest(match).casefold() for match in matches}
    items = []
    for match in matches:
        file, text = tree.files[match.file], match.groups.get("time") or ""
        time = times.parse(text, zone) if text else None
        attempt = match.groups.get("attempt")
        rank = (0, time.timestamp() if time else 0.0, "" if time else text)
        series = ""
        if match.platform.attempts == "files":
            series, number = _series(_rest(match), names if attempt else set())
            rank = (number, float(attempt), "") if attempt else rank
        elif attempt:
            rank = (int(attempt), *rank[1:])
        items.append(
            Item(
                file,
                _source(tree, file),
                series,
                rank,
                time,
                is_late=bool(match.groups.get("late")),
                is_side=bool(match.groups.get("side")),
            )
        )
    return [item for item in items if not item.file.is_folder and not is_junk(item.file.parts)]


def _rest(match: Match) -> str:
    groups = match.groups
    return groups.get("rest") or groups.get("flat") or groups.get("entry") or ""


def _series(name: str, names: set[str]) -> tuple[str, int]:
    """Return a file's name and number, if it is a later `X-1.ipynb` beside `X.ipynb`."""
    if match := _COPY.fullmatch(stem(name)):
        plain = match["stem"] + name[len(stem(name)) :]
        if plain.casefold() in names:
            return plain.casefold(), int(match["number"])
    return name.casefold(), 0


def _with_members(
    tree: Tree, rest: Sequence[File], zone: tzinfo | None, result: Collected
) -> list[File]:
    """Replace the hand-ins of Gradescope by those of the members that its list names."""
    lists = [file for file in rest if file.name == records.METADATA]
    beside = Path(tree.origin).with_name(records.METADATA)
    if not lists and beside.is_file():  # the folder of one submission was named
        lists = [File((records.METADATA,), beside.read_bytes, str(beside))]
    for file in lists:
        try:
            known = records.gradescope(file, zone)
        except (GraderError, ValueError, OSError) as error:
            result.warnings.append(
                f"{_source(tree, file)} could not be read, so the rows have no names: {error}."
            )
            continue
        above = (*tree.above, tree.name, *file.parts[:-1])
        ours, others = _parted(result.hand_ins, known.keys(), above)
        folders = {hand_in.place.label for hand_in in ours}
        if file in rest:
            missing = [Place(above, folder) for folder in sorted(known.keys() - folders)]
            ours += [HandIn(place, f"gradescope:{place.label}", place.label) for place in missing]
            result.warnings.extend(_differences(_source(tree, file), known.keys(), folders))
        result.hand_ins[:] = [*others, *(member for h in ours for member in _members(h, known))]
    return [file for file in rest if file.name != records.METADATA]


def _parted(
    hand_ins: Iterable[HandIn], known: Set[str], above: Parts
) -> tuple[list[HandIn], list[HandIn]]:
    """Return the hand-ins that a list of Gradescope is about, and the others; there may be several lists."""
    ours: list[HandIn] = []
    others: list[HandIn] = []
    for hand_in in hand_ins:
        is_near = hand_in.place.label in known or hand_in.place.above == above
        is_ours = is_near and hand_in.identity.startswith("gradescope:")
        (ours if is_ours else others).append(hand_in)
    return ours, others


def _differences(source: str, known: Set[str], folders: Set[str]) -> Iterator[str]:
    """Yield a sentence for submissions without a folder, and one for folders that are not in the list."""
    if missing := known - folders:
        names = one_line(", ".join(sorted(missing)), limit=300)
        yield f"{source} lists submissions without files: {names}."
    if unlisted := folders - known:
        names = one_line(", ".join(sorted(unlisted)), limit=300)
        yield f"{source} does not list these folders, so their rows have no students: {names}."


def _members(hand_in: HandIn, known: Mapping[str, records.Record]) -> Iterator[HandIn]:
    """Yield a hand-in for each member; a submission's number does not identify a student."""
    record = known.get(hand_in.place.label)
    if not record or not record.students:
        yield dataclasses.replace(hand_in, student=None)
        return
    for student in record.students:
        number = student.id or student.email
        parts = (student.name, student.id or (student.email or "").split("@")[0])
        label = "_".join(part for part in parts if part) or hand_in.place.label
        identity = f"gradescope:{number}" if number else f"{hand_in.identity}:{label}"
        rank = (0, record.time.timestamp() if record.time else 0.0, "")
        items = [dataclasses.replace(i, time=record.time, rank=rank) for i in hand_in.items]
        yield HandIn(
            dataclasses.replace(hand_in.place, label=label),
            identity,
            identity,
            student,
            items=items,
            aliases=(f"gradescope:{student.email.casefold()}",) if student.email else (),
        )


# ------------------------------------------------------------------ folders and files


def _of_group(tree: Tree, group: StudentFiles) -> HandIn:
    above = tuple(_ZIP.sub("", part) for part in group.above)
    inside = above[len(tree.above) :] or tree.above[-1:]
    parts = [_AGAIN.sub("", part) for part in (*inside, group.label)]
    versions = _versions(group)
    items = [
        Item(
            file,
            _source(tree, file),
            rank=(versions.get(file.origin, 0), 0.0, ""),
            is_side=file.name in SIDE_FILES,
        )
        for file in group.files
        if not is_junk(file.parts[group.depth :] or ("",)) and not file.is_folder
    ]
    user = _github_user(group)
    student = Student(user or group.label) if versions or user else None
    identity = "/".join((*above, group.label))
    return HandIn(Place(above, group.label), identity, "/".join(parts), student, items=items)


def _github_user(group: StudentFiles) -> str | None:
    """Return the user of a clone of GitHub Classroom: `task-user` in a folder `task-submissions`."""
    task = group.above[-1].removesuffix("-submissions") if group.above else ""
    user = group.label.removeprefix(f"{task}-")
    return user if task and task != group.above[-1] and user != group.label else None


def _versions(group: StudentFiles) -> dict[str, int]:
    """Return the number of the attempt of each file, where the folders of a student are attempts.

    Submitty writes a time into each; elsewhere the attempts have files of the same name.
    """
    folders: defaultdict[int, set[str]] = defaultdict(set)
    numbers = {}
    for file in group.files:
        inner: Parts = file.parts[group.depth :]
        if is_junk(inner or ("",)):
            continue
        match = _VERSION.fullmatch(inner[0]) if len(inner) > 1 else None
        if match:
            number = int(match[1] or re.sub(r"\D", "", match[2]).ljust(14, "0"))
            numbers[file.origin] = number
            folders[number].add(inner[-1].casefold())
        elif is_notebook(file.name):
            return {}
    first = set.intersection(*folders.values()) if folders else set()
    is_stamped = any(file.name in STAMPS for file in group.files if file.origin in numbers)
    return numbers if is_stamped or any(map(is_notebook, first)) else {}


def _stamp(hand_in: HandIn, zone: tzinfo | None) -> None:
    """Set the time of the files beside or below a platform's file that contains only a time.

    A student's own file of that name does not count where the platform gives a time.
    """
    stamps = {
        item.file.parts[:-1]: time
        for item in sorted(hand_in.items, key=lambda item: item.file.name, reverse=True)
        if item.is_side and item.file.name in STAMPS and (time := records.stamp(item.file, zone))
    }
    if stamps:
        hand_in.items[:] = [
            dataclasses.replace(item, time=next(iter(times_of), item.time))
            for item in hand_in.items
            for times_of in [
                [time for path, time in stamps.items() if item.file.parts[: len(path)] == path]
            ]
        ]


# ------------------------------------------------------------------ attempts


def split_attempts(items: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """Return the files of the latest attempt, and those of earlier ones."""
    latest: dict[str, tuple[int, float, str]] = {}
    for item in items:
        latest[item.series] = max(latest.get(item.series, item.rank), item.rank)
    counting = [item for item in items if item.rank == latest[item.series]]
    return counting, [item for item in items if item.rank != latest[item.series]]
