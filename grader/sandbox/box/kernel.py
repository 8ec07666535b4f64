"""The kernel of a notebook run: ipykernel as students use it, in a process forked for one notebook.

It differs from Jupyter's in four ways. Its sockets are files in a folder. Code is compiled under the
names of its cells, by which errors are located. the lines of plots and trained models are sent to
the grader as they arise. After all cells have run it answers calls of the notebook's functions.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import json
import os
import signal
import sys
from typing import Any

import cells
import compat
import numpy as np
import runner
import wire

CHANNELS = ("shell", "iopub", "stdin", "control", "hb")
INLINE = "module://matplotlib_inline.backend_inline"
MAX_LINES, MAX_POINTS = 5, 2_000
_NOTE_LINE = "__grader_line__"


def main(channel: Any, connection: dict[str, Any], progress: Any, request: dict[str, Any]) -> None:
    """Run the kernel until the box ends."""
    code = 1
    try:
        file = f"{connection['ip']}.json"
        with open(file, "w") as out:
            json.dump(connection, out)
        os.environ["MPLBACKEND"] = INLINE
        os.environ["IPYTHONDIR"] = os.path.join(os.path.dirname(connection["ip"]), "ipython")
        sys.path.insert(0, os.getcwd())
        compat.allow_stand_ins(request["stand_ins"])
        compat.supply_modules(request["modules"])
        compat.allow_absent_modules()
        app = _application(file)
        _watchers.append(_Watcher(channel, progress, app.shell, dict(request["watched"])))
        app.start()
        code = 0
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        wire.send(channel, {"event": "failed", "reason": reason})
    finally:
        os._exit(code)


def _application(file: str) -> Any:
    """Return ipykernel's application, initialised but not started."""
    from ipykernel.iostream import IOPubThread
    from ipykernel.kernelapp import IPKernelApp
    from IPython.core.history import HistoryManager

    # Otherwise it binds a TCP port for the output of forked processes, whatever the transport, and
    # aborts where the filter denies TCP.
    def skip_pipe(thread: Any) -> None:
        thread._pipe_flag = False  # noqa: SLF001 - the same state as where the port cannot be bound

    IOPubThread._setup_pipe_in = skip_pipe  # type: ignore[method-assign] # noqa: SLF001
    HistoryManager.enabled = False  # type: ignore[assignment]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # only a running cell may be interrupted
    app = IPKernelApp.instance()
    app.initialize(["-f", file, "--IPKernelApp.log_level=50"])  # type: ignore[no-untyped-call]
    if "matplotlib.pyplot" in sys.modules:  # it was imported before there was a kernel to use
        shell: Any = app.shell
        shell.enable_matplotlib("inline")
    return app


class _Watcher:
    """Hooks in the kernel's shell that report lines reached, errors, plots and watched values."""

    def __init__(self, channel: Any, progress: Any, shell: Any, watched: dict[int, str]) -> None:
        self.channel, self.progress, self.shell, self.watched = channel, progress, shell, watched
        shell.compile.get_code_name = self.code_name
        shell.ast_transformers.append(_LineNotes())
        shell.events.register("post_run_cell", self.after_cell)
        formatter = shell.display_formatter.mimebundle_formatter
        formatter.for_type_by_name("matplotlib.figure", "Figure", self.send_lines)
        setattr(builtins, _NOTE_LINE, self.note_line)

    def code_name(self, *_: Any) -> str:
        """Return the file name for code of the current cell; code of our own is in no cell."""
        return f"<cell {cell}>" if (cell := self.progress.read().cell) else "<grader>"

    def note_line(self, line: int) -> None:
        """Record the line of the statement that begins."""
        self.progress.write(self.progress.read().cell, line)

    def after_cell(self, result: Any) -> None:
        """Record where a cell raised, or send its watched variable if it has one."""
        cell, line, *_ = self.progress.read()
        error = result.error_in_exec or result.error_before_exec
        if error is not None:
            location = cells.locate(error)
            if isinstance(error, SyntaxError):
                location = cells.Location(cell, error.lineno)
            self.progress.write(cell, line, location.cell or 0, location.line or 0)
        elif cell in self.watched:
            value = self.shell.user_ns.get(self.watched[cell])
            self.channel.sendall(wire.encode({"event": "value", "value": value}))

    def send_lines(self, figure: Any, **_: Any) -> None:
        """Send the y data of a figure's lines; the way it is displayed does not change."""
        with contextlib.suppress(Exception):
            lines = [line for axes in figure.axes for line in axes.get_lines()]
            for line in lines[:MAX_LINES]:
                y = np.asarray(line.get_ydata(), float).ravel()[:MAX_POINTS]
                self.channel.sendall(wire.encode({"event": "line", "y": y}))


class _LineNotes(ast.NodeTransformer):
    """Inserts a call before each statement of a cell that records its line.

    If the kernel dies, that is the line where it died.
    """

    def visit_Module(self, module: ast.Module) -> ast.Module:
        """Return the module with these calls in it."""
        body: list[ast.stmt] = []
        for statement in module.body:
            name = ast.Name(_NOTE_LINE, ast.Load())
            call = ast.Expr(ast.Call(name, [ast.Constant(statement.lineno)], []))
            if not (isinstance(statement, ast.ImportFrom) and statement.module == "__future__"):
                body.append(ast.fix_missing_locations(ast.copy_location(call, statement)))
            body.append(statement)
        module.body = body
        return module


_watchers: list[_Watcher] = []


def answer_calls() -> None:
    """Answer calls of the notebook's functions until the grader closes the channel."""
    watcher = _watchers[0]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    runner.serve_namespace(watcher.channel, watcher.shell.user_ns)
