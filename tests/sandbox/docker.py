"""Run a command as inside a Docker container: `python docker.py [OPTION ...] COMMAND ...`.

Docker's default profile refuses the system calls for namespaces and mounts, unless a container has
more than the fourteen default capabilities: https://docs.docker.com/engine/security/seccomp/. This
script refuses the same calls and leaves root the same capabilities. x86-64 only. Options remove more:
--no-landlock emulates a kernel without Landlock, --no-filter one without seccomp, and --other-machine
makes uname report an unknown processor type.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

REFUSED = {
    "acct": 163, "add_key": 248, "bpf": 321, "delete_module": 176, "finit_module": 313,
    "fsconfig": 431, "fsmount": 432, "fsopen": 430, "fspick": 433, "init_module": 175,
    "io_uring_enter": 426, "io_uring_register": 427, "io_uring_setup": 425, "ioperm": 173,
    "iopl": 172, "kexec_file_load": 320, "kexec_load": 246, "keyctl": 250, "lookup_dcookie": 212,
    "mount": 165, "mount_setattr": 442, "move_mount": 429, "move_pages": 279,
    "open_by_handle_at": 304, "open_tree": 428, "perf_event_open": 298, "pivot_root": 155,
    "quotactl": 179, "reboot": 169, "request_key": 249, "set_mempolicy": 238, "setdomainname": 171,
    "sethostname": 170, "setns": 308, "settimeofday": 164, "swapoff": 168, "swapon": 167,
    "umount2": 166, "unshare": 272, "userfaultfd": 323, "vhangup": 153,
}  # fmt: skip
CLONE, CLONE3, NAMESPACES = 56, 435, 0x7E020000
LANDLOCK = 444
PRCTL, SECCOMP = 157, 317
CAPABILITIES = {0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31}
_ARCHITECTURE = 0xC000003E
_CAPBSET_DROP, _NO_NEW_PRIVS, _SECCOMP = 24, 38, 22
_LINUX_32 = 8


def profile(options: set[str]) -> bytes:
    """Return the filter in the kernel's format."""
    load, equal, has_bit, give = 0x20, 0x15, 0x45, 0x06
    allow, fail = 0x7FFF0000, 0x00050000
    code = [(load, 0, 0, 4), (equal, 1, 0, _ARCHITECTURE), (give, 0, 0, allow), (load, 0, 0, 0)]
    for number in REFUSED.values():
        code += [(equal, 0, 1, number), (give, 0, 0, fail | errno.EPERM)]
    if "--no-landlock" in options:
        code += [(equal, 0, 1, LANDLOCK), (give, 0, 0, fail | errno.ENOSYS)]
    if "--no-filter" in options:
        code += [(equal, 0, 1, SECCOMP), (give, 0, 0, fail | errno.ENOSYS)]
        code += [(equal, 0, 4, PRCTL), (load, 0, 0, 16), (equal, 0, 1, _SECCOMP)]
        code += [(give, 0, 0, fail | errno.EINVAL), (give, 0, 0, allow)]
    code += [(equal, 0, 1, CLONE3), (give, 0, 0, fail | errno.ENOSYS)]
    code += [(equal, 0, 3, CLONE), (load, 0, 0, 16), (has_bit, 0, 1, NAMESPACES)]
    code += [(give, 0, 0, fail | errno.EPERM), (give, 0, 0, allow)]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def enter(options: set[str]) -> None:
    """Restrict this process as in a container. Raises OSError if the kernel refuses."""
    libc = ctypes.CDLL(None, use_errno=True)
    if "--other-machine" in options:
        libc.personality(_LINUX_32)
    if os.geteuid() == 0:
        for capability in set(range(41)) - CAPABILITIES:
            libc.prctl(_CAPBSET_DROP, capability, 0, 0, 0)
    code = profile(options)
    program = _Program(len(code) // 8, code)
    libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.prctl(_SECCOMP, 2, ctypes.byref(program), 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")


if __name__ == "__main__":
    command = sys.argv[1:]
    flags = set()
    while command[0].startswith("--"):
        flags.add(command.pop(0))
    enter(flags)
    os.execv(command[0], command)
