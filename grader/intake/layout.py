"""Find the students of a class in folders and files that no platform has named.

A student is a folder, or in a flat folder all files with the same stem. Folders that contain students
are sections. Each decision depends on a folder and its siblings only, so that few IDs depend on others.
"""

from __future__ import annotations

import contextlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from grader.errors import GraderError
from grader.intake.files import File, Parts, Tree
from grader.intake.kinds import (
    is_attempt,
    is_hand_in,
    is_junk,
    is_late,
    is_notebook,
    is_number,
    is_occasion,
    is_picture,
    is_section,
    is_staff,
    is_thing,
    is_wrapper,
    opens,
    owner,
    stem,
)

LEFTOVER = "a program left it there"
STAFF = "its folder is no student's"
BESIDE = "it is in no student's folder"
_SUBMITTY_STAMP, _SUBMITTY_SETTINGS = ".submit.timestamp", "user_assignment_settings.json"
STAMPS = {"timestamp.txt", _SUBMITTY_STAMP}
"""Files that contain only a time, which nbgrader, Sakai and Submitty write beside the hand-in."""

SIDE_FILES = STAMPS | {_SUBMITTY_SETTINGS}
"""Files that a platform adds for each student."""

NOT_NAMED = "its name is not that of a submission"

_FEW, _CLASS, _FLAT_CLASS = 2, 4, 6
"""At most so many files and folders of others may be beside a folder of so many students, or files."""


class StudentFiles(NamedTuple):
    """The files of a student: the folders above, the student's name, and the depth of their folder."""

    above: Parts
    label: str
    files: tuple[File, ...]
    depth: int


class Stray(NamedTuple):
    """A file that belongs to no student, with the reason."""

    file: File
    reason: str


@dataclass(slots=True, eq=False)
class _Folder:
    """A folder: its own files, and its folders by name. Junk is kept apart."""

    parts: Parts
    files: list[File] = field(default_factory=list)
    folders: dict[str, _Folder] = field(default_factory=dict)
    junk: list[File] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.parts[-1]

    @property
    def hand_ins(self) -> list[File]:
        return [file for file in self.files if is_hand_in(file.name)]

    @property
    def notebooks(self) -> list[File]:
        return [file for file in self.files if is_notebook(file.name)]

    def everything(self) -> Iterator[File]:
        yield from self.files
        yield from self.junk
        for folder in self.folders.values():
            yield from folder.everything()

    @property
    def has_hand_in(self) -> bool:
        """True if a file in it, however deep, could be a submission."""
        return bool(self.hand_ins) or any(f.has_hand_in for f in self.folders.values())

    @property
    def is_code(self) -> bool:
        """True if nothing in it could be a submission but Python files."""
        return not _documents(self) and all(f.is_code for f in self.folders.values())


def arrange(tree: Tree, files: Sequence[File]) -> list[StudentFiles | Stray]:
    """Return the students of these files of a tree, and the files that belong to no student."""
    if tree.is_file:
        return _named_files(tree, files)
    root = _Folder(())
    for file in sorted(files, key=lambda file: file.parts):
        _insert(root, file)
    strays: list[StudentFiles | Stray] = []
    return [*_class(_innermost(root, strays), tree, is_root=True), *strays]


def _innermost(folder: _Folder, strays: list[StudentFiles | Stray]) -> _Folder:
    """Return the innermost folder that contains all hand-ins, and add the files outside it to `strays`.

    So a class is read in the same options, however many folders or zip files there are around it.
    """
    while not folder.hand_ins:
        students = _likely(folder)
        empty = [child for child in folder.folders.values() if not child.has_hand_in]
        if len(students) != 1 or not all(is_thing(child.name) for child in empty):
            break
        strays += _strays(folder.junk, LEFTOVER)
        strays += _strays(folder.files, BESIDE)
        for child in folder.folders.values():
            strays += _strays(child.everything() if child not in students else (), STAFF)
        (folder,) = students
    return folder


def _likely(folder: _Folder) -> list[_Folder]:
    """Return the folders that may be students' or sections: not staff's, nor things, if there are others."""
    able = [child for child in folder.folders.values() if child.has_hand_in]
    students = [child for child in able if not is_staff(child.name)] or able
    return [
        student
        for student in students
        if not is_thing(student.name) or is_occasion(student.name) or is_wrapper(student.name)
    ] or students


def _insert(root: _Folder, file: File) -> None:
    folder = root
    for depth, part in enumerate(file.parts[:-1], start=1):
        if is_junk((part, "")):
            break
        folder = folder.folders.setdefault(part, _Folder(file.parts[:depth]))
    if is_junk(file.parts):
        folder.junk.append(file)
    elif file.is_folder:
        folder.folders.setdefault(file.name, _Folder(file.parts))
    else:
        folder.files.append(file)


def _named_files(tree: Tree, files: Sequence[File]) -> list[StudentFiles | Stray]:
    """Return a student for each file that was named; data and files of the class are left out."""
    return [
        StudentFiles((*tree.above, tree.name), stem(file.name), (file,), 0)
        if is_hand_in(file.name)
        else Stray(file, NOT_NAMED)
        for file in files
    ]


# ------------------------------------------------------------------ folders of students


def _class(folder: _Folder, tree: Tree, *, is_root: bool = False) -> Iterator[StudentFiles | Stray]:
    """Yield the students of a folder that contains students."""
    inner = list(folder.folders.values())
    able = [child for child in inner if child.has_hand_in]
    students = _likely(folder)
    late = [student for student in students if is_late(student.name)]
    others = [student for student in students if student not in late]
    level = _Level(others, folder.notebooks, in_section=not is_root)
    sections = {*late, *(s for s in others if _is_section(s, level))}
    is_single = is_root and not _is_flat_class(folder) and len(folder.notebooks) < 2
    is_work = all(is_thing(s.name) or (is_single and s.is_code) for s in students)
    if not students or (folder.notebooks and is_work and not sections):
        yield from _flat(folder, tree, is_root=is_root)
        return
    if is_single and not sections and not folder.notebooks and _are_own(folder, students):
        yield _own(folder, tree)
        return
    above = (*tree.above, tree.name, *folder.parts)
    of_staff, rest = set(able) - set(students), set(inner) - set(able)
    has_people = bool(sections) or not all(is_thing(student.name) for student in students)
    yield from _strays(folder.junk, LEFTOVER)
    for child in inner:
        if child in sections:
            yield from _class(child, tree)
        elif child in of_staff or (is_thing(child.name) and (has_people or child in rest)):
            yield from _strays(child.everything(), STAFF)
        else:
            files = tuple(child.everything())
            yield StudentFiles(above, _label(child.name), files, len(child.parts))
    are_flat = len(folder.notebooks) >= len(students)
    for file in folder.files:
        if is_notebook(file.name) or opens(file.name) or (are_flat and is_hand_in(file.name)):
            yield StudentFiles(above, stem(file.name), (file,), len(folder.parts))
        else:
            yield Stray(file, BESIDE)


def _are_own(folder: _Folder, students: Sequence[_Folder]) -> bool:
    """Return True if the folders in a path are one student's work: attempts, or `code` and `data`.

    Folders with numbers may be those of students, unless a platform or a word calls them attempts.
    """
    names = [student.name for student in students]
    are_parts = all(is_thing(name) and not is_occasion(name) for name in names)
    return are_parts or all(map(is_attempt, names)) or _has_attempts(folder)


def _own(folder: _Folder, tree: Tree) -> StudentFiles:
    """Return a folder of one student, with the name of the innermost folder that names a person."""
    path = (tree.name, *folder.parts)
    names = [
        d
        for d, name in enumerate(path)
        if not (is_thing(name) or is_number(name) or (d > 1 and name.endswith(".zip")))
    ]
    depth = names[-1] if names else 0
    above, files = (*tree.above, *path[:depth]), tuple(folder.everything())
    return StudentFiles(above, _label(path[depth]), files, len(folder.parts))


def _label(name: str) -> str:
    """Return the name of a folder, also of a zip file that was opened like one."""
    return name.removesuffix(".zip")


def _has_attempts(folder: _Folder) -> bool:
    """Return True for a student's folder of Submitty, in which the attempts have numbers."""
    children = folder.folders.values()
    if any(file.name == _SUBMITTY_SETTINGS for file in folder.files):
        return True
    return any(
        is_number(child.name) and any(file.name == _SUBMITTY_STAMP for file in child.files)
        for child in children
    )


class _Level:
    """Folders beside each other, of students or of sections, with the notebooks beside them.

    `in_section` if they are in a section. They are mixed if the notebooks beside them are students',
    not only a late one or two beside several folders.
    """

    def __init__(
        self,
        folders: Sequence[_Folder],
        notebooks: Sequence[File] = (),
        *,
        in_section: bool = False,
    ) -> None:
        self.in_section = in_section
        people = [file for file in notebooks if not is_thing(stem(file.name))]
        self.is_mixed = bool(people) and (len(people) > _FEW or len(folders) < 2)
        self.has_few = len(folders) - 1 + len(notebooks) <= _FEW and not in_section
        self.size = len(folders)
        self.with_notebooks = sum(bool(folder.notebooks) for folder in folders)
        self.with_folders_only = sum(not folder.hand_ins for folder in folders)
        self.are_sections = all(is_section(f.name) or is_occasion(f.name) for f in folders)
        self.with_many_files = sum(len(_stems(folder)) > 2 for folder in folders)
        self._folders = folders

    @cached_property
    def are_flat_sections(self) -> bool:
        """True if all folders are sections by name, and one of them has the files of several students."""
        return self.are_sections and any(map(_is_flat_class, self._folders))

    @cached_property
    def has_sections(self) -> bool:
        """True if one of the folders has several folders of persons, and none has a notebook itself."""
        return not self.with_notebooks and any(_has_persons(f, self) for f in self._folders)

    @cached_property
    def inner_names(self) -> Counter[str]:
        """Return how many of the folders contain a folder of each name."""
        return Counter(name for f in self._folders for name in {n.casefold() for n in f.folders})

    @cached_property
    def deep_stems(self) -> Counter[str]:
        """Return how many of the folders contain a file of each stem, however deep."""
        return Counter(
            name
            for folder in self._folders
            for name in {stem(file.name).casefold() for file in folder.everything()}
        )

    def repeats(self, names: set[str], counts: Counter[str]) -> bool:
        """Return True if most names are in most of the other folders, too, as those of weeks are."""
        common = [name for name in names if 2 * (counts[name] - 1) >= self.size - 1]
        return self.size > 1 and 2 * len(common) > len(names)


def _is_section(folder: _Folder, level: _Level) -> bool:
    """Return True if a folder contains students, and is not a student's own.

    It is a student's own if the names in it are those of things, or are in most folders beside it, too.
    No student has the name of a date.
    """
    if _has_attempts(folder):
        return False
    is_mixed = level.is_mixed and not (level.are_sections or is_occasion(folder.name))
    if is_mixed or _is_class(folder, level):
        return _is_class(folder, level)
    if folder.hand_ins:
        return _is_flat_section(folder, level)
    return _has_students(folder, level)


def _has_students(folder: _Folder, level: _Level) -> bool:
    """Return True if the folders in a folder are students' or sections."""
    if is_occasion(folder.name):
        return any(not is_thing(child.name) for child in _inner_students(folder))
    if 0 < level.with_notebooks >= level.with_folders_only and not level.are_sections:
        return False  # the folders beside it are students
    children = _inner_students(folder)
    if len(children) > 1:
        return _has_persons(folder, level)
    (only,) = children
    is_thing_of_section = is_thing(only.name) or (
        is_number(only.name) and not is_section(folder.name)
    )
    if (is_section(folder.name) or level.has_sections) and not is_thing_of_section:
        return True
    if level.repeats({only.name.casefold()}, level.inner_names):
        return False
    return _is_section(only, _Level([only])) and not level.repeats(_stems(only), level.deep_stems)


def _is_class(folder: _Folder, level: _Level) -> bool:
    """Return True for a folder of a whole class: by its name, or if there is hardly anything beside it."""
    inner = _innermost(folder, [])
    names = {student.name.casefold() for student in _likely(inner) if not is_thing(student.name)}
    stems = {name for name in _stems(inner) if not (is_thing(name) or is_number(name))}
    if level.repeats(names, level.inner_names) or level.repeats(stems, level.deep_stems):
        return False
    if is_wrapper(folder.name):
        return len(names) > 1 or len(stems) > 1
    people = [name for name in names if not is_number(name)]
    return level.has_few and (len(people) >= _CLASS or (not names and len(stems) >= _FLAT_CLASS))


def _inner_students(folder: _Folder) -> list[_Folder]:
    return [child for child in folder.folders.values() if child.has_hand_in]


def _has_persons(folder: _Folder, level: _Level) -> bool:
    """Return True if a folder has several folders, most of them with names that only it has."""
    names = {child.name.casefold() for child in _inner_students(folder)}
    things = sum(
        is_thing(name) or (is_number(name) and not is_section(folder.name)) for name in names
    )
    is_own = level.repeats(names, level.inner_names) and not level.are_sections
    return len(names) > 1 and 2 * things <= len(names) and not is_own


def _is_flat_section(folder: _Folder, level: _Level) -> bool:
    """Return True if the files directly in a folder are of several students.

    Beside others the name of the folder must be that of a section, or most of them have many files. One
    file is enough if a section beside it has several.
    """
    stems = _stems(folder)
    is_alone = level.are_flat_sections and not all(map(is_thing, stems))
    is_several = _is_flat_class(folder) or is_alone
    if is_occasion(folder.name):
        return is_several
    if not is_several or level.repeats(stems, level.deep_stems):
        return False
    return is_section(folder.name) or 2 * level.with_many_files > level.size


def _stems(folder: _Folder) -> set[str]:
    return {stem(file.name).casefold() for file in _documents(folder)}


# ------------------------------------------------------------------ flat folders


def _is_flat_class(folder: _Folder) -> bool:
    """Return True if the files of a folder are of several students."""
    return sum(not is_thing(name) for name in _stems(folder)) > 1


def _documents(folder: _Folder) -> list[File]:
    """Return the files that could each be a student's: no pictures, scripts or files of the class."""
    return [
        file
        for file in folder.hand_ins
        if not is_picture(file.name) and not file.name.lower().endswith(".py")
    ]


def _flat(folder: _Folder, tree: Tree, *, is_root: bool) -> Iterator[StudentFiles | Stray]:
    """Yield the students of a folder with files: one if it is a student's own folder, else one a stem.

    Only a path itself can be a student's own folder; others are sections.
    """
    above = (*tree.above, tree.name, *folder.parts)
    stems = {stem(file.name) for file in folder.notebooks}
    if is_root and not _is_flat_class(folder) and len(stems) < 2:
        if folder.hand_ins or not any(folder.everything()):
            yield _own(folder, tree)
        else:
            yield from _strays(folder.everything(), NOT_NAMED)
        return
    yield from _strays(folder.junk, LEFTOVER)
    for child in folder.folders.values():
        yield from _strays(child.everything(), STAFF)
    by_stem: defaultdict[str, list[File]] = defaultdict(list)
    modules = _modules(folder)
    for file in folder.files:
        if not is_hand_in(file.name) or file in modules:
            yield Stray(file, NOT_NAMED)
        else:
            by_stem[stem(file.name)].append(file)
    for name, files in _joined(by_stem).items():
        yield StudentFiles(above, name, tuple(files), len(folder.parts))


def _joined(by_stem: Mapping[str, Sequence[File]]) -> dict[str, list[File]]:
    """Return the files by stem, `ada_report.pdf` with the only notebook of ada, `ada_code.ipynb`."""
    notebooks: defaultdict[str, list[str]] = defaultdict(list)
    for name, files in by_stem.items():
        if any(is_notebook(file.name) for file in files):
            notebooks[owner(name).casefold()].append(name)
    joined: defaultdict[str, list[File]] = defaultdict(list)
    for name, files in by_stem.items():
        own = notebooks.get(owner(name).casefold(), [])
        joined[own[0] if len(own) == 1 else name] += files
    return dict(joined)


def _modules(folder: _Folder) -> list[File]:
    """Return the Python files that a notebook beside them imports."""
    scripts = [file for file in folder.files if file.name.lower().endswith(".py")]
    texts = []
    for file in folder.notebooks if scripts else ():
        with contextlib.suppress(GraderError):
            texts.append(file.fetch())
    names = {script.origin: re.escape(stem(script.name)).encode() for script in scripts}
    return [
        script
        for script in scripts
        if any(
            re.search(rb"\b(?:import|from)\s+" + names[script.origin] + rb"\b", t) for t in texts
        )
    ]


def _strays(files: Iterable[File], reason: str) -> Iterator[Stray]:
    return (Stray(file, reason) for file in files)
