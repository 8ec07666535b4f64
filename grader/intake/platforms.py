"""Recognise how learning platforms name what they export, so that a student is one folder.

A path here is a tuple of its parts. One that a platform made becomes (…, student, rest), where the
rest is one name however deep the file was; any other path stays as it is.

    Canvas      lovelaceada_LATE_1234_56789_work.ipynb              lovelaceada_1234 / work.ipynb
    Moodle      Ada Lovelace_123_assignsubmission_file_/work.ipynb  Ada Lovelace_123 / work.ipynb
    Gradescope  assignment_1_export/submission_42/a/work.ipynb      … submission_42 / a-work.ipynb
    nbgrader    submitted/alice/ps1/work.ipynb                      alice / ps1-work.ipynb
"""

from __future__ import annotations

import re
from collections.abc import Sequence

Parts = tuple[str, ...]

_CANVAS = re.compile(
    r"(?:(?P<name>.*?)_)??(?:LATE_)?(?P<id>anon_[^_]+|\d+)_"
    r"(?:(?P<attachment>\d+)_(?P<file>.+)|(?P<entry>(?:text|link)\.html))",
    re.DOTALL,
)
_MOODLE = re.compile(r"(.+_\d+)_assignsubmission_[a-z]+(?:_(.*))?", re.DOTALL)
_GRADESCOPE = re.compile(r"submission_\d+")
_NBGRADER = "submitted"


def by_student(paths: Sequence[Parts], *, inside: Parts = ()) -> list[Parts]:
    """Rewrite the paths of an export; `inside` are the folders that all of them stand in."""
    return [_owned(path) for path in _nbgrader(paths, inside)]


def by_canvas_student(paths: Sequence[Parts]) -> list[Parts]:
    """Rewrite the members of a Canvas zip file, which are names without folders.

    Any name with two numbers in it could come from Canvas, so all must fit, and the second number,
    the attachment's, is never the same.
    """
    matches = [_CANVAS.fullmatch(path[0]) if len(path) == 1 else None for path in paths]
    fitting = [match for match in matches if match]
    attachments = [match["attachment"] for match in fitting if match["attachment"]]
    if len(fitting) < len(paths) or len(set(attachments)) < len(attachments):
        return list(paths)
    return [
        ("_".join(filter(None, (match["name"], match["id"]))), match["file"] or match["entry"])
        for match in fitting
    ]


def _owned(path: Parts) -> Parts:
    """Rewrite a path that Moodle or Gradescope made."""
    for depth, part in enumerate(path):
        before, below = path[:depth], path[depth + 1 :]
        if moodle := _MOODLE.fullmatch(part):
            return (*before, moodle[1], "-".join(filter(None, (moodle[2], *below))) or part)
        if below and _GRADESCOPE.fullmatch(part):
            return (*before, part, "-".join(below))
    return path


def _nbgrader(paths: Sequence[Parts], inside: Parts) -> list[Parts]:
    """Rewrite `submitted/student/assignment/file`.

    A class with more assignments than students is some other tree of that name.
    """
    tails = [_after_submitted((*inside, *path)) for path in paths]
    fitting = [tail for tail in tails if len(tail) > 2]
    if len({tail[1] for tail in fitting}) > len({tail[0] for tail in fitting}):
        return list(paths)
    return [
        (tail[0], "-".join(tail[1:])) if len(tail) > 2 else path
        for tail, path in zip(tails, paths, strict=True)
    ]


def _after_submitted(path: Parts) -> Parts:
    return path[path.index(_NBGRADER) + 1 :] if _NBGRADER in path else ()
