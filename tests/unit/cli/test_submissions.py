"""What an instructor reads about files that are no submission, and mistakes in the options for reading."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from grader import cli
from grader.cli.submissions import report_intake
from grader.intake import Intake, PassedOver


def printed(found: Intake, capsys: pytest.CaptureFixture[str]) -> list[str]:
    report_intake(found)
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.splitlines()


def test_files_of_no_student_are_listed_with_a_total(capsys: pytest.CaptureFixture[str]) -> None:
    strays = (
        PassedOver("class.zip/README.md", "its name is not that of a submission"),
        PassedOver("class.zip/\x1b[31mx.csv", "its name is not that of a submission"),
        *(
            PassedOver(f"class.zip/__MACOSX/._{n}.ipynb", "a program left it there")
            for n in range(4)
        ),
        PassedOver("class.zip/__MACOSX/late.ipynb", "a program left it there"),
        *(PassedOver(f"class.zip/s{n}/comments.txt", "it is feedback") for n in range(5)),
        PassedOver("class.zip/s9/comments.txt", "it is empty"),
    )

    assert printed(Intake((), strays, ("The names are doubtful.",)), capsys) == [
        "grader: The names are doubtful.",
        "grader: 13 files passed over:",
        "  class.zip/README.md: its name is not that of a submission",
        "  class.zip/ [31mx.csv: its name is not that of a submission",
        "  class.zip/__MACOSX/ (5 files): a program left it there",
        "  comments.txt in 5 folders, for example class.zip/s0/comments.txt: it is feedback",
        "  class.zip/s9/comments.txt: it is empty",
    ]


def test_notebooks_in_a_folder_have_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    """One of them may be a student's."""
    strays = [PassedOver(f"class.zip/s{n}.ipynb", "no name of Canvas") for n in range(10, 31)]

    assert len(printed(Intake((), tuple(strays[1:])), capsys)) == 21
    assert printed(Intake((), tuple(strays)), capsys)[1:] == [
        "  class.zip/ (21 files): no name of Canvas"
    ]


def test_one_file_is_in_the_singular(capsys: pytest.CaptureFixture[str]) -> None:
    strays = (PassedOver("x.csv", "its name is not that of a submission"),)

    assert printed(Intake((), strays), capsys)[0] == "grader: 1 file passed over:"
    assert printed(Intake(()), capsys) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--zip-names klingon", "--zip-names: there is no encoding 'klingon' for names. Usual"),
        (
            "--zone Mars/Base",
            "--zone: there is no time zone 'Mars/Base'. Write it as in Europe/Berlin",
        ),
        ("--zone ../../etc", "--zone: there is no time zone '../../etc'."),
    ],
)
@pytest.mark.parametrize("command", ["check", "batch"])
def test_wrong_option_is_a_usage_error(
    tmp_path: Path, command: str, words: str, message: str
) -> None:
    file = tmp_path / "x.ipynb"
    file.write_text("{}")
    result = CliRunner().invoke(cli.main, [command, str(file), *words.split()])

    assert result.exit_code == 2
    assert message in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("x.tar.gz", b"\x1f\x8b", "is a compressed archive that the grader cannot open. Unpack it"),
        ("x.zip", b"PK\x03\x04", "could not be opened: the zip file is damaged. Download it again"),
        ("x.zip", b"", "could not be opened: the zip file is damaged. Download it again"),
    ],
)
@pytest.mark.parametrize("command", ["check", "batch"])
def test_wrong_file_is_a_usage_error(
    tmp_path: Path, command: str, name: str, data: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(data)
    words = [command, str(tmp_path / name), "--no-sandbox"]
    words += ["--out", str(tmp_path / "out")] * (command == "batch")
    result = CliRunner().invoke(cli.main, words)

    assert (result.exit_code, message in result.output) == (2, True), result.output
    assert not (tmp_path / "out").exists()
