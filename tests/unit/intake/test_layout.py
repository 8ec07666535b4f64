"""Classes that no platform names: flat folders, folders of students, sections, and what is no student's."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.intake import Source, search
from grader.intake.candidates import Choice, choose
from grader.intake.files import File, SearchOptions, Tree
from grader.intake.hand_ins import Item, collect
from grader.intake.kinds import is_junk, is_notebook
from tests.unit.intake.downloads import packed, unpacked

NOTEBOOK = "Regularization.ipynb"


def rows(path: Path) -> list[str]:
    return sorted(source.id for source in search([path]).sources)


def no_notebook(names: str) -> str:
    return f"This submission contains no notebook (.ipynb), only {names}. Submit your notebook."


def passed_over(path: Path) -> list[str]:
    return [stray.source.partition("/")[2] for stray in search([path]).passed_over]


@pytest.mark.parametrize(
    ("names", "students"),
    [
        (["ada.ipynb", "bob.pdf", "cyd.html"], ["ada", "bob", "cyd"]),
        (
            ["ada.ipynb", "bob.docx", "cyd.7z", "dan.txt", "eve"],
            ["ada", "bob", "cyd", "dan", "eve"],
        ),
        (
            ["Ada Lovelace.ipynb", "Bob Boole.jpg", "Cyd.ipynb.gz"],
            ["Ada_Lovelace", "Bob_Boole", "Cyd"],
        ),
        (
            ["s1234567.ipynb", "s1234568.ipynb", "s1234569.rtf"],
            ["s1234567", "s1234568", "s1234569"],
        ),
        (["ada.ipynb", "ada.pdf", "bob.html"], ["ada", "bob"]),
        (["wrapper/ada.ipynb", "wrapper/bob.ipynb", "wrapper/cyd.odt"], ["ada", "bob", "cyd"]),
        (["ada.ipynb", "bob/x.ipynb", "cyd.ipynb", "dan.pdf"], ["ada", "bob", "cyd", "dan"]),
        (["ada.qmd", "bob.md", "cyd.py"], ["ada", "bob", "cyd"]),
        (["ada_code.ipynb", "ada_report.pdf", "bob.ipynb", "bob-essay.docx"], ["ada_code", "bob"]),
        (["s_1.ipynb", "s_2.ipynb", "s_2_report.pdf", "s_3.pdf"], ["s_1", "s_2", "s_3"]),
        (["a_code.ipynb", "a_draft.ipynb", "a_report.pdf"], ["a_code", "a_draft"]),
        (["jo_code.ipynb", "jo_essay.ipynb", "jo.pdf"], ["jo", "jo_code", "jo_essay"]),
    ],
)
def test_each_file_of_a_flat_folder_is_a_student(
    tmp_path: Path, names: list[str], students: list[str]
) -> None:
    files = dict.fromkeys(names, "")

    assert rows(packed(tmp_path / "class.zip", files)) == students
    assert rows(unpacked(tmp_path / "class", files)) == students


@pytest.mark.parametrize(
    "names",
    [
        [NOTEBOOK],
        [NOTEBOOK, "my_utils.py", "data.csv", "images/plot.png"],
        [NOTEBOOK, "Regularization.pdf", "Regularization.html"],
        [NOTEBOOK, "report.pdf", "README.md", ".git/config"],
        [NOTEBOOK, "old/Regularization.ipynb", "week1/x.ipynb"],
        ["week5/drafts/Regularization.ipynb"],
        ["src/Regularization.ipynb", "src/figure1.png"],
        [f".ipynb_checkpoints/{NOTEBOOK}"],
        [NOTEBOOK, "venv/lib/python3/site-packages/x/tests/demo.ipynb"],
        [NOTEBOOK, ".hidden", "Thumbs.db", "._Regularization.ipynb"],
    ],
)
def test_folder_of_one_student_is_one_row(tmp_path: Path, names: list[str]) -> None:
    """In a path of its own it has the name of the folder, and so in a class."""
    files = dict.fromkeys(names, "")
    class_ = {f"ada/{name}": "" for name in names} | {"bob/y.ipynb": "", "cyd/z.ipynb": ""}

    assert rows(unpacked(tmp_path / "ada", files)) == ["ada"]
    assert rows(unpacked(tmp_path / "class", class_)) == ["ada", "bob", "cyd"]
    assert rows(packed(tmp_path / "class.zip", class_)) == ["ada", "bob", "cyd"]


@pytest.mark.parametrize(
    ("names", "students"),
    [
        (["A/ada/x.ipynb", "A/bob/r.pdf", "B/cyd/x.ipynb", "B/dan/r.pdf"], "ada bob cyd dan"),
        (["A/ada/x.ipynb", "B/cyd/x.ipynb"], "ada cyd"),
        (["ada/x.ipynb", "bob/x.ipynb", "_late/cyd/x.ipynb", "_late/dan/x.pdf"], "ada bob cyd dan"),
        (["ada/x.ipynb", "bob/x.ipynb", "Late submissions/cyd.ipynb"], "ada bob cyd"),
        (["on time/ada.ipynb", "late/bob.ipynb", "late/cyd.ipynb"], "ada bob cyd"),
        (["Group 1/ada/x.ipynb", "Group 1/bob/x.ipynb", "Group 2/cyd/x.ipynb"], "ada bob cyd"),
        (
            ["mon/ada/x.ipynb", "mon/bob/x.ipynb", "tue/cyd/x.ipynb", "tue/dan/x.doc"],
            "ada bob cyd dan",
        ),
        (["A/ada.ipynb", "A/bob.pdf", "B/cyd.ipynb", "B/dan.ipynb"], "ada bob cyd dan"),
        (["2026/week5/ada/x.ipynb", "2026/week5/bob/x.ipynb"], "ada bob"),
        (
            ["c/A/ada/x.ipynb", "c/A/bob/x.ipynb", "c/B/cyd/x.ipynb", "c/B/dan/x.ipynb"],
            "ada bob cyd dan",
        ),
        (["A/ada/x.ipynb", "A/bob/x.ipynb", "solution/x.ipynb"], "ada bob"),
        (["A/ada/x.ipynb", "A/bob/x.ipynb", "template.ipynb"], "ada bob template"),
        (["submissions/ada/x.ipynb", "feedback/ada/x.ipynb"], "ada"),
        ([f"{f}/{s}/x.ipynb" for f in ("inbox", "marked") for s in ("ada", "bob")], "ada bob"),
        (
            ["1/1234567/x.ipynb", "1/1234568/x.ipynb", "2/1234569/x.ipynb"],
            "1234567 1234568 1234569",
        ),
        (["Monday/ada.ipynb", "Monday/bob.ipynb", "Tuesday/cyd.ipynb"], "ada bob cyd"),
        (
            [f"Lab {n}/Group A/{s}/x.ipynb" for n, s in ((1, "ada"), (1, "bob"), (2, "cyd"))],
            "ada bob cyd",
        ),
    ],
)
def test_sections_contain_students(tmp_path: Path, names: list[str], students: str) -> None:
    files = dict.fromkeys(names, "")

    assert rows(packed(tmp_path / "class.zip", files)) == students.split()
    assert rows(unpacked(tmp_path / "class", files)) == students.split()


@pytest.mark.parametrize(
    ("names", "students"),
    [
        (["1/x.ipynb", "2/x.ipynb", "3/x.ipynb"], "1 2 3"),
        (["1/drafts/x.ipynb", "2/drafts/x.ipynb"], "1 2"),
        (["12/x.ipynb", "ada/x.ipynb", "bob/x.ipynb"], "12 ada bob"),
        (["12/x.ipynb", "ada.ipynb", "bob.ipynb"], "12 ada bob"),
        ([f"{s}/{n}/x.ipynb" for s in "AB" for n in (1, 2)], "A-1 A-2 B-1 B-2"),
        (["ada/1/x.ipynb", "ada/2/x.ipynb", "bob/1/x.ipynb"], "ada bob"),
        ([f"101/{n}/{f}" for n in (1, 2) for f in ("x.ipynb", ".submit.timestamp")], "101"),
        (["ada/attempt 1/x.ipynb", "ada/attempt 2/x.ipynb"], "ada"),
        (["ada/code/x.ipynb", "ada/data/y.txt", "ada/report.pdf"], "ada"),
        (["ada/timestamp.txt", "ada/x.ipynb", "bob/timestamp.txt", "bob/x.ipynb"], "ada bob"),
        (
            [f"2026-11-0{d}/{s}/x.ipynb" for d in (1, 8) for s in ("ada", "bob")],
            "2026-11-01-ada 2026-11-01-bob 2026-11-08-ada 2026-11-08-bob",
        ),
        (["2026-11-01/ada.ipynb", "2026-11-01/bob.ipynb", "2026-11-08/cyd.ipynb"], "ada bob cyd"),
        (["week 1/ada.ipynb", "week 1/bob.ipynb", "week 2/cyd.ipynb"], "ada bob cyd"),
        (["1.10.2026/ada.ipynb", "1.10.2026/bob.ipynb", "8.10.2026/cyd.ipynb"], "ada bob cyd"),
        (["A/ada.ipynb", "A/bob.ipynb", "B/cyd.ipynb", "late eve.ipynb"], "ada bob cyd late_eve"),
    ],
)
def test_rows_do_not_depend_on_folders_around_the_class(
    tmp_path: Path, names: list[str], students: str
) -> None:
    """Numbers are attempts only below a student's name, or in folders of Submitty, or with such a word."""
    files = dict.fromkeys(names, "")
    wrapped = {f"class/{name}": "" for name in names}
    folder = unpacked(tmp_path / "class", files)
    inbox = unpacked(tmp_path / "inbox", {"README.md": ""})
    packed(inbox / "class.zip", files)
    junk = {"class/.DS_Store": "", **{f"__MACOSX/class/._{name}": "" for name in names}}

    ways = [folder, inbox, packed(tmp_path / "class.zip", files)]
    ways.append(packed(tmp_path / "around.zip", wrapped | junk))
    assert [rows(path) for path in ways] == [students.split()] * len(ways)


@pytest.mark.parametrize(
    "names",
    [
        ["ada/week1/x.ipynb", "ada/week2/y.ipynb", "bob/week1/x.ipynb"],
        ["ada/x.ipynb", "bob/week1/deep/drafts/x.ipynb"],
        ["ada/x.ipynb", "bob/a/b/c/x.pdf"],
        ["ada/2026-11-08/x.ipynb", "ada/2026-11-09 2110/x.ipynb", "bob/2026-11-08/x.ipynb"],
        ["ada/week1/deep/drafts/x.ipynb", "bob/week1/deep/drafts/x.ipynb"],
        ["ada/a.ipynb", "ada/b.ipynb", "bob/a.ipynb", "bob/b.ipynb"],
        ["ada/data/x.csv", "ada/code/x.ipynb", "bob/code/x.ipynb", "bob/plots/x.png"],
        ["ada/Reg/x.ipynb", "ada/Init/y.ipynb", "bob/Reg/x.ipynb", "bob/Init/y.ipynb"],
        [
            f"{s}/{task}/x.ipynb"
            for s in ("ada", "bob")
            for task in ("Reg", "Init", "Adam", "Dropout")
        ],
        ["ada/a.ipynb", "ada/b.ipynb", "ada/c.ipynb", "bob.ipynb"],
        ["ada/x.ipynb", "bob/mine/x.ipynb", "bob/other try/x.ipynb"],
    ],
)
def test_folders_inside_are_the_students_own(tmp_path: Path, names: list[str]) -> None:
    files = dict.fromkeys(names, "")

    assert rows(packed(tmp_path / "class.zip", files)) == ["ada", "bob"]
    assert rows(unpacked(tmp_path / "class", files)) == ["ada", "bob"]


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([], "This submission is empty. Submit your notebook (.ipynb)."),
        (
            [".DS_Store", "__pycache__/x.pyc"],
            "This submission is empty. Submit your notebook (.ipynb).",
        ),
        (
            ["a.pdf", "b.html"],
            no_notebook("a.pdf and b.html"),
        ),
        (
            ["plot.png", "data.csv"],
            no_notebook("data.csv and plot.png"),
        ),
        (
            ["essay.docx", "deep/scan.jpg"],
            no_notebook("essay.docx and scan.jpg"),
        ),
    ],
)
def test_student_without_a_notebook_has_a_row(
    tmp_path: Path, files: list[str], sentence: str
) -> None:
    folder = unpacked(tmp_path / "class", {"ada/x.ipynb": "", **{f"bob/{f}": "" for f in files}})
    (folder / "bob").mkdir(exist_ok=True)
    _, bob = search([folder]).sources

    assert bob.id == "bob"
    assert bob.read().problem == sentence
    assert bob.read().sha256 is None


def test_checkpoint_alone_is_graded_with_a_note(tmp_path: Path) -> None:
    names = ["ada/x.ipynb", "ada/.ipynb_checkpoints/x-checkpoint.ipynb"]
    names += ["bob/.ipynb_checkpoints/x-checkpoint.ipynb", "cyd/x-checkpoint.ipynb"]
    ada, *others = search([unpacked(tmp_path / "class", dict.fromkeys(names, ""))]).sources
    note = "Only a checkpoint that Jupyter had saved was found. It was graded."

    assert (len(ada.candidates), ada.read().to_look_at) == (1, ())
    assert [source.read().to_look_at for source in others] == [(note,)] * 2


# ------------------------------------------------------------------ passed over


@pytest.mark.parametrize(
    ("names", "named"),
    [
        (["ada/x.ipynb", "bob/x.ipynb", "notes.txt"], ["notes.txt"]),
        (["ada.ipynb", "bob.ipynb", "grades.csv", "README.md"], ["README.md", "grades.csv"]),
        (["ada.ipynb", "bob.ipynb", "images/plot.png"], ["images/plot.png"]),
        (
            ["ada.ipynb", "bob.ipynb", ".DS_Store", "__MACOSX/._ada.ipynb"],
            [".DS_Store", "__MACOSX/._ada.ipynb"],
        ),
        (["ada/x.ipynb", "bob/x.ipynb", "solution/x.ipynb"], ["solution/x.ipynb"]),
        (["ada.ipynb", "bob.ipynb", "reg_utils.py", "data.mat"], ["data.mat", "reg_utils.py"]),
        (["ada/x.ipynb", "bob/x.ipynb", "ada/.git/HEAD", ".git/HEAD"], [".git/HEAD"]),
    ],
)
def test_files_of_no_student_are_named(tmp_path: Path, names: list[str], named: list[str]) -> None:
    files = dict.fromkeys(names, "")

    assert passed_over(packed(tmp_path / "class.zip", files)) == named
    assert rows(packed(tmp_path / "class.zip", files)) == ["ada", "bob"]


def test_module_that_notebooks_import_is_no_student(tmp_path: Path) -> None:
    files = {"ada.ipynb": "from secret import f", "bob.ipynb": "", "secret.py": "", "dan.py": ""}

    assert rows(packed(tmp_path / "class.zip", files)) == ["ada", "bob", "dan"]
    assert passed_over(packed(tmp_path / "class.zip", files)) == ["secret.py"]


def test_results_of_an_earlier_run_are_passed_over(tmp_path: Path) -> None:
    results = ("gradebook.sqlite", "index.html", "submissions/ada/executed.ipynb")
    files = {"ada/x.ipynb": "", "bob/x.ipynb": "", **{f"graded/{name}": "" for name in results}}
    folder = unpacked(tmp_path / "class", files)

    assert rows(folder) == ["ada", "bob"]
    assert [stray.source for stray in search([folder]).passed_over] == ["class/graded/"]
    for path in (folder / "graded", folder / "graded" / "submissions"):
        with pytest.raises(UsageError, match="is the folder of a gradebook"):
            search([path])


# ------------------------------------------------------------------ zip files in a path


def class_zip(path: Path, *, first: int, number: int) -> Path:
    path.parent.mkdir(exist_ok=True)
    names = [f"s{n}_{n}_assignsubmission_file_/x.ipynb" for n in range(first, first + number)]
    return packed(path, dict.fromkeys(names, ""))


def test_only_zip_file_in_a_path_is_the_class(tmp_path: Path) -> None:
    inner = class_zip(tmp_path / "inbox" / "moodle.zip", first=10, number=2)
    (tmp_path / "inbox" / "README.md").write_text("x")
    outer = packed(tmp_path / "outer.zip", {})
    with zipfile.ZipFile(outer, "w") as archive:
        archive.write(inner, "a/moodle.zip")

    assert rows(tmp_path / "inbox") == rows(outer) == ["s10_10", "s11_11"]
    assert passed_over(tmp_path / "inbox") == ["README.md"]


def test_folder_of_large_zip_files_has_several_classes(tmp_path: Path) -> None:
    for name, first in (("A.zip", 10), ("B.zip", 40)):
        class_zip(tmp_path / "inbox" / name, first=first, number=21)

    assert len(rows(tmp_path / "inbox")) == 42


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Section {}.zip", ["ada", "bob", "cyd", "dan"]),
        ("tutorial-{}.zip", ["ada", "bob", "cyd", "dan"]),
        ("group{}.zip", ["group1", "group2"]),
    ],
)
def test_zip_files_of_sections_contain_students(
    tmp_path: Path, name: str, expected: list[str]
) -> None:
    """A group hands in a zip file of its own. Files in a wrapper folder are found, too."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    packed(inbox / name.format(1), {"ada.ipynb": "", "bob.ipynb": ""})
    packed(inbox / name.format(2), {"x/cyd/hw.ipynb": "", "x/dan/hw.ipynb": "", "x/README": ""})

    assert rows(inbox) == expected


@pytest.mark.parametrize(
    "sections",
    [
        {"Section A": ("ada/x.ipynb", "bob/x.ipynb"), "Section B": ("cyd/x.ipynb",)},
        {"Section A": ("ada/x.ipynb", "bob/x.ipynb"), "Section B": ("cyd/x.pdf", "dan/x.pdf")},
        {"Monday": ("ada.ipynb", "bob.ipynb"), "Friday": ("cyd.ipynb", "dan.pdf")},
    ],
)
def test_small_sections_are_read_as_if_unpacked(
    tmp_path: Path, sections: dict[str, tuple[str, ...]]
) -> None:
    (tmp_path / "inbox").mkdir()
    for section, names in sections.items():
        packed(tmp_path / "inbox" / f"{section}.zip", dict.fromkeys(names, ""))
    files = {f"{section}/{name}": "" for section, names in sections.items() for name in names}

    assert rows(tmp_path / "inbox") == rows(unpacked(tmp_path / "unpacked", files))
    assert rows(tmp_path / "inbox")[:3] == ["ada", "bob", "cyd"]


def test_damaged_section_leaves_the_others(tmp_path: Path) -> None:
    (tmp_path / "Section B.zip").write_bytes(b"PK")
    packed(tmp_path / "Section A.zip", {"ada/x.ipynb": "", "bob/x.ipynb": ""})

    assert rows(tmp_path) == ["Section_B", "ada", "bob"]


def test_section_alone_keeps_the_ids(tmp_path: Path) -> None:
    """Also if its zip file is unpacked; two sections have a student of the same name."""
    students = {"A": ("ada", "bob"), "B": ("ada", "cyd")}
    (tmp_path / "inbox").mkdir()
    for section, names in students.items():
        files = {f"{name}/x.ipynb": "" for name in names}
        packed(tmp_path / "inbox" / f"Section {section}.zip", files)
        unpacked(tmp_path / "unpacked" / f"Section {section}", files)
    sources = search([tmp_path / "inbox"]).sources
    known = {source.key: source.id for source in sources}

    assert sorted(known.values()) == ["Section_A-ada", "Section_B-ada", "bob", "cyd"]
    assert rows(tmp_path / "unpacked") == sorted(known.values())
    alone = search([tmp_path / "inbox" / "Section A.zip"], known_ids=known).sources
    assert sorted(source.id for source in alone) == ["Section_A-ada", "bob"]


def test_downloads_of_several_platforms_are_read_together(tmp_path: Path) -> None:
    """Also beside a document. Beside a notebook a zip file is a student's, with a warning."""
    class_zip(tmp_path / "inbox" / "moodle.zip", first=10, number=2)
    canvas = {"ada_1_4001_x.ipynb": "", "bob_2_4002_x.ipynb": ""}
    inbox = packed(tmp_path / "inbox" / "canvas.zip", canvas).parent
    (inbox / "syllabus.pdf").write_text("")

    assert rows(inbox) == ["ada_1", "bob_2", "s10_10", "s11_11"]
    (inbox / "eve.ipynb").write_text("")
    assert rows(inbox) == ["canvas", "eve", "moodle", "syllabus"]
    assert search([inbox]).warnings[0] == (
        "inbox/canvas.zip may contain several students, but counts as one, because there are "
        "submissions beside it. If it is a class, grade it by itself."
    )


def test_large_zip_file_of_a_student_gives_no_rows_for_others(tmp_path: Path) -> None:
    class_zip(tmp_path / "inbox" / "eve.zip", first=10, number=21)
    unpacked(tmp_path / "inbox", {"ada/x.ipynb": "", "bob.ipynb": ""})

    assert rows(tmp_path / "inbox") == ["ada", "bob", "eve"]


def test_failure_on_one_student_spares_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = unpacked(tmp_path / "class", {"ada/x.ipynb": "", "bob/x.ipynb": ""})

    def failing(items: Sequence[Item], options: SearchOptions) -> Choice:
        if "bob" in items[0].source:
            raise ZeroDivisionError
        return choose(items, options)

    monkeypatch.setattr("grader.intake.choose", failing)
    ada, bob = search([folder]).sources

    assert ada.read().failure is None
    assert bob.read().failure
    assert bob.read().problem == "The grader failed with ZeroDivisionError."


# ------------------------------------------------------------------ usage errors


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("class.tar.gz", b"\x1f\x8b"),
        ("class.tgz", b"\x1f\x8b"),
        ("class.7z", b"7z\xbc\xaf"),
        ("class.rar", b"Rar!"),
        ("class.tar", b""),
        ("class.ipynb", bytes(257) + b"ustar"),
    ],
)
def test_archive_on_the_command_line_is_a_usage_error(
    tmp_path: Path, name: str, data: bytes
) -> None:
    (tmp_path / name).write_bytes(data)

    with pytest.raises(
        UsageError, match=r"is a compressed archive that the grader cannot open\. Unpack"
    ):
        search([tmp_path / name])


@pytest.mark.parametrize(
    "names", [[], ["a/x.pdf", "b/y.docx"], ["x.csv"], [".DS_Store"], ["images/x.png", "data/x.csv"]]
)
def test_nothing_to_grade_is_a_usage_error(tmp_path: Path, names: list[str]) -> None:
    files = dict.fromkeys(names, "")
    (tmp_path / "class").mkdir()
    for path in (packed(tmp_path / "x.zip", files), unpacked(tmp_path / "class", files)):
        with pytest.raises(UsageError, match=r"^No notebook \(\.ipynb\) was found under "):
            search([path])


def test_table_that_is_named_is_no_submission(tmp_path: Path) -> None:
    """An instructor gives the platform's gradebook beside the class. A PDF may be a student's."""
    unpacked(tmp_path, {"class/ada.ipynb": "", "class/bob.ipynb": "", "x.csv": "", "cyd.pdf": ""})
    found = search([tmp_path / "class", tmp_path / "x.csv", tmp_path / "cyd.pdf"])

    assert {source.id for source in found.sources} == {"ada", "bob", "cyd"}
    assert [stray.source for stray in found.passed_over] == ["x.csv"]
    with pytest.raises(UsageError, match="No notebook"):
        search([tmp_path / "x.csv"])


# ------------------------------------------------------------------ IDs that stay


def source_of(path: Path, name: str, known: dict[str, str] | None = None) -> Source:
    return next(
        s for s in search([path], known_ids=known).sources if f"/{name}/" in s.candidates[0].source
    )


def test_known_id_stays_when_a_namesake_comes(tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "class", {"A/ada/x.ipynb": "", "B/bob/x.ipynb": ""})
    known = {source.key: source.id for source in search([folder]).sources}
    unpacked(folder, {"B/ada/x.ipynb": "", "A/bob/x.ipynb": ""})

    found = search([folder], known_ids=known).sources
    assert known == {"class/A/ada": "ada", "class/B/bob": "bob"}
    assert {source.key: source.id for source in found} == {
        "class/A/ada": "ada",
        "class/A/bob": "A-bob",
        "class/B/ada": "B-ada",
        "class/B/bob": "bob",
    }


@pytest.mark.parametrize("known", [{"class/ada": "old"}, {"x/class/ada": "old"}, {"ada": "old"}])
def test_known_id_is_found_by_the_end_of_a_path(tmp_path: Path, known: dict[str, str]) -> None:
    """A folder may have moved, be zipped, or be named itself."""
    files = {"ada/x.ipynb": "", "bob/x.ipynb": ""}
    folder = unpacked(tmp_path / "class", files)

    for path in (
        folder,
        packed(tmp_path / "class.zip", files),
        packed(tmp_path / "class (1).zip", files),
    ):
        assert source_of(path, "ada", known).id == "old"
    assert search([folder / "ada"], known_ids=known).sources[0].id == "old"


def test_namesake_of_another_class_gets_a_folder_in_front(tmp_path: Path) -> None:
    known = {"class/ada": "ada", "class/late-ada": "late-ada"}
    folder = unpacked(tmp_path / "late", {"ada/x.ipynb": "", "bob/x.ipynb": ""})

    assert source_of(folder, "ada", known).id == f"{tmp_path.name}-late-ada"
    assert source_of(folder, "bob", known).id == "bob"


# ------------------------------------------------------------------ whatever the names are

PART = st.sampled_from(
    "A B week1 ada bob submitted submission_1 old data feedback .git __MACOSX solution 1 2 "
    ".ipynb_checkpoints Version\\ 2 L_Ada_al_5 Submission\\ attachment(s) Boole,\\ Bob(bob) "
    "Ada_1_assignsubmission_file_ 7-1\\ -\\ Ada\\ L\\ -\\ Nov\\ 9,\\ 2026\\ 1201\\ AM".replace(
        "\\ ", "\0"
    ).split()
).map(lambda part: part.replace("\0", " "))
NAME = st.sampled_from(
    "x.ipynb ada.ipynb bob.pdf README.md grades.csv .DS_Store ada_1_1000_x.ipynb bob_2_1001_x-1.ipynb "
    "x.py timestamp.txt hw.zip 20261109000000_x.ipynb W_ada_attempt_2026-11-09-01-00-00.txt x .ipynb".split()
)
PATHS = st.lists(
    st.tuples(st.lists(PART, max_size=4), NAME).map(lambda pair: "/".join([*pair[0], pair[1]])),
    max_size=12,
    unique=True,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PATHS)
def test_every_file_has_exactly_one_place(names: list[str]) -> None:
    """It belongs to a student or is named. `ada.ipynb` and `ada/` are merged later."""

    def fetch() -> bytes:
        return b"x"

    files = tuple(File(tuple(name.split("/")), fetch, name) for name in names)
    collected = collect(Tree(("home",), "class", files, "/home/class"), None)
    owned = [item.file.origin for hand_in in collected.hand_ins for item in hand_in.items]
    named = [source.removeprefix("class/") for source, _ in collected.strays]
    plain = [name for name in names if not is_junk(tuple(name.split("/")))]

    assert len(owned) == len(set(owned))
    assert set(owned).isdisjoint(named)
    assert {*owned, *named} >= set(plain)


def students(names: Sequence[str], *folders: str) -> set[tuple[str, frozenset[str]]]:
    """Return the label and the files of each student below the last of these folders."""
    root, *inner = folders
    files = (File((*inner, *name.split("/")), bytes, name) for name in names)
    collected = collect(Tree(("home",), root, tuple(files), f"/home/{root}"), None)
    return {(h.place.label, frozenset(i.file.origin for i in h.items)) for h in collected.hand_ins}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PATHS)
def test_folders_around_a_class_change_no_row(names: list[str]) -> None:
    assume(any(is_notebook(name) and not is_junk(name.split("/")) for name in names))
    rows = students(names, "class")

    assert students(names, "inbox", "class") == rows
    assert students(names, "x", "inbox", "class") == rows


@pytest.mark.parametrize(
    "layout",
    [
        "{s}/x.ipynb",
        "hw/{s}/x.ipynb",
        "hw/{s}/{n}/x.ipynb",
        "submissions/{s}/x.ipynb",
        "2026/week5/{s}/x.ipynb",
        "HW/{s}(u{n})/Submission attachment(s)/x.ipynb",
        "e_export/submission_{n}/x.ipynb",
        "Section {half}/{n}/x.ipynb",
        "2026-11-0{half}/{s}.ipynb",
        "{half} group/{s}.ipynb",
    ],
)
@pytest.mark.parametrize("foreign", ["late.ipynb", "solution.ipynb", "zoe/x.ipynb", "images/a.png"])
def test_one_foreign_file_changes_no_other_row(layout: str, foreign: str) -> None:
    people = enumerate("ada bob cyd dan eve fay".split(), start=10)
    names = [layout.format(s=s, n=n, half=1 + n % 2) for n, s in people]

    assert students(names, "class") <= students([*names, foreign], "class")


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PATHS)
def test_no_tree_of_names_ends_the_search(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    path = packed(tmp_path_factory.mktemp("tree") / "class.zip", dict.fromkeys(names, ""))
    try:
        sources = search([path]).sources
    except UsageError:
        return
    ids = [source.id.casefold() for source in sources]

    assert len(set(ids)) == len(ids)
    assert all(source.read().id == source.id for source in sources)
