"""The filter refuses the calls that no graded function needs.

The tables are compared with the list of names below. The filter is run by an evaluator, for every
processor type, and by this machine's kernel.
"""

from __future__ import annotations

import errno
import platform
import re
import socket
from pathlib import Path

import pytest

from grader.sandbox.box import seccomp
from tests.sandbox import bpf
from tests.sandbox.bpf import ALLOWED, KILLED
from tests.sandbox.children import in_a_child

ALWAYS = frozenset(
    """
    ptrace personality pivot_root chroot acct mount umount2 swapon swapoff reboot sethostname
    setdomainname init_module delete_module quotactl add_key request_key keyctl unshare
    perf_event_open fanotify_init name_to_handle_at open_by_handle_at clock_adjtime setns
    process_vm_readv process_vm_writev kcmp finit_module memfd_create kexec_file_load kexec_load bpf
    userfaultfd mknodat settimeofday clock_settime adjtimex shmget shmat shmctl semget semop semctl
    semtimedop msgget msgsnd msgrcv msgctl mq_open mq_unlink socket socketpair bind connect listen
    vmsplice prctl clone execve execveat fcntl prlimit64 setpriority sched_setparam
    sched_setscheduler sched_setaffinity sched_setattr ioprio_set migrate_pages move_pages
    lookup_dcookie seccomp syslog pidfd_send_signal io_uring_setup io_uring_enter io_uring_register
    open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open clone3 pidfd_getfd
    process_madvise mount_setattr quotactl_fd memfd_secret statmount listmount open_tree_attr
    utimensat io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents mlock mlockall
    mlock2 flock inotify_init1 inotify_add_watch
    """.split()
)
STRICT = frozenset(
    """
    kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo fchmod fchmodat fchown fchownat setxattr
    lsetxattr fsetxattr removexattr lremovexattr fremovexattr truncate
    fanotify_mark ioctl openat openat2 fchmodat2 setxattrat removexattrat
    file_setattr
    """.split()
)
OLD = frozenset(
    "inotify_init iopl ioperm mknod modify_ldt fork vfork utime utimes futimesat".split()
)
OLD_STRICT = frozenset("chmod chown lchown open".split())
"""Old calls of x86-64 that 64-bit ARM does not have."""

CONDITIONAL = frozenset("prctl clone clone3 fcntl prlimit64 open openat openat2".split())
HARMLESS = {
    "x86_64": {"read": 0, "write": 1, "mmap": 9, "brk": 12, "futex": 202, "exit_group": 231},
    "aarch64": {"read": 63, "write": 64, "mmap": 222, "brk": 214, "futex": 98, "exit_group": 94},
}
ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
HEADERS = {
    "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    "aarch64": "/usr/include/asm-generic/unistd.h",
}
MACHINES = sorted(ARCHITECTURE)

SIGCHLD, VFORK, THREAD = 17, 0x4111, 0x3D0F00
NAMESPACES = {
    "time": 0x80,
    "mount": 0x20000,
    "cgroup": 0x02000000,
    "host name": 0x04000000,
    "ipc": 0x08000000,
    "user": 0x10000000,
    "process": 0x20000000,
    "network": 0x40000000,
}
O_RDONLY, O_WRONLY, O_RDWR, O_NEITHER, O_CREAT, O_TRUNC = 0, 1, 2, 3, 0x40, 0x200
AT_CWD = (1 << 64) - 100
AF_NETLINK, AF_TIPC, AF_VSOCK = 16, 30, 40


def numbers(machine: str) -> dict[str, int]:
    _, always, strict = seccomp._MACHINES[machine]
    return always | strict


def verdict(
    machine: str, number: int, *arguments: int, strict: bool, architecture: int | None = None
) -> str:
    """Return the filter's verdict on a call."""
    code = seccomp.assemble(machine, strict=strict)
    assert code is not None
    return bpf.verdict(code, number, *arguments, architecture=architecture or ARCHITECTURE[machine])


# ------------------------------------------------------------------ the tables


@pytest.mark.parametrize("machine", MACHINES)
def test_tables_list_the_expected_calls(machine: str) -> None:
    _, always, strict = seccomp._MACHINES[machine]
    old = machine == "x86_64"
    assert always.keys() == ALWAYS | (OLD if old else set())
    assert strict.keys() == STRICT | (OLD_STRICT if old else set())
    assert len(set((always | strict).values())) == len(always | strict)


@pytest.mark.parametrize("machine", MACHINES)
def test_numbers_match_the_kernel_headers(machine: str) -> None:
    header = Path(HEADERS[machine])
    if not header.exists():
        pytest.skip(f"{header} is not installed")
    header_numbers = dict(
        re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text("utf-8"))
    )
    expected = {
        name: int(header_numbers[name]) for name in numbers(machine) if name in header_numbers
    }
    assert len(expected) > 100
    assert {name: numbers(machine)[name] for name in expected} == expected


# ------------------------------------------------------------------ the filter's instructions


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("strict", [False, True])
def test_listed_calls_are_refused(machine: str, *, strict: bool) -> None:
    _, always, more = seccomp._MACHINES[machine]
    verdicts = {
        name: verdict(machine, number, strict=strict)
        for name, number in (always | more).items()
        if name not in CONDITIONAL
    }
    refused = {name: "EPERM" for name in verdicts if name in always or strict}
    assert verdicts == dict.fromkeys(verdicts, ALLOWED) | refused


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("strict", [False, True])
def test_needed_calls_are_allowed(machine: str, *, strict: bool) -> None:
    for number in HARMLESS[machine].values():
        assert verdict(machine, number, strict=strict) == ALLOWED


@pytest.mark.parametrize("machine", MACHINES)
def test_foreign_architecture_is_killed(machine: str) -> None:
    (foreign,) = set(ARCHITECTURE) - {machine}
    i386 = 0x40000003
    for architecture in (ARCHITECTURE[foreign], i386):
        verdicts = verdict(machine, 0, strict=True, architecture=architecture)
        assert verdicts == KILLED


@pytest.mark.parametrize("machine", MACHINES)
def test_x32_is_killed_and_newer_calls_unknown(
    machine: str,
) -> None:
    x32 = 0x40000000
    for number in (x32, x32 | numbers(machine)["ptrace"], 0xFFFFFFFF):
        assert verdict(machine, number, strict=False) == KILLED
    for number in (470, 500, x32 - 1):
        assert verdict(machine, number, strict=False) == "ENOSYS"


@pytest.mark.parametrize("machine", MACHINES)
def test_clone_allows_threads_only(machine: str) -> None:
    clone = numbers(machine)["clone"]
    assert verdict(machine, clone, THREAD, strict=False) == ALLOWED
    assert verdict(machine, clone, THREAD, strict=True) == "EPERM", "no limit counts them there"
    for flags in (0, SIGCHLD, VFORK):
        assert verdict(machine, clone, flags, strict=False) == "EPERM"
    for kind, flag in NAMESPACES.items():
        assert verdict(machine, clone, THREAD | flag, strict=False) == "EPERM", kind
    assert verdict(machine, numbers(machine)["clone3"], strict=True) == "ENOSYS"


@pytest.mark.parametrize("machine", MACHINES)
def test_notebook_filter_allows_unix_sockets_only(
    machine: str,
) -> None:
    code = seccomp.assemble(machine, sockets=True)
    assert code is not None
    _, always, _ = seccomp._MACHINES[machine]

    def verdicts(name: str, *arguments: int) -> str:
        return bpf.verdict(code, always[name], *arguments, architecture=ARCHITECTURE[machine])

    for call in ("socket", "socketpair"):
        assert verdicts(call, socket.AF_UNIX) == ALLOWED
        for family in (0, socket.AF_INET, socket.AF_INET6, AF_NETLINK, AF_TIPC, AF_VSOCK):
            assert verdicts(call, family) == "EAFNOSUPPORT"
    allowed = {name for name in always.keys() - CONDITIONAL if verdicts(name) == ALLOWED}
    assert allowed == {"bind", "connect", "listen", "sched_setscheduler"}


@pytest.mark.parametrize("machine", MACHINES)
def test_prlimit_is_for_the_own_process(
    machine: str,
) -> None:
    prlimit = numbers(machine)["prlimit64"]
    assert verdict(machine, prlimit, 0, strict=True) == ALLOWED
    for pid in (1, 4_000_000, 0xFFFFFFFF):
        assert verdict(machine, prlimit, pid, strict=True) == "EPERM"


@pytest.mark.parametrize("machine", MACHINES)
def test_prctl_and_fcntl_options(
    machine: str,
) -> None:
    """A process cannot outlive its parent, become traceable or have others signalled."""
    prctl, fcntl = numbers(machine)["prctl"], numbers(machine)["fcntl"]
    pdeathsig, dumpable, seccomp_, subreaper, name = 1, 4, 22, 36, 15
    for option in (pdeathsig, dumpable, seccomp_, subreaper):
        assert verdict(machine, prctl, option, strict=False) == "EPERM"
    assert verdict(machine, prctl, name, strict=True) == ALLOWED
    setown, setsig, setown_ex, setlease, notify = 8, 10, 15, 1024, 1026
    locks = 5, 6, 7, 36, 37, 38
    for order in (setown, setsig, setown_ex, setlease, notify, *locks):
        assert verdict(machine, fcntl, 3, order, strict=False) == "EPERM"
    getfl, dupfd_cloexec = 3, 1030
    for order in (getfl, dupfd_cloexec):
        assert verdict(machine, fcntl, 8, order, strict=True) == ALLOWED


@pytest.mark.parametrize("machine", MACHINES)
def test_strict_filter_refuses_read_only_truncation(machine: str) -> None:
    table, cases = numbers(machine), dict.fromkeys((O_RDONLY, O_NEITHER), "EPERM")
    for flags, verdicts in (
        cases | dict.fromkeys((O_WRONLY, O_RDWR, O_RDWR | O_CREAT), ALLOWED)
    ).items():
        openat = (AT_CWD, 0, flags | O_TRUNC)
        assert verdict(machine, table["openat"], *openat, strict=True) == verdicts
        assert verdict(machine, table["openat"], *openat, strict=False) == ALLOWED
        assert verdict(machine, table["openat"], AT_CWD, 0, flags, strict=True) == ALLOWED
        if "open" in table:
            assert verdict(machine, table["open"], 0, flags | O_TRUNC, strict=True) == verdicts
    assert verdict(machine, table["openat2"], strict=True) == "ENOSYS"


def test_unknown_processor_has_no_filter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert seccomp.assemble("riscv64") is None
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(OSError, match="bpf has no number here") as problem:
        seccomp.syscall_number("bpf")
    assert problem.value.errno == errno.ENOSYS
    monkeypatch.setattr(seccomp, "_CODE", dict.fromkeys((False, True)))
    assert not seccomp.is_supported()
    assert not seccomp.install(strict=True)


# ------------------------------------------------------------------ this kernel

CALL = """
import ctypes, errno, os, resource
import namespaces, seccomp
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
namespaces.drop_privileges()  # so that nothing happens if the filter has a gap
assert seccomp.install(strict=True)
def call(name, *arguments):
    result = libc.syscall(seccomp.syscall_number(name), *map(ctypes.c_long, arguments))
    if result == 0 and name in ("fork", "vfork", "clone"):
        os._exit(0)
    return errno.errorcode[ctypes.get_errno()] if result < 0 else "allowed"
print(json.dumps([call(name, *arguments) for name, *arguments in arguments]))
"""


def call_kernel(*calls: tuple[str | int, ...]) -> list[str]:
    """Make system calls behind the strict filter; return the kernel's reply to each."""
    verdicts: list[str] = in_a_child(CALL, *calls)
    return verdicts


@pytest.fixture
def here() -> dict[str, int]:
    """Return the numbers of this machine. Skips the test if there is no filter."""
    if not seccomp.is_supported():
        pytest.skip("there is no filter for this processor type")
    return numbers(platform.machine())


def test_kernel_refuses_listed_calls(here: dict[str, int]) -> None:
    names = sorted(here.keys() - CONDITIONAL)
    verdicts = call_kernel(*((name, 0, 0, 0, 0, 0, 0) for name in names))
    assert dict(zip(names, verdicts, strict=True)) == dict.fromkeys(names, "EPERM")


def test_kernel_checks_arguments(here: dict[str, int]) -> None:
    cases: dict[tuple[str | int, ...], str] = {
        ("prctl", 1, 0): "EPERM",
        ("prctl", 22, 2): "EPERM",
        ("prctl", 3): "allowed",
        ("clone", SIGCHLD): "EPERM",
        ("clone", THREAD | NAMESPACES["user"]): "EPERM",
        ("clone3", 0, 0): "ENOSYS",
        ("fcntl", 1, 8, 1): "EPERM",
        ("fcntl", 1, 1024, 0): "EPERM",
        ("fcntl", 1, 1): "allowed",
        ("prlimit64", 1, 0, 0, 0): "EPERM",
        ("prlimit64", 0, 0, 0, 0): "allowed",
        ("openat", -100, 0, O_TRUNC): "EPERM",
        ("openat", -100, 0, O_TRUNC | O_NEITHER): "EPERM",
        ("openat", -100, 0, O_TRUNC | O_WRONLY): "EFAULT",
        ("openat2", -100, 0, 0, 0): "ENOSYS",
    }
    assert dict(zip(cases, call_kernel(*cases), strict=True)) == cases


def test_threads_run_behind_the_filter(here: dict[str, int]) -> None:
    source = (
        "import seccomp, threading\n"
        "seccomp.install(strict=False)\n"
        "seen = []\n"
        "thread = threading.Thread(target=seen.append, args=(1,))\n"
        "thread.start(); thread.join()\n"
        "print(json.dumps(seen))\n"
    )
    assert in_a_child(source) == [1]


def test_kernel_that_rejects_the_filter(here: dict[str, int]) -> None:
    source = (
        "import ctypes, seccomp\n"
        "seccomp._FILTER = 99\n"
        "try:\n"
        "    seccomp.install(strict=True)\n"
        "except OSError as error:\n"
        "    print(json.dumps([error.errno, error.strerror]))\n"
    )
    assert in_a_child(source) == [errno.EINVAL, "seccomp"]
