"""The light sandbox, for containers without namespaces, withstands the same attacks as the full one.

Tests of both tiers use the fixture `run`.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from grader import sandbox
from grader.errors import BoxError
from grader.model import Call, Ending, Limits, Raised, Returned, Tier
from grader.sandbox import attack_suite, launch, mounts
from grader.sandbox.box import landlock, seccomp
from tests import ROOT
from tests.sandbox.programs import HONEST, Run, error, interleaved, program, value

NUMPY = sandbox.BoxContents((), ("numpy",))
EXITED = "Python exited with status {} before the function returned"

READABLE = """
import os
def readable(path):
    try:
        if os.path.isdir(path):
            os.listdir(path)
        else:
            open(path, 'rb').read(1)
        return True
    except OSError:
        return False
def f(paths):
    return [path for path in paths if readable(path)]
"""

WRITABLE = """
import os, tempfile, numpy, wire
def done(attempt, *arguments):
    try:
        attempt(*arguments)
        return True
    except OSError:
        return False
def ways(folder):
    new, here = folder + '/left_behind', __file__
    yield lambda: open(new, 'w').close()
    yield lambda: os.mkdir(new)
    yield lambda: os.symlink('/', new)
    yield lambda: os.mkfifo(new)
    yield lambda: os.link(here, new)
    yield lambda: os.rename(here, new)
    yield lambda: os.mknod(new, 0o20666, os.makedev(1, 3))
    yield lambda: os.open(folder, os.O_TMPFILE | os.O_RDWR)
__file__ = wire.__file__
def f(folders, files, helper):
    copies = [wire.__file__, helper]  # only copies may be deleted, should that succeed
    folders += [os.getcwd(), os.path.dirname(os.__file__), os.path.dirname(numpy.__file__)]
    folders += [os.path.dirname(wire.__file__), *(os.environ[n] for n in ('HOME', 'TMPDIR'))]
    files += [*copies, numpy.__file__, os.__file__]
    writable = [(folder, n) for folder in folders for n, way in enumerate(ways(folder)) if done(way)]
    writable += [file for file in files for mode in ('a', 'r+') if done(open, file, mode)]
    writable += [file for file in copies if done(open, file, 'w') or done(os.unlink, file)]
    return writable, len(folders)
"""

REFUSED_CALLS = (
    *("os.kill(os.getppid(), 0)", "os.kill(os.getpid(), 9)", "os.kill(-1, 0)", "os.killpg(0, 0)"),
    *("os.chmod(here, 0o777)", "os.chown(here, os.getuid(), -1)", "os.utime(here)"),
    *("os.utime(3)", "os.chmod(3, 0o777)", "os.truncate(here, 0)"),
    *("os.setxattr(here, 'user.x', b'1')", "os.removexattr(here, 'user.x')"),
    "os.open(here, os.O_RDONLY | os.O_TRUNC)",
    *("fcntl.fcntl(3, fcntl.F_SETOWN, os.getpid())", "fcntl.fcntl(3, fcntl.F_SETSIG, 9)"),
    *("fcntl.fcntl(3, fcntl.F_SETLEASE, fcntl.F_RDLCK)", "fcntl.fcntl(3, fcntl.F_NOTIFY, 1)"),
    *("fcntl.ioctl(0, termios.TIOCSTI, b'x')", "checked(libc.inotify_init())"),
    *("checked(libc.inotify_init1(0))", "resource.prlimit(os.getppid(), resource.RLIMIT_CPU)"),
    *("resource.prlimit(1, resource.RLIMIT_CPU)", "os.nice(5)", "os.sched_setaffinity(0, [0])"),
    *("checked(libc.semget(0, 1, 0o1600))", "checked(libc.semctl(0, 0, 0))"),
    *("checked(libc.msgget(0, 0o1600))", "checked(libc.msgctl(0, 0, 0))"),
    *(
        "checked(libc.shmget(0, 4096, 0o1600))",
        "checked(libc.syscall(seccomp.syscall_number('mq_unlink'), b'x'))",
    ),
    *("os.memfd_create('x')", "os.pidfd_open(os.getppid())", "os.fork()", "socket.socketpair()"),
    "os.execv(sys.executable or '/bin/true', ['x'])",
)


# ------------------------------------------------------------------ what it blocks


def test_every_attack_is_refused(light: None) -> None:
    outcomes = sandbox.attack(Tier.LIGHT)
    assert {o.claim: o.detail for o in outcomes if not o.holds} == {}
    claims = [*(attack.claim for attack in attack_suite.ATTACKS), "nothing outside was changed"]
    assert [outcome.claim for outcome in outcomes] == claims


def test_only_needed_files_are_readable(run_light: Run, tmp_path: Path) -> None:
    (tmp_path / "other_submission.ipynb").write_text("secret")
    (tmp_path / "other.py").write_text("")
    contents = sandbox.BoxContents((("other.py", tmp_path / "other.py"),), ("numpy",))
    box = launch.start_unisolated_box(contents, Limits())  # its folder is beside ours
    laid_out = list(Path(tempfile.gettempdir()).glob("grader-*/box/assignment/other.py"))
    assert laid_out
    hidden = [
        *("/", "/etc/passwd", "/etc/hostname", "/etc", "/root", "/home", "/var", "/run", "/sys"),
        *("/proc", "/proc/self/environ", "/proc/self/mem", "/proc/1/environ", "/proc/version"),
        *("/dev", "/dev/tty", "/dev/ptmx", "/dev/zero", "/dev/shm", "/dev/mem", "/bin/sh"),
        *map(str, (ROOT, ROOT / "pyproject.toml", ROOT / "reference", ROOT / "testcases")),
        *map(str, (tmp_path, tmp_path / "other_submission.ipynb", Path(sandbox.__file__))),
        *map(str, laid_out),
        *(str(Path(pytest.__file__)), str(Path.home()), tempfile.gettempdir()),
    ]
    needed = [os.__file__, str(Path(os.__file__).parent), "/dev/urandom", "/dev/null"]
    try:
        observation, needed_files = run_light(
            program(READABLE, calls=[Call((hidden,), 1)]),
            program(READABLE, calls=[Call((needed,), 1)]),
        )
    finally:
        box.close()
    assert value(observation) == []
    assert value(needed_files) == needed


def test_other_packages_show_names_only(run_light: Run) -> None:
    modules = [path for folder in mounts.site_folders() for path in folder.glob("*/__init__.py")]
    if not modules:
        pytest.skip("this interpreter's standard library contains no packages")
    (observation,) = run_light(
        program(READABLE, calls=[Call(([str(path) for path in modules],), 1)])
    )
    assert value(observation) == []


def test_no_folder_is_writable(run_light: Run, marked: Path) -> None:
    folders = ["/", "/tmp", "/var/tmp", "/dev/shm", "/dev", "/proc", "/proc/self", "/run", "/box"]
    folders += [str(marked.parent), *map(str, mounts.site_folders()), str(ROOT), str(Path.home())]
    files = [str(marked), "/proc/self/comm", "/etc/passwd"]
    calls = [Call((folders, files, marked.name), 1)]
    (observation,) = run_light(program(WRITABLE, calls=calls), helpers=(marked,))
    assert value(observation) == ([], len(folders) + 6)
    assert "double" in marked.read_text()


def test_no_temporary_file(
    run_light: Run,
) -> None:
    source = "import tempfile\ndef f():\n    return tempfile.mkstemp()\n"
    raised = error(run_light(program(source))[0])
    assert raised.kind == "FileNotFoundError"
    assert raised.message.startswith("[Errno 2] No usable temporary directory found")


@pytest.mark.parametrize("attempt", REFUSED_CALLS)
def test_calls_that_reach_others_are_refused(run_light: Run, attempt: str) -> None:
    source = (
        "import ctypes, errno, fcntl, os, resource, seccomp, socket, sys, termios, wire\n"
        "here = wire.__file__\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "def checked(result):\n"
        "    if result == -1:\n"
        "        raise OSError(ctypes.get_errno(), 'refused')\n"
        f"def f():\n    try:\n        {attempt}\n        return 'done'\n"
        "    except OSError as error:\n"
        "        return errno.errorcode[error.errno]\n"
    )
    assert value(run_light(program(source))[0]) == "EPERM"


def test_process_state_is_reset_between_programs(run_light: Run) -> None:
    look = (
        "    limits = [resource.getrlimit(n) for n in range(16)]\n"
        "    return [os.getcwd(), os.umask(0o22), dict(os.environ), limits,\n"
        "            [s for s in range(1, 65) if signal.getsignal(s) == signal.SIG_IGN],\n"
        "            sys.argv, sys.path, sorted(os.listdir('.'))]\n"
    )
    head = "import os, resource, signal, sys\ndef f():\n"
    leave = (
        "    os.chdir(os.path.dirname(os.__file__)); os.umask(0); os.environ['LEFT'] = '1'\n"
        "    resource.setrlimit(resource.RLIMIT_NOFILE, (10, 10))\n"
        "    signal.signal(signal.SIGUSR1, signal.SIG_IGN); sys.path.append('left')\n"
    )
    before, changed, after = run_light(
        program(head + look), program(head + leave + look), program(head + look)
    )
    assert value(before) == value(after)
    assert value(before) != value(changed)


# ------------------------------------------------------------------ what it allows


def test_early_exits_are_named(run_light: Run) -> None:
    """Other programs are not affected."""
    ways = {
        "os._exit(0)": EXITED.format(0),
        "os._exit(7)": EXITED.format(7),
        "ctypes.string_at(0)": "its process was stopped by the signal SIGSEGV",
        "os.abort()": "its process was stopped by the signal ",
    }
    source = "import ctypes, os\ndef f(go):\n    if not go:\n        return 1\n    {}\n"
    calls = [Call((go,), 1) for go in (False, True, False)]
    observations = run_light(*interleaved(*(program(source.format(w), calls=calls) for w in ways)))
    assert {(o.ending, o.outcomes) for o in observations[::2]} == {(Ending.CRASHED, (Returned(1),))}
    assert all(
        o.detail.startswith(way) for o, way in zip(observations[::2], ways.values(), strict=True)
    )
    assert {value(honest) for honest in observations[1::2]} == {42}


def test_threads_are_refused(run_light: Run) -> None:
    """No limit would count them in this tier."""
    source = (
        "import threading\n"
        "def f(stack):\n"
        "    threading.stack_size(stack)\n"
        "    threading.Thread(target=print).start()\n"
    )
    observation, honest = run_light(
        program(source, calls=[Call((n,), 1) for n in (0, 1 << 15)]), HONEST
    )
    assert [o.message for o in observation.outcomes if isinstance(o, Raised)] == [
        "can't start new thread",
        "can't start new thread",
    ]
    assert value(honest) == 42


def test_plots_need_no_writable_folder(run_light: Run) -> None:
    pytest.importorskip("matplotlib")
    source = (
        "import matplotlib.pyplot as plt\n"
        "def f():\n"
        "    plt.plot([1, 2]); plt.title('cost'); plt.show()\n"
        "    plt.gcf().canvas.draw()\n"
        "    return len(plt.gca().lines)\n"
    )
    packages = ("numpy", "matplotlib")
    (observation,) = run_light(program(source), packages=packages, function_seconds=60.0)
    assert (observation.raised_before, value(observation)) == ((), 1)


def test_program_has_no_privileges(run_light: Run) -> None:
    """It runs as an unused user ID, or as root without any capability."""
    source = (
        "import ctypes, os, struct\n"
        "def f():\n"
        "    header, data = struct.pack('=Ii', 0x20080522, 0), ctypes.create_string_buffer(24)\n"
        "    assert ctypes.CDLL(None).capget(header, data) == 0\n"
        "    return [os.getuid(), os.geteuid(), os.getgid(), data.raw == bytes(24)]\n"
    )
    uid, effective, gid, bare = value(run_light(program(source))[0])
    assert bare
    if os.geteuid() == 0:
        visible = [*mounts.interpreter_paths(), *mounts.site_entries(("numpy",))]
        assert (uid > 0) == all(map(mounts.is_readable_by_all, visible))
        assert uid == effective == gid
    else:
        assert (uid, effective, gid) == (os.getuid(), os.geteuid(), os.getgid())


# ------------------------------------------------------------------ where it is not available


def refusal() -> str:
    with pytest.raises(BoxError) as problem:
        launch.start_fork_server(NUMPY, Limits(), Tier.LIGHT)
    return str(problem.value)


def test_light_box_needs_landlock_and_a_filter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    assert refusal() == "The Linux kernel has no Landlock, which the light sandbox needs."
    monkeypatch.setattr(landlock, "version", lambda: 7)
    monkeypatch.setattr(seccomp, "is_supported", lambda: False)
    assert refusal() == "The light sandbox has no system-call filter for this processor type."


def test_fork_server_stops_if_it_cannot_isolate(
    light: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks the kernel itself, whatever the grader assumes."""
    missing = mounts.BOX_FILES.parent / "gone"
    monkeypatch.setattr(mounts, "interpreter_entries", lambda: ((missing,), ()))
    monkeypatch.setattr(mounts, "is_readable_by_all", lambda _: False)
    assert refusal().startswith("The sandbox could not be started: FileNotFoundError: ")


def test_folder_is_readable_under_any_umask(light: None, marked: Path) -> None:
    marked.chmod(0o600)
    before = os.umask(0o077)
    try:
        observations = sandbox.run(
            [HONEST],
            sandbox.BoxContents(((marked.name, marked),), ("numpy",)),
            Limits(),
            tier=Tier.LIGHT,
        )
    finally:
        os.umask(before)
    assert value(observations[0]) == 42
