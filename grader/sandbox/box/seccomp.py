"""A system-call filter for student code, assembled here because the box has no library for it.

It denies calls that grading never needs: tracing, mounting, other namespaces, kernel keys, BPF,
io_uring, sockets, and storage, locks and watches of files that all processes of a machine share. For
a process without namespaces the `strict` filter also denies threads, which no limit would count
there, and calls that reach other processes or change other users' files. A denied call fails with
EPERM, in Python PermissionError. The numbers are those of the kernel's table for x86-64 and of the
generic table that 64-bit ARM uses. Other processors have no filter.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from collections.abc import Collection

_X86_64 = {
    "ptrace": 101, "personality": 135, "pivot_root": 155, "chroot": 161, "acct": 163, "mount": 165,
    "umount2": 166, "swapon": 167, "swapoff": 168, "reboot": 169, "sethostname": 170,
    "setdomainname": 171, "iopl": 172, "ioperm": 173, "init_module": 175, "delete_module": 176,
    "quotactl": 179, "add_key": 248, "request_key": 249, "keyctl": 250, "unshare": 272,
    "perf_event_open": 298, "fanotify_init": 300, "name_to_handle_at": 303,
    "open_by_handle_at": 304, "clock_adjtime": 305, "setns": 308, "process_vm_readv": 310,
    "process_vm_writev": 311, "kcmp": 312, "finit_module": 313, "memfd_create": 319,
    "kexec_file_load": 320, "kexec_load": 246, "bpf": 321, "userfaultfd": 323, "mknod": 133,
    "mknodat": 259, "modify_ldt": 154, "settimeofday": 164, "clock_settime": 227, "adjtimex": 159,
    "shmget": 29, "shmat": 30, "shmctl": 31, "semget": 64, "semop": 65, "semctl": 66,
    "semtimedop": 220, "msgget": 68, "msgsnd": 69, "msgrcv": 70, "msgctl": 71, "mq_open": 240,
    "mq_unlink": 241, "seccomp": 317, "syslog": 103,
    "socket": 41, "socketpair": 53, "bind": 49, "connect": 42, "listen": 50, "vmsplice": 278,
    "prctl": 157, "clone": 56, "fork": 57, "vfork": 58, "execve": 59, "execveat": 322,
    "fcntl": 72, "prlimit64": 302, "setpriority": 141, "sched_setparam": 142,
    "sched_setscheduler": 144, "sched_setaffinity": 203, "sched_setattr": 314, "ioprio_set": 251,
    "migrate_pages": 256, "move_pages": 279, "lookup_dcookie": 212,
    "utime": 132, "utimes": 235, "futimesat": 261, "utimensat": 280, "io_setup": 206,
    "io_destroy": 207, "io_getevents": 208, "io_submit": 209, "io_cancel": 210,
    "io_pgetevents": 333, "mlock": 149, "mlockall": 151, "mlock2": 325,
    "flock": 73, "inotify_init": 253, "inotify_init1": 294, "inotify_add_watch": 254,
}  # fmt: skip
_X86_64_STRICT = {
    "kill": 62, "tkill": 200, "tgkill": 234, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297,
    "chmod": 90, "fchmod": 91, "fchmodat": 268, "chown": 92, "fchown": 93, "lchown": 94,
    "fchownat": 260, "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190, "removexattr": 197,
    "lremovexattr": 198, "fremovexattr": 199, "truncate": 76, "fanotify_mark": 301,
    "ioctl": 16, "open": 2, "openat": 257,
}  # fmt: skip
_ARM_64 = {
    "ptrace": 117, "personality": 92, "pivot_root": 41, "chroot": 51, "acct": 89, "mount": 40,
    "umount2": 39, "swapon": 224, "swapoff": 225, "reboot": 142, "sethostname": 161,
    "setdomainname": 162, "init_module": 105, "delete_module": 106, "quotactl": 60,
    "add_key": 217, "request_key": 218, "keyctl": 219, "unshare": 97, "perf_event_open": 241,
    "fanotify_init": 262, "name_to_handle_at": 264, "open_by_handle_at": 265,
    "clock_adjtime": 266, "setns": 268, "process_vm_readv": 270, "process_vm_writev": 271,
    "kcmp": 272, "finit_module": 273, "memfd_create": 279, "kexec_file_load": 294,
    "kexec_load": 104, "bpf": 280, "userfaultfd": 282, "mknodat": 33, "settimeofday": 170,
    "clock_settime": 112, "adjtimex": 171, "shmget": 194, "shmat": 196, "shmctl": 195,
    "semget": 190, "semctl": 191, "semtimedop": 192, "semop": 193, "msgget": 186, "msgctl": 187,
    "msgrcv": 188, "msgsnd": 189, "mq_open": 180, "mq_unlink": 181, "seccomp": 277, "syslog": 116,
    "socket": 198, "socketpair": 199, "bind": 200,
    "connect": 203, "listen": 201, "vmsplice": 75, "prctl": 167, "clone": 220, "execve": 221,
    "execveat": 281, "fcntl": 25, "prlimit64": 261, "setpriority": 140, "sched_setparam": 118,
    "sched_setscheduler": 119, "sched_setaffinity": 122, "sched_setattr": 274, "ioprio_set": 30,
    "migrate_pages": 238, "move_pages": 239, "lookup_dcookie": 18,
    "utimensat": 88, "io_setup": 0, "io_destroy": 1, "io_submit": 2, "io_cancel": 3,
    "io_getevents": 4, "io_pgetevents": 292, "mlock": 228, "mlockall": 230, "mlock2": 284,
    "flock": 32, "inotify_init1": 26, "inotify_add_watch": 27,
}  # fmt: skip
_ARM_64_STRICT = {
    "kill": 129, "tkill": 130, "tgkill": 131, "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240,
    "fchmod": 52, "fchmodat": 53, "fchown": 55, "fchownat": 54, "setxattr": 5,
    "lsetxattr": 6, "fsetxattr": 7, "removexattr": 14, "lremovexattr": 15, "fremovexattr": 16,
    "truncate": 45, "fanotify_mark": 263,
    "ioctl": 29, "openat": 56,
}  # fmt: skip
# From this number on the tables of all processors agree.
_COMMON = {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426,
    "io_uring_register": 427, "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431,
    "fsmount": 432, "fspick": 433, "pidfd_open": 434, "clone3": 435, "pidfd_getfd": 438,
    "process_madvise": 440, "mount_setattr": 442, "quotactl_fd": 443, "memfd_secret": 447,
    "statmount": 457, "listmount": 458, "open_tree_attr": 467,
}  # fmt: skip
_COMMON_STRICT = {
    "openat2": 437, "fchmodat2": 452, "setxattrat": 463, "removexattrat": 466, "file_setattr": 469,
}  # fmt: skip
_MACHINES = {
    "x86_64": (0xC000003E, _X86_64 | _COMMON, _X86_64_STRICT | _COMMON_STRICT),
    "aarch64": (0xC00000B7, _ARM_64 | _COMMON, _ARM_64_STRICT | _COMMON_STRICT),
}

_CONDITIONAL = frozenset("prctl clone clone3 fcntl prlimit64 open openat openat2".split())
_SOCKETS = frozenset("socket socketpair bind connect listen sched_setscheduler".split())
"""Calls of a socket library (ZeroMQ); its threads set the scheduling that they already have.

Without namespaces they stay denied: Landlock does not cover connecting to a Unix socket in a folder.
"""
_AF_UNIX, _ITSELF = 1, 0
_NEW_NAMESPACES = 0x7E020080
_THREAD = 0x00010000
_PR_DENIED = {"pdeathsig": 1, "child subreaper": 36, "seccomp": 22, "dumpable": 4}
_F_DENIED = {
    "SETOWN": 8,
    "SETSIG": 10,
    "SETOWN_EX": 15,
    "SETLEASE": 1024,
    "NOTIFY": 1026,
    "SET_RW_HINT": 1036,
    "SET_FILE_RW_HINT": 1038,  # the hint stays with a file, even a read-only file
    # Other submissions could read a lock on a file that all of them see.
    "GETLK": 5,
    "SETLK": 6,
    "SETLKW": 7,
    "OFD_GETLK": 36,
    "OFD_SETLK": 37,
    "OFD_SETLKW": 38,
}
_O_WRONLY, _O_RDWR, _O_TRUNC = 1, 2, 0x200
_NEWEST = 470
_X32 = 0x40000000

_Instruction = tuple[int, int, int, int]
_LOAD, _EQUAL, _AT_LEAST, _HAS_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _KILL, _FAIL = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _SECOND_ARGUMENT, _THIRD_ARGUMENT = 0, 4, 16, 24, 32
_REFUSE = (_RETURN, 0, 0, _FAIL | errno.EPERM)

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2


def assemble(machine: str, *, strict: bool = False, sockets: bool = False) -> bytes | None:
    """Return the filter for a processor type in the kernel's format, or None without a table for it.

    `sockets` allows Unix sockets, which inside namespaces reach only processes of the same box.
    """
    if machine not in _MACHINES:
        return None
    architecture, always, more_strict = _MACHINES[machine]
    numbers = always | (more_strict if strict else {})
    if sockets:
        numbers = {name: number for name, number in numbers.items() if name not in _SOCKETS}
    conditional = {numbers[name] for name in _CONDITIONAL & numbers.keys()}
    code = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _KILL)]
    code += [(_LOAD, 0, 0, _NUMBER), (_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _KILL)]
    code += [(_AT_LEAST, 0, 1, _NEWEST), (_RETURN, 0, 0, _FAIL | errno.ENOSYS)]
    for number in numbers.values():
        if number not in conditional:
            code += [(_EQUAL, 0, 1, number), _REFUSE]
    # A filter cannot read their flags, which are in memory. Libraries use the older call on ENOSYS.
    for name in ("clone3", "openat2"):
        code += [(_EQUAL, 0, 1, numbers.get(name, _NEWEST)), (_RETURN, 0, 0, _FAIL | errno.ENOSYS)]
    refused = [(_EQUAL, 0, 1, numbers["clone"]), _REFUSE]
    code += refused if strict else _only_threads(numbers["clone"])
    code += _only_with(_ITSELF, numbers["prlimit64"])
    for name in ("socket", "socketpair") if sockets else ():
        code += _only_with(_AF_UNIX, always[name], error=errno.EAFNOSUPPORT)
    code += _without(numbers["prctl"], _FIRST_ARGUMENT, _PR_DENIED.values())
    code += _without(numbers["fcntl"], _SECOND_ARGUMENT, _F_DENIED.values())
    for name, flags in (("open", _SECOND_ARGUMENT), ("openat", _THIRD_ARGUMENT)):
        code += _without_truncating_readers(numbers[name], flags) if name in numbers else []
    code += [(_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


def _only_threads(clone: int) -> list[_Instruction]:
    """Allow clone for threads, but not for processes or namespaces."""
    return [
        (_EQUAL, 0, 5, clone),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_HAS_BIT, 0, 2, _THREAD),
        (_HAS_BIT, 1, 0, _NEW_NAMESPACES),
        (_RETURN, 0, 0, _ALLOW),
        _REFUSE,
    ]


def _only_with(first: int, call: int, *, error: int = errno.EPERM) -> list[_Instruction]:
    """Allow a call only if its first argument has this value; otherwise it fails with the error."""
    return [
        (_EQUAL, 0, 4, call),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_EQUAL, 0, 1, first),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _FAIL | error),
    ]


def _without(call: int, argument: int, values: Collection[int]) -> list[_Instruction]:
    """Refuse a call for some values of one argument, such as outliving its parent."""
    code = [(_EQUAL, 0, 2 + 2 * len(values), call), (_LOAD, 0, 0, argument)]
    for value in values:
        code += [(_EQUAL, 0, 1, value), _REFUSE]
    return [*code, (_RETURN, 0, 0, _ALLOW)]


def _without_truncating_readers(call: int, flags: int) -> list[_Instruction]:
    """Refuse O_TRUNC for a file that is not opened for writing.

    Landlock does not check that before version 3.
    """
    writing = _O_WRONLY | _O_RDWR
    return [
        (_EQUAL, 0, 6, call),
        (_LOAD, 0, 0, flags),
        (_AND, 0, 0, _O_TRUNC | writing),
        (_EQUAL, 1, 0, _O_TRUNC),
        (_EQUAL, 0, 1, _O_TRUNC | writing),  # both bits at once allow neither reading nor writing
        _REFUSE,
        (_RETURN, 0, 0, _ALLOW),
    ]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


_CODE = {strict: assemble(platform.machine(), strict=strict) for strict in (False, True)}
_CODE_WITH_SOCKETS = assemble(platform.machine(), sockets=True)


def syscall_number(name: str) -> int:
    """Return the number of a system call on this machine. Raises OSError if the tables lack it."""
    _, numbers, more_strict = _MACHINES.get(platform.machine(), (0, {}, {}))
    try:
        return (numbers | more_strict)[name]
    except KeyError:
        raise OSError(errno.ENOSYS, f"{name} has no number here") from None


def is_supported() -> bool:
    """Return True if there is a filter for this machine's processor type."""
    return _CODE[True] is not None


def install(*, strict: bool, sockets: bool = False) -> bool:
    """Filter this process and all that it starts, permanently; return False if there is no filter.

    Raises OSError if the kernel refuses the filter.
    """
    code = _CODE_WITH_SOCKETS if sockets else _CODE[strict]
    if code is None:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p).value)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")
    if libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")
    return True
