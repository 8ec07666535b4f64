"""The code that is edited: a function in the text of its cell, and the names that an edit may use.

An edit replaces text in place, so every other statement stays on its line: an error of the edited
function has a line of the student's cell.
"""

from __future__ import annotations

import ast
import functools
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from string import digits
from typing import NamedTuple

from grader.diagnosis.nodes import nodes_of

NAME = re.compile(r"(d?)([A-Za-z_]+?)_?(\d*)$")
"""A name such as `dW2`: the `d` of a derivative, a letter, a number."""


class Deadline:
    """The end of a search: of work by processor time, of code that sleeps by the wall clock.

    The processor time of candidates counts, too: their sandbox reports it to `spend`.
    """

    def __init__(
        self,
        *,
        cpu_seconds: float = 0.9,
        wall_seconds: float = 10.0,
        whole: Deadline | None = None,
    ) -> None:
        self._start = time.thread_time()
        self._cpu_seconds = cpu_seconds
        self._elsewhere = 0.0
        self._wall = time.monotonic() + wall_seconds
        self._whole = whole

    def part(self, cpu_seconds: float) -> Deadline:
        """Return the end of one of several searches, which is at most this one."""
        left = self._wall - time.monotonic()
        seconds = min(cpu_seconds, self.cpu_seconds_left)
        return Deadline(cpu_seconds=seconds, wall_seconds=left, whole=self)

    @property
    def is_over(self) -> bool:
        """True after the deadline."""
        return self.cpu_seconds_left < 0 or time.monotonic() > self._wall

    @property
    def cpu_seconds_used(self) -> float:
        """Seconds of processor time since the start, with those of a sandbox."""
        return time.thread_time() - self._start + self._elsewhere

    @property
    def cpu_seconds_left(self) -> float:
        """Seconds of processor time until the end."""
        return self._cpu_seconds - self.cpu_seconds_used

    def spend(self, cpu_seconds: float) -> None:
        """Add processor time that a sandbox used."""
        self._elsewhere += max(0.0, cpu_seconds)
        if self._whole:
            self._whole.spend(cpu_seconds)

    def check(self) -> None:
        """Raise TimeoutError after the deadline."""
        if self.is_over:
            raise TimeoutError


class SimpleStatement(NamedTuple):
    """A statement as text, and the names that it assigns."""

    text: str
    stores: frozenset[str]


@dataclass(frozen=True)
class Code:
    """The text of a cell, and the function in it that is edited.

    `numbers` are the parameters that are single numbers in every call, `collections` those that are
    dictionaries, lists or tuples. `outside` are the names that the notebook defines for the function,
    `helpers` the assignment's functions that an answer may call. The making of edits ends at the
    `deadline`.
    """

    source: str
    function: str
    numbers: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()
    deadline: Deadline = field(default_factory=Deadline, compare=False)
    collections: tuple[str, ...] = ()

    @functools.cached_property
    def lines(self) -> list[str]:
        """The lines of the cell; the first is line 1."""
        return self.source.split("\n")

    @functools.cached_property
    def definition(self) -> ast.FunctionDef | None:
        """The last definition of the function, or None if the cell has none."""
        matches = [
            node
            for node in nodes_of(self.source)
            if isinstance(node, ast.FunctionDef) and node.name == self.function
        ]
        return matches[-1] if matches else None

    def definition_in(self, source: str) -> str:
        """Return the function's definition in a version of the cell, alone, on its own lines."""
        assert self.definition is not None
        above, column = self.definition.lineno - 1, self.definition.col_offset
        below = len(self.lines) - (self.definition.end_lineno or 0)
        lines = source.split("\n")
        own = lines[above : len(lines) - below]
        return "\n" * above + "\n".join(line[column:] for line in own)

    @functools.cached_property
    def statements(self) -> list[ast.stmt]:
        """All statements of the function in the order of their lines, without its docstring."""
        assert self.definition is not None
        inside = [n for n in self.nodes if isinstance(n, ast.stmt)][1:]
        return sorted((n for n in inside if not _is_docstring(n)), key=lambda n: n.lineno)

    @functools.cached_property
    def blocks(self) -> list[list[ast.stmt]]:
        """The lists of statements in the function: its body and those of its loops and conditions."""
        assert self.definition is not None
        fields = ("body", "orelse", "finalbody")
        nodes = self.nodes
        return [block for n in nodes for f in fields if isinstance(block := getattr(n, f, 0), list)]

    @functools.cached_property
    def parameters(self) -> list[str]:
        """The parameters of the function."""
        assert self.definition is not None
        return [argument.arg for argument in self.definition.args.args]

    @functools.cached_property
    def bound(self) -> Mapping[str, int]:
        """The parameters and variables of the function, and the line that first assigns each."""
        assert self.definition is not None
        first = dict.fromkeys(self.parameters, 0)
        for node in self.nodes:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                first[node.id] = min(node.lineno, first.get(node.id, node.lineno))
        return first

    @functools.cached_property
    def texts(self) -> list[str]:
        """The distinct strings in the function, and the keys of its arguments."""
        assert self.definition is not None
        constants = (n.value for n in self.nodes if isinstance(n, ast.Constant))
        short = (value for value in constants if isinstance(value, str) and len(value) < 20)
        return list(dict.fromkeys([*short, *self.keys]))

    @functools.cached_property
    def stems(self) -> list[str]:
        """The strings and the keys without their numbers."""
        return list(dict.fromkeys(text.rstrip(digits) for text in self.texts))

    @functools.cached_property
    def scalars(self) -> list[str]:
        """The names that hold single numbers: parameters, and sizes such as `m = Y.shape[1]`."""
        sizes = []
        for node in self.statements:
            match node:
                case ast.Assign(targets=[ast.Name(name)], value=value) if _is_size(value):
                    sizes.append(name)
        return list(dict.fromkeys([*sizes, *self.numbers]))

    @functools.cached_property
    def values(self) -> frozenset[str]:
        """The names that may hold arrays or single numbers."""
        return frozenset(self.bound) - {*self.collections} - self.dictionaries

    @functools.cached_property
    def dictionaries(self) -> frozenset[str]:
        """The names that hold dictionaries: some line assigns one, or text is the key of an item."""
        names = set()
        for node in self.nodes:
            match node:
                case ast.Assign(targets=[ast.Name(name)], value=ast.Dict()):
                    names.add(name)
                case ast.Subscript(value=ast.Name(name), slice=part) if is_text(part):
                    names.add(name)
        return frozenset(names)

    @functools.cached_property
    def nodes(self) -> list[ast.AST]:
        """All nodes of the function."""
        assert self.definition is not None
        return list(ast.walk(self.definition))

    @functools.cached_property
    def functions(self) -> frozenset[ast.AST]:
        """The nodes that are called."""
        return frozenset(node.func for node in self.nodes if isinstance(node, ast.Call))

    @functools.cached_property
    def measured(self) -> frozenset[ast.AST]:
        """The nodes whose shape or size is taken: `X` in `X.shape[0]`."""
        attributes = (node for node in self.nodes if isinstance(node, ast.Attribute))
        return frozenset(node.value for node in attributes if node.attr in ("shape", "size"))

    @functools.cached_property
    def in_brackets(self) -> frozenset[ast.AST]:
        """The nodes in square brackets: they select an item, and are no values to calculate with."""
        slices = [node.slice for node in self.nodes if isinstance(node, ast.Subscript)]
        return frozenset(node for part in slices for node in ast.walk(part))

    @functools.cached_property
    def keys_in_brackets(self) -> frozenset[ast.AST]:
        """The nodes in square brackets, and the parts of a sum of texts in them."""
        slices = {node.slice for node in self.nodes if isinstance(node, ast.Subscript)}
        return frozenset(part for key in slices for part in (key, *self._parts_of(key)))

    @functools.cached_property
    def joined(self) -> frozenset[ast.AST]:
        """The nodes that `+` joins with text."""
        return frozenset(part for node in self.nodes for part in self._parts_of(node))

    @staticmethod
    def _parts_of(node: ast.AST) -> tuple[ast.expr, ...]:
        if isinstance(node, ast.BinOp) and is_text(node):
            return node.left, node.right
        return ()

    @functools.cached_property
    def first_factors(self) -> frozenset[ast.AST]:
        """The left sides of products and quotients: a factor there is a factor of the whole."""
        return _left_of(self.nodes, ast.Mult, ast.Div)

    @functools.cached_property
    def first_terms(self) -> frozenset[ast.AST]:
        """The left sides of sums and differences: a term there is a term of the whole."""
        return _left_of(self.nodes, ast.Add, ast.Sub)

    @functools.cached_property
    def arrays(self) -> frozenset[str]:
        """The names that may hold arrays."""
        return self.values - {*self.scalars} - self.counters

    @functools.cached_property
    def compared(self) -> frozenset[ast.AST]:
        """The nodes that are a side of a comparison."""
        tree = self.definition
        comparisons = [n for n in ast.walk(tree) if isinstance(n, ast.Compare)] if tree else []
        return frozenset(side for c in comparisons for side in (c.left, *c.comparators))

    @functools.cached_property
    def counters(self) -> frozenset[str]:
        """The names that loops over a range count with."""
        assert self.definition is not None
        loops = (n for n in self.nodes if isinstance(n, ast.For | ast.comprehension))
        return frozenset(loop.target.id for loop in loops if isinstance(loop.target, ast.Name))

    @functools.cached_property
    def called(self) -> frozenset[str]:
        """The names that the function calls."""
        assert self.definition is not None
        calls = (n.func for n in self.nodes if isinstance(n, ast.Call))
        return frozenset(func.id for func in calls if isinstance(func, ast.Name))

    @functools.cached_property
    def applied(self) -> list[str]:
        """The functions of NumPy that the function applies to one value, such as `np.linalg.norm`."""
        assert self.definition is not None
        calls = (n for n in self.nodes if isinstance(n, ast.Call))
        texts = [ast.unparse(n.func) for n in calls if len(n.args) == 1 and not n.keywords]
        return sorted({t for t in texts if t.startswith(f"{self.numpy}.")} - {*self._makers})

    @functools.cached_property
    def _makers(self) -> list[str]:
        return [f"{self.numpy}.{name}" for name in ("zeros", "ones", "array", "copy", "empty")]

    @functools.cached_property
    def numpy(self) -> str:
        """The name by which the cell calls NumPy."""
        names = {
            node.value.id
            for node in nodes_of(self.source)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        }
        return next((name for name in ("np", "numpy") if name in names), "np")

    @functools.cached_property
    def read(self) -> frozenset[str]:
        """All names in the function."""
        assert self.definition is not None
        nodes = self.nodes
        return frozenset(node.id for node in nodes if isinstance(node, ast.Name))

    @functools.cached_property
    def unread(self) -> frozenset[str]:
        """The parameters and variables whose value no other line reads: one may be missing somewhere.

        A letter that is read with no number at all, such as that of `b1` and `b2`, is not needed.
        """
        by_line = (self.loads[node] - self.stores[node] for node in self.statements)
        read = frozenset[str]().union(*by_line)
        alike: dict[tuple[str, str], set[str]] = {}
        for name in self.bound:
            if (match := NAME.match(name)) and match[3]:
                alike.setdefault((match[1], match[2]), set()).add(name)
        unused = [names for names in alike.values() if len(names) > 1 and not names & read]
        return frozenset(self.bound) - read.union(*unused)

    @functools.cached_property
    def idle(self) -> frozenset[str]:
        """The variables that a line of their own computes and no statement reads."""
        alone = (s.targets[0] for s in self.statements if isinstance(s, ast.Assign))
        return self.unread & {target.id for target in alone if isinstance(target, ast.Name)}

    @functools.cached_property
    def simple(self) -> Mapping[ast.stmt, SimpleStatement]:
        """The statements that contain no others, each with its text and the names that it assigns."""
        return {
            node: SimpleStatement(text_of(node), self.stores[node])
            for node in self.statements
            if not hasattr(node, "body")
        }

    @functools.cached_property
    def loads(self) -> Mapping[ast.stmt, frozenset[str]]:
        """The names that each statement reads."""
        return {node: loaded_by(node) for node in self.statements}

    @functools.cached_property
    def stores(self) -> Mapping[ast.stmt, frozenset[str]]:
        """The names that each statement assigns, or whose items it assigns."""
        return {node: stored_in(node) for node in self.statements}

    def before(self, line: int) -> Iterator[str]:
        """Yield the variables that are assigned above a line, and the parameters."""
        yield from (name for name, first in self.bound.items() if first < line)

    def replaced(self, first: int, last: int, lines: Sequence[str]) -> str:
        """Return the cell with other lines in the place of lines `first` to `last`."""
        return "\n".join([*self.lines[: first - 1], *lines, *self.lines[last:]])

    def with_statement(self, node: ast.stmt, text: str) -> str:
        """Return the cell with another text for a statement, or for the header of a compound one.

        The lines below keep their numbers.
        """
        start = self.lines[node.lineno - 1].encode()[: node.col_offset].decode()
        body = getattr(node, "body", None)
        if body:
            end, rest = body[0].lineno - 1, ""
        else:
            end = node.end_lineno or node.lineno
            rest = self.lines[end - 1].encode()[node.end_col_offset or 0 :].decode()
        new = (start + text.replace("\n", "\n" + start) + rest).split("\n")
        span = end - node.lineno + 1
        return self.replaced(node.lineno, end, [*new, *[""] * (span - len(new))])


def text_of(node: ast.AST) -> str:
    """Return a statement as text, of a compound one only the header."""
    body = getattr(node, "body", None)
    if not isinstance(body, list):
        return ast.unparse(node)
    kept = {
        f: getattr(node, f) for f in ("body", "orelse", "handlers", "finalbody") if hasattr(node, f)
    }
    try:
        for name in kept:
            setattr(node, name, [])
        node.body = [ast.Pass()]  # type: ignore[attr-defined]
        return ast.unparse(node).rsplit("\n", 1)[0]
    finally:
        for name, value in kept.items():
            setattr(node, name, value)


def loaded_by(statement: ast.stmt) -> frozenset[str]:
    """Return the names that a statement reads."""
    nodes = (n for n in ast.walk(statement) if isinstance(n, ast.Name))
    adds = isinstance(statement, ast.AugAssign)
    return frozenset(n.id for n in nodes if adds or isinstance(n.ctx, ast.Load))


def stored_in(statement: ast.stmt) -> frozenset[str]:
    """Return the names that a statement assigns, or whose items it assigns."""
    nodes = [n for n in ast.walk(statement) if isinstance(n, ast.Name | ast.Subscript)]
    stores = [n for n in nodes if isinstance(n.ctx, ast.Store)]
    bases = (n.value if isinstance(n, ast.Subscript) else n for n in stores)
    return frozenset(base.id for base in bases if isinstance(base, ast.Name))


def is_text(node: ast.AST) -> bool:
    """Return True for an expression that is text."""
    match node:
        case ast.Constant(value=str()) | ast.JoinedStr() | ast.Call(func=ast.Name("str")):
            return True
        case ast.BinOp(left, ast.Add() | ast.Mod(), right):
            return is_text(left) or is_text(right)
        case ast.Call(func=ast.Attribute(value, "format")):
            return is_text(value)
    return False


def _left_of(nodes: Iterable[ast.AST], *operators: type[ast.operator]) -> frozenset[ast.AST]:
    """Return the left sides of some operators."""
    binary = (node for node in nodes if isinstance(node, ast.BinOp))
    return frozenset(node.left for node in binary if isinstance(node.op, operators))


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_size(value: ast.expr) -> bool:
    match value:
        case (
            ast.Subscript(value=ast.Attribute(attr="shape"))
            | ast.Call(func=ast.Name("len" | "float"))
        ):
            return True
        case ast.Constant(value=int() | float()):
            return True
    return False
