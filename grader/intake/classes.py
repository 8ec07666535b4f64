"""Open the zip files below a path that are classes, and not students' own."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

from grader.intake.files import MAX_NOTEBOOKS, File, SearchOptions, Tree, members
from grader.intake.kinds import (
    is_hand_in,
    is_junk,
    is_notebook,
    is_section_zip,
    is_thing,
    opens,
    stem,
)
from grader.intake.names import Decoded
from grader.intake.platforms import recognise
from grader.intake.zips import Unreadable
from grader.messages.sanitize import one_line

_MAX_CLASSES = 100


class _Opened(NamedTuple):
    """A zip file, the files in it, and the number of its students if it is a class, else 1."""

    zip: File
    files: tuple[File, ...]
    names: Decoded
    students: int


def with_classes(tree: Tree, options: SearchOptions) -> Tree:
    """Return the tree with the zip files in it opened, if they are classes and not students' own.

    The only file is one. Of several each must be one, and have more students than there are documents
    beside them; of files with names of sections it is enough that one has. A notebook beside them is a
    student's, and so are they; a class has a warning then.
    """
    files = [file for file in tree.files if is_hand_in(file.name) and not is_junk(file.parts)]
    zips = [file for file in files if file.name.lower().endswith(".zip") and not file.is_folder]
    if tree.is_file or not 0 < len(zips) <= _MAX_CLASSES:
        return tree
    opened = _opened(tree, zips, options)
    documents = [file for file in files if file not in zips]
    has_notebook = any(is_notebook(file.name) for file in documents)
    are_large = [o.students > max(1, len(documents)) for o in opened]
    are_sections = any(are_large) and all(is_section_zip(file.name) for file in zips)
    are_classes = (all(are_large) or are_sections) and not has_notebook
    all_open = len(opened) == len(zips) or are_sections
    if not (all_open and (are_classes or len(files) == 1)):
        warnings = tuple(_warning(tree, o.zip) for o in opened if o.students > 1)
        return dataclasses.replace(tree, warnings=warnings)
    classes = [o.zip for o in opened]
    others = [file for file in tree.files if file not in classes]
    inner = [
        dataclasses.replace(file, parts=(*o.zip.parts, *file.parts))
        for o in opened
        for file in o.files
    ]
    guess = next((o.names for o in opened if o.names.encoding), None)
    return dataclasses.replace(tree, files=(*others, *inner), names=tree.names or guess)


def _opened(tree: Tree, zips: Sequence[File], options: SearchOptions) -> list[_Opened]:
    """Return the zip files that can be opened.

    Classes are downloads of platforms, files with more notebooks than a student has, and files named
    after sections with the notebooks of several persons.
    """
    opened = []
    for file in zips:
        try:
            files, names = members(file, options)
        except Unreadable:
            continue
        notebooks = sum(is_notebook(inner.name) for inner in files)
        keys = {match.key for match in recognise(dataclasses.replace(tree, files=files))}
        students = max(len(keys), 1 if notebooks <= MAX_NOTEBOOKS else notebooks)
        if is_section_zip(file.name):
            students = max(students, len(_persons(files)))
        opened.append(_Opened(file, files, names, students))
    return opened


def _persons(files: Sequence[File]) -> set[str]:
    """Return the names of persons that folders, notebooks and zip files have, below a folder of all."""
    hand_ins = [file for file in files if is_notebook(file.name) or opens(file.name)]
    paths = [file.parts for file in hand_ins if not is_junk(file.parts)]
    while len(paths) > 1 and len({path[0] for path in paths}) == 1 and min(map(len, paths)) > 1:
        paths = [path[1:] for path in paths]
    names = {path[0] if len(path) > 1 else stem(path[0]) for path in paths}
    return {name for name in names if not is_thing(name)}


def _warning(tree: Tree, file: File) -> str:
    source = one_line("/".join((tree.source, *file.parts)))
    return (
        f"{source} may contain several students, but counts as one, because there are submissions "
        "beside it. If it is a class, grade it by itself."
    )
