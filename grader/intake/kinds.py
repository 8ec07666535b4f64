"""Kinds of files and folders by their names: notebooks, junk, files of the class and of no student."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_FLAGS = re.IGNORECASE | re.DOTALL
_NOTEBOOK = re.compile(
    r"\.ipynb(?:[ ._-]*(?:\(\d+\)|\d+|copy|json|txt|bak|download|gz|zip))*$", _FLAGS
)
"""Browsers add a number, and a second ending when they save an unknown type."""

_CHECKPOINT = re.compile(r"-checkpoint\.ipynb$", _FLAGS)
_ENDING = re.compile(r"(?:\.tar)?\.\w{1,9}$", _FLAGS)

_JUNK_FOLDERS = frozenset(
    "__macosx __pycache__ .git .svn .hg .idea .vscode .vs .cache .config .local .venv venv virtualenv "
    "node_modules site-packages dist-packages .trash .trashes .spotlight-v100 .fseventsd .appledouble "
    ".pytest_cache .mypy_cache .ruff_cache .virtual_documents .rproj.user .conda .jupyter .ipython "
    ".spyproject $recycle.bin lost+found @eadir".split()
)
_JUNK_FILE = re.compile(
    r"\._.*|\.~.*|~\$.*|\.#.*|\.ds_store|\.localized|thumbs\.db|ehthumbs\.db|desktop\.ini|icon\r"
    r"|\.directory|\.git(?:ignore|attributes|modules|keep)|.*\.sw[op]",
    _FLAGS,
)
_CLASS_FILE = re.compile(
    r"(?:read[ _-]?me|licen[cs]e|changelog|contributing|instructions?|notes?|todo|index|manifest"
    r"|timestamp|grades?|gradebook|roster|participants|students|class[ _-]?list|results?|rubric|marking"
    r"|requirements|environment|submission_metadata|makefile|dockerfile|about|conftest|setup"
    r"|\w*utils?|\w*helpers?|test_?cases?|public_tests?|test_\w*|\w*_test|config|__init__)"
    r"(?:[ _-].*)?",
    _FLAGS,
)
_DATA = frozenset(
    "csv tsv xlsx xls ods mat npy npz h5 hdf5 pkl pickle parquet feather db sqlite sqlite3 yml yaml xml "
    "log ini cfg toml lock css js svg gif bin dat so dll exe sh bat ps1 java c cpp h r m jl rs".split()
)
_PICTURES = frozenset("png jpg jpeg heic bmp tif tiff webp".split())
_READABLE = frozenset(
    " json txt py md qmd rmd markdown url webloc lnk desktop gdoc colab".split(" ")
)
_ARCHIVES = frozenset("tar tgz gz bz2 tbz xz txz 7z rar zst".split())
_ARCHIVE_HEADS = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"\x28\xb5\x2f\xfd")
_NUMBER = re.compile(r"(?:submission)?[ _.-]?\d{1,2}[a-z]?", _FLAGS)
_ATTEMPT = re.compile(r"(?:version|v|attempt|try)[ _.-]?\d{1,2}[a-z]?", _FLAGS)
_OCCASION = re.compile(
    r"(?:week|wk|w|hw|homework|assignment|ass|ex|exercise|exo|problem|ps|pset|lab|project|part|task|q"
    r"|question|module|unit|version|v|attempt|try|step|day)[ _.-]?\d{1,2}[a-z]?"
    r"|\d{1,2}([-_.])\d{1,2}\1\d{4}"
    r"|\d{4}([-_.])\d\d\2\d\d(?:[-_. T]+\d\d(?:[-_.:h]?\d\d){1,2})?",
    _FLAGS,
)
_THING = re.compile(
    r"w\d{1,2}a\d{1,2}\b.*|week|homework|assignments?|exercises?|project|lab|work|working|src|source|code|notebooks?|drafts?"
    r"|old|new|backup|final|copy|data|datasets?|images?|img|figs?|figures?|pics?|pictures|plots?|graphs"
    r"|outputs?|results?|docs?|documents|submissions?|tmp|temp|tests?|misc|other|archive|lib|assets|media"
    r"|solutions?|reference|templates?|feedback|reports?|essay|write-?up|answers?|summary|main|model"
    r"|functions?|untitled.*|readme|desktop|downloads?|files|home|stuff|\.ipynb_checkpoints|course|material",
    _FLAGS,
)
_SECTIONS = (
    r"(?:section|sec|group|gruppe|groupe|grp|team|class|klasse|tutorial|tut|lab|seminar|course|kurs|cohort"
    r"|period|batch|set|room|monday|tuesday|wednesday|thursday|friday|mon|tue|wed|thu|fri)"
)
_SECTION = re.compile(
    rf"{_SECTIONS}[ _.-]?\d{{1,3}}[a-z]?(?:[ _.-].*)?|{_SECTIONS}[ _.-][a-z]\w?(?:[ _.-].*)?"
    r"|[a-z]\d?|\d{1,3}[a-z]?|(?:mon|tues|wednes|thurs|fri|satur|sun)day",
    _FLAGS,
)
_SECTION_ZIP = re.compile(
    r"(?:section|sec|klasse|class|tutorial|tut|seminar|kurs|cohort)[ _.-]?(?:\d{1,3}[a-z]?|[a-z]\w?)"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day",
    _FLAGS,
)
"""Not of groups, which hand in a zip file themselves."""

_LATE = re.compile(
    r"_?(?:late|on[ _-]?time|in[ _-]?time|overdue|extensions?|verspätet|pünktlich|en[ _-]?retard)"
    r"(?:[ _-]+(?:submissions?|hand-?ins?|files?|students?))?",
    _FLAGS,
)
_STAFF = re.compile(
    r"(?:feedback|marked|graded|returned|autograded|results?|solutions?|reference|templates?|starter"
    r"|hand-?outs?|rubrics?|instructors?|teachers?|staff|tests?|private)(?:[ _-].*)?",
    _FLAGS,
)
_WRAPPER = re.compile(
    r"(?:submissions?|submitted|students?|class|course|abgaben|rendus|entregas|exports?|downloads?"
    r"|hand-?ins?|inbox|all)(?:[ _-].*)?|.*[ _-](?:submissions?|export|download|abgaben|rendus)",
    _FLAGS,
)
_PART = re.compile(
    r"(?P<owner>.+)[ _-]+(?:notebook|code|report|essay|write-?up|answers?|summary|solution|figures?|plots?)",
    _FLAGS,
)
_RESULTS = {"gradebook.sqlite", "index.html", "submissions"}


def is_notebook(name: str) -> bool:
    """Return True if a name has the ending of a notebook, also with an ending added to it."""
    return bool(_NOTEBOOK.search(name)) and not _JUNK_FILE.fullmatch(name)


def stem(name: str) -> str:
    """Return a name without its ending."""
    return _NOTEBOOK.sub("", name) if _NOTEBOOK.search(name) else _ENDING.sub("", name) or name


def is_checkpoint(parts: Sequence[str]) -> bool:
    """Return True for a copy that Jupyter saves by itself."""
    return ".ipynb_checkpoints" in parts or bool(_CHECKPOINT.search(parts[-1]))


def is_junk(parts: Sequence[str]) -> bool:
    """Return True for a file that a program left: the system, an editor, a package manager."""
    return bool(_JUNK_FILE.fullmatch(parts[-1])) or any(
        part.lower() in _JUNK_FOLDERS for part in parts
    )


def is_results(names: Iterable[str]) -> bool:
    """Return True for the names in a folder that an earlier batch wrote."""
    return set(names) >= _RESULTS


def is_archive(name: str, head: bytes) -> bool:
    """Return True for a compressed archive that is not a zip file; a notebook may be compressed by gzip."""
    ending = _last_ending(name)
    if ending == "gz" and not name.lower().endswith(".tar.gz"):
        return False
    return ending in _ARCHIVES or head.startswith(_ARCHIVE_HEADS) or head[257:262] == b"ustar"


def opens(name: str) -> bool:
    """Return True for a student's own archive that is opened."""
    lower = name.lower()
    return lower.endswith((".zip", ".gz")) and not lower.endswith(".tar.gz")


def is_readable(name: str) -> bool:
    """Return True for an ending under which a notebook, or a link to it, may be handed in."""
    return _last_ending(name) in _READABLE


def is_picture(name: str) -> bool:
    """Return True for the ending of a picture."""
    return _last_ending(name) in _PICTURES


def is_hand_in(name: str) -> bool:
    """Return True if a file could be all that a student handed in: not data, nor a file of the class."""
    if is_notebook(name) or name.startswith("."):
        return is_notebook(name)
    return _last_ending(name) not in _DATA and not _CLASS_FILE.fullmatch(stem(name))


def is_thing(name: str) -> bool:
    """Return True for the name of a thing, such as `week1` or `report`, and not of a person."""
    return bool(_THING.fullmatch(name)) or is_occasion(name)


def is_occasion(name: str) -> bool:
    """Return True for a date, or a thing with a number, such as `week1`."""
    return bool(_OCCASION.fullmatch(name))


def is_number(name: str) -> bool:
    """Return True for a number that may be that of an attempt, or of a student without a name."""
    return bool(_NUMBER.fullmatch(name))


def is_attempt(name: str) -> bool:
    """Return True for a number with a word for an attempt, such as `version 2`."""
    return bool(_ATTEMPT.fullmatch(name))


def owner(stem: str) -> str:
    """Return a stem without the word for a part of a hand-in at its end, if a name is left.

    >>> owner("ada_report"), owner("week1_report")
    ('ada', 'week1_report')
    """
    match = _PART.fullmatch(stem)
    return match["owner"] if match and not is_thing(match["owner"]) else stem


def is_section(name: str) -> bool:
    """Return True for the name of a section of a class, such as `A` or `Group 2`."""
    return bool(_SECTION.fullmatch(name.removesuffix(".zip")))


def is_section_zip(name: str) -> bool:
    """Return True for the name of a zip file with the files of a section, such as `Section A.zip`."""
    return bool(_SECTION_ZIP.fullmatch(stem(name)))


def is_late(name: str) -> bool:
    """Return True for the name of a folder that the class's late submissions, or the others, are in."""
    return bool(_LATE.fullmatch(name))


def is_staff(name: str) -> bool:
    """Return True for the name of an instructor's folder, such as `feedback` or `solution`."""
    return bool(_STAFF.fullmatch(name))


def is_wrapper(name: str) -> bool:
    """Return True for the name of a folder that contains a class, such as `submissions`."""
    return bool(_WRAPPER.fullmatch(name))


def _last_ending(name: str) -> str:
    before, _, ending = name.rpartition(".")
    return ending.lower() if before else ""
