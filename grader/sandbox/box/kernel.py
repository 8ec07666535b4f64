"""The kernel of a whole notebook: ipykernel as students have it, in a process forked for one notebook.

It is what Jupyter runs, with four additions: no socket but those of a folder; cells have the names
that places are told by; what is watched for (a figure's lines, a trained network) is sent as it
arises; and when all cells have run it answers calls of the functions they have left.
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

import compat
import numpy as np
import runner
import wire

CHANNELS = ("shell", "iopub", "stdin", "control", "hb")
INLINE = "module://matplotlib_inline.backend_inline"
MOST_LINES, MOST_POINTS = 5, 2_000
_MARK = "__grader_line__"


def main(channel: Any, connection: dict[str, Any], marks: Any, ask: dict[str, Any]) -> None:
    """Be the kernel until the box ends."""
    code = 1
    try:
        file = f"{connection['ip']}.json"
        with open(file, "w") as out:
            json.dump(connection, out)
        os.environ["MPLBACKEND"] = INLINE
        os.environ["IPYTHONDIR"] = os.path.join(os.path.dirname(connection["ip"]), "ipython")
        sys.path.insert(0, os.getcwd())
        compat.expect(ask["stand_ins"])
        app = _application(file)
        _Watch(channel, marks, app.shell, dict(ask["watched"]))
        app.start()
        code = 0
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        wire.send(channel, {"event": "failed", "reason": reason})
    finally:
        os._exit(code)


def _application(file: str) -> Any:
    """Return ipykernel's application, all but running."""
    from ipykernel.iostream import IOPubThread
    from ipykernel.kernelapp import IPKernelApp
    from IPython.core.history import HistoryManager

    # It binds a TCP port for what forked processes print, whatever the transport.
    IOPubThread._setup_pipe_in = _without_a_pipe  # type: ignore[method-assign] # noqa: SLF001
    HistoryManager.enabled = False  # type: ignore[assignment]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interruption is for a cell at work
    app = IPKernelApp.instance()
    app.initialize(["-f", file, "--IPKernelApp.log_level=50"])  # type: ignore[no-untyped-call]
    if "matplotlib.pyplot" in sys.modules:  # loaded when there was no kernel to show figures
        shell: Any = app.shell
        shell.enable_matplotlib("inline")
    return app


def _without_a_pipe(thread: Any) -> None:
    thread._pipe_flag = False  # noqa: SLF001 - as where the port cannot be bound


class _Watch:
    """What is added to the kernel's shell."""

    def __init__(self, channel: Any, marks: Any, shell: Any, watched: dict[int, str]) -> None:
        self.channel, self.marks, self.shell, self.watched = channel, marks, shell, watched
        _answerers.append(self)
        shell.compile.get_code_name = self.name
        shell.ast_transformers.append(_LineMarks())
        shell.events.register("post_run_cell", self.after)
        formatter = shell.display_formatter.mimebundle_formatter
        formatter.for_type_by_name("matplotlib.figure", "Figure", self.figure)
        setattr(builtins, _MARK, self.reached)

    def cell(self) -> int:
        """Return the number of the cell at work."""
        return int(self.marks.read()[0])

    def name(self, *_: Any) -> str:
        """Return the name by which code is told where it stands; what was put in is no place of theirs."""
        return f"<cell {number}>" if (number := self.cell()) else "<put in>"

    def reached(self, line: int) -> None:
        """Note which line's statement begins."""
        self.marks.write(self.cell(), line)

    def after(self, result: Any) -> None:
        """Note where a cell raised; send the value it was to leave, if one is waited for."""
        cell, line, *_ = self.marks.read()
        error = result.error_in_exec or result.error_before_exec
        if error is not None:
            place = runner.place(error)
            if isinstance(error, SyntaxError):
                place = (cell, error.lineno)
            self.marks.write(cell, line, *(number or 0 for number in place))
        elif cell in self.watched:
            value = self.shell.user_ns.get(self.watched[cell])
            self.channel.sendall(wire.encode({"event": "value", "value": value}))

    def figure(self, figure: Any, **_: Any) -> None:
        """Send the lines of a figure that is being shown; how it is shown stays the same."""
        with contextlib.suppress(Exception):
            lines = [line for axes in figure.axes for line in axes.get_lines()]
            for line in lines[:MOST_LINES]:
                y = np.asarray(line.get_ydata(), float).ravel()[:MOST_POINTS]
                self.channel.sendall(wire.encode({"event": "line", "y": y}))


class _LineMarks(ast.NodeTransformer):
    """Before each statement of a cell, a note that it is reached: where a kernel died, it tells."""

    def visit_Module(self, module: ast.Module) -> ast.Module:
        """Return the module with the notes in it."""
        body: list[ast.stmt] = []
        for statement in module.body:
            name = ast.Name(_MARK, ast.Load())
            call = ast.Expr(ast.Call(name, [ast.Constant(statement.lineno)], []))
            if not (isinstance(statement, ast.ImportFrom) and statement.module == "__future__"):
                body.append(ast.fix_missing_locations(ast.copy_location(call, statement)))
            body.append(statement)
        module.body = body
        return module


_answerers: list[_Watch] = []


def answer() -> None:
    """Answer calls until the grader hangs up; what the notebook left is asked."""
    watch = _answerers[0]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    runner.answer_all(watch.channel, watch.shell.user_ns)
