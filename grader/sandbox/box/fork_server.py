"""A fork server inside the outer box: it forks a box of its own for every submission.

It is an interpreter that has already imported the libraries, so each box starts with them loaded. It
never reads student code or data: it receives sockets and forks. For another worker process of a batch
it forks a sibling, which does the same. All its boxes end when it ends.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import json
import os
import resource
import socket
from collections.abc import Callable
from typing import Any, NoReturn

import landlock
import namespaces
import runner
import seccomp
import worker

Isolate = Callable[[dict[str, Any]], None]
"""Turns a fork into the locked-in first process of a box. Raises OSError if it cannot."""


def main(settings: dict[str, Any]) -> None:
    """Fork boxes until the grader closes the control channel."""
    control = socket.socket(fileno=settings["control_fd"])
    worker.drop_root(settings["uid"])
    namespaces.allow_tracing()
    runner.prepare(settings["helpers"], settings["preloaded"])
    used = _address_space()
    light = settings["tier"] == "light"
    clone = functools.partial(namespaces.fork_into_namespaces, seccomp.syscall_number("clone"))
    fork_box = os.fork if light else clone
    isolate = _light_isolation(settings) if light else _isolate_by_namespaces
    gc.set_threshold(20_000)
    gc.freeze()  # children then do not scan loaded objects, which would copy their memory pages
    shared = {
        "tier": settings["tier"],
        "for_notebooks": settings["for_notebooks"],
        "ids": (os.geteuid(), os.getegid()),
    }
    control.send(json.dumps({"event": "ready"}).encode())
    while (message := worker.receive_descriptor(control)) is not None:
        _reap()
        request = json.loads(message.text) | shared | {"fork_server": os.getpid()}
        _exit_if_unfit_to_fork(used)
        if not _fork(message.descriptor, fork_box if request["event"] == "box" else os.fork):
            continue
        if request["event"] == "box":
            request["rlimits"]["RLIMIT_AS"] += used
            _be_box(isolate, message.descriptor, request)
        control.close()
        control = _be_sibling(message.descriptor, request)
    _reap()


def _fork(descriptor: int, fork: Callable[[], int]) -> bool:
    """Fork, and return True in the child.

    The grader gets a process descriptor (pidfd) to kill the child with, or the reason of a failure.
    """
    try:
        pid = fork()
        if pid == 0:
            return True
        handle = os.pidfd_open(pid)
        # A ConnectionError means that the grader no longer waits.
        with (
            contextlib.suppress(ConnectionError),
            socket.socket(fileno=os.dup(descriptor)) as control,
        ):
            socket.send_fds(control, [b'{"event": "born"}'], [handle])
        os.close(handle)
    except OSError as error:
        _report_failure(descriptor, error)
    os.close(descriptor)
    return False


def _be_sibling(descriptor: int, request: dict[str, Any]) -> socket.socket:
    """Continue as another fork server with a control channel of its own; return that channel.

    It and its boxes stay on the processor cores of the worker that they serve.
    """
    namespaces.die_with_parent(request["fork_server"])
    with contextlib.suppress(OSError):
        os.sched_setaffinity(0, request["cores"])
    control = socket.socket(fileno=descriptor)
    control.send(json.dumps({"event": "ready"}).encode())
    return control


def _address_space() -> int:
    """Return the size of this process's address space, in bytes."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def _reap() -> None:
    """Wait for the boxes that have ended; their processor time counts as this process's."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _exit_if_unfit_to_fork(used: int) -> None:
    """Exit, and be replaced, if a library has started a thread: a fork could inherit a held lock.

    Exit too if the address space is half as large again as the `used` bytes at the start: no request
    should make it grow.
    """
    if len(os.listdir("/proc/self/task")) != 1 or _address_space() > used + used // 2:
        os._exit(1)


def _be_box(isolate: Isolate, descriptor: int, request: dict[str, Any]) -> NoReturn:
    """Turn this fork into a box; if that fails, report the reason to the grader."""
    code = 1
    try:
        isolate(request)
        control = socket.socket(fileno=worker.close_all_but(descriptor))
        worker.serve(control, tier=request["tier"], for_notebooks=request["for_notebooks"])
        code = 0
    except OSError as error:
        _report_failure(descriptor, error)
    finally:
        os._exit(code)


def _isolate_by_namespaces(request: dict[str, Any]) -> None:
    """Prepare the new namespaces, of which this is the first process, and drop all privileges there."""
    namespaces.map_ids(*request["ids"])
    namespaces.die_with_parent(0)
    # getppid() is 0 here, whether the parent lives or not. /proc still shows the outer namespace.
    with open("/proc/self/stat") as file:
        parent = int(file.read().rpartition(")")[2].split()[1])
    if parent != request["fork_server"]:
        os._exit(1)
    namespaces.mount_private_filesystems(request["disk_bytes"])
    worker.set_limits(request["rlimits"])
    namespaces.drop_privileges()


def _light_isolation(settings: dict[str, Any]) -> Isolate:
    """Return the isolation for machines without namespaces: Landlock and the strict filter.

    Raises OSError if the kernel lacks either of them, so that no box starts with only one.
    """
    if not seccomp.is_supported():
        raise OSError("there is no system-call filter for this processor type")
    if not _kernel_accepts_filters():
        raise OSError("the Linux kernel does not accept system-call filters")
    ruleset = landlock.create_ruleset(settings["readable"], [os.devnull], settings["listable"])

    def isolate(request: dict[str, Any]) -> None:
        namespaces.die_with_parent(request["fork_server"])
        worker.set_limits(request["rlimits"])
        namespaces.drop_privileges()
        landlock.restrict(ruleset)

    return isolate


def _kernel_accepts_filters() -> bool:
    """Install the filter in a child process, and return True if the kernel accepted it."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            seccomp.install(strict=True)
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(pid, 0)[1] == 0


def _report_failure(descriptor: int, error: OSError) -> None:
    """Send the grader the reason why no box was made."""
    report = json.dumps({"event": "failed", "reason": str(error), "number": error.errno})
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as control:
        control.send(report.encode())
