"""Find code that can neither change nor keep anything outside its own names.

Such functions may run one after another in one process: none can affect another, or read what another
was given. The rule lists what is allowed: syntax, modules, attributes and built-in functions. Code that
uses anything else is not confined, and runs in a process of its own.

No attribute is stored, and no name that begins with two underscores is read or bound: `__builtins__`
could be another module. Nothing that is allowed changes anything but its own arguments, or returns
memory that it did not fill (as `np.empty` does). `format` reads any attribute, which may load a module.
Code that catches a MemoryError learns how much memory others left, so `try` is not allowed.
"""

from __future__ import annotations

import ast
import builtins
import functools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.model import Cell
from grader.notebook.slicing.parse import without_warnings
from grader.notebook.slicing.tree import children, walk

_MODULES = frozenset("numpy math random copy numpy.random numpy.linalg".split())
_ATTRIBUTES = frozenset(
    """
    T abs absolute accumulate add all allclose amax amin any append apply_along_axis arange arccos arcsin
    arctan arctan2 argmax argmin argsort array array_equal asarray astype at atleast_1d atleast_2d average
    axis bincount binomial bool bool_ broadcast_to cbrt ceil choice choices clear clip
    column_stack concatenate copy copysign cos cosh count count_nonzero cumprod cumsum deepcopy default_rng
    degrees det diag diagonal diff discard divide dot dstack dtype e einsum endswith eps equal erf
    errstate exp expand_dims expit expm1 extend eye fabs factorial fill finfo flat flatten flip fliplr
    flipud float32 float64 floor floor_divide fmax fmin fsum full full_like get greater
    greater_equal heaviside hstack hypot identity index inf inner insert int32 int64 integers inv
    isclose isfinite isinf isnan item items itemsize join keys kron lexsort linalg linspace log log10 log1p
    log2 logical_and logical_not logical_or logical_xor logit logspace lower lstrip matmul matrix_rank max
    maximum mean median min minimum mod multiply nan nan_to_num nanmax nanmean nanmin nansum nbytes ndim
    negative newaxis nonzero norm normal not_equal ones ones_like outer permutation pi pinv pop pow power
    prod put_along_axis quantile radians rand randint randn random random_sample RandomState ravel real
    reciprocal reduce remainder remove repeat replace reshape reverse rint roll round rstrip sample seed
    setdefault shape shuffle sign sin sinh size softmax solve sort split sqrt square squeeze stack
    standard_normal startswith std strip subtract sum swapaxes take tan tanh tensordot tile tolist trace
    transpose tril triu true_divide trunc uint8 uniform unique update upper values var vdot vectorize
    vstack where xlogy zeros zeros_like
    """.split()
)
_BUILTINS = frozenset(
    """
    abs all any bool complex dict divmod enumerate filter float frozenset int isinstance iter len list map
    max min next pow print range repr reversed round set slice sorted str sum tuple zip
    """.split()
)
_FORBIDDEN = frozenset(
    name
    for name, value in vars(builtins).items()
    if name not in _BUILTINS and not (isinstance(value, type) and issubclass(value, BaseException))
) | {"get_ipython", "display"}
_SYNTAX = tuple(
    getattr(ast, name)
    for name in """
        Module FunctionDef Return Delete Assign AugAssign AnnAssign For While If With Raise Assert
        Import ImportFrom Global Nonlocal Expr Pass Break Continue BoolOp NamedExpr BinOp UnaryOp Lambda
        IfExp Dict Set ListComp SetComp DictComp GeneratorExp Compare Call FormattedValue JoinedStr Constant
        Attribute Subscript Starred Name List Tuple Slice comprehension arguments arg keyword
        alias withitem boolop operator unaryop cmpop
    """.split()
)
_CHANGING_KEYWORDS = {None, "where", "call"}
"""`where` leaves parts of a result unfilled, `call` of `errstate` is called by NumPy at any time."""


@dataclass(frozen=True, slots=True)
class HelperModule:
    """A helper module of the assignment: its names that confined code may use, and its other names."""

    name: str
    confined: frozenset[str]
    others: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Names:
    """The names in some code, and its imports that are not from a library.

    An import is a module, a name in it, and the name that it gets.
    """

    names: frozenset[str]
    imports: frozenset[tuple[str, str, str]]


def is_confined(cells: Sequence[Cell], helpers: Sequence[HelperModule]) -> bool:
    """Return True if the code of some cells can neither change nor keep anything but its own names."""
    parts = [part for cell in cells if (part := _names_in(cell.source))]
    if len(parts) < len(cells):
        return False
    modules = {module.name: module for module in helpers}
    used = frozenset[str]().union(*(part.names for part in parts))
    for module, name, bound in (imported for part in parts for imported in part.imports):
        if module not in modules or "*" in modules[module].others:
            return False
        if name == "*" and used & modules[module].others:
            return False
        if name not in modules[module].confined | {"*"} and bound in used:
            return False
    return True


def helper_module(name: str, source: str) -> HelperModule:
    """Return the names of a helper module, from its source."""
    tree = ast.parse(source)
    bound = Counter(_bound_names(tree))
    libraries, constants, functions = set[str](), set[str](), dict[str, frozenset[str]]()
    for node in tree.body:
        match node:
            case ast.Import(names=[alias]) if _is_library(node):
                libraries.add(alias.asname or alias.name.split(".")[0])
            case ast.Assign(targets=[ast.Name(target)], value=value) if _is_constant(value):
                constants.add(target)
            case ast.FunctionDef(name=function) if _has_constant_defaults(node):
                names = _names_of(node)
                if names and not names.imports and not _declares_globals(node):
                    functions[function] = names.names
    once = {name for name, times in bound.items() if times == 1}
    confined = (libraries | constants | functions.keys()) & once if "*" not in bound else set()
    while wrong := {
        n for n in functions.keys() & confined if functions[n] & bound.keys() - confined
    }:
        confined -= wrong
    return HelperModule(name, frozenset(confined), frozenset(bound.keys() - confined))


# ------------------------------------------------------------------ what code reads and uses


@functools.lru_cache(maxsize=256)
def _names_in(source: str) -> _Names | None:
    """Return the names in the text of a cell, None if it is not confined whatever they are."""
    try:
        with without_warnings():
            return _names_of(ast.parse(source))
    except (SyntaxError, ValueError, RecursionError):
        return None


def _names_of(tree: ast.AST) -> _Names | None:
    nodes = walk(tree)
    if not all(isinstance(node, _SYNTAX) and _is_harmless(node) for node in nodes):
        return None
    names = frozenset(node.id for node in nodes if isinstance(node, ast.Name))
    if names & _FORBIDDEN:
        return None
    imports = (
        (node.module or "", alias.name, alias.asname or alias.name)
        for node in nodes
        if isinstance(node, ast.ImportFrom) and not _is_library(node)
        for alias in node.names
    )
    return _Names(names, frozenset(imports))


def _is_harmless(node: ast.AST) -> bool:
    """Return True unless a node of the allowed syntax is in a use that is not allowed."""
    match node:
        case ast.Name(name) | ast.arg(name) | ast.alias(asname=str(name)):
            return not name.startswith("__")
        case ast.Attribute(attr=name, ctx=context):
            return name in _ATTRIBUTES and isinstance(context, ast.Load)
        case ast.keyword(arg=name):
            return name not in _CHANGING_KEYWORDS
        case ast.FunctionDef(name=name, decorator_list=decorators):
            return not (name.startswith("__") or decorators)
        case ast.With(items=items):
            return all(_is_errstate(item) for item in items)
        case ast.Import():
            return _is_library(node)
        case ast.ImportFrom(level=level):
            return level == 0
    return True


def _is_errstate(item: ast.withitem) -> bool:
    match item:
        case ast.withitem(ast.Call(ast.Attribute(ast.Name("np" | "numpy"), "errstate")), None):
            return True
    return False


def _is_library(node: ast.Import | ast.ImportFrom) -> bool:
    """Return True for an import of allowed modules, or of allowed names from one."""
    if isinstance(node, ast.Import):
        return all(alias.name in _MODULES for alias in node.names)
    if node.module == "__future__":
        return True
    return node.module in _MODULES and all(alias.name in _ATTRIBUTES for alias in node.names)


# ------------------------------------------------------------------ helper modules


def _bound_names(tree: ast.Module) -> Iterator[str]:
    """Yield each name that a module binds, as often as it does; local names of functions once more.

    A name that is local in one function and global elsewhere counts as bound twice, which is safe.
    """
    pending: list[ast.AST] = [*tree.body]
    while pending:
        node = pending.pop()
        match node:
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                yield name
                inner = walk(node)
                yield from (n for part in inner if isinstance(part, ast.Global) for n in part.names)
                continue
            case ast.Name(name, ast.Store() | ast.Del()):
                yield name
            case ast.alias(name=name, asname=other):
                yield other or name.split(".")[0]
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                yield name
        pending += children(node)


def _is_constant(node: ast.expr | None) -> bool:
    match node:
        case ast.Constant() | None | ast.UnaryOp(operand=ast.Constant()):
            return True
        case ast.Tuple(elements):
            return all(map(_is_constant, elements))
    return False


def _has_constant_defaults(function: ast.FunctionDef) -> bool:
    """Return True unless a default value could be changed by a call."""
    return all(map(_is_constant, [*function.args.defaults, *function.args.kw_defaults]))


def _declares_globals(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.Global) for node in walk(function))
