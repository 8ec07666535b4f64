"""Landlock holds a process to what it was allowed, for good, as far as this kernel's version knows."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.box import landlock, seccomp
from tests.sandbox.children import in_a_child

HELD = """
import ctypes, os, signal, socket
import landlock, seccomp
landlock.version = lambda known=landlock.version(): version or known
def held(readable=(), writable=(), listable=()):
    landlock.restrict(landlock.rules(readable, writable, listable))
def tried(attempt, *arguments):
    try:
        attempt(*arguments)
        return 'done'
    except OSError as error:
        return error.strerror
def read(path):
    with open(path) as file:
        file.read()
def write(path):
    with open(path, 'a') as file:
        file.write('x')
def empty(path, writing=os.O_RDONLY):
    os.close(os.open(path, writing | os.O_TRUNC))
"""
DENIED = os.strerror(errno.EACCES)
NOT_PERMITTED = os.strerror(errno.EPERM)

pytestmark = pytest.mark.skipif(not landlock.version(), reason="the kernel has no Landlock")


def held(source: str, *given: Any, version: int = 0) -> Any:
    """Return what a process says that locks itself in; it may take the kernel for an older one."""
    return in_a_child(f"version = {version}\n{HELD}{source}", *given)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Return a folder of three, each with a file in it."""
    for name in ("read", "write", "secret"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("text")
    (tmp_path / "read" / "way_out").symlink_to(tmp_path / "secret" / "file")
    return tmp_path


def test_what_was_allowed_is_readable_and_nothing_else(shelf: Path) -> None:
    source = (
        "shelf, = given\n"
        "held([shelf + '/read'])\n"
        "print(json.dumps([tried(do, shelf + path) for do, path in (\n"
        "    (read, '/read/file'), (os.listdir, '/read'), (read, '/secret/file'),\n"
        "    (read, '/read/way_out'), (os.listdir, '/secret'), (os.listdir, ''),\n"
        "    (read, '/read/../secret/file'), (os.listdir, '/..'))]))\n"
    )
    assert held(source, str(shelf)) == ["done"] * 2 + [DENIED] * 6


def test_one_file_can_be_allowed_without_its_folder(shelf: Path) -> None:
    source = (
        "shelf, = given\n"
        "held([shelf + '/read/file'])\n"
        "print(json.dumps([tried(read, shelf + '/read/file'), tried(os.listdir, shelf + '/read'),\n"
        "                  tried(write, shelf + '/read/file')]))\n"
    )
    assert held(source, str(shelf)) == ["done", DENIED, DENIED]


def test_what_is_readable_cannot_be_changed_in_any_way(shelf: Path) -> None:
    source = (
        "shelf, = given\n"
        "held([shelf])\n"
        "here, new = shelf + '/read/file', shelf + '/read/new'\n"
        "print(json.dumps([tried(write, here), tried(write, new), tried(os.mkdir, new),\n"
        "    tried(os.unlink, here), tried(os.rename, here, new), tried(os.link, here, new),\n"
        "    tried(os.symlink, here, new), tried(os.mkfifo, new), tried(os.truncate, here, 0),\n"
        "    tried(os.rmdir, shelf + '/secret'), tried(empty, here, os.O_WRONLY)]))\n"
    )
    assert held(source, str(shelf)) == [DENIED] * 11
    assert (shelf / "read" / "file").read_text() == "text"


def test_a_writable_folder_takes_files_and_lets_nothing_in_from_elsewhere(shelf: Path) -> None:
    source = (
        "shelf, = given\n"
        "held([shelf + '/read'], [shelf + '/write'])\n"
        "here, new = shelf + '/write/file', shelf + '/write/new'\n"
        "print(json.dumps([tried(write, here), tried(write, new), tried(os.rename, new, new + 'er'),\n"
        "    tried(os.unlink, new + 'er'), tried(os.mkdir, new), tried(os.truncate, here, 1),\n"
        "    tried(os.mknod, shelf + '/write/device', 0o20600, os.makedev(1, 3)),\n"
        "    tried(os.link, shelf + '/read/file', shelf + '/write/linked') == 'done',\n"
        "    tried(write, shelf + '/read/file')]))\n"
    )
    *done, device, linked, elsewhere = held(source, str(shelf))
    assert done == ["done"] * 6
    assert device in (DENIED, NOT_PERMITTED)
    assert (linked, elsewhere) == (False, DENIED)
    assert (shelf / "write" / "file").read_text() == "t"


def test_a_listable_folder_gives_names_and_no_text(shelf: Path) -> None:
    source = (
        "shelf, = given\n"
        "held([shelf + '/read'], (), [shelf])\n"
        "print(json.dumps([sorted(os.listdir(shelf)), tried(read, shelf + '/read/file'),\n"
        "    tried(read, shelf + '/secret/file'), tried(write, shelf + '/new')]))\n"
    )
    names = ["read", "secret", "write"]
    assert held(source, str(shelf)) == [names, "done", DENIED, DENIED]


def test_children_are_held_as_well_and_nothing_loosens_it(shelf: Path) -> None:
    source = (
        "shelf, = given\n"
        "held([shelf + '/read'])\n"
        "held([shelf])\n"
        "ours, theirs = os.pipe()\n"
        "if os.fork() == 0:\n"
        "    os.write(theirs, tried(read, shelf + '/secret/file').encode())\n"
        "    os._exit(0)\n"
        "os.wait()\n"
        "print(json.dumps(os.read(ours, 100).decode()))\n"
    )
    assert held(source, str(shelf)) == DENIED


@pytest.mark.skipif(landlock.version() < 6, reason="the kernel's Landlock knows no scopes yet")
def test_signals_tcp_and_abstract_sockets_to_the_outside_are_denied(shelf: Path) -> None:
    source = (
        "port, name = given\n"
        "held()\n"
        "def connect(family, place):\n"
        "    with socket.socket(family) as channel:\n"
        "        channel.connect(place)\n"
        "print(json.dumps([tried(os.kill, os.getppid(), 0), tried(os.kill, os.getpid(), 0),\n"
        "    tried(connect, socket.AF_INET, ('127.0.0.1', port)),\n"
        "    tried(connect, socket.AF_UNIX, '\\0' + name)]))\n"
    )
    name = f"grader-{shelf.name}-{os.getpid()}"
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as local:
        local.bind(f"\0{name}")
        local.listen()
        said = held(source, server.getsockname()[1], name)
    assert said == [NOT_PERMITTED, "done", DENIED, NOT_PERMITTED]


@pytest.mark.parametrize("version", range(1, landlock.version() + 1))
def test_each_older_version_keeps_files_from_being_read_and_written(
    shelf: Path, version: int
) -> None:
    source = (
        "shelf, = given\n"
        "held([shelf + '/read'], [shelf + '/write'])\n"
        "print(json.dumps([tried(read, shelf + '/read/file'), tried(write, shelf + '/write/file'),\n"
        "    tried(read, shelf + '/secret/file'), tried(write, shelf + '/read/file')]))\n"
    )
    said = held(source, str(shelf), version=version)
    assert said == ["done", "done", DENIED, DENIED]


@pytest.mark.parametrize("version", [1, 2])
def test_what_older_versions_overlook_the_filter_refuses(shelf: Path, version: int) -> None:
    if not seccomp.known():
        pytest.skip("no filter is known for this kind of machine")
    source = (
        "shelf, filtered = given\n"
        "held([shelf + '/read'])\n"
        "if filtered:\n"
        "    seccomp.install(alone=True)\n"
        "said = [tried(empty, shelf + '/read/file', writing) for writing in (0, 3, 1)]\n"
        "print(json.dumps([*said, tried(os.truncate, shelf + '/read/file', 0)]))\n"
    )
    said = held(source, str(shelf), True, version=version)
    assert said == [NOT_PERMITTED, NOT_PERMITTED, DENIED, NOT_PERMITTED]
    assert (shelf / "read" / "file").read_text() == "text"
    assert held(source, str(shelf), False, version=version)[0] == "done", "it is a hole no more"


def test_restricting_leaves_no_descriptor_open() -> None:
    source = (
        "before = os.listdir('/proc/self/fd')\n"
        "held(['/'])\n"
        "print(json.dumps(len(os.listdir('/proc/self/fd')) - len(before)))\n"
    )
    assert held(source) == 0


def test_a_place_that_is_not_there_is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="gone"):
        landlock.rules([str(tmp_path / "gone")], [])


def test_a_kernel_without_landlock_has_version_0_and_no_rules(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unused = 1023
    monkeypatch.setattr(landlock, "_CREATE", unused)
    assert landlock.version() == 0
    with pytest.raises(OSError, match="Landlock: Function not implemented") as problem:
        landlock.rules(["/"], [])
    assert problem.value.errno == errno.ENOSYS
