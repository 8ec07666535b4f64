"""A full box shows only the files that a program needs, and has no way out."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from grader import sandbox
from grader.model import Call
from grader.sandbox import mounts
from tests import ROOT
from tests.sandbox.programs import HONEST, Run, program, value


def test_files_of_the_machine_are_hidden(run_full: Run, tmp_path: Path) -> None:
    (tmp_path / "other_submission.ipynb").write_text("secret")
    hidden = [
        *("/etc/passwd", "/etc/hostname", "/proc/self/environ", "/proc/1/environ", "/sys/kernel"),
        *("/home", "/var", "/run", "/dev/sda", "/dev/shm", "/dev/tty", "/bin/sh", "/usr/bin/env"),
        *(str(ROOT), str(ROOT / "pyproject.toml"), str(ROOT / "grader" / "judging" / "compare.py")),
        *(str(ROOT / "reference"), str(ROOT / "testcases" / "regularization.py")),
        *(str(Path(sandbox.__file__)), str(tmp_path / "other_submission.ipynb")),
    ]
    source = (
        "import os\n"
        "def f(paths):\n"
        "    return [p for p in paths if os.path.lexists(p)], sorted(os.listdir('/'))\n"
    )
    (observation,) = run_full(program(source, calls=[Call((hidden,), 1)]))
    visible, root = value(observation)
    assert visible == []
    roots = {path.parts[1] for path in mounts.interpreter_paths()} | {"box", "dev", "proc", "tmp"}
    assert set(root) <= roots


def test_only_box_files_can_be_imported(run: Run) -> None:
    """`grader` is the box's own file, for notebooks that call `check`."""
    source = (
        "import importlib.util, grader\n"
        "def f(names):\n"
        "    public = [name for name in vars(grader) if name[0] != '_']\n"
        "    return [name for name in names if importlib.util.find_spec(name)], public\n"
    )
    names = ["grader", "reference", "testcases", "regularization", "tests", "pytest", "numpy"]
    (observation,) = run(program(source, calls=[Call((names,), 1)]))
    assert value(observation) == (["grader", "numpy"], ["annotations", "check"])


def test_environment_of_the_grader_is_hidden(
    run_anyhow: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_TOKEN", "secret")
    (observation,) = run_anyhow(program("import os\ndef f():\n    return dict(os.environ)\n"))
    assert "COURSE_TOKEN" not in value(observation)
    assert value(observation)["OMP_NUM_THREADS"] == "1"


def test_only_tmp_can_be_written(run_full: Run, marked: Path) -> None:
    folders = [
        *("/", "/box", "/box/assignment", "/box/lib", "/box/site", "/box/site/numpy", "/dev"),
        *("/proc", "/usr", "/lib", "/lib64", "/tmp"),
        *map(str, (path for path in mounts.interpreter_paths() if path.is_dir())),
    ]
    source = (
        "import os\n"
        "def writable(path, mode):\n"
        "    try:\n"
        "        open(path, mode).close()\n"
        "        return True\n"
        "    except OSError:\n"
        "        return False\n"
        "def f(folders, files):\n"
        "    return ([path for path in folders if writable(path + '/x', 'w')],\n"
        "            [path for path in files if writable(path, 'a')])\n"
    )
    files = [f"/box/assignment/{marked.name}", "/box/lib/wire.py", "/box/site/numpy/__init__.py"]
    (observation,) = run_full(program(source, calls=[Call((folders, files), 1)]), helpers=(marked,))
    assert value(observation) == (["/tmp"], [])
    assert "double" in marked.read_text()


def test_no_network(run: Run) -> None:
    source = (
        "import socket\n"
        "def reached(family, kind, address):\n"
        "    try:\n"
        "        with socket.socket(family, kind) as s:\n"
        "            s.settimeout(1)\n"
        "            s.connect(address)\n"
        "            return True\n"
        "    except OSError:\n"
        "        return False\n"
        "def f(port, name):\n"
        "    tries = [(socket.AF_INET, socket.SOCK_STREAM, ('127.0.0.1', port)),\n"
        "             (socket.AF_INET, socket.SOCK_STREAM, ('192.0.2.1', 80)),\n"
        "             (socket.AF_INET, socket.SOCK_DGRAM, ('192.0.2.1', 53)),\n"
        "             (socket.AF_UNIX, socket.SOCK_STREAM, '\\0' + name),\n"
        "             (socket.AF_UNIX, socket.SOCK_STREAM, '/run/dbus/system_bus_socket')]\n"
        "    return [reached(*one) for one in tries]\n"
    )
    name = f"grader-{os.getpid()}-{threading.get_ident()}"
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as local:
        local.bind("\0" + name)
        local.listen()
        with socket.create_connection(server.getsockname()):
            port = server.getsockname()[1]
            (observation,) = run(program(source, calls=[Call((port, name), 1)]))
    assert value(observation) == [False] * 5


def test_only_own_channel_is_open(run: Run) -> None:
    source = (
        "import os\n"
        "def is_open(fd):\n"
        "    try:\n"
        "        os.fstat(fd)\n"
        "        return True\n"
        "    except OSError:\n"
        "        return False\n"
        "def f():\n"
        "    return [fd for fd in range(4096) if is_open(fd)]\n"
    )
    first, second = run(program(source), program(source))
    assert value(first) == value(second) == [0, 1, 2, 3]


def test_parent_process_is_out_of_reach(run_full: Run) -> None:
    # PTRACE_ATTACH is 16; 434 and 438 are pidfd_open and pidfd_getfd on every machine.
    source = (
        "import ctypes, os\n"
        "def f():\n"
        "    libc, parent = ctypes.CDLL(None), os.getppid() or 1\n"
        "    pidfd = libc.syscall(434, parent, 0)\n"
        "    taken = [fd for fd in range(64) if libc.syscall(438, pidfd, fd, 0) >= 0]\n"
        "    return libc.ptrace(16, parent, 0, 0), taken, os.getuid() != 0, os.getgid() != 0\n"
    )
    observation, honest = run_full(program(source), HONEST)
    assert value(observation) == (-1, [], True, True)
    assert value(honest) == 42
