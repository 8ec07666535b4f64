"""Find submissions in files, folders and the zip files of learning platforms.

    trees       paths → the files below them, also in zip files of classes    files, zips, names, classes
    recognise   files → students, by the names of platforms                   platforms, records
    arrange     other files → students, by folder and stem                    layout
    candidates  the files of a student → those that may be the notebook       candidates
    unique      students → IDs                                                ids

Only names are read at first (also in zip files inside zip files), and the first bytes of a file that
is named on its own. The bytes are read when they are needed, so a class of thousands fits in memory. A
file that should be a submission but cannot be read becomes a submission with a problem. Every file is
a submission, belongs to one, or is passed over.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from operator import itemgetter
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from grader.errors import GraderError, UsageError
from grader.intake.candidates import Candidate, Choice, choose
from grader.intake.classes import with_classes
from grader.intake.files import SearchOptions, trees
from grader.intake.hand_ins import HandIn, Item, collect, split_attempts
from grader.intake.ids import unique
from grader.intake.kinds import is_late, is_results
from grader.intake.zips import Unreadable
from grader.messages import Text, and_list, gettext
from grader.messages.sanitize import one_line
from grader.model.failure import Failure, failure_of
from grader.model.submission import Module, Other, Student, Submission

__all__ = ["Candidate", "Intake", "IntakeOptions", "PassedOver", "Source", "search"]


_MOST_MODULES, _MODULE_BYTES = 10, 500_000
"""Of the modules beside a notebook together; further ones are not read."""

_MOST_NAMESAKES = 5


@dataclass(frozen=True, slots=True)
class Source:
    """The submission of a student that is not read yet.

    `key` identifies the student also in later runs and other downloads. A gradebook that stores the
    ID of each key passes them to `search` as `known_ids`, so that only a newcomer's ID depends on others.
    `aliases` are further keys of the same student, such as the e-mail address.
    `candidates` are the files that may be the notebook, usually one. `problem` is the sentence if none of
    them can be read as a notebook.
    """

    id: str
    key: str
    candidates: tuple[Candidate, ...] = field(repr=False)
    problem: Text = ""
    student: Student | None = None
    submitted_at: str | None = None
    late: bool | None = None
    others: tuple[Other, ...] = ()
    to_look_at: tuple[Text, ...] = ()
    failure: Failure | None = None
    aliases: tuple[str, ...] = ()

    def read(self, number: int = 0) -> Submission:
        """Read the bytes of a candidate; if they cannot be read, the reason becomes the problem."""
        submission = Submission(
            self.id,
            b"",
            self.problem,
            student=self.student,
            submitted_at=self.submitted_at,
            late=self.late,
            others=self.others,
            to_look_at=self.to_look_at,
        )
        if not self.candidates:
            return dataclasses.replace(submission, failure=self.failure)
        candidate = self.candidates[number]
        submission = dataclasses.replace(
            submission,
            source=candidate.source,
            problem=candidate.problem,
            to_look_at=(*self.to_look_at, *candidate.notes),
        )
        try:
            data = candidate.fetch()
            return dataclasses.replace(submission, data=data, modules=_modules(candidate, data))
        except GraderError as error:
            is_ours = isinstance(error, Unreadable) and error.is_ours
            failure = failure_of(error, stage="reading the file") if is_ours else None
            digest = error.digest if isinstance(error, Unreadable) else None
            return dataclasses.replace(
                submission, problem=str(error), failure=failure, digest=digest
            )
        except Exception as error:
            failure = failure_of(error, stage="reading the file")
            problem = f"The grader failed with {failure.kind}."
            return dataclasses.replace(submission, problem=problem, failure=failure)


class PassedOver(NamedTuple):
    """A file that is not a submission and belongs to none, with the reason."""

    source: str
    reason: str


class Intake(NamedTuple):
    """The submissions under some paths, the other files, and sentences for the instructor."""

    sources: tuple[Source, ...]
    passed_over: tuple[PassedOver, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IntakeOptions:
    """How downloads are read: the encoding of names in zip files, and the zone of times without one.

    None means: guess the encoding, and use the zone of this machine.
    """

    zip_names: str | None = None
    zone: tzinfo | None = None


def search(
    paths: Sequence[Path],
    *,
    exclude: Collection[Path] = (),
    known_ids: Mapping[str, str] | None = None,
    options: IntakeOptions | None = None,
) -> Intake:
    """Return every submission under the paths, in an order that depends on their names alone.

    `exclude` are folders to skip, such as the folder for the results. `known_ids` are the IDs of earlier
    runs by the keys of their sources. Sources may be read by several threads, and in another process
    that can open the same files. Raises UsageError if a path does not exist, is an archive that cannot
    be opened or a gradebook, or if no path contains a submission.
    """
    _require_submissions(paths)
    options = options or IntakeOptions()
    skipped = {os.path.realpath(path) for path in exclude}
    below = SearchOptions(skipped, options.zip_names or "")
    outer = trees(sorted({Path(os.path.abspath(path)) for path in paths}), below)
    all_trees = [with_classes(tree, below) for tree in outer]
    collected = [collect(tree, options.zone) for tree in all_trees]
    hand_ins = _merged(hand_in for part in collected for hand_in in part.hand_ins)
    choices = [_counting(hand_in, below) for hand_in in hand_ins]
    is_clear = any(tree.is_file for tree in all_trees) or any(h.student for h in hand_ins)
    if not (hand_ins and (is_clear or any(choice.has_notebook for choice, _ in choices))):
        under = one_line(", ".join(map(str, paths)), limit=200)
        raise UsageError(f"No notebook (.ipynb) was found under {under}.")
    ids = _ids(hand_ins, known_ids or {})
    sources = [
        _source(name, hand_in, choice, earlier)
        for name, hand_in, (choice, earlier) in zip(ids, hand_ins, choices, strict=True)
    ]
    strays = dict.fromkeys(PassedOver(*stray) for part in collected for stray in part.strays)
    warnings = [warning for part in collected for warning in part.warnings]
    warnings += _late_namesakes(zip(ids, hand_ins, strict=True))
    return Intake(tuple(sources), tuple(sorted(strays)), tuple(warnings))


def _late_namesakes(hand_ins: Iterable[tuple[str, HandIn]]) -> Iterator[str]:
    """Yield a sentence if plain folders inside and outside a folder of late submissions share a name."""
    rows: dict[str, list[str]] = {}
    names = set()
    for row, hand_in in hand_ins:
        path = PurePosixPath(hand_in.key)
        if not hand_in.student:
            rows.setdefault(path.name.casefold(), []).append(row)
            names |= {path.name.casefold()} if is_late(path.parent.name) else set()
    pairs = [and_list(sorted(rows[name])) for name in sorted(names) if len(rows[name]) > 1]
    if pairs:
        more = len(pairs) - _MOST_NAMESAKES
        listed = "; ".join(pairs[:_MOST_NAMESAKES]) + (f"; and {more} more" if more > 0 else "")
        yield (
            f"These rows may be one student each, because a folder of late submissions has the same "
            f"name: {listed}. Delete the folder that does not count and grade again."
        )


def _require_submissions(paths: Sequence[Path]) -> None:
    """Raise UsageError for a path that does not exist, and for the folder of a gradebook."""
    for path in paths:
        if not os.path.lexists(path):
            raise UsageError(f"There is no file or folder {one_line(str(path))}.")
        if any(map(_has_results, (path, path.parent) if path.name == "submissions" else (path,))):
            raise UsageError(
                f"{one_line(str(path))} is the folder of a gradebook. Give the folder or zip file of the "
                "submissions."
            )


def _has_results(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        return folder.is_dir() and is_results(os.listdir(folder))
    return False


def _merged(hand_ins: Iterable[HandIn]) -> list[HandIn]:
    """Return one hand-in for each student, sorted; a file that is found twice counts once."""
    by_identity: dict[str, HandIn] = {}
    owners: dict[str, str] = {}
    for hand_in in hand_ins:
        first = by_identity.get(hand_in.identity)
        present = {item.file.origin for item in first.items} if first else set()
        items = [
            item
            for item in hand_in.items
            if item.file.origin not in present
            and (hand_in.student or item.file.origin not in owners)
        ]
        owners.update((item.file.origin, hand_in.identity) for item in items)
        if first:
            first.items.extend(items)
        elif items or not hand_in.items:
            by_identity[hand_in.identity] = dataclasses.replace(hand_in, items=items)
    return sorted(by_identity.values(), key=lambda h: (h.place.above, h.place.label, h.identity))


def _ids(hand_ins: Sequence[HandIn], known_ids: Mapping[str, str]) -> list[str]:
    """Return the ID of each hand-in: the known one of its key, else a new one."""
    by_end: dict[str, list[str]] = {}
    for key in known_ids:
        by_end.setdefault(key.rsplit("/", 1)[-1], []).append(key)
    ids = [_known_id(hand_in, known_ids, by_end) for hand_in in hand_ins]
    for number, hand_in in enumerate(hand_ins):  # a student number was added on the platform
        names = (known_ids[alias] for alias in hand_in.aliases if alias in known_ids)
        if ids[number] is None:
            ids[number] = next((name for name in names if name not in ids), None)
    newcomers = [h.place for h, name in zip(hand_ins, ids, strict=True) if name is None]
    fresh = iter(unique(newcomers, taken=known_ids.values()))
    return [next(fresh) if name is None else name for name in ids]


def _known_id(
    hand_in: HandIn, known_ids: Mapping[str, str], by_end: Mapping[str, Sequence[str]]
) -> str | None:
    """Return the known ID of a key. A path matches another that ends with it."""
    if hand_in.key in known_ids:
        return known_ids[hand_in.key]
    for key in by_end.get(hand_in.key.rsplit("/", 1)[-1], ()):
        if f"/{key}".endswith(f"/{hand_in.key}") or hand_in.identity.endswith(f"/{key}"):
            return known_ids[key]
    return None


# ------------------------------------------------------------------ the submission of a student


def _modules(candidate: Candidate, data: bytes) -> tuple[Module, ...]:
    """Return the modules beside a notebook that it mentions, directly or through another of them.

    Names in a large notebook take milliseconds to find, and a file in a zip file longer to read, so
    only the first modules are considered.
    """
    modules: list[Module] = []
    others = dict(sorted(candidate.modules, key=itemgetter(0))[:_MOST_MODULES])
    pending, room = {name for name in others if name.encode() in data}, _MODULE_BYTES
    while pending:
        name = min(pending)
        pending.remove(name)
        try:
            source = others.pop(name)()
        except (GraderError, OSError):
            continue
        room -= len(source)
        if room < 0:
            break
        modules.append(Module(name, source))
        pending |= {other for other in others if other.encode() in source}
    return tuple(modules)


def _counting(hand_in: HandIn, options: SearchOptions) -> tuple[Choice, list[Item]]:
    """Return the candidates of the latest attempt, and the items of earlier ones."""
    counting, earlier = split_attempts(hand_in.items)
    try:
        return choose(counting, options), earlier
    except Exception as error:  # a failure on one student must not end the batch
        failure = failure_of(error, stage="listing the files")
        return Choice((), f"The grader failed with {failure.kind}.", failure=failure), earlier


def _source(name: str, hand_in: HandIn, choice: Choice, earlier: Sequence[Item]) -> Source:
    counting, _ = split_attempts(hand_in.items)
    times = [item.time for item in counting if item.time]
    time = max(times) if times else None
    others = tuple(
        Other(item.source, gettext("an earlier attempt")) for item in earlier if not item.is_side
    )
    late = any(item.is_late for item in counting) if hand_in.marks_late else None
    return Source(
        name,
        hand_in.key,
        choice.candidates,
        choice.problem,
        hand_in.student,
        time.isoformat(timespec="seconds") if time else None,
        late,
        others,
        (_EARLIER,) if others and not choice.has_notebook else (),
        choice.failure,
        hand_in.aliases,
    )


_EARLIER = gettext("The latest attempt contains no notebook. An earlier attempt exists.")
