"""Recognise the file names of learning platforms' exports, so that each student has one folder.

A path here is a tuple of its parts. A platform's path becomes (…, student, rest), where the rest is
one name, however deep the file was. Any other path stays as it is.

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
    """Rewrite the paths of an export; `inside` are the folders that contain them all.

    A tree with more assignments than students is not nbgrader's.
    """
    rewritten = list(paths)
    full = [(*inside, *path) for path in paths]
    tails = [path[path.index(_NBGRADER) + 1 :] if _NBGRADER in path else () for path in full]
    fitting = [tail for tail in tails if len(tail) > 2]
    if len({tail[1] for tail in fitting}) <= len({tail[0] for tail in fitting}):
        pairs = zip(tails, paths, strict=True)
        rewritten = [(t[0], "-".join(t[1:])) if len(t) > 2 else path for t, path in pairs]
    return [_owned(path) for path in rewritten]


def by_canvas_student(paths: Sequence[Parts]) -> list[Parts]:
    """Rewrite the members of a Canvas zip file, which are names without folders.

    Any name with two numbers could be Canvas's. So all names must match, and the second numbers,
    the attachments', must differ.
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
    """Rewrite a path of Moodle or Gradescope."""
    for depth, part in enumerate(path):
        before, below = path[:depth], path[depth + 1 :]
        if moodle := _MOODLE.fullmatch(part):
            return (*before, moodle[1], "-".join(filter(None, (moodle[2], *below))) or part)
        if below and _GRADESCOPE.fullmatch(part):
            return (*before, part, "-".join(below))
    return path
