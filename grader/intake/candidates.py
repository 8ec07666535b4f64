"""Choose the files of a student that may be the notebook, or describe what there is instead."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from grader.intake.files import MAX_NOTEBOOKS, File, SearchOptions, opened, refuse
from grader.intake.hand_ins import Item
from grader.intake.kinds import is_checkpoint, is_junk, is_notebook, is_readable, opens, stem
from grader.intake.labels import LABELS
from grader.intake.zips import Fetch, Unreadable
from grader.messages import Message, Text, and_list, gettext
from grader.messages.sanitize import one_line
from grader.model.failure import Failure

_NAMES_SHOWN = 3
_MODULE = re.compile(r"[A-Za-z]\w*\.py", re.ASCII)
_EMPTY = gettext("it is empty; submit your notebook")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may be the notebook; `notes` are reasons why an instructor should look at it.

    With a `problem` the bytes are not graded. `modules` are the Python files in its folder, by module.
    """

    source: str
    fetch: Fetch = field(repr=False)
    notes: tuple[Text, ...] = ()
    problem: Text = ""
    modules: tuple[tuple[str, Fetch], ...] = field(default=(), repr=False)


class Choice(NamedTuple):
    """The candidates of a student, and the sentence if none of them can be read as a notebook."""

    candidates: tuple[Candidate, ...]
    problem: Text = ""
    has_notebook: bool = False
    failure: Failure | None = None


class _Opened(NamedTuple):
    """A file, also one in a student's archive, with its source."""

    file: File
    source: str


def choose(items: Sequence[Item], options: SearchOptions) -> Choice:
    """Return the candidates among the files of an attempt.

    Notebooks come first. Without any these are Jupyter's checkpoints, then files with other endings that
    may contain a notebook, then the only file, whose content decides about the sentence.
    """
    files, faults = _opened(items, options)
    notebooks = [f for f in files if is_notebook(f.file.name)]
    saved = [f for f in notebooks if not is_checkpoint(f.file.parts)]
    problem = _problem(files, faults)
    if len(saved) > MAX_NOTEBOOKS:
        text = gettext(
            "This submission contains {count} notebooks. Submit only one.", count=len(saved)
        )
        return Choice((), text, has_notebook=True)
    if saved:
        return Choice(_with_modules(_candidates(saved), files), problem, has_notebook=True)
    if notebooks:
        return Choice(_candidates(notebooks, _CHECKPOINT), problem, has_notebook=True)
    if ours := next((fault for fault in faults if fault.is_ours), None):
        return Choice((_refused(items[0], ours),))
    plain = [f for f in files if f.file.name not in LABELS]
    if readable := [f for f in plain if is_readable(f.file.name)][:MAX_NOTEBOOKS]:
        return Choice(_candidates(readable), problem, has_notebook=True)
    if len(plain) == 1 and len(files) == 1 and not faults:
        return Choice(_candidates(plain))
    if len(faults) == 1 and not files:
        return Choice((_refused(items[0], faults[0]),))
    return Choice((), problem)


_CHECKPOINT = gettext("Only a checkpoint that Jupyter had saved was found. It was graded.")


def _candidates(files: Sequence[_Opened], *notes: Text) -> tuple[Candidate, ...]:
    ordered = sorted(files, key=lambda f: (len(f.file.parts), f.source))
    return tuple(Candidate(f.source, f.file.fetch, notes) for f in ordered)


def _with_modules(
    candidates: Sequence[Candidate], files: Sequence[_Opened]
) -> tuple[Candidate, ...]:
    """Add to each candidate the Python files in its folder."""
    modules = [
        (f.source.rpartition("/")[0], stem(f.file.name), f.file.fetch)
        for f in files
        if _MODULE.fullmatch(f.file.name)
    ]
    return tuple(
        dataclasses.replace(
            candidate,
            modules=tuple(
                (name, fetch)
                for folder, name, fetch in modules
                if folder == candidate.source.rpartition("/")[0]
            ),
        )
        for candidate in candidates
    )


def _refused(item: Item, error: Unreadable) -> Candidate:
    if error.is_ours:
        return Candidate(item.source, partial(refuse, error))
    return Candidate(item.source, item.file.fetch, problem=str(error))


def _opened(
    items: Sequence[Item], options: SearchOptions
) -> tuple[list[_Opened], list[Unreadable]]:
    """Return the files of a student, also those in archives, and the reasons for unreadable ones."""
    files: list[_Opened] = []
    faults: list[Unreadable] = []
    for item in items:
        if item.file.fault:
            faults.append(item.file.fault)
        elif item.is_side:
            continue
        elif not opens(item.file.name):
            files.append(_Opened(item.file, item.source))
        else:
            try:
                inner = opened(item.file, options)
            except Unreadable as error:
                faults.append(error)
                continue
            depth = len(item.file.parts)
            inner = [f for f in inner if f is item.file or not is_junk(f.parts[depth:] or ("",))]
            files += [
                _Opened(f, one_line("/".join((item.source, *f.parts[depth:])), limit=2000))
                for f in inner
            ]
            if not inner:
                faults.append(Unreadable(item.file.name, _EMPTY))
    return files, faults


def _problem(files: Sequence[_Opened], faults: Sequence[Unreadable]) -> Text:
    """Return the problem of a student without a notebook: printable names, translated labels."""
    names = [f.file.name for f in files]
    labels: list[str] = []
    for name in sorted(names)[:_NAMES_SHOWN]:
        label, text = LABELS.get(name, name), one_line(name, limit=80)
        labels.append(label if isinstance(label, Message) and label == text else text)
    labels += [
        gettext("{name} ({reason})", name=one_line(f.name, limit=80), reason=f.reason)
        for f in faults
    ]
    if len(names) > _NAMES_SHOWN:
        labels.append(gettext("{count} more", count=len(names) - _NAMES_SHOWN))
    if not labels:
        return gettext("This submission is empty. Submit your notebook (.ipynb).")
    return gettext(
        ("This submission contains no notebook (.ipynb), only {names}. Submit your notebook."),
        names=and_list(labels),
    )
