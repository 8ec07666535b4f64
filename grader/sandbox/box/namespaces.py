"""Namespaces of its own for one submission, made inside a box that is already one.

The warm interpreter forks into a user namespace, and, with the rights there, into new process, mount,
network, IPC and host-name namespaces. The fork, the first process in them, gets an empty /tmp, loses
sight of /proc, and gives every right up again before a submission reaches it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct

_NEWNS, _NEWUTS, _NEWIPC = 0x00020000, 0x04000000, 0x08000000
_NEWUSER, _NEWPID, _NEWNET = 0x10000000, 0x20000000, 0x40000000
_EVERYTHING = _NEWNS | _NEWUTS | _NEWIPC | _NEWUSER | _NEWPID | _NEWNET
_RDONLY, _NOSUID, _NODEV, _NOEXEC, _RECURSIVE, _PRIVATE = 1, 2, 4, 8, 1 << 14, 1 << 18
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 1, 4, 24
_PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT, _CLEAR_ALL = 38, 47, 4
_CAPABILITY_V3 = 0x20080522
_INSIDE_ID = 1000

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def fork_apart(clone: int) -> int:
    """Fork a child that is the first process in new namespaces; return its number, in it 0.

    `clone` is the number of that system call: `os.fork` cannot ask it for namespaces, and to leave for
    new ones first takes a second fork. Python is told of the fork as `os.fork` would tell it.
    """
    python = ctypes.pythonapi  # which keeps the interpreter's lock meanwhile
    system_call = ctypes.PyDLL(None, use_errno=True).syscall
    python.PyOS_BeforeFork()
    pid: int = system_call(*map(ctypes.c_long, (clone, _EVERYTHING | signal.SIGCHLD, 0, 0, 0, 0)))
    if pid == 0:
        python.PyOS_AfterFork_Child()
    else:
        python.PyOS_AfterFork_Parent()
    _checked(pid < 0, "clone")
    return pid


def be_nobody_else(uid: int, gid: int) -> None:
    """Be one ordinary user in new namespaces, who outside of them has these IDs."""
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{_INSIDE_ID} {uid} 1"),
        ("gid_map", f"{_INSIDE_ID} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def furnish(disk_bytes: int) -> None:
    """Give this process an empty /tmp of a bounded size, and take /proc away."""
    _mount("/", _RECURSIVE | _PRIVATE)
    options = f"size={disk_bytes},nr_inodes=4096,mode=1777"
    _mount("/tmp", _NOSUID | _NODEV, options)
    _mount("/proc", _NOSUID | _NODEV | _NOEXEC | _RDONLY, "size=4096,nr_inodes=2,mode=0555")


def _mount(target: str, flags: int, options: str | None = None) -> None:
    kind = b"tmpfs" if options else None
    data = options.encode() if options else None
    _checked(_libc.mount(kind, target.encode(), kind, flags, data), f"mount {target}")


def give_up_rights() -> None:
    """Drop every capability for good, and hide this process from debuggers."""
    for capability in range(64):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
            break
    _libc.prctl(_PR_CAP_AMBIENT, _CLEAR_ALL, 0, 0, 0)
    header = struct.pack("=Ii", _CAPABILITY_V3, 0)
    _checked(_libc.capset(header, bytes(24)), "capset")
    _checked(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    hide()


def hide() -> None:
    """Make this process untraceable, its memory unreadable to others."""
    _checked(_libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0), "not dumpable")


def show() -> None:
    """Undo `hide`, which a change of user implies: only then may a process write its own maps."""
    _checked(_libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0), "dumpable")


def die_with_parent(parent: int) -> None:
    """Be killed when the parent is, also if it was meanwhile; a change of user undoes this.

    A parent in another process namespace has no number here, which is 0.
    """
    _checked(_libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "die with parent")
    if os.getppid() != parent:
        os._exit(1)
