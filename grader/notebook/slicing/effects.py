"""Which statements can change what a function does, although no name shows it.

A call may register something, a function may fill its argument or set a global, an assignment may
change an object that has two names. The answer errs on the side of an effect: a statement too many
costs a wrong function some time, one too few costs a right function its points.
"""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from grader.notebook.slicing.implicit import names_with_effects
from grader.notebook.slicing.remainder import without_plots
from grader.notebook.slicing.statements import Statement

_LASTING = ("save", "set", "load", "from", "to", "put", "copyto", "fill", "place")
"""NumPy functions that begin like this can leave something behind."""
_LASTING_BUILTINS = frozenset(
    "exec eval setattr delattr globals locals vars open __import__ compile input next".split()
)
_HARMLESS = frozenset(dir(builtins)) - _LASTING_BUILTINS
_CHANGING_METHODS = frozenset(
    "append extend insert remove pop popitem clear update setdefault add discard sort reverse fill put "
    "itemset resize setflags write writelines register appendleft extendleft __setitem__".split()
)
_PURE_METHODS = frozenset(
    "format copy reshape sum mean dot astype transpose get keys values items join split strip max min "
    "any all tolist round upper lower index count item ravel flatten std var".split()
)
_VIEWS = frozenset(
    "asarray ravel reshape transpose squeeze atleast_1d atleast_2d broadcast_to diagonal swapaxes "
    "moveaxis split vsplit hsplit".split()
)
_NUMPY = frozenset(("np", "numpy"))
_READING_ANY_NAME = frozenset("globals locals vars eval exec".split())
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def with_effects(
    statements: Sequence[Statement], harmless: frozenset[str], trainers: frozenset[str]
) -> list[Statement]:
    """Return the statements that can change what a function does without defining a name for it.

    A statement can, unless it only defines a function or calls functions without a lasting effect:
    builtins, most of NumPy, and functions that change nothing but their own variables. `harmless` are
    further functions, `trainers` functions that train, whose calls are left out. The use of an object
    that changes something whenever it is used counts as a call.
    """
    functions = {n: s for s in statements if isinstance(s.node, ast.FunctionDef) for n in s.defines}
    changing = _changing(functions, _HARMLESS | harmless | functions.keys()) - harmless
    names = (_HARMLESS | harmless | functions.keys()) - changing
    changing |= {  # an own method may change its object, whatever its name
        node.name
        for statement in statements
        if isinstance(statement.node, ast.ClassDef)
        for node in statement.nodes
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    acting = names_with_effects(statements, lambda nodes: _changes_more_than_its_own(nodes, names))
    return [
        statement
        for statement in without_plots(statements, trainers)
        if _matters(statement, names, changing) or _uses_any(statement, acting)
    ]


def reads_any_name(statements: Sequence[Statement]) -> bool:
    """Return True if statements may read names that their text does not show."""
    nodes = (node for statement in statements for node in statement.nodes)
    return any(isinstance(n, ast.Name) and n.id in _READING_ANY_NAME for n in nodes)


# ------------------------------------------------------------------ functions


def _changing(functions: Mapping[str, Statement], harmless: frozenset[str]) -> frozenset[str]:
    """Return the functions that may change something that outlives their call, or call one that may."""
    callers = defaultdict[str, list[str]](list)
    for name, statement in functions.items():
        for used in statement.uses & functions.keys():
            callers[used].append(name)
    changing = {
        name for name, s in functions.items() if _changes_more_than_its_own(s.nodes, harmless)
    }
    pending = [*changing]
    while pending:
        new = {*callers.pop(pending.pop(), ())} - changing
        changing |= new
        pending += new
    return frozenset(changing)


def _changes_more_than_its_own(nodes: Sequence[ast.AST], harmless: frozenset[str]) -> bool:
    """Return True if a function of these nodes may change an argument, a global or a file."""
    own = _fresh_names(nodes) | {"plt"}
    return any(_changes_other(node, own) or _calls_other(node, own, harmless) for node in nodes)


def _calls_other(node: ast.AST, own: set[str], harmless: frozenset[str]) -> bool:
    match node:
        case ast.Call(func=ast.Attribute() as function) if _base_name(function) in own:
            return False
        case ast.Call():
            return _has_effect(node, harmless)
    return False


def _changes_other(node: ast.AST, own: set[str]) -> bool:
    match node:
        case ast.Global():
            return True
        case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
            return _base_name(node) not in own
        case ast.AugAssign(target=ast.Name(name)):
            return name not in own
        case ast.Attribute(attr=name) if name in _CHANGING_METHODS:
            return _base_name(node) not in own
    return False


def _fresh_names(nodes: Sequence[ast.AST]) -> set[str]:
    """Return the variables of a function that hold new objects only, which nothing else refers to."""
    fresh, shared = set[str](), set[str]()
    for node in nodes:
        match node:
            case ast.arg(arg=name):
                shared.add(name)
            case ast.Assign(targets=targets, value=value):
                names = {name for target in targets for name in _bound_names(target)}
                (fresh if _is_fresh(value) else shared).update(names)
            case ast.AnnAssign(target=ast.Name(name), value=ast.expr() as value):
                (fresh if _is_fresh(value) else shared).add(name)
            case ast.For(target=target) | ast.comprehension(target=target):
                shared.update(_bound_names(target))
    return fresh - shared


def _bound_names(target: ast.expr) -> Iterator[str]:
    match target:
        case ast.Name(name):
            yield name
        case ast.Tuple(elts=items) | ast.List(elts=items):
            for item in items:
                yield from _bound_names(item)


def _is_fresh(value: ast.expr) -> bool:
    match value:
        case ast.Tuple(elts=items):
            return all(map(_is_fresh, items))
        case ast.Call(func=ast.Name(name)):
            return name in _HARMLESS
        case ast.Call(func=ast.Attribute(value=ast.Name(module), attr=name)) if module in _NUMPY:
            return name not in _VIEWS
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in _PURE_METHODS - _VIEWS - {"get"}
    return not isinstance(
        value,
        ast.Name | ast.Attribute | ast.Subscript | ast.IfExp | ast.BoolOp | ast.Call | ast.Await,
    )


def _leaves_an_array(call: ast.Call) -> bool:
    """Return True for a call of NumPy that writes a file or into an array."""
    match call.func:
        case ast.Attribute(value=ast.Name(module), attr=name) if module in _NUMPY:
            return name.startswith(_LASTING) or any(k.arg == "out" for k in call.keywords)
    return any(keyword.arg == "out" for keyword in call.keywords)


# ------------------------------------------------------------------ statements


def _matters(statement: Statement, harmless: frozenset[str], changing: frozenset[str]) -> bool:
    match statement.node:
        case ast.Import() | ast.ImportFrom():
            return False
        case ast.Expr(ast.BinOp()):  # an operator of the student's own class
            return True
    is_definition = isinstance(statement.node, _Function | ast.ClassDef)
    return any(
        isinstance(node, ast.Await | ast.With)
        or (isinstance(node, ast.Name) and node.id in changing)
        or (isinstance(node, ast.Attribute) and node.attr in changing)
        or _has_effect(node, harmless)
        or (not is_definition and _is_store(node))
        for node in _evaluated(statement)
    )


def _uses_any(statement: Statement, names: frozenset[str]) -> bool:
    """Return True if a statement uses or replaces one of some objects; a definition does not."""
    if isinstance(statement.node, _Function | ast.ClassDef | ast.Import | ast.ImportFrom):
        return False
    return not names.isdisjoint(statement.uses | statement.defines)


def _evaluated(statement: Statement) -> Iterator[ast.AST]:
    """Yield the nodes that run with a statement: of a plain function only its defaults."""
    match statement.node:
        case ast.FunctionDef(decorator_list=[]) | ast.AsyncFunctionDef(decorator_list=[]) as node:
            for default in (*node.args.defaults, *node.args.kw_defaults):
                yield from ast.walk(default) if default else ()
        case _:
            yield from statement.nodes


def _has_effect(node: ast.AST, harmless: frozenset[str]) -> bool:
    """Return True for a call with a possible effect, a decorator, and a class that its base may register."""
    match node:
        case ast.Call(func=ast.Name(name)):
            return name not in harmless
        case ast.Call(func=ast.Attribute(value=ast.Name(module))) if module in _NUMPY:
            return _leaves_an_array(node)
        case ast.Call(func=function):
            return not _is_pure(function)
        case ast.Attribute(attr=name) if name in _CHANGING_METHODS:
            return True
        case ast.FunctionDef(decorator_list=decorators):
            return bool(decorators)
        case ast.ClassDef(decorator_list=decorators, bases=bases, keywords=keywords):
            return bool(decorators or keywords) or any(_base_name(b) not in harmless for b in bases)
    return False


def _is_pure(function: ast.expr) -> bool:
    """Return True for a method that changes nothing, and for functions of np.random and np.linalg."""
    match function:
        case ast.Attribute(ast.Attribute(ast.Name(module), "random" | "linalg")):
            return module in _NUMPY
        case ast.Attribute(ast.Name("shutil")):
            return False
        case ast.Attribute(attr=name):
            return name in _PURE_METHODS
    return False


def _is_store(node: ast.AST) -> bool:
    """Return True for a change of an object, which may have another name too."""
    match node:
        case (
            ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del())
        ):
            return True
    return isinstance(node, ast.AugAssign)


def _base_name(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
