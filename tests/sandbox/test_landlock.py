"""Landlock permanently restricts a process to the allowed files, as far as the kernel supports it."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.box import landlock, seccomp
from tests.sandbox.children import in_a_child

PRELUDE = """
import ctypes, os, signal, socket
import landlock, seccomp
landlock.version = lambda own=landlock.version(): version or own
def restrict(readable=(), writable=(), listable=()):
    landlock.restrict(landlock.create_ruleset(readable, writable, listable))
def reply(attempt, *arguments):
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


def restricted(source: str, *arguments: Any, version: int = 0) -> Any:
    """Run code in a process that restricts itself, perhaps with an older Landlock version."""
    return in_a_child(f"version = {version}\n{PRELUDE}{source}", *arguments)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Return a folder with three folders, each with a file in it."""
    for name in ("read", "write", "secret"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("text")
    (tmp_path / "read" / "way_out").symlink_to(tmp_path / "secret" / "file")
    return tmp_path


def test_only_allowed_paths_are_readable(shelf: Path) -> None:
    source = (
        "shelf, = arguments\n"
        "restrict([shelf + '/read'])\n"
        "print(json.dumps([reply(do, shelf + path) for do, path in (\n"
        "    (read, '/read/file'), (os.listdir, '/read'), (read, '/secret/file'),\n"
        "    (read, '/read/way_out'), (os.listdir, '/secret'), (os.listdir, ''),\n"
        "    (read, '/read/../secret/file'), (os.listdir, '/..'))]))\n"
    )
    assert restricted(source, str(shelf)) == ["done"] * 2 + [DENIED] * 6


def test_single_file_can_be_allowed(shelf: Path) -> None:
    source = (
        "shelf, = arguments\n"
        "restrict([shelf + '/read/file'])\n"
        "print(json.dumps([reply(read, shelf + '/read/file'), reply(os.listdir, shelf + '/read'),\n"
        "                  reply(write, shelf + '/read/file')]))\n"
    )
    assert restricted(source, str(shelf)) == ["done", DENIED, DENIED]


def test_readable_files_cannot_be_changed(shelf: Path) -> None:
    source = (
        "shelf, = arguments\n"
        "restrict([shelf])\n"
        "here, new = shelf + '/read/file', shelf + '/read/new'\n"
        "print(json.dumps([reply(write, here), reply(write, new), reply(os.mkdir, new),\n"
        "    reply(os.unlink, here), reply(os.rename, here, new), reply(os.link, here, new),\n"
        "    reply(os.symlink, here, new), reply(os.mkfifo, new), reply(os.truncate, here, 0),\n"
        "    reply(os.rmdir, shelf + '/secret'), reply(empty, here, os.O_WRONLY)]))\n"
    )
    assert restricted(source, str(shelf)) == [DENIED] * 11
    assert (shelf / "read" / "file").read_text() == "text"


def test_writable_folder_allows_no_links_into_it(shelf: Path) -> None:
    """A writable folder accepts new files, but no devices and no links from elsewhere."""
    source = (
        "shelf, = arguments\n"
        "restrict([shelf + '/read'], [shelf + '/write'])\n"
        "here, new = shelf + '/write/file', shelf + '/write/new'\n"
        "print(json.dumps([reply(write, here), reply(write, new), reply(os.rename, new, new + 'er'),\n"
        "    reply(os.unlink, new + 'er'), reply(os.mkdir, new), reply(os.truncate, here, 1),\n"
        "    reply(os.mknod, shelf + '/write/device', 0o20600, os.makedev(1, 3)),\n"
        "    reply(os.link, shelf + '/read/file', shelf + '/write/linked') == 'done',\n"
        "    reply(write, shelf + '/read/file')]))\n"
    )
    *allowed, device, linked, elsewhere = restricted(source, str(shelf))
    assert allowed == ["done"] * 6
    assert device in (DENIED, NOT_PERMITTED)
    assert (linked, elsewhere) == (False, DENIED)
    assert (shelf / "write" / "file").read_text() == "t"


def test_listable_folder_hides_contents(shelf: Path) -> None:
    source = (
        "shelf, = arguments\n"
        "restrict([shelf + '/read'], (), [shelf])\n"
        "print(json.dumps([sorted(os.listdir(shelf)), reply(read, shelf + '/read/file'),\n"
        "    reply(read, shelf + '/secret/file'), reply(write, shelf + '/new')]))\n"
    )
    names = ["read", "secret", "write"]
    assert restricted(source, str(shelf)) == [names, "done", DENIED, DENIED]


def test_children_inherit_the_restriction(shelf: Path) -> None:
    """A second rule set cannot allow more."""
    source = (
        "shelf, = arguments\n"
        "restrict([shelf + '/read'])\n"
        "restrict([shelf])\n"
        "ours, theirs = os.pipe()\n"
        "if os.fork() == 0:\n"
        "    os.write(theirs, reply(read, shelf + '/secret/file').encode())\n"
        "    os._exit(0)\n"
        "os.wait()\n"
        "print(json.dumps(os.read(ours, 100).decode()))\n"
    )
    assert restricted(source, str(shelf)) == DENIED


@pytest.mark.skipif(landlock.version() < 6, reason="the kernel's Landlock has no scopes")
def test_signals_tcp_and_abstract_sockets_denied(shelf: Path) -> None:
    source = (
        "port, name = arguments\n"
        "restrict()\n"
        "def connect(family, place):\n"
        "    with socket.socket(family) as channel:\n"
        "        channel.connect(place)\n"
        "print(json.dumps([reply(os.kill, os.getppid(), 0), reply(os.kill, os.getpid(), 0),\n"
        "    reply(connect, socket.AF_INET, ('127.0.0.1', port)),\n"
        "    reply(connect, socket.AF_UNIX, '\\0' + name)]))\n"
    )
    name = f"grader-{shelf.name}-{os.getpid()}"
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as local:
        local.bind(f"\0{name}")
        local.listen()
        replies = restricted(source, server.getsockname()[1], name)
    assert replies == [NOT_PERMITTED, "done", DENIED, NOT_PERMITTED]


@pytest.mark.parametrize("version", range(1, landlock.version() + 1))
def test_older_versions_protect_files(shelf: Path, version: int) -> None:
    source = (
        "shelf, = arguments\n"
        "restrict([shelf + '/read'], [shelf + '/write'])\n"
        "print(json.dumps([reply(read, shelf + '/read/file'), reply(write, shelf + '/write/file'),\n"
        "    reply(read, shelf + '/secret/file'), reply(write, shelf + '/read/file')]))\n"
    )
    replies = restricted(source, str(shelf), version=version)
    assert replies == ["done", "done", DENIED, DENIED]


@pytest.mark.parametrize("version", [1, 2])
def test_filter_covers_gaps_of_older_versions(shelf: Path, version: int) -> None:
    if not seccomp.is_supported():
        pytest.skip("there is no filter for this processor type")
    source = (
        "shelf, filtered = arguments\n"
        "restrict([shelf + '/read'])\n"
        "if filtered:\n"
        "    seccomp.install(strict=True)\n"
        "replies = [reply(empty, shelf + '/read/file', writing) for writing in (0, 3, 1)]\n"
        "print(json.dumps([*replies, reply(os.truncate, shelf + '/read/file', 0)]))\n"
    )
    replies = restricted(source, str(shelf), True, version=version)
    assert replies == [NOT_PERMITTED, NOT_PERMITTED, DENIED, NOT_PERMITTED]
    assert (shelf / "read" / "file").read_text() == "text"
    assert restricted(source, str(shelf), False, version=version)[0] == "done", (
        "Landlock now denies this itself"
    )


def test_restrict_leaves_no_descriptor_open() -> None:
    source = (
        "before = os.listdir('/proc/self/fd')\n"
        "restrict(['/'])\n"
        "print(json.dumps(len(os.listdir('/proc/self/fd')) - len(before)))\n"
    )
    assert restricted(source) == 0


def test_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="gone"):
        landlock.create_ruleset([str(tmp_path / "gone")], [])


def test_kernel_without_landlock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unused = 1023
    monkeypatch.setattr(landlock, "_CREATE", unused)
    assert landlock.version() == 0
    with pytest.raises(OSError, match="Landlock: Function not implemented") as problem:
        landlock.create_ruleset(["/"], [])
    assert problem.value.errno == errno.ENOSYS
