"""Write the class of the demo as a download from Gradescope: thirty invented students.

`python -m tests.submissions.demo_class DIR`. The mistakes are those of labelled submissions, as often
as in a class: many with the same one, and each kind of row that the pages have a place for.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from tests.submissions.corpus import mixed, notebook, parse
from tests.submissions.malformed import pdf

ROOT = Path(__file__).resolve().parents[2]
DUE = datetime(2026, 11, 8, 23, 0, tzinfo=UTC)
SOLVED, UNTOUCHED, PRINTED = "solved", "untouched", "printed"
"""Hand-ins that are no mixture: the solved notebook, the template, and a PDF."""

_NOTEBOOK = "Regularization.ipynb"
_MARKERS = re.compile(r"^ *### (BEGIN|END|PLACEHOLDER).*\n", re.MULTILINE)


class Student(NamedTuple):
    """An invented student: name, hours before the due time, and the hand-in or its mistakes."""

    name: str
    hours: float
    hand_in: tuple[str, ...] = ()


CLASS = (
    Student("Ada Okafor", 30, (SOLVED,)),
    Student("Ben Castillo", 3, ("wrong-l2-not-halved",)),
    Student("Chen Meilin", 52, ("right-einsum",)),
    Student("Daria Novak", 4, ("wrong-rescale-missing", "wrong-backward-rescale-missing")),
    Student("Elif Kaya", 6, ("wrong-mask-normal",)),
    Student("Farid Haddad", 1, ("error-key-misspelt",)),
    Student("Grace Mensah", 75, ("right-loops",)),
    Student("Hugo Lindqvist", 2, ("wrong-l2-not-halved", "wrong-backward-rescale-missing")),
    Student("Ines Duarte", 9, ("wrong-backward-mask-missing",)),
    Student("Jonas Weber", 0.5, ("error-missing-colon",)),
    Student("Kavya Raman", 28, ("right-masks-in-place",)),
    Student("Liam O'Connor", -5, ("wrong-l2-not-halved", "wrong-mask-normal")),
    Student("Mina Park", 8, ("wrong-grad-l2-halved",)),
    Student("Noor Rahman", 22, ("right-helper-functions",)),
    Student("Omar Sahin", 5, (PRINTED,)),
    Student("Pia Rossi", 11, ("wrong-l2-layer-missing-loop",)),
    Student("Quentin Moreau", 7, (UNTOUCHED,)),
    Student("Rosa Jimenez", 3, ("wrong-rescale-missing", "wrong-backward-rescale-missing")),
    Student("Sven Eriksen", 47, ("right-at-operator",)),
    Student("Tala Nasser", 2, ("error-shapes-do-not-fit",)),
    Student("Uma Devi", 16, ("wrong-grad-l2-on-biases",)),
    Student("Victor Almeida", 4, ("wrong-keep-prob-hard-coded",)),
    Student("Wanda Kowalska", 1, ("error-nothing-assigned", "wrong-l2-not-halved")),
    Student("Xu Jian", 26, ("wrong-l2-not-halved", "wrong-grad-l2-on-biases")),
    Student("Yara Cohen", 6, ("wrong-mask-inverted",)),
    Student("Zoltan Nagy", 2, ("wrong-mask-normal", "wrong-backward-mask-missing")),
    Student("Amara Diallo", 60, ("right-own-helpers",)),
    Student("Bruno Keller", 5, ("wrong-relu-derivative-missing",)),
    Student("Celia Fuentes", 3, ("error-half-solved-2021",)),
    Student("Dong Minh Anh", 12, ("wrong-l2-on-biases", "wrong-grad-l2-halved")),
)


def main(folder: Path) -> None:
    """Write the download into a folder."""
    records = []
    for number, student in enumerate(CLASS, 1):
        name = f"submission_{4000 + number}"
        file = "Regularization.pdf" if PRINTED in student.hand_in else _NOTEBOOK
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / file).write_bytes(_data(student.hand_in))
        records.append(_record(name, number, student))
    (folder / "submission_metadata.yml").write_text("---\n" + "".join(records), "utf-8")


def _data(hand_in: Sequence[str]) -> bytes:
    """Return the bytes of a hand-in."""
    match hand_in:
        case (name,) if name == SOLVED:
            text = (ROOT / "reference" / "regularization_solved.py").read_text("utf-8")
            cells = parse("\n" + _MARKERS.sub("", text[text.index("# %%") :]))[1]
            return notebook(cells)
        case (name,) if name == UNTOUCHED:
            return (ROOT / "student_template" / "regularization" / _NOTEBOOK).read_bytes()
        case (name,) if name == PRINTED:
            return pdf(b"")
    return mixed(*hand_in)


def _record(folder: str, number: int, student: Student) -> str:
    """Return the entry of a submission in the metadata of the download."""
    first, *_, last = student.name.lower().replace("'", "").split()
    time = DUE - timedelta(hours=student.hours)
    return (
        f"{folder}:\n  :submitters:\n  - :name: {json.dumps(student.name)}\n"
        f"    :sid: '{300100 + number}'\n    :email: {first}.{last}@example.edu\n"
        f"  :created_at: {time:%Y-%m-%d %H:%M:%S.000000000} Z\n"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
