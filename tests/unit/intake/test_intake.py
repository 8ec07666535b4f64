"""Every submission is found once, under an ID from its path, and every other file is accounted for."""

from __future__ import annotations

import contextlib
import errno
import os
import pickle
import socket
import struct
import unicodedata
import zipfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.intake import Source, search, zips
from grader.intake.ids import MAX_CHARACTERS, MAX_UTF8_BYTES, Place, safe, unique

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ENCRYPTED = "could not be read: it is encrypted; submit it without a password."
DAMAGED = "could not be read: the zip file is damaged; submit it again."
TOO_LARGE = "is larger than 64 MiB; clear its outputs and submit it again."


def no_notebook(names: str) -> str:
    return f"This submission contains no notebook (.ipynb), only {names}. Submit your notebook."


def put(root: Path, *names: str) -> Path:
    """Write files whose content is their own name."""
    for name in names:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    return root


def zipped(contents: Mapping[str, bytes | str]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def names_zipped(*names: str) -> bytes:
    return zipped({name: name for name in names})


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def ids(*paths: Path, exclude: tuple[Path, ...] = ()) -> list[str]:
    return sorted(source.id for source in search(paths, exclude=exclude).sources)


def contents(*paths: Path) -> dict[str, str]:
    """Return the text of each submission by its ID, or its problem."""
    submissions = [source.read() for source in search(paths).sources]
    return {s.id: s.problem or s.data.decode() for s in submissions}


def patched(data: bytes, name: bytes, offset: int, value: bytes) -> bytes:
    """Overwrite a field of a member's entry in the central directory, whose header has 46 bytes."""
    at = data.rindex(name) - 46 + offset
    return data[:at] + value + data[at + len(value) :]


# ------------------------------------------------------------------ files and folders


def test_lone_file_has_its_stem_as_id(tmp_path: Path) -> None:
    put(tmp_path, "alice.ipynb", "bob.txt", "carol.ipynb.json", ".hidden.ipynb")
    paths = [tmp_path / name for name in sorted(os.listdir(tmp_path))]

    assert contents(*paths) == {
        "alice": "alice.ipynb",
        "bob": "bob.txt",
        "carol": "carol.ipynb.json",
        "hidden": ".hidden.ipynb",
    }


def test_lone_notebook_has_its_folders_name(tmp_path: Path) -> None:
    put(tmp_path, "alice/notebook.ipynb", "alice/data.csv", "bob/Homework (2).IPYNB", "notes.txt")

    assert contents(tmp_path) == {
        "alice": "alice/notebook.ipynb",
        "bob": "bob/Homework (2).IPYNB",
    }
    assert ids(tmp_path / "alice") == ["alice"]
    assert ids(tmp_path / "alice", tmp_path / "bob") == ["alice", "bob"]


def test_notebooks_directly_in_a_path_have_stems(tmp_path: Path) -> None:
    put(tmp_path, "alice.ipynb", "bob.ipynb.txt", "images/plot.png")

    assert ids(tmp_path) == ["alice", "bob"]


def test_notebook_among_folders_has_its_stem(tmp_path: Path) -> None:
    put(tmp_path, "solution.ipynb", "alice/notebook.ipynb")

    assert ids(tmp_path) == ["alice", "solution"]


def test_several_in_a_folder_are_one_student(tmp_path: Path) -> None:
    put(tmp_path, "alice/a.ipynb", "alice/b.ipynb", "bob/a.ipynb")
    alice, bob = search([tmp_path]).sources

    assert (alice.id, bob.id) == ("alice", "bob")
    assert [candidate.source[-13:] for candidate in alice.candidates] == [
        "alice/a.ipynb",
        "alice/b.ipynb",
    ]


def test_modules_beside_a_notebook_are_read_if_it_names_them(tmp_path: Path) -> None:
    """Those that a module names are read, too; too large ones, and names that are none, are not."""
    folder = put(tmp_path / "ada", "work.ipynb", "unused.py", "below/first.py", "no-name.py")
    (folder / "work.ipynb").write_text("import first, zebra, no-name")
    (folder / "first.py").write_text("import second")
    put(folder, "second.py")
    (folder / "zebra.py").write_bytes(b"#" * 600_000)

    (source,) = search([tmp_path]).sources

    modules = {module.name: module.source for module in source.read().modules}
    assert modules == {"first": b"import second", "second": b"second.py"}


def test_equal_names_get_parent_folders(tmp_path: Path) -> None:
    put(tmp_path, "one/alice/x.ipynb", "two/alice/x.ipynb", "two/bob/x.ipynb")

    assert ids(tmp_path) == ["bob", "one-alice", "two-alice"]
    assert ids(tmp_path / "one/alice/x.ipynb", tmp_path / "two/bob/x.ipynb") == [
        "alice-x",
        "bob-x",
    ]


def test_namesakes_of_the_same_place_get_a_number(tmp_path: Path) -> None:
    put(tmp_path, "alice.ipynb", "alice/x.ipynb", "Alice.ipynb", "a b.ipynb", "a=b.ipynb")

    assert ids(tmp_path) == ["Alice", "a_b", "a_b-2", "alice-2"]


def test_what_is_given_twice_is_one_submission(tmp_path: Path) -> None:
    put(tmp_path, "alice/x.ipynb", "bob/x.ipynb")

    assert ids(tmp_path, tmp_path / "alice", tmp_path / "bob/../bob/x.ipynb") == ["alice", "bob"]


def test_the_order_is_that_of_the_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, *(f"{name}.ipynb" for name in "dacb"))
    first = [source.id for source in search([tmp_path]).sources]
    listdir = os.listdir
    monkeypatch.setattr(os, "listdir", lambda path: listdir(path)[::-1])

    assert [source.id for source in search([tmp_path]).sources] == first == ["a", "b", "c", "d"]


def test_hidden_and_generated_folders_are_skipped(tmp_path: Path) -> None:
    junk = (".git", ".ipynb_checkpoints", "__MACOSX", "__pycache__")
    put(tmp_path, "alice/x.ipynb", "alice/._x.ipynb", *(f"alice/{name}/y.ipynb" for name in junk))

    assert ids(tmp_path) == ["alice"]


def test_excluded_folders_are_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "alice/x.ipynb", "bob/x.ipynb", "out/index.html")

    assert ids(tmp_path, exclude=(tmp_path / "out",)) == ["alice", "bob"]


# ------------------------------------------------------------------ links


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    put(tmp_path, "secret/key.ipynb", "class/alice/x.ipynb")
    for name in ("bob", "carol"):
        (tmp_path / "class" / name).mkdir()
    (tmp_path / "class/bob/x.ipynb").symlink_to(tmp_path / "secret/key.ipynb")
    (tmp_path / "class/carol/x").symlink_to(tmp_path / "secret")
    (tmp_path / "class/dan").symlink_to(tmp_path / "secret")

    link = no_notebook("a link to a place outside the folder")
    assert contents(tmp_path / "class") == {
        "alice": "class/alice/x.ipynb",
        "bob": "x.ipynb could not be read: it is a link to a place outside the folder; "
        "submit the file itself.",
        "carol": link,
        "dan": link,
    }


def test_links_inside_give_no_loop_and_no_copy(tmp_path: Path) -> None:
    put(tmp_path, "alice/x.ipynb", "shared/y.ipynb")
    (tmp_path / "alice/again").symlink_to(tmp_path)
    (tmp_path / "aaa").symlink_to(tmp_path / "alice")
    (tmp_path / "bob").mkdir()
    (tmp_path / "bob/x.ipynb").symlink_to(tmp_path / "shared/y.ipynb")

    assert contents(tmp_path) == {
        "alice": "alice/x.ipynb",
        "bob": "shared/y.ipynb",
        "shared": "shared/y.ipynb",
    }
    assert [(p.source.rpartition("/")[2], p.reason) for p in search([tmp_path]).passed_over] == [
        ("aaa", "it is a link to a folder that is searched at its own place"),
        ("again", "it is a link to a folder that is searched at its own place"),
    ]


def test_path_that_is_a_link_is_followed(tmp_path: Path) -> None:
    put(tmp_path, "2024/alice/x.ipynb")
    (tmp_path / "current").symlink_to(tmp_path / "2024")
    (tmp_path / "one.ipynb").symlink_to(tmp_path / "2024/alice/x.ipynb")
    (tmp_path / "two.ipynb").symlink_to(tmp_path / "2024/alice/x.ipynb")

    assert ids(tmp_path / "current") == ["alice"]
    assert ids(tmp_path / "one.ipynb", tmp_path / "two.ipynb") == ["one", "two"]


def test_pipes_and_sockets_are_refused(tmp_path: Path) -> None:
    put(tmp_path, "alice.ipynb")
    os.mkfifo(tmp_path / "bob.ipynb")
    (tmp_path / "carol.ipynb").symlink_to(tmp_path / "bob.ipynb")
    os.mkfifo(tmp_path / "dan.zip")
    os.mkfifo(tmp_path / "notes")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(tmp_path / "erin.ipynb"))

    refused = "could not be read: it is a pipe, a socket or a device; submit an ordinary file."
    assert contents(tmp_path) == {
        "alice": "alice.ipynb",
        "bob": f"bob.ipynb {refused}",
        "carol": f"carol.ipynb {refused}",
        "dan": f"dan.zip {refused}",
        "erin": f"erin.ipynb {refused}",
    }


@pytest.mark.parametrize("name", ["alice.ipynb", "alice.zip", "alice"])
def test_path_that_is_a_pipe_is_refused(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)

    assert contents(tmp_path / name) == {
        "alice": f"{name} could not be read:"
        " it is a pipe, a socket or a device; submit an ordinary file."
    }


def test_what_a_shell_pipes_in_is_read(tmp_path: Path) -> None:
    """As `grader check /dev/stdin` and `grader check <(unpack file)` ask for it."""
    reading, writing = os.pipe()
    os.write(writing, b"piped")
    os.close(writing)

    assert contents(Path(f"/dev/fd/{reading}")) == {str(reading): "piped"}
    os.close(reading)


def test_folder_with_a_notebooks_name_is_searched(tmp_path: Path) -> None:
    put(tmp_path, "alice.ipynb", "bob.ipynb/drafts/x.ipynb", "carol.ipynb/essay.pdf")
    write(put(tmp_path, "dan.ipynb/data.csv") / "dan.ipynb/hw.zip", names_zipped("x.ipynb"))
    (tmp_path / "erin.ipynb").mkdir()
    (tmp_path / ".ipynb").mkdir()

    bare = "could not be read: it is a folder without a notebook."
    assert contents(tmp_path) == {
        "alice": "alice.ipynb",
        "bob.ipynb": "bob.ipynb/drafts/x.ipynb",
        "carol.ipynb": f"carol.ipynb {bare}",
        "dan.ipynb": "x.ipynb",
        "erin.ipynb": f"erin.ipynb {bare}",
        "ipynb": f".ipynb {bare}",
    }


def test_empty_folder_with_a_notebooks_name_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.ipynb").mkdir(parents=True)

    assert contents(tmp_path) == {
        "x.ipynb": "x.ipynb could not be read: it is a folder without a notebook."
    }


# ------------------------------------------------------------------ files that cannot be read


def test_folder_without_notebook_is_a_problem(
    tmp_path: Path,
) -> None:
    """Only among folders with one."""
    put(tmp_path, "class/alice/x.ipynb", "class/alice/images/x.png", "class/bob/essay.pdf")
    put(tmp_path, *(f"class/carol/{name}.doc" for name in ("a", "b/c", "d", "e")))
    put(tmp_path, "class/dan/drafts/a.doc", "class/dan/b.doc")

    assert contents(tmp_path) == {
        "alice": "class/alice/x.ipynb",
        "bob": "class/bob/essay.pdf",
        "carol": no_notebook("a.doc, c.doc, d.doc and 1 more"),
        "dan": no_notebook("a.doc and b.doc"),
    }


def test_path_without_notebook_is_a_problem(tmp_path: Path) -> None:
    put(tmp_path, "alice/x.ipynb", "bob/essay.pdf")
    (tmp_path / "carol").mkdir()
    write(tmp_path / "dan.zip", names_zipped("essay.pdf"))

    assert contents(*tmp_path.iterdir()) == {
        "alice": "alice/x.ipynb",
        "bob": "bob/essay.pdf",
        "carol": "This submission is empty. Submit your notebook (.ipynb).",
        "dan": "essay.pdf",
    }
    assert ids(tmp_path, tmp_path / "bob") == ["alice", "bob", "carol", "dan"]


def test_an_unreadable_folder_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "alice/x.ipynb", "bob/x.ipynb")
    listdir = os.listdir

    def deny(path: Path) -> list[str]:
        if path.name == "bob":
            raise PermissionError(errno.EACCES, "Permission denied")
        return listdir(path)

    monkeypatch.setattr(os, "listdir", deny)

    assert contents(tmp_path)["bob"] == "bob could not be read: Permission denied."
    assert {source.id: bool(source.read().failure) for source in search([tmp_path]).sources} == {
        "alice": False,
        "bob": True,
    }


def test_unreadable_zip_file_is_the_graders_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "alice/x.ipynb", "bob/hw.zip")
    opened = os.open

    def deny(path: str, *rest: int) -> int:
        if str(path).endswith("hw.zip"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(path, *rest)

    monkeypatch.setattr(os, "open", deny)

    (bob,) = [source.read() for source in search([tmp_path]).sources if source.id == "bob"]
    assert bob.problem == "hw.zip could not be read: Permission denied."
    assert bob.failure


def test_vanished_file_is_a_problem(tmp_path: Path) -> None:
    (source,) = search([put(tmp_path, "alice.ipynb") / "alice.ipynb"]).sources
    (tmp_path / "alice.ipynb").unlink()

    submission = source.read()

    assert (submission.id, submission.data) == ("alice", b"")
    assert submission.problem == "alice.ipynb could not be read: No such file or directory."


def test_file_that_vanishes_in_search_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "alice.ipynb")
    monkeypatch.setattr(os, "listdir", lambda _: ["alice.ipynb", "bob.ipynb"])

    assert contents(tmp_path) == {
        "alice": "alice.ipynb",
        "bob": "bob.ipynb could not be read: No such file or directory.",
    }


def test_file_without_permission_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = write(tmp_path / "alice.zip", names_zipped("x.ipynb"))

    def deny(path: str, flags: int) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", deny)

    assert contents(packed) == {"alice": "alice.zip could not be read: Permission denied."}


@pytest.mark.parametrize(
    ("number", "whose"),
    [
        *((number, "ours") for number in (errno.EACCES, errno.EIO, errno.ESTALE, errno.EMFILE)),
        *((number, "theirs") for number in (errno.ENOENT, errno.ENOTDIR, errno.EISDIR)),
    ],
)
def test_system_errors_are_the_graders_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, whose: str
) -> None:
    """A missing file is the submission's problem."""
    (source,) = search([write(tmp_path / "alice.ipynb", b"{}")]).sources

    def fail(path: str, flags: int) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", fail)

    read = source.read()
    assert read.problem == f"alice.ipynb could not be read: {os.strerror(number)}."
    assert bool(read.failure) is (whose == "ours")


def test_file_over_the_size_limit_is_a_problem(tmp_path: Path) -> None:
    with (tmp_path / "alice.ipynb").open("wb") as file:
        file.truncate((64 << 20) + 1)

    assert contents(tmp_path / "alice.ipynb") == {
        "alice": f"alice.ipynb could not be read: it {TOO_LARGE}"
    }


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.EIO, "Input/output error"),
        (errno.ESTALE, "Stale file handle"),
        (errno.EINVAL, "the zip file is damaged; submit it again"),
    ],
)
def test_failing_disk_is_not_a_damaged_zip_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, reason: str
) -> None:
    packed = write(tmp_path / "alice.zip", names_zipped("x.ipynb"))
    (source,) = search([packed]).sources

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(zipfile.ZipFile, "open", fail)
    assert source.read().problem == f"x.ipynb could not be read: {reason}."
    assert bool(source.read().failure) is (number != errno.EINVAL)
    monkeypatch.setattr(zipfile.ZipFile, "infolist", fail)
    if number != errno.EINVAL:
        assert contents(packed) == {"alice": f"alice.zip could not be read: {reason}."}


def test_changed_zip_file_is_a_problem(tmp_path: Path) -> None:
    put(tmp_path, "bob.ipynb", "carol.ipynb")
    write(tmp_path / "alice.zip", names_zipped("hw/x.ipynb", "hw/y.ipynb"))
    alice, *_ = search([tmp_path]).sources
    write(tmp_path / "alice.zip", names_zipped("hw/x.ipynb", "hw/z.ipynb"))

    assert alice.read(0).data == b"hw/x.ipynb"
    problem = alice.read(1).problem
    assert problem == "y.ipynb could not be read: alice.zip changed while it was being read."
    write(tmp_path / "alice.zip", names_zipped("hw/x.ipynb"))
    assert alice.read(1).problem == problem


def test_names_in_a_problem_are_printable(tmp_path: Path) -> None:
    put(tmp_path, "class/alice/x.ipynb", "class/bob/a.doc", "class/bob/\x1b[31m\u202eessay\n.pdf")

    assert contents(tmp_path)["bob"] == no_notebook("[31m essay .pdf and a.doc")


def test_missing_path_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        search([put(tmp_path, "a.ipynb"), Path("no/such\nfile")])

    assert str(caught.value) == "There is no file or folder no/such file."


def test_no_notebook_at_all_is_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(put(tmp_path, "bob/essay.pdf", "carol/a.doc"))

    with pytest.raises(UsageError) as caught:
        search([Path("bob"), Path("carol")])

    assert str(caught.value) == "No notebook (.ipynb) was found under bob, carol."


def test_a_zip_file_in_a_folder_is_a_students_own(tmp_path: Path) -> None:
    put(tmp_path, "bob/x.ipynb")
    write(tmp_path / "alice.zip", names_zipped("work/x.ipynb"))

    assert contents(tmp_path) == {"alice": "work/x.ipynb", "bob": "bob/x.ipynb"}


def test_zip_file_without_notebook_is_a_problem(
    tmp_path: Path,
) -> None:
    """Among notebooks."""
    put(tmp_path, "alice.ipynb", "dan.ipynb", "images/plot.png")
    write(tmp_path / "bob.zip", names_zipped("essay.pdf"))
    write(tmp_path / "carol.zip", b"PK\x03\x04")

    assert contents(tmp_path) == {
        "alice": "alice.ipynb",
        "bob": "essay.pdf",
        "carol": f"carol.zip {DAMAGED}",
        "dan": "dan.ipynb",
    }


def test_zip_file_of_a_class_is_opened_in_a_folder(tmp_path: Path) -> None:
    names = [f"student{n:02}_{n}_{100 + n}_work.ipynb" for n in range(25)]
    write(tmp_path / "class.zip", names_zipped(*names))

    assert ids(tmp_path) == [f"student{n:02}_{n}" for n in range(25)]


# ------------------------------------------------------------------ exports of platforms


def test_canvas_names_give_student_and_id(tmp_path: Path) -> None:
    export = names_zipped(
        "lovelaceada_LATE_1234_56789_Regularization.ipynb",
        "émile_77_56790_a_1_2_b.ipynb",
        "anon_x9z_56791_work.ipynb",
        "LATE_anon_y8_56792_work.ipynb",
        "group3_12_56793_work.ipynb",
        "turingalan_99_56794_essay.pdf",
        "hoppergrace_98_text.html",
    )

    assert contents(write(tmp_path / "class.zip", export)) == {
        "lovelaceada_1234": "lovelaceada_LATE_1234_56789_Regularization.ipynb",
        "émile_77": "émile_77_56790_a_1_2_b.ipynb",
        "anon_x9z": "anon_x9z_56791_work.ipynb",
        "anon_y8": "LATE_anon_y8_56792_work.ipynb",
        "group3_12": "group3_12_56793_work.ipynb",
        "turingalan_99": "turingalan_99_56794_essay.pdf",
        "hoppergrace_98": "hoppergrace_98_text.html",
    }


def test_a_canvas_copy_is_a_later_attempt(tmp_path: Path) -> None:
    export = names_zipped("ada_1_10_work.ipynb", "ada_1_11_work-1.ipynb", "bob_2_12_work.ipynb")
    ada, _ = search([write(tmp_path / "class.zip", export)]).sources

    assert [candidate.source for candidate in ada.candidates] == ["class.zip/ada_1_11_work-1.ipynb"]
    assert [(other.source, other.why) for other in ada.others] == [
        ("class.zip/ada_1_10_work.ipynb", "an earlier attempt")
    ]


def test_names_similar_to_canvas_stay(tmp_path: Path) -> None:
    export = names_zipped("hw_2024_01_ada.ipynb", "hw_2024_01_bob.ipynb")

    assert ids(write(tmp_path / "class.zip", export)) == [
        "hw_2024_01_ada",
        "hw_2024_01_bob",
    ]


MOODLE = [
    "Ada Lovelace_123_assignsubmission_file_/deep/x.ipynb",
    "Ada Lovelace_123_assignsubmission_onlinetext_/onlinetext.html",
    "Participant 7_456_assignsubmission_file_x.ipynb",
    "Alan Turing_124_assignsubmission_file_/essay.pdf",
]
GRADESCOPE = [
    "assignment_1_export/submission_metadata.yml",
    "assignment_1_export/submission_42/x.ipynb",
    "assignment_1_export/submission_43/hw/x.ipynb",
    "assignment_1_export/submission_44/x.py",
]
NBGRADER = [
    "submitted/alice/ps1/x.ipynb",
    "submitted/alice/ps1/timestamp.txt",
    "submitted/bob/ps1/x.ipynb",
    "submitted/carol/ps1/timestamp.txt",
]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (MOODLE, ["Ada_Lovelace_123", "Alan_Turing_124", "Participant_7_456"]),
        (GRADESCOPE, ["submission_42", "submission_43", "submission_44"]),
        (NBGRADER, ["alice", "bob", "carol"]),
        (
            ["submitted/a/ps1/x.ipynb", "submitted/a/ps2/x.ipynb", "submitted/b/ps1/x.ipynb"],
            ["a", "b"],
        ),
        (["submitted/one/a/x.ipynb", "submitted/one/b/x.ipynb"], ["a", "b"]),
        (["alice/x.ipynb", "bob/x.ipynb"], ["alice", "bob"]),
        (["alice.ipynb", "bob.ipynb"], ["alice", "bob"]),
    ],
    ids=["Moodle", "Gradescope", "nbgrader", "two assignments", "sections", "folders", "flat"],
)
def test_an_export_gives_students_packed_or_not(
    tmp_path: Path, names: list[str], expected: list[str]
) -> None:
    packed = write(tmp_path / "class.zip", names_zipped(*names))

    assert ids(put(tmp_path / "class", *names)) == expected
    assert ids(packed) == expected


def test_nbgraders_folder_may_be_the_path(tmp_path: Path) -> None:
    assert ids(put(tmp_path, *NBGRADER) / "submitted") == ["alice", "bob", "carol"]


def test_zip_file_of_one_notebook_gives_its_name(tmp_path: Path) -> None:
    assert ids(write(tmp_path / "alice.ZIP", names_zipped("x.ipynb"))) == ["alice"]


# ------------------------------------------------------------------ zip files in zip files


def test_students_zip_file_is_opened_once(tmp_path: Path) -> None:
    """Zip files inside are not."""
    inner = zipped({"hw/x.ipynb": "x", "__MACOSX/hw/._x.ipynb": "", "hw/y.zip": names_zipped("y")})
    several = names_zipped("a/x.ipynb", "b/x.ipynb")
    files: dict[str, bytes | str] = {
        "alice.zip": inner,
        "bob/hw.zip": several,
        "carol/x.ipynb": "c",
        "dan.zip": b"PK",
    }

    assert contents(write(tmp_path / "class.zip", zipped(files))) == {
        "alice": "x",
        "bob": "a/x.ipynb",
        "carol": "c",
        "dan": f"dan.zip {DAMAGED}",
    }


def test_a_canvas_student_may_hand_in_a_zip_file(tmp_path: Path) -> None:
    files = {"ada_1_10_hw.zip": names_zipped("hw/x.ipynb"), "bob_2_11_hw.zip": zipped({})}

    assert contents(write(tmp_path / "class.zip", zipped(files))) == {
        "ada_1": "hw/x.ipynb",
        "bob_2": "bob_2_11_hw.zip could not be read: it is empty; submit your notebook.",
    }


def test_very_many_notebooks_in_a_zip_are_a_problem(tmp_path: Path) -> None:
    many = names_zipped(*(f"{n}.ipynb" for n in range(21)))
    files: dict[str, bytes | str] = {"alice/x.ipynb": "x", "bob/hw.zip": many}

    assert contents(write(tmp_path / "class.zip", zipped(files)))["bob"] == (
        "This submission contains 21 notebooks. Submit only one."
    )


def test_many_zip_files_in_a_zip_are_not_opened(tmp_path: Path) -> None:
    """Each can expand to the size limit."""
    inner = names_zipped("x.ipynb")
    for number, sentence in ((2, ""), (21, no_notebook("0.zip, 1.zip, 10.zip and 18 more"))):
        many = zipped({f"{n}.zip": inner for n in range(number)})
        files: dict[str, bytes | str] = {"alice/x.ipynb": "x", "bob/hw.zip": many}
        _, bob = search([write(tmp_path / "class.zip", zipped(files))]).sources
        assert bob.read().problem == sentence


def test_too_many_files_in_a_zip_are_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zips, "MAX_MEMBERS", 9)
    files: dict[str, bytes | str] = {
        "alice/x.ipynb": "x",
        "bob/hw.zip": names_zipped(*"abcdefghij"),
    }

    assert contents(write(tmp_path / "class.zip", zipped(files)))["bob"] == (
        "hw.zip could not be read: it contains more than 10000 files; submit only the notebook."
    )


# ------------------------------------------------------------------ hostile zip files


LOCKED = patched(names_zipped("x.ipynb"), b"x.ipynb", 8, struct.pack("<H", 1))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (names_zipped("x.ipynb")[:-30], "the zip file is damaged"),
        (b"no zip", "the zip file is damaged"),
        (b"", "the zip file is damaged"),
        (LOCKED, "it is encrypted"),
    ],
    ids=["cut", "text", "empty", "locked"],
)
def test_named_zip_file_that_is_unreadable_is_a_usage_error(
    tmp_path: Path, data: bytes, reason: str
) -> None:
    """It is the instructor's download, so no student gets a row for it."""
    put(tmp_path, "alice.ipynb")
    path = write(tmp_path / "bob.zip", data)

    with pytest.raises(UsageError) as caught:
        search([tmp_path / "alice.ipynb", path])

    assert str(caught.value) == (
        f"{path} could not be opened: {reason}. Download it again, or unpack it and give the folder."
    )


def test_a_notebook_called_zip_is_read_as_it_is(tmp_path: Path) -> None:
    assert contents(write(tmp_path / "alice.zip", b"{}")) == {"alice": "{}"}


def test_unreadable_members_are_problems(tmp_path: Path) -> None:
    data = zipped({f"{name}/{name}.ipynb": "x" * 99 for name in ("good", "locked", "odd", "torn")})
    data = patched(data, b"locked/locked.ipynb", 8, struct.pack("<H", 1))
    data = patched(data, b"odd/odd.ipynb", 10, struct.pack("<H", zipfile.ZIP_LZMA))
    data = patched(data, b"torn/torn.ipynb", 16, b"\0\0\0\0")

    assert contents(write(tmp_path / "class.zip", data)) == {
        "good": "x" * 99,
        "locked": f"locked.ipynb {ENCRYPTED}",
        "odd": "odd.ipynb could not be read: its compression method is not supported; "
        "pack it as an ordinary zip file.",
        "torn": f"torn.ipynb {DAMAGED}",
    }


def test_zip_bomb_stops_at_the_limit(tmp_path: Path) -> None:
    """Whatever size it declares."""
    data = zipped({"bomb/a.ipynb": b"\0" * (65 << 20), "liar/b.ipynb": b"\0" * (65 << 20)})
    data = patched(data, b"liar/b.ipynb", 24, struct.pack("<I", 10))

    assert contents(write(tmp_path / "class.zip", data)) == {
        "bomb": f"a.ipynb could not be read: it {TOO_LARGE}",
        "liar": f"b.ipynb {DAMAGED}",
    }


def test_climbing_names_are_labels_only(tmp_path: Path) -> None:
    names = ("../../up/x.ipynb", "/etc/y.ipynb", "C:\\win\\z.ipynb", "..", "a/../b/w.ipynb")
    packed = write(tmp_path / "class.zip", names_zipped(*names))

    assert ids(packed) == ["a", "etc", "up", "win"]
    assert os.listdir(tmp_path) == ["class.zip"]


def test_utf8_names_need_no_flag(tmp_path: Path) -> None:
    flagged = names_zipped("émile/x.ipynb", "ада/x.ipynb", "plain/x.ipynb")
    unflagged = flagged.replace(struct.pack("<HH", 0x800, 8), struct.pack("<HH", 0, 8))
    old = names_zipped("plain/x.ipynb", "cafX/x.ipynb").replace(b"cafX", b"caf\x82")

    assert unflagged != flagged
    assert ids(write(tmp_path / "new.zip", flagged)) == ["plain", "émile", "ада"]
    assert ids(write(tmp_path / "mac.zip", unflagged)) == ["plain", "émile", "ада"]
    assert ids(write(tmp_path / "dos.zip", old)) == ["café", "plain"]


def test_members_of_the_same_name_are_both_read(tmp_path: Path) -> None:
    data = names_zipped("a/1.ipynb", "a/2.ipynb").replace(b"a/2.ipynb", b"a/1.ipynb")

    packed = write(tmp_path / "class.zip", data.replace(b"a/2", b"a/1"))

    (source,) = search([packed]).sources
    assert [candidate.source for candidate in source.candidates] == ["class.zip/a/1.ipynb"] * 2


def test_threads_share_a_zip_file(tmp_path: Path) -> None:
    inner: dict[str, bytes | str] = {
        f"{n}.zip": zipped({"x.ipynb": str(n) * 9999}) for n in range(10)
    }
    plain: dict[str, bytes | str] = {f"{n}/x.ipynb": str(n) * 9999 for n in range(10, 40)}
    sources = search([write(tmp_path / "class.zip", zipped(inner | plain))]).sources

    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(Source.read, sources * 5))

    assert all(s.data.decode() == s.id * 9999 for s in read)


def test_nothing_is_read_before_it_is_wanted(tmp_path: Path) -> None:
    put(tmp_path, "alice.ipynb", "bob.ipynb")
    sources = search([tmp_path]).sources
    (tmp_path / "alice.ipynb").write_text("later")

    assert sources[0].read().data == b"later"


def test_sources_may_be_sent_to_another_process(tmp_path: Path) -> None:
    put(tmp_path, "alice/x.ipynb", "bob/essay.pdf")
    torn = put(tmp_path, "class/torn/x.doc") / "class"
    write(torn / "torn/hw.zip", b"PK\x03\x04")
    inner = names_zipped("y.ipynb")
    packed = write(tmp_path / "late.zip", zipped({"carol/x.ipynb": "x", "dan.zip": inner}))
    sources = search([tmp_path, torn, packed]).sources

    copies = pickle.loads(pickle.dumps(sources))
    assert [copy.read() for copy in copies] == [source.read() for source in sources]


@UNHURRIED
@given(st.binary(max_size=300), st.integers(0, 400))
@example(b"\0\0\0", 328).via("a member without a name")
def test_damaged_zip_gives_problems_or_usage_error(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int
) -> None:
    data = names_zipped("alice/x.ipynb", "bob/y.ipynb", "carol/hw.txt")
    path = tmp_path_factory.getbasetemp() / "damaged.zip"
    write(path, data[:at] + noise + data[at + len(noise) :])
    with contextlib.suppress(UsageError):
        assert all(source.read().id == source.id for source in search([path]).sources)


# ------------------------------------------------------------------ IDs


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ada Lovelace", "Ada_Lovelace"),
        ("=cmd|'/C calc'!A0", "_cmd___C_calc__A0"),
        ("-rf", "rf"),
        ("@me+you", "_me_you"),
        ("..", "submission"),
        ("../../etc/passwd", "_._etc_passwd"),
        ("", "submission"),
        ("   ", "submission"),
        ("a\x00b\nc\u202ed", "a_b_c_d"),
        ("caf\udce9", "caf_"),
        ("e\u0301mile", "émile"),
        ("李雷", "李雷"),
        ("नमस्ते", "नमस्ते"),
        ("\u0301x", "_\u0301x"),
        ("x\u3164", "x_"),
        ("con", "_con"),
        ("LPT1.old", "_LPT1.old"),
        ("console", "console"),
        ("v1..2.", "v1.2"),
        ("<b>&amp;</b>", "_b__amp___b_"),
    ],
)
def test_unsafe_characters_are_replaced(name: str, expected: str) -> None:
    assert safe(name) == expected


def test_a_long_name_is_cut_and_stays_its_own() -> None:
    first, second, wide = safe("x" * 130 + "1"), safe("x" * 130 + "2"), safe("李" * 100)

    assert len(first) == MAX_CHARACTERS
    assert first.startswith("x" * 111 + "-")
    assert first != second
    assert len(wide.encode()) <= MAX_UTF8_BYTES < len(("李" * 100).encode())


def assert_safe(name: str) -> None:
    assert 0 < len(name) <= MAX_CHARACTERS
    assert len(name.encode()) <= MAX_UTF8_BYTES
    assert name == unicodedata.normalize("NFC", name)
    assert name[0] not in "-."
    assert name[-1] != "."
    assert ".." not in name
    assert name.strip("_")
    for character in name:
        kind = unicodedata.category(character)
        assert character in "_-." or kind[0] in "LM" or kind == "Nd"


@UNHURRIED
@given(st.text() | st.text("ab-._= /\\éß\u0301İ"))
@example("aux.")
@example("a" * 119 + "..b")
def test_safe_names_are_stable(name: str) -> None:
    assert_safe(safe(name))
    assert safe(safe(name)) == safe(name)


LABELS = st.sampled_from(["a", "A", "a b", "a_b", "é", "e\u0301", "a-2", "ß", "ss", "", "x" * 130])


@UNHURRIED
@given(st.lists(st.builds(Place, st.lists(LABELS, max_size=3).map(tuple), LABELS)), st.sets(LABELS))
def test_ids_are_safe_and_different(places: list[Place], taken: set[str]) -> None:
    """Also if case is ignored."""
    names = unique(places, taken)

    assert len(names) == len(places)
    assert not set(names) & taken
    assert len({unicodedata.normalize("NFC", name.casefold()) for name in names}) == len(names)
    for name in names:
        assert_safe(name)


def test_a_number_never_takes_the_id_of_another() -> None:
    assert unique([Place((), stem) for stem in ("a", "a", "a-2", "a", "A-3")]) == [
        "a",
        "a-4",
        "a-2",
        "a-5",
        "A-3",
    ]


def test_a_name_in_and_outside_a_late_folder_is_mentioned(tmp_path: Path) -> None:
    names = ("ada", "bob", "late/ada", "late/cy")
    put(tmp_path, *(f"class/{name}/x.ipynb" for name in names))

    result = search([tmp_path / "class"])

    assert {source.id for source in result.sources} == {"bob", "class-ada", "cy", "late-ada"}
    (warning,) = result.warnings
    assert warning == (
        "These rows may be one student each, because a folder of late submissions has the same name: "
        "class-ada and late-ada. Delete the folder that does not count and grade again."
    )
