"""Run the cells of a program statement by statement, so that an error stops no other statement."""

from __future__ import annotations
import __future__

import ast
import builtins
import contextlib
import functools
import importlib
import inspect
import linecache
import operator
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import calling
import compat
import leftovers
import old_numpy

_STATEMENT_SECONDS, _ALL_SECONDS = 1.0, 3.0
"""In a second run: of one statement, and of all statements."""


_POOLS = (b"multiprocessing", b"threading", b"concurrent", b"_thread")


class Location(NamedTuple):
    """A code cell and a line in it, both counted from 1; None where there is no such line."""

    cell: int | None
    line: int | None


class Cells:
    """The cells of a program, run statement by statement: an error does not stop the others.

    `errors` are those of statements; `not_defined` has the error of each definition that failed.
    In a second run (`again`) code gets a working folder, and a statement that takes long is stopped.
    """

    def __init__(self, namespace: dict[str, Any], request: dict[str, Any]) -> None:
        self.namespace = namespace
        self.again = bool(request.get("again"))
        self.old_numpy = bool(request.get("old_numpy"))
        self.errors: list[Any] = []
        self.not_defined: dict[str, Any] = {}
        self._not_imported: set[str] = set()
        self._shows = False
        self._end_threads: Callable[[], None] = lambda: None
        self._flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

    def run(self, cells: list[Any]) -> None:
        """Run all cells. Afterwards `input` raises EOFError."""
        builtins.input = leftovers.no_answer
        if self.again:
            leftovers.enter_working_folder()
            leftovers.ignore_set_trace()
            if any(word in source.tobytes() for _, source in cells for word in _POOLS):
                in_turn = importlib.import_module("in_turn")
                in_turn.install()
                self._end_threads = in_turn.turns.give_all
            signal.signal(signal.SIGALRM, _stop_statement)
            sys.displayhook = repr  # as Jupyter calls it for the last expression of a cell
        if self.old_numpy:
            self.namespace |= old_numpy.names()
        end = time.monotonic() + _ALL_SECONDS
        for number, source in cells:
            name = f"<cell {number}>"
            text = source.tobytes().decode()
            linecache.cache[name] = len(text), None, text.splitlines(keepends=True), name
            statements = ast.parse(text, name).body
            for statement in statements:
                self._shows = self.again and statement is statements[-1]
                self._run_statement(statement, name, end)
        builtins.input = leftovers.no_input

    def _run_statement(self, statement: ast.stmt, file: str, end: float) -> None:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            # The flags apply to all later statements, as in one file.
            features = [getattr(__future__, alias.name, None) for alias in statement.names]
            self._flags |= functools.reduce(
                operator.or_, (f.compiler_flag for f in features if f), 0
            )
        for part in _single_imports(statement):
            if self.again:
                left = end - time.monotonic()
                signal.setitimer(signal.ITIMER_REAL, max(1e-3, min(left, _STATEMENT_SECONDS)))
            try:
                self._execute(part, file)
            except BaseException as error:
                self._record(error, part, file)
            finally:
                if self.again:
                    signal.setitimer(signal.ITIMER_REAL, 0)
        for part in _imports_inside(statement):
            names = _bound_names(part)
            if not names <= self.namespace.keys():
                own = {
                    name: self.namespace[name]
                    for name in _defined_names(statement) & self.namespace.keys()
                }
                try:
                    self._execute(part, file)
                except BaseException as error:
                    self._record(error, part, file)
                self.namespace |= own  # a star import replaces none of them

    def _execute(self, statement: ast.stmt, file: str, flags: int = 0) -> None:
        if self.old_numpy:
            statement = old_numpy.rewritten(statement)
        mode = "single" if self._shows and isinstance(statement, ast.Expr) else "exec"
        tree = ast.Interactive([statement]) if mode == "single" else ast.Module([statement], [])
        code = compile(tree, file, mode, self._flags | flags, True)
        value = eval(code, self.namespace)
        if code.co_flags & inspect.CO_COROUTINE:
            _run_coroutine(value)
        self._end_threads()

    def _record(self, error: BaseException, statement: ast.stmt, file: str) -> None:
        """Record the error of a statement, unless a decorator that cannot be imported is the reason."""
        match statement:
            case ast.Import() | ast.ImportFrom():
                self._not_imported |= _bound_names(statement)
            case ast.FunctionDef(name=name, decorator_list=decorators):
                missing = [d for d in decorators if _base_name(d) in self._not_imported]
                if missing and isinstance(error, NameError):
                    statement.decorator_list = [d for d in decorators if d not in missing]
                    compat.notes.append([compat.DECORATOR_IGNORED, _base_name(missing[0])])
                    with contextlib.suppress(BaseException):
                        self._execute(statement, file)
                        return
                if isinstance(error, NameError) and error.name in self._not_imported:
                    with contextlib.suppress(BaseException):  # annotations need not be evaluated
                        self._execute(statement, file, __future__.annotations.compiler_flag)
                        return
                self.not_defined[name] = describe(error)
        self.errors.append(describe(error))


def _stop_statement(*_: object) -> None:
    raise TimeoutError("the statement took too long")


def _run_coroutine(coroutine: Any) -> None:
    """Run a coroutine in a loop without sockets, which the sandbox denies."""
    import asyncio

    class Loop(asyncio.SelectorEventLoop):
        _csock = _ssock = None

        def _make_self_pipe(self) -> None:
            pass

        def _close_self_pipe(self) -> None:
            pass

    with contextlib.closing(Loop()) as loop:
        loop.run_until_complete(coroutine)


def _single_imports(statement: ast.stmt) -> list[ast.stmt]:
    """Split an import of several names, so that a missing name does not prevent the other imports."""
    if isinstance(statement, ast.Import):
        return [ast.copy_location(ast.Import([a]), statement) for a in statement.names]
    if isinstance(statement, ast.ImportFrom):
        module, level = statement.module, statement.level
        # `get_ipython` is supplied; that of IPython would find no shell.
        names = [a for a in statement.names if (a.name, a.asname) != ("get_ipython", None)]
        parts = [ast.ImportFrom(module, [alias], level) for alias in names]
        return [ast.copy_location(part, statement) for part in parts]
    return [statement]


def _imports_inside(statement: ast.stmt) -> Iterator[ast.stmt]:
    """Yield the single imports in a `try` or `with`: one that fails must not prevent the others."""
    if isinstance(statement, ast.Try | ast.With):
        for inner in statement.body:
            if isinstance(inner, ast.Import | ast.ImportFrom):
                yield from _single_imports(inner)
            yield from _imports_inside(inner)


def _bound_names(statement: ast.stmt) -> set[str]:
    """Return the names that a single import binds; a star import has the name "*"."""
    names = statement.names if isinstance(statement, ast.Import | ast.ImportFrom) else ()
    return {alias.asname or alias.name.split(".")[0] for alias in names}


def _defined_names(statement: ast.stmt) -> set[str]:
    """Return the names of functions and variables that a statement defines."""
    names = set[str]()
    for node in ast.walk(statement):
        match node:
            case ast.Name(name, ast.Store()) | ast.FunctionDef(name) | ast.ClassDef(name):
                names.add(name)
    return names


def _base_name(node: ast.expr) -> str:
    """Return the name at the base of `name.a(b).c`, or an empty string."""
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def describe(error: BaseException) -> dict[str, Any]:
    """Return the kind, message and location of an exception as plain data."""
    cell, line = locate(error)
    missing = getattr(error, "name", None) if isinstance(error, NameError) else None
    return {
        "kind": type(error).__name__,
        "message": calling.message_of(error),
        "cell": cell,
        "line": line,
        "missing_name": missing if isinstance(missing, str) else None,
    }


def locate(error: BaseException) -> Location:
    """Return the innermost line in a cell that an exception passed through."""
    location = Location(None, None)
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.startswith("<cell "):
            location = Location(int(name[6:-1]), trace.tb_lineno)
        trace = trace.tb_next
    return location
