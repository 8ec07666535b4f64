"""Attacks that hostile code could try, run inside a box to test that it withstands them.

`attempt` raises the system's error if an attack is refused, and returns a sentence if it is not. The
attacks aim at decoys that were set up for them, so they do no harm where a box fails.
`misbehave` does to its own process what a broken or hostile function may do.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import mmap
import os
import resource
import signal
import socket
import struct
import threading
from collections.abc import Callable
from typing import Any

import seccomp

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_NEW_USER_NAMESPACE, _PR_SET_PDEATHSIG, _PTRACE_SEIZE = 0x10000000, 1, 0x4206
_F_SET_RW_HINT = 1036
_SMALLEST_STACK = 1 << 15
_NOT_EXECUTED = (errno.EPERM, errno.ENOSYS)
_CHANNEL_FD = 3


def attempt(name: str, target: Any) -> str:
    """Try one attack. Raises OSError or MemoryError if it is refused."""
    _ATTACKS[name](target)
    return "the attack succeeded"


def misbehave(name: str) -> Any:
    """End, block or flood this process, by name; return a value if the process survives that."""
    return _MISBEHAVIOURS[name]()


def _raise_on_error(result: int) -> None:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


# ------------------------------------------------------------------ attacks on the machine


def _read(path: str) -> None:
    with open(path, "rb") as file:
        file.read(1)


def _write(path: str) -> None:
    with open(path, "ab") as file:
        file.write(b"x")


def connect(address: Any) -> None:
    """Connect to a TCP port, or to a Unix socket."""
    kind = socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX
    with socket.socket(kind, socket.SOCK_STREAM) as channel:
        channel.settimeout(1)
        channel.connect(address)


def send_datagram(address: Any) -> None:
    """Send a UDP packet."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.sendto(b"x", address)


def read_memory(pid: int) -> None:
    """Read 0 bytes from the memory of another process."""
    nothing = ctypes.c_ulong(0)
    _raise_on_error(_libc.process_vm_readv(pid, None, nothing, None, nothing, 0))


def fork(_: str) -> None:
    """Start a process."""
    if os.fork() == 0:
        os._exit(0)


def set_lifetime_hint(_: object) -> None:
    """Set how long a file of the box is expected to live: another process could read that hint."""
    with open(seccomp.__file__, "rb") as file:
        fcntl.fcntl(file, _F_SET_RW_HINT, struct.pack("=Q", 2))


def make_system_call(name: str) -> None:
    """Make a system call with meaningless arguments.

    A kernel that executes it at all would fail with EINVAL or the like.
    """
    result = _libc.syscall(seccomp.syscall_number(name), 0, 0, 0, 0, 0, 0)
    code = ctypes.get_errno()
    if result < 0 and code in _NOT_EXECUTED:
        raise OSError(code, os.strerror(code))


def fill_disk(size: int) -> None:
    """Write files of 1 MiB until there are more than `size` bytes."""
    for number in range(size // (1 << 20) + 1):
        with open(f"/tmp/{number}", "wb") as file:
            file.write(bytes(1 << 20))


def start_threads(number: int) -> None:
    """Start threads that wait for each other."""
    stop = threading.Event()
    threading.stack_size(_SMALLEST_STACK)  # otherwise the memory limit would stop them first
    try:
        for _ in range(number):
            threading.Thread(target=stop.wait, daemon=True).start()
    except RuntimeError as error:
        raise OSError(errno.EAGAIN, str(error)) from error
    finally:
        stop.set()


def use_descriptors(_: str) -> None:
    """Look for an open file other than this process's channel and /dev/null."""
    null = os.stat(os.devnull).st_rdev
    for descriptor in range(256):
        try:
            facts = os.fstat(descriptor)
        except OSError:
            continue
        if descriptor != _CHANNEL_FD and facts.st_rdev != null:
            return
    raise OSError(errno.EBADF, os.strerror(errno.EBADF))


_ATTACKS: dict[str, Callable[[Any], object]] = {
    "read": _read,
    "list": lambda path: None if os.listdir(path) else _read("/nonexistent"),
    "write": _write,
    "write_helper": lambda _: _write(os.path.join(os.getcwd(), "left_behind.py")),
    "write_library": lambda _: _write(os.path.join(os.path.dirname(os.__file__), "left_behind.py")),
    "connect": connect,
    "send_datagram": send_datagram,
    "kill": lambda pid: os.kill(pid, signal.SIGKILL),
    "trace": lambda pid: _raise_on_error(_libc.ptrace(_PTRACE_SEIZE, pid, None, None)),
    "read_memory": read_memory,
    "limit_another": lambda pid: resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0)),
    "signal_by_proxy": lambda pid: fcntl.fcntl(_CHANNEL_FD, fcntl.F_SETOWN, pid),
    "fork": fork,
    "execute": lambda program: os.execv(program, [program]),  # noqa: S606 - the attack itself
    "enter_namespace": lambda _: _raise_on_error(_libc.unshare(_NEW_USER_NAMESPACE)),
    "mount": lambda path: _raise_on_error(_libc.mount(b"none", path.encode(), b"tmpfs", 0, None)),
    "change_user": lambda _: os.setuid(os.getuid() + 1),
    "outlive": lambda _: _raise_on_error(_libc.prctl(_PR_SET_PDEATHSIG, 0, 0, 0, 0)),
    "change_permissions": lambda path: os.chmod(path, 0o600),
    "set_times": os.utime,
    "set_lifetime_hint": set_lifetime_hint,
    "make_system_call": make_system_call,
    "fill_memory": bytearray,
    "fill_shared_memory": lambda size: mmap.mmap(-1, size).close(),
    "fill_disk": fill_disk,
    "start_threads": start_threads,
    "use_descriptors": use_descriptors,
}


# ------------------------------------------------------------------ functions that misbehave


def hang() -> None:
    """Block all signals and run forever."""
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    while True:
        pass


def recurse() -> Any:
    """Recurse without end."""
    return recurse()


def forge_result() -> int:
    """Send an invalid frame before the result."""
    os.write(_CHANNEL_FD, b"NBG1" + bytes(12))
    return 42


def flood_channel() -> None:
    """Send bytes forever."""
    while True:
        os.write(_CHANNEL_FD, b"x" * 65536)


def print_too_much() -> int:
    """Print 64 MiB."""
    for _ in range(64):
        print("x" * (1 << 20))
    return 42


def leave_file() -> list[str]:
    """Return the files in /tmp, then leave another one there if it can be written."""
    try:
        names = sorted(os.listdir("/tmp"))
        open("/tmp/note", "w").close()
    except OSError:
        return []
    return names


_MISBEHAVIOURS: dict[str, Callable[[], Any]] = {
    "return": lambda: 42,
    "hang": hang,
    "exit": lambda: os._exit(0),
    "crash": lambda: ctypes.string_at(0),
    "recurse": recurse,
    "forge_result": forge_result,
    "flood_channel": flood_channel,
    "print_too_much": print_too_much,
    "leave_file": leave_file,
}
