"""Downloads of platforms for a class, as file names with their contents."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

FIRST = "Ada George Kurt Emmy Alan Grace Donald Barbara Tim Edsger".split()
LAST = "Lovelace Boole Godel Noether Turing Hopper".split()
STUDENTS = tuple((first, last) for last in LAST for first in FIRST)
"""Sixty students."""

Files = dict[str, str]
Form = Callable[[], Files]


def canvas() -> Files:
    return {
        f"{last}{first}{'_LATE' * (n % 7 == 0)}_{1000 + n}_{50_000 + n}_Regularization.ipynb".lower()
        if n % 7
        else f"{last.lower()}{first.lower()}_LATE_{1000 + n}_{50_000 + n}_Regularization-1.ipynb": ""
        for n, (first, last) in enumerate(STUDENTS)
    }


def canvas_anonymous() -> Files:
    return {
        f"{'LATE_' * (n % 5 == 0)}anon_{n:05x}_{50_000 + n}_work.ipynb": ""
        for n, _ in enumerate(STUDENTS)
    }


def moodle() -> Files:
    files = {
        f"{first} {last}_{1000 + n}_assignsubmission_file_/Regularization.ipynb": ""
        for n, (first, last) in enumerate(STUDENTS)
    }
    return files | {"Ada Lovelace_1000_assignsubmission_onlinetext_/onlinetext.html": "<p>"}


def moodle_flat() -> Files:
    return {
        f"{first} {last}_{1000 + n}_assignsubmission_file_Regularization.ipynb": ""
        for n, (first, last) in enumerate(STUDENTS)
    }


def moodle_blind() -> Files:
    return {
        f"Participant_{1000 + n}_assignsubmission_file_/Regularization.ipynb": ""
        for n, _ in enumerate(STUDENTS)
    }


def gradescope() -> Files:
    people = [
        f"submission_{n}:\n  :submitters:\n  - :name: {first} {last}\n    :sid: '{1000 + n}'\n"
        f"    :email: {first}.{last}@example.org\n  :created_at: 2026-11-08 20:10:03.123456000 Z\n"
        for n, (first, last) in enumerate(STUDENTS)
    ]
    files = {
        f"assignment_9_export/submission_{n}/Regularization.ipynb": ""
        for n, _ in enumerate(STUDENTS)
    }
    return files | {"assignment_9_export/submission_metadata.yml": f"---\n{''.join(people)}"}


def blackboard() -> Files:
    files: Files = {}
    for first, last in STUDENTS:
        head = f"Week_5_{first[0]}{last}{first}_attempt_2026-11-08-21-10-03".lower().replace(
            "week", "Week"
        )
        user = f"{first[0]}{last}{first}".lower()
        files[f"{head}.txt"] = f"Name: {first} {last} ({user})\nAssignment: Week 5\n"
        files[f"{head}_Regularization.ipynb"] = ""
    return files


def brightspace() -> Files:
    return {
        f"{1000 + n}-77 - {first} {last} - Nov 8, 2026 910 PM/Regularization.ipynb": ""
        for n, (first, last) in enumerate(STUDENTS)
    } | {"index.html": "<html>"}


def brightspace_flat() -> Files:
    return {
        f"{1000 + n}-77 - {first} {last} - 8 November, 2026 2110 - Regularization.ipynb": ""
        for n, (first, last) in enumerate(STUDENTS)
    }


def sakai() -> Files:
    files: Files = {"Week 5/grades.csv": "Week 5"}
    for n, (first, last) in enumerate(STUDENTS):
        head = f"Week 5/{last}, {first}(u{1000 + n})"
        files[f"{head}/timestamp.txt"] = "20261108211003000"
        files[f"{head}/Submission attachment(s)/Regularization.ipynb"] = ""
        files[f"{head}/{last}, {first}(u{1000 + n})_submissionText.html"] = "<p>"
        files[f"{head}/Feedback Attachment(s)/marked.ipynb"] = ""
    return files


def ilias() -> Files:
    return {
        f"Exercise/Abgaben/{last}_{first}_u{n}_{1000 + n}/20261108211003_Regularization.ipynb": ""
        for n, (first, last) in enumerate(STUDENTS)
    }


def submitty() -> Files:
    return {
        f"submissions/{first}{last}/{version}/{name}".lower(): content
        for first, last in STUDENTS
        for version in (1, 2)
        for name, content in (
            ("regularization.ipynb", ""),
            (".submit.timestamp", f"2026-11-0{version} 21:10:03-0500"),
        )
    }


def nbgrader() -> Files:
    return {
        f"submitted/{first}{last}/ps5/{name}".lower(): content
        for first, last in STUDENTS
        for name, content in (
            ("regularization.ipynb", ""),
            ("timestamp.txt", "2026-11-08 21:10:03.5 America/New_York"),
        )
    }


def classroom() -> Files:
    return {
        f"reg-submissions/reg-{first}{last}/{name}".lower(): ""
        for first, last in STUDENTS
        for name in ("regularization.ipynb", "README.md", ".git/config", ".github/x.yml")
    }


def sections() -> Files:
    return {
        f"{'ABC'[n % 3]}/{first} {last}/Regularization.ipynb": ""
        for n, (first, last) in enumerate(STUDENTS)
    }


def flat() -> Files:
    return {f"{first} {last}.ipynb": "" for first, last in STUDENTS}


FORMS: Mapping[str, Form] = {
    form.__name__: form
    for form in (
        *(canvas, canvas_anonymous, moodle, moodle_flat, moodle_blind, gradescope, blackboard),
        *(brightspace, brightspace_flat, sakai, ilias, submitty, nbgrader, classroom),
        *(sections, flat),
    )
}


def unpacked(folder: Path, files: Mapping[str, str]) -> Path:
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return folder


def packed(path: Path, files: Mapping[str, str] | Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path
