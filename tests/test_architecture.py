"""The shape of the code: imports go downhill, the box is alone, and nothing grows into a monster."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
GRADER = ROOT / "grader"
BOX = GRADER / "sandbox" / "box"

FLOORS = (
    {"errors", "text", "words", "rundown"},
    {"model", "result", "matrix", "training"},
    {"languages", "session", "slips"},
    {
        *("assignment", "notebook", "extract", "sandbox", "compare", "judge", "rubric", "hints"),
        *("gradebook", "intake", "report", "evidence", "laws", "following", "mutation", "steps"),
        "calling",
    },
    {"consequences", "misconceptions", "selfcheck", "trained"},
    {"oracle"},
    {"diagnosis", "outcome", "running"},
    {"marking"},
    {"grading"},
    {"catching", "survivors"},
    {"batch", "conformance", "doctor", "workers"},
    {"release"},
    {"terminal"},
    {"options"},
    {"cli"},
    {"__main__"},
)
"""From the ground up; a module imports from floors below its own, and inside its own package."""

SIDEWAYS = {
    ("judge", "compare"): "a verdict is made of differences",
    ("evidence", "compare"): "what is evidence is what does not compare as equal",
    ("following", "evidence"): "what follows is said by the rows",
    ("hints", "extract"): "a hint tells where a slice stands, and how it was lost",
}
"""The only imports between two modules of one floor, each with its reason."""

IN_THE_BOX = {"numpy", "IPython"}
FOR_WHOLE_NOTEBOOKS = {"ipykernel", "jupyter_client", "nbclient", "nbformat"}
FOR_PEOPLE = {
    *("cli.py", "options.py"),
    *("terminal/__init__.py", "terminal/proofs.py", "terminal/screen.py", "terminal/whole.py"),
}

MOST_LINES, MOST_LINES_OF_A_FUNCTION, MOST_PARAMETERS = 300, 40, 5
MISTAKES = "reference/regularization_misconceptions"
LONGER = {
    f"{MISTAKES}/{name}.py": "one short function for each known mistake, with its hint"
    for name in ("compute_cost_with_regularization", "forward_propagation_with_dropout")
} | {
    "reference/regularization_solved.py": "the solved notebook, with the texts of its cells",
}
LONGER_FUNCTIONS = {
    f"reference/regularization_solved.py {name}": "the docstring and steps that students are handed"
    for name in (
        "backward_propagation_with_dropout",
        "backward_propagation_with_regularization",
        "forward_propagation_with_dropout",
    )
}
MORE_PARAMETERS = {
    "reference/regularization_solved.py model": "its signature is the course's",
}


def files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def dotted(path: Path) -> str:
    """Return the name a module of the grader is imported by."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {dotted(path): path for path in files("grader")}


def imported(path: Path) -> Iterator[str]:
    """Yield what a file imports, wherever in it; a module of the grader by its full name."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                assert path.parent.parent == ROOT / "testcases", f"{path}: write imports in full"
                continue
            whole = str(node.module)
            for alias in node.names:
                inner = f"{whole}.{alias.name}"
                yield inner if inner in MODULES else whole


def own_imports(module: str) -> set[str]:
    """Return the modules of the grader that one of them imports."""
    return {name for name in imported(MODULES[module]) if name.split(".")[0] == "grader"}


def part(module: str) -> str:
    """Return the module or package right below `grader` that a module belongs to."""
    return module.split(".")[1] if "." in module else ""


def floor(name: str) -> int:
    return next(level for level, names in enumerate(FLOORS) if name in names)


# ------------------------------------------------------------------ which way imports run


def test_every_module_stands_on_a_floor_and_every_floor_stands() -> None:
    placed = [name for names in FLOORS for name in names]

    assert sorted(placed) == sorted({part(module) for module in MODULES} - {""})


@pytest.mark.parametrize("module", [module for module in MODULES if part(module)])
def test_a_module_imports_only_from_floors_below_its_own(module: str) -> None:
    own = part(module)
    wrong = {
        name
        for name in own_imports(module)
        if not part(name)
        or (
            part(name) != own
            and floor(part(name)) >= floor(own)
            and (own, part(name)) not in SIDEWAYS
        )
    }

    assert wrong == set()


def test_every_exception_to_the_floors_is_made_use_of() -> None:
    made = {(part(module), part(name)) for module in MODULES for name in own_imports(module)}

    assert made >= SIDEWAYS.keys()


def test_imports_run_in_no_circle() -> None:
    graph = {module: own_imports(module) - {module} for module in MODULES}

    assert len(list(TopologicalSorter(graph).static_order())) == len(MODULES)


@pytest.mark.parametrize("path", sorted(BOX.glob("*.py")), ids=lambda path: path.name)
def test_files_of_the_box_import_the_standard_library_numpy_ipython_and_each_other(
    path: Path,
) -> None:
    allowed = sys.stdlib_module_names | IN_THE_BOX | {sibling.stem for sibling in BOX.glob("*.py")}
    if path.stem in ("conductor", "kernel"):  # loaded in boxes for whole notebooks only
        allowed |= FOR_WHOLE_NOTEBOOKS

    assert {name.split(".")[0] for name in imported(path)} <= allowed


def test_the_grader_imports_neither_answers_nor_cases_nor_tests() -> None:
    others = {"reference", "testcases", "student_template", "tests", "benchmarks"}

    for path in MODULES.values():
        assert not {name.split(".")[0] for name in imported(path)} & others, path


def test_the_reference_stands_alone_and_the_cases_know_but_nouns_and_checkers() -> None:
    for path in files("reference"):
        assert not any(name.split(".")[0] == "grader" for name in imported(path)), path
    for path in files("testcases"):
        own = {name for name in imported(path) if name.split(".")[0] == "grader"}
        if path.parent.name.endswith("_diagnosis"):
            own -= {"grader.evidence", "grader.laws"}
        allowed = {"grader.model", "grader.compare", "grader.training", "grader.words"}
        assert own <= allowed, path


# ------------------------------------------------------------------ talking


def talks(path: Path) -> Iterator[str]:
    """Yield every way in which a file talks to whoever started it."""
    yield from (name for name in imported(path) if name.split(".")[0] in {"click", "rich"})
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


@pytest.mark.parametrize("module", MODULES)
def test_only_the_command_line_talks_exits_and_looks_at_the_environment(module: str) -> None:
    path = MODULES[module]
    if path.relative_to(GRADER).as_posix() not in FOR_PEOPLE and path.parent != BOX:
        assert list(talks(path)) == []


def test_the_command_line_talks() -> None:
    for name in FOR_PEOPLE:
        assert list(talks(GRADER / name))


# ------------------------------------------------------------------ size

CODE = files("grader", "testcases", "reference")


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many parameters a caller may fill; that a method is bound is no choice of theirs."""
    given = function.args
    names = [arg.arg for arg in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


@pytest.mark.parametrize("path", CODE, ids=relative)
def test_no_file_is_longer_than_can_be_kept_in_mind(path: Path) -> None:
    lines = len(path.read_text("utf-8").splitlines())

    assert (lines > MOST_LINES) == (relative(path) in LONGER)


@pytest.mark.parametrize("path", CODE, ids=relative)
def test_no_function_is_longer_than_a_screen(path: Path) -> None:
    longer = {
        f"{relative(path)} {function.name}"
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > MOST_LINES_OF_A_FUNCTION
    }

    assert longer == {name for name in LONGER_FUNCTIONS if name.split()[0] == relative(path)}


@pytest.mark.parametrize("path", CODE, ids=relative)
def test_no_function_takes_more_than_five_parameters(path: Path) -> None:
    wide = {
        f"{relative(path)} {function.name}"
        for function in functions(path)
        if parameters(function) > MOST_PARAMETERS
    }

    assert wide == {name for name in MORE_PARAMETERS if name.split()[0] == relative(path)}


def test_the_public_face_is_below_ten_names_and_all_of_them_are_there() -> None:
    import grader

    assert len(grader.__all__) < 10
    assert all(hasattr(grader, name) for name in grader.__all__)
