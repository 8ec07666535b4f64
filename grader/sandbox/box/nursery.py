"""A warm interpreter inside the outer box that forks a box of its own for every submission.

It never sees student code or data: it receives sockets, forks, and forgets. What it has loaded,
every box starts with. With this process every box it made dies.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from typing import Any

import isolate
import program
import worker


def main(settings: dict[str, Any]) -> None:
    """Make boxes until the grader closes the control channel."""
    control = socket.socket(fileno=settings["control_fd"])
    worker.become_nobody(settings["uid"])
    isolate.show()
    program.prepare(settings["helpers"])
    control.send(json.dumps({"event": "ready"}).encode())
    while (received := worker.next_descriptor(control)) is not None:
        _reap()
        message, descriptor = received
        _one_thread_only()
        if os.fork() == 0:
            _make_box(descriptor, json.loads(message))
        os.close(descriptor)
    _reap()


def _reap() -> None:
    """Take leave of the boxes that have ended; their time is counted as ours."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _one_thread_only() -> None:
    """End, to be replaced, if a library has started a thread: a fork would take its locks along."""
    if len(os.listdir("/proc/self/task")) != 1:
        os._exit(1)


def _make_box(descriptor: int, settings: dict[str, Any]) -> None:
    """Turn this fork into the keeper of a box, and its child into the box's first process."""
    control = socket.socket(fileno=worker.keep_only(descriptor))
    code = 1
    try:
        isolate.enter_namespaces()
        first = os.fork()
        if first:
            _keep(control, first)
        else:
            isolate.die_with_parent()
            isolate.furnish(settings["disk_bytes"])
            worker.limit(settings["rlimits"])
            isolate.give_up_rights()
            worker.serve(control, filtered=True)
        code = 0
    except OSError as error:
        control.send(json.dumps({"event": "failed", "reason": str(error)}).encode())
    finally:
        os._exit(code)


def _keep(control: socket.socket, first: int) -> None:
    """Give the grader a handle on the box, by which alone it can be killed, and wait for its end."""
    handle = os.pidfd_open(first)
    socket.send_fds(control, [b'{"event": "born"}'], [handle])
    os.close(handle)
    control.close()
    os.waitpid(first, 0)
