"""What hostile code would try; run inside a box by those who want to know whether it holds.

`attempt` raises what the machine says when it refuses, and returns words when it does not. Nothing
here does harm where a box is missing: it reaches for bait that was laid out for it, and lets go.
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
_SMALLEST_STACK = 1 << 15
_NOT_LOOKED_AT = (errno.EPERM, errno.ENOSYS)


def attempt(name: str, bait: Any) -> str:
    """Try one attack. Raises OSError or MemoryError where it is refused."""
    _ATTACKS[name](bait)
    return "the attack succeeded"


def _checked(result: int) -> None:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def _read(path: str) -> None:
    with open(path, "rb") as file:
        file.read(1)


def _write(path: str) -> None:
    with open(path, "ab") as file:
        file.write(b"x")


def _write_helper(_: str) -> None:
    _write(os.path.join(os.getcwd(), "left_behind.py"))


def _write_library(_: str) -> None:
    _write(os.path.join(os.path.dirname(os.__file__), "left_behind.py"))


def _connect(place: Any) -> None:
    kind = socket.AF_INET if isinstance(place, tuple) else socket.AF_UNIX
    with socket.socket(kind, socket.SOCK_STREAM) as channel:
        channel.settimeout(1)
        channel.connect(place)


def _send_datagram(place: Any) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.sendto(b"x", place)


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def _trace(pid: int) -> None:
    _checked(_libc.ptrace(_PTRACE_SEIZE, pid, None, None))


def _read_memory(pid: int) -> None:
    _checked(_libc.process_vm_readv(pid, None, ctypes.c_ulong(0), None, ctypes.c_ulong(0), 0))


def _limit_another(pid: int) -> None:
    resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))


def _signal_by_proxy(pid: int) -> None:
    fcntl.fcntl(3, fcntl.F_SETOWN, pid)


def _fork(_: str) -> None:
    if os.fork() == 0:
        os._exit(0)


def _execute(program: str) -> None:
    os.execv(program, [program])  # noqa: S606  that is the attack


def _enter_namespace(_: str) -> None:
    _checked(_libc.unshare(_NEW_USER_NAMESPACE))


def _mount(place: str) -> None:
    _checked(_libc.mount(b"none", place.encode(), b"tmpfs", 0, None))


def _become_another(_: str) -> None:
    os.setuid(os.getuid() + 1)


def _outlive(_: str) -> None:
    _checked(_libc.prctl(_PR_SET_PDEATHSIG, 0, 0, 0, 0))


def _set_times(path: str) -> None:
    os.utime(path)


def _leave_a_hint(_: object) -> None:
    """Set how long a file of the box is said to live: whoever opens it later could read that."""
    with open(seccomp.__file__, "rb") as file:
        fcntl.fcntl(file, 1036, struct.pack("=Q", 2))


def _change_rights(path: str) -> None:
    os.chmod(path, 0o600)


def _call(name: str) -> None:
    """Make a system call without sense; a kernel that looks at it at all would say EINVAL or the like."""
    result = _libc.syscall(seccomp.number(name), 0, 0, 0, 0, 0, 0)
    code = ctypes.get_errno()
    if result < 0 and code in _NOT_LOOKED_AT:
        raise OSError(code, os.strerror(code))


def _fill_memory(size: int) -> None:
    bytearray(size)


def _fill_shared_memory(size: int) -> None:
    mmap.mmap(-1, size).close()


def _fill_disk(size: int) -> None:
    """Write files of a mebibyte until there are more bytes than allowed."""
    for number in range(size // (1 << 20) + 1):
        with open(f"/tmp/{number}", "wb") as file:
            file.write(bytes(1 << 20))


def _start_threads(number: int) -> None:
    enough = threading.Event()
    threading.stack_size(_SMALLEST_STACK)  # or memory would bound them
    try:
        for _ in range(number):
            threading.Thread(target=enough.wait, daemon=True).start()
    except RuntimeError as error:
        raise OSError(errno.EAGAIN, str(error)) from error
    finally:
        enough.set()


def _use_descriptors(_: str) -> None:
    """Look for anything open besides a channel of our own and three ways to nowhere."""
    nowhere = os.stat(os.devnull).st_rdev
    for descriptor in range(256):
        try:
            seen = os.fstat(descriptor)
        except OSError:
            continue
        if descriptor != 3 and seen.st_rdev != nowhere:
            return
    raise OSError(errno.EBADF, os.strerror(errno.EBADF))


_ATTACKS: dict[str, Callable[[Any], None]] = {
    "read": _read,
    "list": lambda path: None if os.listdir(path) else _read("/nonexistent"),
    "write": _write,
    "write_helper": _write_helper,
    "write_library": _write_library,
    "connect": _connect,
    "send_datagram": _send_datagram,
    "kill": _kill,
    "trace": _trace,
    "read_memory": _read_memory,
    "limit_another": _limit_another,
    "signal_by_proxy": _signal_by_proxy,
    "fork": _fork,
    "execute": _execute,
    "enter_namespace": _enter_namespace,
    "mount": _mount,
    "become_another": _become_another,
    "outlive": _outlive,
    "change_rights": _change_rights,
    "set_times": _set_times,
    "leave_a_hint": _leave_a_hint,
    "call": _call,
    "fill_memory": _fill_memory,
    "fill_shared_memory": _fill_shared_memory,
    "fill_disk": _fill_disk,
    "start_threads": _start_threads,
    "use_descriptors": _use_descriptors,
}
