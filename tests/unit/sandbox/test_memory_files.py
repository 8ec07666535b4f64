"""Files in memory behave like those of a disk, and the disk's own are readable beside them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.sandbox.box.memory_files import MemoryFiles


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MemoryFiles:
    (tmp_path / "disk.txt").write_text("disk")
    monkeypatch.chdir(tmp_path)
    return MemoryFiles(lambda _: None)


def test_files_in_memory_lie_beside_those_on_the_disk(files: MemoryFiles, tmp_path: Path) -> None:
    """Appending to one of the disk leaves the disk as it is."""
    with files.open("disk.txt", "a") as file:
        file.write("+")
    files.makedirs("a/b")
    files.rename("disk.txt", "a/b/c.txt")
    number = files.open_descriptor("a/d.txt", os.O_RDWR | os.O_CREAT)
    files.write(number, b"1234")
    files.rename("a", "e")

    with files.open("e/b/c.txt", "rb+") as file:
        assert file.read() == b"disk+"
    assert [(e.name, files.stat(e.path).st_size) for e in files.scandir("e/b")] == [("c.txt", 5)]
    assert sorted(files.listdir()) == ["disk.txt", "e"]
    with files.open("disk.txt") as file:
        assert file.read() == "disk"
    assert sorted(os.listdir(tmp_path)) == ["disk.txt"]


@pytest.mark.parametrize(
    ("error", "name", "arguments"),
    [
        (FileNotFoundError, "open", ("none/a.txt", "w")),
        (FileNotFoundError, "open", ("a.txt", "r+")),
        (FileNotFoundError, "mkdir", ("none/a",)),
        (FileNotFoundError, "remove", ("a.txt",)),
        (FileNotFoundError, "rename", ("a.txt", "b.txt")),
        (FileNotFoundError, "chdir", ("none",)),
        (FileNotFoundError, "utime", ("none",)),
        (FileExistsError, "mkdir", ("folder",)),
        (FileExistsError, "makedirs", ("disk.txt",)),
        (FileExistsError, "open", ("disk.txt", "x")),
        (IsADirectoryError, "open", ("folder", "w")),
        (OSError, "rmdir", ("folder",)),
    ],
)
def test_errors_are_those_of_a_disk(
    files: MemoryFiles, error: type[OSError], name: str, arguments: tuple[str, ...]
) -> None:
    files.mkdir("folder")
    files.open("folder/full.txt", "w").close()

    with pytest.raises(error):
        getattr(files, name)(*arguments)
