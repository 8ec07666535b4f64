"""Namespaces for one submission, created inside a box that has namespaces already.

The fork server forks into a new user namespace and, with the privileges it has there, into new
process, mount, network, IPC and host-name namespaces. The fork is the first process in them. It gets
an empty /tmp, loses /proc, and drops every privilege again before it receives a submission.
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct

_NEWNS, _NEWUTS, _NEWIPC = 0x00020000, 0x04000000, 0x08000000
_NEWUSER, _NEWPID, _NEWNET = 0x10000000, 0x20000000, 0x40000000
_ALL_NAMESPACES = _NEWNS | _NEWUTS | _NEWIPC | _NEWUSER | _NEWPID | _NEWNET
_RDONLY, _NOSUID, _NODEV, _NOEXEC, _RECURSIVE, _PRIVATE = 1, 2, 4, 8, 1 << 14, 1 << 18
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 1, 4, 24
_PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT, _CLEAR_ALL = 38, 47, 4
_CAPABILITY_V3 = 0x20080522
_INSIDE_ID = 1000

_libc = ctypes.CDLL(None, use_errno=True)


def _raise_on_error(result: int, call: str) -> None:
    """Raise OSError with the name of the call unless its result is 0."""
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")


def fork_into_namespaces(clone: int) -> int:
    """Fork a child that is the first process in new namespaces; return its process ID, 0 in the child.

    `clone` is the number of that system call. `os.fork` cannot pass flags for namespaces, and
    `unshare` would need a second fork. Python's fork hooks run as for `os.fork`. Raises OSError.
    """
    python = ctypes.pythonapi  # it keeps the interpreter's lock during the call
    system_call = ctypes.PyDLL(None, use_errno=True).syscall
    python.PyOS_BeforeFork()
    flags = _ALL_NAMESPACES | signal.SIGCHLD
    pid: int = system_call(*map(ctypes.c_long, (clone, flags, 0, 0, 0, 0)))
    if pid == 0:
        python.PyOS_AfterFork_Child()
    else:
        python.PyOS_AfterFork_Parent()
    _raise_on_error(pid < 0, "clone")
    return pid


def map_ids(uid: int, gid: int) -> None:
    """Map `uid` and `gid` to an unprivileged user in the new user namespace. Raises OSError."""
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{_INSIDE_ID} {uid} 1"),
        ("gid_map", f"{_INSIDE_ID} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def mount_private_filesystems(disk_bytes: int) -> None:
    """Mount an empty /tmp of at most `disk_bytes` bytes, and an empty file system over /proc.

    /tmp is in memory and has at most 4,096 files. Raises OSError.
    """
    _mount("/", _RECURSIVE | _PRIVATE)
    options = f"size={disk_bytes},nr_inodes=4096,mode=1777"
    _mount("/tmp", _NOSUID | _NODEV, options)
    _mount("/proc", _NOSUID | _NODEV | _NOEXEC | _RDONLY, "size=4096,nr_inodes=2,mode=0555")


def _mount(target: str, flags: int, options: str | None = None) -> None:
    kind = b"tmpfs" if options else None
    data = options.encode() if options else None
    _raise_on_error(_libc.mount(kind, target.encode(), kind, flags, data), f"mount {target}")


def drop_privileges() -> None:
    """Drop every capability permanently, and forbid tracing of this process. Raises OSError."""
    for capability in range(64):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
            break
    _libc.prctl(_PR_CAP_AMBIENT, _CLEAR_ALL, 0, 0, 0)
    header = struct.pack("=Ii", _CAPABILITY_V3, 0)
    _raise_on_error(_libc.capset(header, bytes(24)), "capset")
    _raise_on_error(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    forbid_tracing()


def forbid_tracing() -> None:
    """Make this process untraceable and its memory unreadable to other processes. Raises OSError."""
    _raise_on_error(_libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0), "not dumpable")


def allow_tracing() -> None:
    """Undo `forbid_tracing`, which a change of user implies.

    Without this, the process may not write its own ID maps.
    """
    _raise_on_error(_libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0), "dumpable")


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent dies; exit if the parent has died already.

    `parent` is its process ID, 0 if it is in another process namespace. A later change of user undoes
    this.
    """
    _raise_on_error(_libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "die with parent")
    if os.getppid() != parent:
        os._exit(1)
