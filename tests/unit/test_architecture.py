"""The structure of the code: packages import only those below, the box imports none, functions are short."""

from __future__ import annotations

import ast
import functools
import re
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

from grader.handout import release
from tests import ROOT

GRADER = ROOT / "grader"
BOX = GRADER / "sandbox" / "box"

PACKAGES = (
    *(
        "__main__",
        "pytest_plugin",
        "cli",
        "handout",
        "batch",
        "verify",
        "grading",
        "notebook_run",
        "diagnosis",
    ),
    *("assignments", "judging", "sandbox", "notebook", "intake", "views", "model", "messages"),
    *("files", "errors", "version"),
)
"""From the top down, as the docstring of `grader` lists them. Each imports only packages below it."""

ALLOWED_IN_THE_BOX = {*sys.stdlib_module_names, "numpy", "IPython"}
ALLOWED_FOR_NOTEBOOKS = {"ipykernel", "jupyter_client", "nbclient", "nbformat"}
MAY_PRINT = ("cli/", "views/terminal/", "sandbox/box/", "messages/extract.py", "handout/display.py")
MOST_LINES, MOST_PARAMETERS = 40, 5
LONGER_FUNCTIONS = {
    "reference/gradient_checking_solved.py gradient_check_n",
    "reference/regularization_solved.py backward_propagation_with_dropout",
    "reference/regularization_solved.py backward_propagation_with_regularization",
    "reference/regularization_solved.py forward_propagation_with_dropout",
}
"""Docstring and steps as students get them."""

MORE_PARAMETERS = {
    "reference/initialization_solved.py model",
    "reference/regularization_solved.py model",
}
"""The course prescribes its signature."""


def files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


MODULES = {module_name(path): path for path in files("grader")}


@functools.cache
def imports(path: Path) -> frozenset[str]:
    """Return the modules that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {name if name in MODULES else str(node.module) for name in inner}
    return frozenset(names)


def packages(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path)}


def grader_packages(path: Path) -> set[str]:
    """Return the packages of the grader that a file imports from; "" is `grader` itself."""
    return {f"{name}.".split(".")[1] for name in imports(path) if name.split(".")[0] == "grader"}


# ------------------------------------------------------------------ directions of imports


def test_every_package_is_in_the_list() -> None:
    entries = {name.split(".")[1] for name in MODULES if "." in name}

    assert entries == set(PACKAGES)


def test_docstring_of_grader_lists_the_packages() -> None:
    import grader

    rows = re.findall(r"^(\w+) {2,}\w", grader.__doc__ or "", re.MULTILINE)

    assert rows == [package for package in PACKAGES if package != "__main__"]


def test_imports_run_downwards() -> None:
    uphill = {
        f"{module} imports {package or 'grader'}"
        for module, path in MODULES.items()
        if module != "grader"
        for package in grader_packages(path) - {module.split(".")[1]}
        if package not in PACKAGES[PACKAGES.index(module.split(".")[1]) :]
    }

    assert uphill == set()


def test_imports_have_no_circle() -> None:
    graph = {
        module: {name for name in imports(path) if name in MODULES} - {module}
        for module, path in MODULES.items()
    }

    assert len(list(TopologicalSorter(graph).static_order())) == len(MODULES)


def test_views_know_model_and_messages_only() -> None:
    allowed = {"views", "model", "messages"}
    wrong = {relative(p): grader_packages(p) - allowed for p in files("grader/views")}

    assert {path: names for path, names in wrong.items() if names} == {}


def test_the_sandbox_does_not_import_judging() -> None:
    assert {
        relative(p) for p in files("grader/sandbox") if "judging" in grader_packages(p)
    } == set()


def test_the_box_imports_little() -> None:
    """Standard library, NumPy, IPython and `box/`; a kernel's libraries for whole notebooks."""
    siblings = {path.stem for path in BOX.glob("*.py")}
    extra = {"notebook_runner": ALLOWED_FOR_NOTEBOOKS, "kernel": ALLOWED_FOR_NOTEBOOKS}
    wrong = {
        path.name: packages(path) - ALLOWED_IN_THE_BOX - siblings - extra.get(path.stem, set())
        for path in BOX.glob("*.py")
    }

    assert {path: names for path, names in wrong.items() if names} == {}


def test_the_folder_for_students_has_what_its_modules_import() -> None:
    released = {module_name(GRADER / name) for name in release.MODULES} | {"grader"}
    released |= {f"grader.{package.replace('/', '.')}" for package in release.PARTIAL}
    missing = [
        (name, imported)
        for name in release.MODULES
        for imported in imports(GRADER / name)
        if imported.startswith("grader.") and imported not in released
    ]
    assert missing == []


def test_the_grader_imports_no_assignment_and_no_tests() -> None:
    others = {"reference", "testcases", "student_template", "tests", "benchmarks"}

    assert {relative(path) for path in MODULES.values() if packages(path) & others} == set()


def test_assignments_import_nouns_and_checkers_only() -> None:
    public = {
        *("grader.model", "grader.model.training", "grader.judging.compare", "grader.messages"),
        *("grader.judging.intermediates", "grader.diagnosis.fitting"),
    }
    own = {
        relative(path): {name for name in imports(path) if name.split(".")[0] == "grader"}
        for path in files("reference", "testcases")
    }
    allowed = {path: set() if path.startswith("reference") else public for path in own}
    allowed |= {path: {"grader"} for path in own if path.endswith("_solved.py")}  # for `check`

    assert {
        path: names - allowed[path] for path, names in own.items() if names - allowed[path]
    } == {}


# ------------------------------------------------------------------ names


def test_every_public_class_has_a_name_of_its_own() -> None:
    places: dict[str, list[str]] = {}
    for path in MODULES.values():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(relative(path))

    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


# ------------------------------------------------------------------ printing


def side_effects(path: Path) -> Iterator[str]:
    """Yield the names with which a file prints, exits or reads the environment."""
    yield from packages(path) & {"click", "rich"}
    for node in ast.walk(parsed(path)):
        match node:
            case ast.Call(func=ast.Name("print" | "input" | "exit" | "quit" as name)):
                yield name
            case ast.Attribute(
                ast.Name("sys"), "stdout" | "stderr" | "stdin" | "exit" | "argv" as name
            ):
                yield f"sys.{name}"
            case ast.Attribute(ast.Name("os"), "environ" | "getenv" | "getcwd" as name):
                yield f"os.{name}"
            case ast.Name("SystemExit" as name):
                yield name


def test_only_the_command_line_prints_and_exits() -> None:
    found = {
        relative(path): set(side_effects(path))
        for path in MODULES.values()
        if not path.relative_to(GRADER).as_posix().startswith(MAY_PRINT)
    }

    assert {path: names for path, names in found.items() if names} == {}


# ------------------------------------------------------------------ size


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in files("grader", "testcases", "reference"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{relative(path)} {node.name}", node


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many parameters a caller may pass; `self` and `cls` do not count."""
    args = function.args
    names = [arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def test_functions_have_at_most_40_lines() -> None:
    longer = {
        name
        for name, function in functions()
        if (function.end_lineno or 0) - function.lineno + 1 > MOST_LINES
    }

    assert longer == LONGER_FUNCTIONS


def test_functions_have_at_most_5_parameters() -> None:
    wide = {name for name, function in functions() if parameters(function) > MOST_PARAMETERS}

    assert wide == MORE_PARAMETERS


def test_the_public_api_has_at_most_ten_names() -> None:
    import grader

    assert len(grader.__all__) < 10
    assert all(hasattr(grader, name) for name in grader.__all__)
