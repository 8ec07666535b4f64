"""The filter refuses what no graded function needs, by its own program and by what the kernel does.

The tables are held against a list of names that stands here, the program against an evaluator of its
own, for machines that are not this one too, and against this kernel.
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
    mlock2
    """.split()
)
ALONE = frozenset(
    """
    kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo fchmod fchmodat fchown fchownat setxattr
    lsetxattr fsetxattr removexattr lremovexattr fremovexattr truncate inotify_init1
    inotify_add_watch fanotify_mark ioctl openat openat2 fchmodat2 setxattrat removexattrat
    file_setattr
    """.split()
)
OLD = frozenset("iopl ioperm mknod modify_ldt fork vfork utime utimes futimesat".split())
OLD_ALONE = frozenset("chmod chown lchown inotify_init open".split())
"""Calls that x86-64 has beside the newer ones, and 64-bit ARM has not."""

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
    _, always, alone = seccomp._MACHINES[machine]
    return always | alone


def verdict(
    machine: str, number: int, *arguments: int, alone: bool, architecture: int | None = None
) -> str:
    """Return what the filter says to a call."""
    code = seccomp.program(machine, alone=alone)
    assert code is not None
    return bpf.said(code, number, *arguments, architecture=architecture or ARCHITECTURE[machine])


# ------------------------------------------------------------------ the tables


@pytest.mark.parametrize("machine", MACHINES)
def test_the_tables_hold_what_no_graded_function_needs(machine: str) -> None:
    _, always, alone = seccomp._MACHINES[machine]
    old = machine == "x86_64"
    assert always.keys() == ALWAYS | (OLD if old else set())
    assert alone.keys() == ALONE | (OLD_ALONE if old else set())
    assert len(set((always | alone).values())) == len(always | alone)


@pytest.mark.parametrize("machine", MACHINES)
def test_the_numbers_are_those_of_the_kernels_headers(machine: str) -> None:
    header = Path(HEADERS[machine])
    if not header.exists():
        pytest.skip(f"there is no {header}")
    found = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text("utf-8")))
    known = {name: int(found[name]) for name in numbers(machine) if name in found}
    assert len(known) > 100
    assert {name: numbers(machine)[name] for name in known} == known


# ------------------------------------------------------------------ its program


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("alone", [False, True])
def test_every_name_in_the_tables_is_refused(machine: str, *, alone: bool) -> None:
    _, always, more = seccomp._MACHINES[machine]
    said = {
        name: verdict(machine, number, alone=alone)
        for name, number in (always | more).items()
        if name not in CONDITIONAL
    }
    refused = {name: "EPERM" for name in said if name in always or alone}
    assert said == dict.fromkeys(said, ALLOWED) | refused


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("alone", [False, True])
def test_what_every_program_needs_is_allowed(machine: str, *, alone: bool) -> None:
    for number in HARMLESS[machine].values():
        assert verdict(machine, number, alone=alone) == ALLOWED


@pytest.mark.parametrize("machine", MACHINES)
def test_the_calls_of_another_kind_of_machine_kill(machine: str) -> None:
    (other,) = set(ARCHITECTURE) - {machine}
    i386 = 0x40000003
    for architecture in (ARCHITECTURE[other], i386):
        said = verdict(machine, 0, alone=True, architecture=architecture)
        assert said == KILLED


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_by_numbers_that_mean_another_table_kill_and_newer_ones_are_unknown(
    machine: str,
) -> None:
    x32 = 0x40000000
    for number in (x32, x32 | numbers(machine)["ptrace"], 0xFFFFFFFF):
        assert verdict(machine, number, alone=False) == KILLED
    for number in (470, 500, x32 - 1):
        assert verdict(machine, number, alone=False) == "ENOSYS"


@pytest.mark.parametrize("machine", MACHINES)
def test_threads_can_be_made_and_neither_processes_nor_namespaces(machine: str) -> None:
    clone = numbers(machine)["clone"]
    assert verdict(machine, clone, THREAD, alone=False) == ALLOWED
    assert verdict(machine, clone, THREAD, alone=True) == "EPERM", "nobody counts them there"
    for flags in (0, SIGCHLD, VFORK):
        assert verdict(machine, clone, flags, alone=False) == "EPERM"
    for kind, flag in NAMESPACES.items():
        assert verdict(machine, clone, THREAD | flag, alone=False) == "EPERM", kind
    assert verdict(machine, numbers(machine)["clone3"], alone=True) == "ENOSYS"


@pytest.mark.parametrize("machine", MACHINES)
def test_for_a_whole_notebook_sockets_are_files_and_nothing_else_is_let_through(
    machine: str,
) -> None:
    code = seccomp.program(machine, sockets=True)
    assert code is not None
    _, always, _ = seccomp._MACHINES[machine]

    def said(name: str, *arguments: int) -> str:
        return bpf.said(code, always[name], *arguments, architecture=ARCHITECTURE[machine])

    for call in ("socket", "socketpair"):
        assert said(call, socket.AF_UNIX) == ALLOWED
        for family in (0, socket.AF_INET, socket.AF_INET6, AF_NETLINK, AF_TIPC, AF_VSOCK):
            assert said(call, family) == "EAFNOSUPPORT"
    allowed = {name for name in always.keys() - CONDITIONAL if said(name) == ALLOWED}
    assert allowed == {"bind", "connect", "listen", "sched_setscheduler"}


@pytest.mark.parametrize("machine", MACHINES)
def test_limits_of_its_own_are_a_process_s_business_and_those_of_others_are_not(
    machine: str,
) -> None:
    prlimit = numbers(machine)["prlimit64"]
    assert verdict(machine, prlimit, 0, alone=True) == ALLOWED
    for pid in (1, 4_000_000, 0xFFFFFFFF):
        assert verdict(machine, prlimit, pid, alone=True) == "EPERM"


@pytest.mark.parametrize("machine", MACHINES)
def test_a_process_cannot_outlive_its_parent_show_itself_or_have_others_signalled(
    machine: str,
) -> None:
    prctl, fcntl = numbers(machine)["prctl"], numbers(machine)["fcntl"]
    pdeathsig, dumpable, seccomp_, subreaper, name = 1, 4, 22, 36, 15
    for option in (pdeathsig, dumpable, seccomp_, subreaper):
        assert verdict(machine, prctl, option, alone=False) == "EPERM"
    assert verdict(machine, prctl, name, alone=True) == ALLOWED
    setown, setsig, setown_ex, setlease, notify = 8, 10, 15, 1024, 1026
    for order in (setown, setsig, setown_ex, setlease, notify):
        assert verdict(machine, fcntl, 3, order, alone=False) == "EPERM"
    getfl, dupfd_cloexec = 3, 1030
    for order in (getfl, dupfd_cloexec):
        assert verdict(machine, fcntl, 8, order, alone=True) == ALLOWED


@pytest.mark.parametrize("machine", MACHINES)
def test_alone_no_file_is_emptied_that_is_not_opened_for_writing(machine: str) -> None:
    table, cases = numbers(machine), dict.fromkeys((O_RDONLY, O_NEITHER), "EPERM")
    for flags, said in (
        cases | dict.fromkeys((O_WRONLY, O_RDWR, O_RDWR | O_CREAT), ALLOWED)
    ).items():
        openat = (AT_CWD, 0, flags | O_TRUNC)
        assert verdict(machine, table["openat"], *openat, alone=True) == said
        assert verdict(machine, table["openat"], *openat, alone=False) == ALLOWED
        assert verdict(machine, table["openat"], AT_CWD, 0, flags, alone=True) == ALLOWED
        if "open" in table:
            assert verdict(machine, table["open"], 0, flags | O_TRUNC, alone=True) == said
    assert verdict(machine, table["openat2"], alone=True) == "ENOSYS"


def test_a_machine_that_we_know_no_numbers_of_has_no_filter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert seccomp.program("riscv64") is None
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(OSError, match="bpf has no number here") as problem:
        seccomp.number("bpf")
    assert problem.value.errno == errno.ENOSYS
    monkeypatch.setattr(seccomp, "_CODE", dict.fromkeys((False, True)))
    assert not seccomp.known()
    assert not seccomp.install(alone=True)


# ------------------------------------------------------------------ this kernel

CALL = """
import ctypes, errno, os, resource
import namespaces, seccomp
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
namespaces.give_up_rights()  # so that nothing happens should the filter have a hole
assert seccomp.install(alone=True)
def call(name, *arguments):
    result = libc.syscall(seccomp.number(name), *map(ctypes.c_long, arguments))
    if result == 0 and name in ("fork", "vfork", "clone"):
        os._exit(0)
    return errno.errorcode[ctypes.get_errno()] if result < 0 else "allowed"
print(json.dumps([call(name, *arguments) for name, *arguments in given]))
"""


def called(*calls: tuple[str | int, ...]) -> list[str]:
    """Make system calls behind the stricter filter; return what the kernel says to each."""
    said: list[str] = in_a_child(CALL, *calls)
    return said


@pytest.fixture
def here() -> dict[str, int]:
    """Return the numbers of this machine. Skips where there is no filter."""
    if not seccomp.known():
        pytest.skip("no filter is known for this kind of machine")
    return numbers(platform.machine())


def test_the_kernel_refuses_every_name_in_the_tables(here: dict[str, int]) -> None:
    names = sorted(here.keys() - CONDITIONAL)
    said = called(*((name, 0, 0, 0, 0, 0, 0) for name in names))
    assert dict(zip(names, said, strict=True)) == dict.fromkeys(names, "EPERM")


def test_the_kernel_looks_at_arguments_as_the_program_says(here: dict[str, int]) -> None:
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
    assert dict(zip(cases, called(*cases), strict=True)) == cases


def test_threads_run_behind_the_filter(here: dict[str, int]) -> None:
    source = (
        "import seccomp, threading\n"
        "seccomp.install(alone=False)\n"
        "seen = []\n"
        "thread = threading.Thread(target=seen.append, args=(1,))\n"
        "thread.start(); thread.join()\n"
        "print(json.dumps(seen))\n"
    )
    assert in_a_child(source) == [1]


def test_a_kernel_that_takes_no_filter_is_told_of(here: dict[str, int]) -> None:
    source = (
        "import ctypes, seccomp\n"
        "seccomp._FILTER = 99\n"
        "try:\n"
        "    seccomp.install(alone=True)\n"
        "except OSError as error:\n"
        "    print(json.dumps([error.errno, error.strerror]))\n"
    )
    assert in_a_child(source) == [errno.EINVAL, "seccomp"]
