"""A class of sixty in each form of download: sixty students, none twice, none lost, the same IDs."""

from __future__ import annotations

import re
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from grader.intake import Intake, IntakeOptions, Source, search
from tests.unit.intake.downloads import (
    FORMS,
    STUDENTS,
    Form,
    blackboard,
    brightspace,
    canvas,
    gradescope,
    moodle,
    nbgrader,
    packed,
    sakai,
    submitty,
    unpacked,
)

FOREIGN = {
    "README.md": "# Read me",
    ".DS_Store": "x",
    "grades.csv": "a,b",
    "feedback/marked.ipynb": "x",
    "__MACOSX/._x.ipynb": "x",
}
"""Files of the instructor and of programs, which may stand among those of students."""


def by_id(found: Intake) -> dict[str, Source]:
    return {source.id: source for source in found.sources}


def only(path: Path, name: str, *, zone: str = "UTC") -> Source:
    (source,) = [
        source
        for source in search([path], options=IntakeOptions(zone=ZoneInfo(zone))).sources
        if name in source.id
    ]
    return source


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_sixty_students_have_the_same_rows_in_every_form(tmp_path: Path, form: Form) -> None:
    """Zipped, unpacked, unpacked by a program that adds a folder, and with foreign files."""
    files = form()
    ways = [
        packed(tmp_path / "class.zip", files),
        unpacked(tmp_path / "class", files),
        unpacked(tmp_path / "two" / "class", files).parent,
        packed(tmp_path / "foreign.zip", files | FOREIGN),
    ]
    rows = [by_id(search([path])) for path in ways]

    assert len(rows[0]) == len(STUDENTS)
    assert [row.keys() for row in rows[1:]] == [rows[0].keys()] * 3
    assert all(source.candidates for row in rows for source in row.values())


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_every_file_belongs_to_a_row_or_is_named(tmp_path: Path, form: Form) -> None:
    files = form()
    found = search([packed(tmp_path / "class.zip", files | FOREIGN)])
    named = {stray.source.removeprefix("class.zip/") for stray in found.passed_over}

    assert named >= FOREIGN.keys()
    assert all(stray.reason for stray in found.passed_over)
    assert not any(name.endswith("egularization.ipynb") for name in named)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_one_student_alone_keeps_id_and_key(tmp_path: Path, form: Form) -> None:
    """Graded again alone, a student renews the row."""
    files = form()
    first = search([packed(tmp_path / "class.zip", files)]).sources[0]
    name = first.candidates[0].source.removeprefix("class.zip/")
    folder = unpacked(tmp_path / "class", files)
    known = {first.key: first.id}

    file = folder / name
    inside = {sakai: 1, submitty: 1, nbgrader: 1}.get(form, 0)
    path = file if file.parent == folder else file.parents[inside]
    if form is not blackboard:
        assert [source.id for source in search([path], known_ids=known).sources] == [first.id]
    assert by_id(search([folder], known_ids=known))[first.id].key == first.key


# ------------------------------------------------------------------ students, times, attempts


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        (canvas, ("1001", "lovelacegeorge", None)),
        (moodle, ("1001", "George Lovelace", None)),
        (gradescope, ("1001", "George Lovelace", "George.Lovelace@example.org")),
        (blackboard, ("glovelacegeorge", "George Lovelace", None)),
        (brightspace, ("1001", "George Lovelace", None)),
        (sakai, ("u1001", "Lovelace, George", None)),
        (nbgrader, ("georgelovelace", None, None)),
    ],
)
def test_the_download_names_the_student(
    tmp_path: Path, form: Form, fields: tuple[str | None, ...]
) -> None:
    students = [s.student for s in search([packed(tmp_path / "c.zip", form())]).sources]

    assert fields in [(s.id, s.name, s.email) for s in students if s]


@pytest.mark.parametrize(
    ("form", "name", "time"),
    [
        (gradescope, "George_Lovelace", "2026-11-08T20:10:03+00:00"),
        (blackboard, "glovelacegeorge", "2026-11-08T21:10:03+01:00"),
        (brightspace, "George_Lovelace", "2026-11-08T21:10:00+01:00"),
        (FORMS["brightspace_flat"], "George_Lovelace", "2026-11-08T21:10:00+01:00"),
        (sakai, "u1001", "2026-11-08T21:10:03+01:00"),
        (FORMS["ilias"], "1001", "2026-11-08T21:10:03+01:00"),
        (submitty, "georgelovelace", "2026-11-02T21:10:03-05:00"),
        (nbgrader, "georgelovelace", "2026-11-08T21:10:03-05:00"),
        (canvas, "1001", None),
    ],
)
def test_time_of_submission_has_a_zone(
    tmp_path: Path, form: Form, name: str, time: str | None
) -> None:
    """The platform's own; else that of `--zone`."""
    path = packed(tmp_path / "class.zip", form())

    assert only(path, name, zone="Europe/Berlin").submitted_at == time


@pytest.mark.parametrize(
    ("folder", "stamp"),
    [
        ("7-1 - Ada L - Nov 8, 2026 910 PM", ""),
        ("submitted/ada/ps5/mine", "submitted/ada/ps5/timestamp.txt"),
        ("s/ada/2", "s/ada/2/.submit.timestamp"),
    ],
)
def test_student_cannot_set_the_time(tmp_path: Path, folder: str, stamp: str) -> None:
    """A file of the student has the name of one that platforms write."""
    files = {f"{folder}/timestamp.txt": "2020-01-01 00:00:00 UTC", f"{folder}/x.ipynb": ""}
    files |= {"s/bob/1/x.ipynb": ""} if folder[0] == "s" else {}
    files |= {stamp: "2026-11-08 21:10:00 UTC"} if stamp else {}

    assert only(packed(tmp_path / "class.zip", files), "da").submitted_at == (
        "2026-11-08T21:10:00+00:00"
    )


def test_canvas_marks_late_files_only(tmp_path: Path) -> None:
    found = search([packed(tmp_path / "class.zip", canvas())]).sources

    assert {source.late for source in found} == {True, False}
    assert sum(bool(source.late) for source in found) == 9


@pytest.mark.parametrize(
    ("names", "counting"),
    [
        (["ada_1_10_w.ipynb", "ada_1_11_w-1.ipynb", "ada_1_12_w-2.ipynb"], "ada_1_12_w-2.ipynb"),
        (["ada_1_10_w.ipynb", "ada_1_14_w.ipynb"], "ada_1_14_w.ipynb"),
        (
            [
                "W_ada_attempt_2026-11-09-01-00-00_w.ipynb",
                "W_ada_attempt_2026-11-10-01-00-00_v.ipynb",
            ],
            "W_ada_attempt_2026-11-10-01-00-00_v.ipynb",
        ),
        (
            [
                "7-1 - Ada L - Nov 9, 2026 1201 AM/w.ipynb",
                "7-1 - Ada L - Nov 8, 2026 1159 PM/w.ipynb",
            ],
            "7-1 - Ada L - Nov 9, 2026 1201 AM/w.ipynb",
        ),
        (
            [
                "7-1 - Ada L - Dec 1, 2026 900 AM - w.ipynb",
                "7-1 - Ada L - Nov 30, 2026 1000 PM - w.ipynb",
            ],
            "7-1 - Ada L - Dec 1, 2026 900 AM - w.ipynb",
        ),
        (
            ["L_Ada_al_5/20261109000000_w.ipynb", "L_Ada_al_5/20261108235959_w.ipynb"],
            "L_Ada_al_5/20261109000000_w.ipynb",
        ),
        (["s/ada/2/w.ipynb", "s/ada/10/w.ipynb", "s/bob/1/w.ipynb"], "s/ada/10/w.ipynb"),
        (
            ["ada/attempt 1/w.ipynb", "ada/attempt 2/w.ipynb", "bob/w.ipynb"],
            "ada/attempt 2/w.ipynb",
        ),
        (
            ["ada/2026-11-09 0910/w.ipynb", "ada/2026-11-08/w.ipynb", "bob/w.ipynb"],
            "ada/2026-11-09 0910/w.ipynb",
        ),
        (
            [f"Submitted files/Ada L/Week 5/Version {n}/w.ipynb" for n in (1, 2)],
            "Submitted files/Ada L/Week 5/Version 2/w.ipynb",
        ),
    ],
)
def test_the_latest_attempt_counts(tmp_path: Path, names: list[str], counting: str) -> None:
    """By the platform's time or number, not by the order of names."""
    others = ["bob_2_13_x.ipynb"] if counting.startswith("ada_") else []
    path = packed(tmp_path / "class.zip", dict.fromkeys([*names, *others], ""))
    ada = next(s for s in search([path]).sources if "ada" in s.id.casefold())

    assert [candidate.source for candidate in ada.candidates] == [f"class.zip/{counting}"]
    assert {other.source for other in ada.others} == {
        f"class.zip/{name}" for name in names if name != counting and "bob" not in name
    }


def test_latest_attempt_without_a_notebook_is_to_be_looked_at(tmp_path: Path) -> None:
    head = "W_ada_attempt_2026-11"
    names = (f"{head}-08-01-00-00_w.ipynb", f"{head}-09-01-00-00_w.pdf")
    (ada,) = search([packed(tmp_path / "class.zip", dict.fromkeys(names, ""))]).sources

    assert ada.candidates[0].source.endswith("w.pdf")
    assert ada.to_look_at == (
        "The latest attempt contains no notebook. An earlier attempt exists.",
    )


# ------------------------------------------------------------------ Gradescope's list


def test_group_of_gradescope_has_a_row_for_each_member(tmp_path: Path) -> None:
    text = """\
:ignored: 3
submission_1:
  :submitters:
  - :name: Ada Lovelace
    :sid: 007
    :email: ada@example.org
  - :name: George Boole
    :sid:
    :email: george@example.org
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: &1 2026-11-08 20:10:03.5 Z
    zone: !ruby/object:ActiveSupport::TimeZone
      name: Etc/UTC
    time: *1
"""
    files = {"e/submission_metadata.yml": text, "e/submission_1/x.ipynb": ""}
    ada, george = search([packed(tmp_path / "e.zip", files)]).sources

    assert (ada.id, george.id) == ("Ada_Lovelace_007", "George_Boole_george")
    assert ada.candidates == george.candidates
    assert ada.submitted_at == george.submitted_at == "2026-11-08T20:10:03+00:00"


@pytest.mark.parametrize(("first", "second"), [("", "77"), ("77", "")])
def test_student_of_gradescope_keeps_the_id(tmp_path: Path, first: str, second: str) -> None:
    """A student number was added or removed between two downloads, and the address is the same."""
    listed = (
        "submission_{0}:\n  :submitters:\n  - :name: Ada\n    :sid: '{1}'\n    :email: {2}@x.org\n"
    )
    known: dict[str, str] = {}
    ids = []
    for number in (first, second):
        text = listed.format(1, number, "Ada") + listed.format(2, "78", "zoe")
        files = {"e/submission_metadata.yml": text}
        files |= {f"e/submission_{n}/x.ipynb": "" for n in (1, 2)}
        sources = search([packed(tmp_path / "e.zip", files)], known_ids=known).sources
        known |= {key: source.id for source in sources for key in (source.key, *source.aliases)}
        ids.append({source.id for source in sources})

    assert ids[0] == ids[1] and len(ids[0]) == 2


def test_later_submission_of_gradescope_counts(tmp_path: Path) -> None:
    """Of a student who is in two groups. Submissions without files are named."""
    text = "".join(
        f"submission_{n}:\n  :submitters:\n  - :sid: 7\n  :created_at: 2026-11-0{9 - n} 20:10:03 Z\n"
        for n in (1, 2, 3)
    )
    files = {
        "e/submission_metadata.yml": text,
        "e/submission_1/x.ipynb": "",
        "e/submission_2/y": "",
    }
    found = search([packed(tmp_path / "e.zip", files)])

    (ada,) = found.sources
    assert [candidate.source for candidate in ada.candidates] == ["e.zip/e/submission_1/x.ipynb"]
    assert [other.source for other in ada.others] == ["e.zip/e/submission_2/y"]
    assert found.warnings == (
        "e.zip/e/submission_metadata.yml lists submissions without files: submission_3.",
    )


def test_folders_and_list_of_gradescope_may_differ(tmp_path: Path) -> None:
    """A submission without a folder is empty, one without an entry is no known student's."""
    text = "".join(f"submission_{n}:\n  :submitters:\n  - :sid: {n}{n}\n" for n in (1, 2))
    files = {
        "submission_metadata.yml": text,
        "submission_1/x.ipynb": "",
        "submission_3/x.ipynb": "",
    }
    found = search([packed(tmp_path / "e.zip", files)])

    assert {s.id: s.student and s.student.id for s in found.sources} == {
        "11": "11",
        "22": "22",
        "submission_3": None,
    }
    assert by_id(found)["22"].read().problem == (
        "This submission is empty. Submit your notebook (.ipynb)."
    )
    assert [
        warning.removeprefix("e.zip/submission_metadata.yml ") for warning in found.warnings
    ] == [
        "lists submissions without files: submission_2.",
        "does not list these folders, so their rows have no students: submission_3.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "- 1",
        "submission_1: 3",
        "submission_1:\n  :submitters: 4",
        "[" * 5000,
        "a: !!python/object:x 1",
    ],
)
def test_damaged_list_of_gradescope_leaves_the_numbers(tmp_path: Path, text: str) -> None:
    """No tag makes an object; the rows keep the numbers of the submissions."""
    files = {"e/submission_metadata.yml": text, "e/submission_1/x.ipynb": ""}
    found = search([packed(tmp_path / "e.zip", files)])

    assert [source.id for source in found.sources] == ["submission_1"]
    sentences = ("could not be read", "does not list these folders")
    assert all(any(map(warning.__contains__, sentences)) for warning in found.warnings)


@pytest.mark.parametrize("form", [canvas, moodle, brightspace, FORMS["ilias"]])
def test_feedback_with_the_names_of_the_download_is_passed_over(tmp_path: Path, form: Form) -> None:
    """An instructor keeps the names in order to upload the folder again."""
    files = form()
    marked = {f"feedback/{name}": "" for name in files if "index" not in name}
    found = search([unpacked(tmp_path / "class", files | marked)])

    assert len(found.sources) == len(STUDENTS)
    assert all(len(source.candidates) == 1 for source in found.sources)
    assert {s.source for s in found.passed_over} >= {f"class/{name}" for name in marked}


@pytest.mark.parametrize("folder", ["Ada Lovelace_1000_assignsubmission_file_", "submission_1"])
@pytest.mark.parametrize("names", [[""], [".DS_Store", "__pycache__/x.pyc"]])
def test_student_with_an_empty_folder_has_a_row(
    tmp_path: Path, folder: str, names: list[str]
) -> None:
    """Also alone: the autograder of Gradescope grades a submission as a folder of this form."""
    path = packed(tmp_path / "class.zip", {f"{folder}/{name}": "" for name in names})
    (source,) = search([path]).sources

    assert source.student and source.read().problem == (
        "This submission is empty. Submit your notebook (.ipynb)."
    )


def test_blind_marking_has_no_names(tmp_path: Path) -> None:
    found = search([packed(tmp_path / "class.zip", FORMS["moodle_blind"]())]).sources

    assert {source.student and source.student.name for source in found} == {None}
    assert found[0].id == "Participant_1000"


def test_user_of_a_clone_is_known(tmp_path: Path) -> None:
    found = search([packed(tmp_path / "class.zip", FORMS["classroom"]())]).sources

    assert found[0].id == "reg-adaboole"
    assert found[0].student
    assert found[0].student.id == "adaboole"


# ------------------------------------------------------------------ names that students choose


@pytest.mark.parametrize(
    "name",
    [
        "submitted/bob/ps1/x.ipynb",
        "Bob L_2_assignsubmission_file_/x.ipynb",
        "submission_12/x.ipynb",
        "L_Bob_bl_2/20261109000000_x.ipynb",
        "Boole, Bob(bob)/Submission attachment(s)/x.ipynb",
        "bobl_2_3333_x.ipynb",
        "2-9 - Bob L - Nov 9, 2026 1201 AM/x.ipynb",
    ],
)
@pytest.mark.parametrize("form", [moodle, FORMS["classroom"], FORMS["sections"]])
def test_no_name_inside_a_folder_gives_another_row(tmp_path: Path, form: Form, name: str) -> None:
    files = form()
    first = next(iter(files)).rpartition("/")[0]
    before = by_id(search([packed(tmp_path / "class.zip", files)]))
    after = by_id(search([packed(tmp_path / "class.zip", files | {f"{first}/{name}": ""})]))

    assert after.keys() == before.keys()


def test_similar_names_are_not_those_of_canvas(tmp_path: Path) -> None:
    """Numbers of a course or a date repeat; Canvas's differ with the student and the file."""
    for names in (
        ["hw_2024_01_ada.ipynb", "hw_2024_01_bob.ipynb"],
        ["hw_2024_11_ada.ipynb", "hw_2024_12_bob.ipynb"],
        ["week_1_1_ada.ipynb", "week_1_2_bob.ipynb", "week_2_3_cyd.ipynb"],
        ["hw_2024_11_ada.ipynb", "lab_2025_11_bob.ipynb"],
    ):
        path = packed(tmp_path / "class.zip", dict.fromkeys(names, ""))
        assert len(search([path]).sources) == len(names)


@pytest.mark.parametrize("damaged", ["zed_1003_59999_x.ipynb", "zed_999_50003_x.ipynb"])
def test_number_that_occurs_twice_is_no_other_students(tmp_path: Path, damaged: str) -> None:
    """A damaged download of Canvas: the number of a student, or of a file, is another's, too."""
    rows = by_id(search([packed(tmp_path / "c.zip", canvas() | {damaged: ""})]))

    assert rows.keys() == {
        *by_id(search([packed(tmp_path / "d.zip", canvas())])),
        "_".join(damaged.split("_")[:2]),
    }


def test_small_class_of_canvas_may_have_a_number_twice(tmp_path: Path) -> None:
    names = ["ada_20_1_x.ipynb", "ada_20_2_x-1.ipynb", "bob_LATE_26_7_x.ipynb", "zoe_23_1_x.ipynb"]

    rows = by_id(search([packed(tmp_path / "c.zip", dict.fromkeys(names, ""))]))
    assert rows.keys() == {"ada_20", "bob_26", "zoe_23"}


def test_times_without_zone_are_those_of_the_machine(tmp_path: Path) -> None:
    path = packed(tmp_path / "class.zip", blackboard())
    source = search([path]).sources[0]

    assert source.submitted_at
    assert re.fullmatch(r"2026-11-08T21:10:03[+-]\d\d:\d\d", source.submitted_at)
    assert only(path, "glovelacegeorge").submitted_at == "2026-11-08T21:10:03+00:00"
    assert UTC.utcoffset(None) is not None


def test_underscore_in_a_blackboard_name_keeps_students_apart(tmp_path: Path) -> None:
    files = {}
    for user in ("a_love", "b_love", "ada"):
        head = f"Week_5_{user}_attempt_2026-11-08-21-10-03"
        files[f"{head}_x.ipynb"] = ""
        files[f"{head}.txt"] = f"Name: X ({user})\n"

    assert set(by_id(search([packed(tmp_path / "c.zip", files)]))) == {"a_love", "b_love", "ada"}
    files = {name: "" for name in files if name.endswith("x.ipynb")}
    assert set(by_id(search([packed(tmp_path / "c.zip", files)]))) == {"a_love", "b_love", "ada"}


def test_blackboard_file_name_does_not_take_the_id_of_another(tmp_path: Path) -> None:
    stamp = "attempt_2026-11-08-21-10-03"
    files = {
        f"HW2_ada_{stamp}_x.ipynb": "",
        f"HW2_eve_{stamp}_HW2_ada_{stamp}_x.ipynb": "",
        f"HW2_ada_{stamp}.txt": "Name: Ada (ada)\n",
        f"HW2_eve_{stamp}.txt": "Name: Eve (eve)\n",
    }

    assert set(by_id(search([packed(tmp_path / "c.zip", files)]))) == {"ada", "eve"}


def test_brackets_in_a_sakai_name_are_part_of_it(tmp_path: Path) -> None:
    names = ("Smith, John (Jack)(jsmith)", "Love, Ada(ada)")
    files = {f"HW/{name}/Submission attachment(s)/x.ipynb": "" for name in names}
    found = search([packed(tmp_path / "c.zip", files)])

    assert {s.student.id for s in found.sources if s.student} == {"jsmith", "ada"}
    assert found.passed_over == ()


def test_late_in_a_canvas_name_is_no_mark(tmp_path: Path) -> None:
    files = {"late_1001_5001_x.ipynb": "", "adalove_LATE_1002_5002_x.ipynb": ""}
    marks = {s.id: s.late for s in search([packed(tmp_path / "c.zip", files)]).sources}

    assert marks == {"late_1001": False, "adalove_1002": True}
