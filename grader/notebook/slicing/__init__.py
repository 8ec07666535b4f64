"""Program slicing: the statements of a notebook that each graded function needs, without running it.

A slice is a notebook, too: the same cells with the other statements blanked out, so line numbers stay
the student's own. A statement is needed if it defines or modifies a name that the function uses, or
that a needed statement uses. Plots, trainings and prints are not needed.
"""

from __future__ import annotations

import ast
import builtins
import dataclasses
import functools
from collections import defaultdict
from collections.abc import Mapping, Sequence

from grader.model import Cell, Notebook
from grader.model.record import record
from grader.notebook.slicing.code_digest import NO_CODE, CodeDigest, code_digest
from grader.notebook.slicing.effects import reads_any_name, with_effects
from grader.notebook.slicing.globals import GlobalUse, global_uses
from grader.notebook.slicing.helper_modules import public_names, stand_ins
from grader.notebook.slicing.parse import ParsedCell, SyntaxFault, parse_cell
from grader.notebook.slicing.placeholders import blank_result, looks_unwritten
from grader.notebook.slicing.remainder import Remainder, cells_of, without_plots
from grader.notebook.slicing.statements import Statement, last_line, statements_of
from grader.notebook.slicing.tree import loads, nodes_below, walk

__all__ = ["GlobalUse", "NamedPlace", "Remainder", "Slice", "SyntaxFault", "public_names", "slices"]

_PREDEFINED = frozenset(dir(builtins)) | {"__name__", "__doc__", "get_ipython", "display"}
_SHORT = 4_000


@record
class NamedPlace:
    """A place in a notebook that concerns a function: a name, its cell and its line."""

    name: str
    cell: int
    line: int


@record
class Slice:
    """One graded function as a notebook defines it.

    `cells` are those that the function needs, with blank lines for what was left out. `cell`, `line` and
    `last_line` locate its definition, counted from 1. `names` are the notebook's names that it needs, and
    `local_names` its own. `stand_ins` are modules that may be missing where it runs.

    If the function is `unwritten`, every place for the student's own lines is empty or holds a
    placeholder, as in a template. `blank_result` is the line of the placeholder that it returns.
    `fault` is the syntax error that prevents parsing the function, and `other_name` a function with
    the same arguments, if this one is missing. `reads` are the positions of the parameters that its
    body reads, `global_uses` the globals that it reads instead of its parameters. `code` is a digest
    of its code. `remainder` has the statements for a second run; None if those that the slice leaves
    out cannot matter. `parameters` are the student's names of them.

    `inside` is the class or function around the definition, if it is not at the top level.
    `template_below` is the cell of a later definition that is not written, and does not count. `lost`
    are syntax errors in the definitions of names that the function needs. `version` is that of the
    Python that its cells need, if it is newer than the grader's.
    """

    function: str
    cells: tuple[Cell, ...] = ()
    cell: int | None = None
    line: int | None = None
    last_line: int | None = None
    is_defined: bool = False
    unwritten: bool = False
    blank_result: int | None = None
    fault: SyntaxFault | None = None
    other_name: str = ""
    names: frozenset[str] = frozenset()
    local_names: frozenset[str] = frozenset()
    reads: frozenset[int] = frozenset()
    stand_ins: tuple[str, ...] = ()
    global_uses: tuple[GlobalUse, ...] = ()
    code: CodeDigest = NO_CODE
    remainder: Remainder | None = None
    parameters: tuple[str, ...] = ()
    inside: NamedPlace | None = None
    template_below: int | None = None
    lost: tuple[SyntaxFault, ...] = ()
    version: str = ""

    @property
    def source(self) -> str:
        """The text of the function's cell, empty if the cell is unknown."""
        return self.source_of(self.cell)

    def source_of(self, number: int | None) -> str:
        """Return the text of a cell, empty if the function does not need the cell."""
        return next((cell.source for cell in self.cells if cell.number == number), "")


def slices(
    notebook: Notebook,
    functions: Sequence[tuple[str, tuple[str, ...]]],
    *,
    helper_names: frozenset[str] = frozenset(),
    with_remainder: bool = False,
    trainers: frozenset[str] = frozenset(),
) -> tuple[Slice, ...]:
    """Return one slice for each (name, parameters), also for functions that the notebook lacks.

    `helper_names` are the public names of the assignment's helper modules. They can replace imports
    from a module of another name. `with_remainder` sets that field of the slices, which takes time.
    `trainers` are functions that train for long: a second run leaves out their calls.
    """
    parsed = [_parse_short(c) if len(c.source) < _SHORT else _parse(c) for c in notebook.cells]
    statements = [statement for _, part in parsed for statement in part]
    harmless = helper_names | {name for name, _ in functions} | _checks(statements)
    effects = with_effects(statements, harmless, trainers) if with_remainder else []
    document = _ParsedNotebook(
        cells=[cell for cell, _ in parsed],
        statements=statements,
        touching=_touching(statements),
        helper_names=helper_names,
        effects=effects,
        trainers=trainers,
    )
    parts = tuple(_slice(name, parameters, document) for name, parameters in functions)
    nodes_below.cache_clear()  # a tree can be large
    return parts


def _checks(statements: Sequence[Statement]) -> frozenset[str]:
    """Return the names that are imported from `grader`, the checks for students, and keep this meaning."""
    imports = [s.node for s in statements if isinstance(s.node, ast.ImportFrom)]
    aliases = (alias for node in imports if node.module == "grader" for alias in node.names)
    defined = {name for s in statements if not s.is_import for name in s.defines}
    return frozenset(alias.asname or alias.name for alias in aliases) - defined


def _parse(cell: Cell) -> tuple[ParsedCell, Sequence[Statement]]:
    parsed = parse_cell(cell)
    return parsed, statements_of(parsed)


_parse_short = functools.lru_cache(maxsize=256)(_parse)
"""A whole class shares the cells of the template; nothing here ever changes a tree."""


@record
class _ParsedNotebook:
    """The parts of a notebook; `touching` has for each name the statements that change it.

    `effects` are needed for a second run only.
    """

    cells: Sequence[ParsedCell]
    statements: Sequence[Statement]
    touching: Mapping[str, Sequence[int]]
    helper_names: frozenset[str]
    effects: Sequence[Statement]
    trainers: frozenset[str]


def _slice(name: str, parameters: tuple[str, ...], notebook: _ParsedNotebook) -> Slice:
    definitions = [s for s in notebook.statements if name in s.defines]
    if not definitions:
        return _without_definition(name, parameters, notebook)
    last = _last_written(name, definitions, notebook)
    below = _below(last, definitions, notebook)
    if below:
        left_out = {id(statement) for statement in below}
        kept = [statement for statement in notebook.statements if id(statement) not in left_out]
        notebook = dataclasses.replace(notebook, statements=kept, touching=_touching(kept))
    needed = _needed(frozenset((name,)), notebook)
    undefined = _undefined(needed)
    node = _definition(name, last)
    arguments = [argument.arg for argument in node.args.args] if node else []
    read = {name.id for name in loads(node)} if node else set()
    stores = (n for n in last.nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    faults = [fault for cell in notebook.cells for fault in cell.faults]
    cells = cells_of(notebook.cells, needed)
    return Slice(
        function=name,
        cells=cells,
        cell=last.cell,
        line=(node or last.node).lineno,
        last_line=last_line(node or last.node),
        is_defined=True,
        unwritten=_is_unwritten(name, last, notebook),
        blank_result=blank_result(node) if node else None,
        names=frozenset(n for statement in needed for n in statement.defines),
        local_names=frozenset(node.id for node in stores),
        reads=frozenset(i for i, name in enumerate(arguments) if name in read),
        stand_ins=stand_ins(needed, notebook.helper_names, undefined),
        global_uses=global_uses(node, last, parameters, needed, notebook.trainers) if node else (),
        code=code_digest(node) if node else NO_CODE,
        remainder=_remainder(needed, notebook),
        parameters=tuple(arguments),
        template_below=below[-1].cell if below else None,
        lost=tuple(fault for fault in faults if (fault.functions | fault.names) & undefined),
        version=_version(notebook.cells, cells),
    )


def _last_written(
    name: str, definitions: Sequence[Statement], notebook: _ParsedNotebook
) -> Statement:
    """Return the last definition of a function, or the last written one if only templates follow."""
    written = (s for s in reversed(definitions) if not _is_unwritten(name, s, notebook))
    last = next(written, definitions[-1])
    followers = definitions[definitions.index(last) + 1 :]
    return last if all(_definition(name, s) for s in followers) else definitions[-1]


def _is_unwritten(name: str, statement: Statement, notebook: _ParsedNotebook) -> bool:
    node = _definition(name, statement)
    lines = next(cell.lines for cell in notebook.cells if cell.number == statement.cell)
    return node is not None and looks_unwritten(node, lines)


def _below(
    last: Statement, definitions: Sequence[Statement], notebook: _ParsedNotebook
) -> list[Statement]:
    """Return the definitions after the last written one, without other branches of its `if`."""
    later = definitions[definitions.index(last) + 1 :]
    return [s for s in later if not _is_alternative(last, s, notebook.cells)]


def _is_alternative(first: Statement, second: Statement, cells: Sequence[ParsedCell]) -> bool:
    """Return True if two statements are in different branches of one `if`, so only one of them runs."""
    trees = [cell.tree for cell in cells if first.cell == cell.number == second.cell]
    if not trees or first.node in trees[0].body or second.node in trees[0].body:
        return False
    return any(
        isinstance(node, ast.If) and _has(node.body, first) and _has(node.orelse, second)
        for tree in trees
        for node in walk(tree)
    )


def _has(block: Sequence[ast.stmt], statement: Statement) -> bool:
    return any(inner is statement.node for node in block for inner in walk(node))


def _definition(name: str, statement: Statement) -> ast.FunctionDef | None:
    """Return the definition of a function in a statement, or None if it is assigned otherwise."""
    functions = [n for n in statement.nodes if isinstance(n, ast.FunctionDef) and n.name == name]
    return functions[-1] if functions else None


def _version(cells: Sequence[ParsedCell], needed: Sequence[Cell]) -> str:
    """Return the newest version of Python that the needed cells were written for, if it is newer."""
    numbers = {cell.number for cell in needed}
    return max((cell.version for cell in cells if cell.number in numbers), default="")


def _remainder(needed: Sequence[Statement], notebook: _ParsedNotebook) -> Remainder | None:
    """Return the statements for a second run, or None if those that were left out cannot matter.

    These are the needed ones, those with a possible effect, and all that define a name for these.
    """
    chosen = {id(statement) for statement in needed}
    effects = [statement for statement in notebook.effects if id(statement) not in chosen]
    if reads_any_name(needed):
        effects = without_plots(notebook.statements, notebook.trainers)
    if not effects:
        return None
    chosen |= {id(statement) for statement in effects}
    names = frozenset(name for statement in effects for name in statement.uses)
    needed = _needed(names, notebook)
    chosen |= {id(statement) for statement in needed if statement.is_import}
    chosen |= {id(statement) for statement in without_plots(needed, notebook.trainers)}
    run = [statement for statement in notebook.statements if id(statement) in chosen]
    modules = stand_ins(run, notebook.helper_names, _undefined(run))
    return Remainder(cells_of(notebook.cells, run), modules)


def _without_definition(name: str, parameters: tuple[str, ...], notebook: _ParsedNotebook) -> Slice:
    """Return the slice of a function that is lost to a syntax error, renamed, or missing."""
    faults = [f for cell in notebook.cells for f in cell.faults if name in f.functions | f.names]
    if faults:
        last = faults[-1]
        return Slice(name, cell=last.cell, line=last.line, fault=last, unwritten=last.unwritten)
    for statement in reversed(notebook.statements):
        match statement.node:
            case ast.FunctionDef(name=other_name, args=arguments):
                if tuple(argument.arg for argument in arguments.args) == parameters:
                    return Slice(name, other_name=other_name)
    return Slice(name, inside=_around(name, notebook))


def _around(name: str, notebook: _ParsedNotebook) -> NamedPlace | None:
    """Return the class or function inside which a function is defined, if it is."""
    for statement in reversed(notebook.statements):
        if isinstance(statement.node, ast.FunctionDef | ast.ClassDef):
            inner = _definition(name, statement)
            if inner is not None:
                return NamedPlace(statement.node.name, statement.cell, inner.lineno)
    return None


# ------------------------------------------------------------------ needed statements


def _touching(statements: Sequence[Statement]) -> Mapping[str, Sequence[int]]:
    """Return for each name the positions of the statements that define or modify it."""
    imported = {n for statement in statements if statement.is_import for n in statement.defines}
    touching = defaultdict[str, list[int]](list)
    for index, statement in enumerate(statements):
        for touched in statement.defines | statement.modifies | (statement.calls_on - imported):
            touching[touched].append(index)
    return touching


def _needed(start: frozenset[str], notebook: _ParsedNotebook) -> list[Statement]:
    """Return the statements that define or modify names, and all they need, in notebook order."""
    statements, touching = notebook.statements, notebook.touching
    names, pending, chosen = set(start), [*start], set[int]()
    stars = {index for index, statement in enumerate(statements) if statement.is_star_import}
    while pending:
        for index in set(touching.get(pending.pop(), ())) - chosen:
            chosen.add(index)
            pending += statements[index].uses - names
            names |= statements[index].uses
        if stars and not pending and _needs_star_imports([statements[i] for i in chosen], notebook):
            chosen |= stars
            used = {name for index in stars for name in statements[index].uses}
            pending, names, stars = [*(used - names)], names | used, set()
    chosen |= {index for index, statement in enumerate(statements) if statement.is_future}
    return [statements[index] for index in sorted(chosen)]


def _needs_star_imports(statements: Sequence[Statement], notebook: _ParsedNotebook) -> bool:
    """Return True if star imports may define a name that these statements use, or replace one.

    A notebook may wrap a helper of the assignment under its own name, or define it above the import.
    """
    own = {name for s in statements if not s.is_import for name in s.defines}
    return bool(own & notebook.helper_names or _undefined(statements))


def _undefined(statements: Sequence[Statement]) -> frozenset[str]:
    """Return the names that statements use and none of them defines."""
    used = {name for statement in statements for name in statement.uses}
    defined = {name for statement in statements for name in statement.defines}
    return frozenset(used - defined - _PREDEFINED)
