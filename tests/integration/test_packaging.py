"""What is shipped is what runs, and nothing is shipped or installed without a reason."""

import ast
import io
import re
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import grader
from grader import load_assignment
from grader.handout.autograder import autograder
from tests import ROOT

PYPROJECT = (ROOT / "pyproject.toml").read_text("utf-8")
PROJECT = tomllib.loads(PYPROJECT)["project"]
LOCKS = {path.name: path.read_text("utf-8") for path in (ROOT / "requirements").glob("*.txt")}
LOCK = LOCKS["dev.txt"]
PINS = re.compile(r"^([\w.-]+)==([\w.]+)", re.MULTILINE)

ASSIGNMENTS = "grader/assignments"
FOLDERS = ("reference", "student_template", "testcases")
ONLY_FOR_BUILDING = re.compile(r"reference/\w+_solved\.py|student_template/\w+\.py")
BESIDE_THE_PACKAGE = re.compile(r"notebook_grader-[\d.]+\.dist-info/")


def _build(target: str, source: Path, folder: Path) -> Path:
    command = (sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder))
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


def _files(*folders: str) -> set[str]:
    """Return the files below folders of the checkout, but for what tools leave there."""
    paths = (path for folder in folders for path in (ROOT / folder).rglob("*"))
    files = {path.relative_to(ROOT).as_posix() for path in paths if path.is_file()}
    return {file for file in files if not re.search(r"(^|/)(__pycache__|\.\w+)/", file)}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    return ZipFile(_build("wheel", ROOT, tmp_path_factory.mktemp("wheel")))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, unpacked."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(_build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # unknown to 3.11.2
        archive.extractall(folder)
    (root,) = folder.iterdir()
    return root


# ------------------------------------------------------------------ what is in the wheel


def test_the_wheel_holds_the_package_and_the_assignments_and_nothing_else(wheel: ZipFile) -> None:
    assignments = {file for file in _files(*FOLDERS) if not ONLY_FOR_BUILDING.fullmatch(file)}
    shipped = {name for name in wheel.namelist() if not BESIDE_THE_PACKAGE.match(name)}
    assert shipped == _files("grader") | {f"{ASSIGNMENTS}/{file}" for file in assignments}


def test_the_autograder_has_the_same_wheel(wheel: ZipFile) -> None:
    zipped = ZipFile(io.BytesIO(autograder(load_assignment("regularization"))))
    (name,) = (name for name in zipped.namelist() if name.endswith(".whl"))
    ours = ZipFile(io.BytesIO(zipped.read(name)))
    names = {name for name in wheel.namelist() if not BESIDE_THE_PACKAGE.match(name)}

    assert {name for name in ours.namelist() if not BESIDE_THE_PACKAGE.match(name)} == names
    assert all([ours.read(name) == wheel.read(name) for name in names])
    information = f"notebook_grader-{PROJECT['version']}.dist-info"
    commands = f"{information}/entry_points.txt"
    assert ours.read(commands) == wheel.read(commands)
    assert b"\nRequires-Dist: numpy" in ours.read(f"{information}/METADATA")


@pytest.mark.parametrize(
    "file",
    [
        "grader/views/html/templates/student.html.j2",
        "grader/views/html/templates/report.css",
        "grader/views/html/templates/class.js",
        "grader/sandbox/box/worker.py",
        "grader/messages/locale/zh_Hans/LC_MESSAGES/grader.po",
        f"{ASSIGNMENTS}/reference/regularization.py",
        f"{ASSIGNMENTS}/testcases/regularization.py",
        f"{ASSIGNMENTS}/testcases/regularization_published.json",
        f"{ASSIGNMENTS}/testcases/regularization_locale/zh_Hans/LC_MESSAGES/regularization.po",
        f"{ASSIGNMENTS}/student_template/regularization/Regularization.ipynb",
        f"{ASSIGNMENTS}/student_template/regularization/datasets/data.mat",
    ],
)
def test_the_wheel_holds_what_grading_reads(wheel: ZipFile, file: str) -> None:
    assert wheel.read(file) == (ROOT / file.removeprefix(f"{ASSIGNMENTS}/")).read_bytes()


@pytest.mark.parametrize("part", ["tests/", "_solved", "build.py", "dev.py", "reports/"])
def test_the_wheel_leaves_behind_what_only_developers_need(wheel: ZipFile, part: str) -> None:
    assert not [name for name in wheel.namelist() if part in name]


def test_the_wheel_carries_the_licence_and_the_command(wheel: ZipFile) -> None:
    information = f"notebook_grader-{PROJECT['version']}.dist-info"
    licence = wheel.read(f"{information}/licenses/LICENSE")
    assert licence == (ROOT / "LICENSE").read_bytes()
    commands = wheel.read(f"{information}/entry_points.txt").decode()
    assert commands == (
        "[console_scripts]\ngrader = grader.cli:main\n\n[pytest11]\ngrader = grader.pytest_plugin\n"
    )


def test_the_source_distribution_builds_the_same_wheel(
    wheel: ZipFile, sdist: Path, tmp_path: Path
) -> None:
    with ZipFile(_build("wheel", sdist, tmp_path)) as again:
        assert sorted(again.namelist()) == sorted(wheel.namelist())


def test_the_source_distribution_carries_the_tests_and_how_to_run_them(sdist: Path) -> None:
    assert (sdist / "tests" / "integration" / "test_packaging.py").is_file()
    assert (sdist / "dev.py").read_bytes() == (ROOT / "dev.py").read_bytes()
    assert (sdist / "requirements" / "dev.txt").read_text("utf-8") == LOCK


# ------------------------------------------------------------------ versions and dependencies


def test_the_version_is_stated_alike_everywhere() -> None:
    assert PROJECT["version"] == grader.__version__


def _stated() -> list[str]:
    """Return every requirement of the project and its extras."""
    extras = PROJECT["optional-dependencies"].values()
    return [*PROJECT["dependencies"], *(stated for extra in extras for stated in extra)]


def test_every_dependency_has_a_reason() -> None:
    lines = {line.strip() for line in PYPROJECT.splitlines()}
    reasons = {
        line.partition(",  # ")[0].strip('"') for line in lines if re.search(r",  # \w", line)
    }
    assert set(_stated()) - reasons == set()


def test_every_dependency_has_a_lower_bound() -> None:
    bounds = {line: [b.operator for b in Requirement(line).specifier] for line in _stated()}
    assert {line: operators for line, operators in bounds.items() if operators != [">="]} == {}


def test_whatever_is_shipped_imports_no_more_than_is_stated() -> None:
    stated = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]}
    owners = metadata.packages_distributions()
    imported = {name for top in _imported() for name in owners.get(top, [])}
    assert {canonicalize_name(name) for name in imported} - NOT_STATED <= stated


NOT_STATED = {"notebook-grader", "pytest"}
"""Itself, and pytest, which imports the plugin."""


def _imported() -> set[str]:
    """Return the top-level modules that anything we ship imports."""
    shipped = (ROOT / file for file in _files("grader", "reference", "testcases"))
    sources = (path for path in shipped if path.suffix == ".py" and "_solved" not in path.stem)
    nodes = (node for path in sources for node in ast.walk(ast.parse(path.read_bytes())))
    return {name.split(".")[0] for node in nodes for name in _names(node)}


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []


# ------------------------------------------------------------------ the lock


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    hashed = re.findall(r"^([\w.-]+)==.*\\\n    --hash=sha256:[0-9a-f]{64}", lock, re.MULTILINE)
    lines = [line for line in lock.splitlines() if line and line[0] not in " #"]
    assert [line.split("==")[0] for line in lines] == hashed


def test_every_requirement_is_pinned() -> None:
    pinned = dict(PINS.findall(LOCK))
    requirements = [Requirement(stated) for stated in _stated()]
    assert [r.name for r in requirements if not r.specifier.contains(pinned[r.name])] == []


def test_the_demo_has_the_pins_of_the_tests_without_test_tools() -> None:
    dev, demo = set(PINS.findall(LOCK)), set(PINS.findall(LOCKS["demo.txt"]))
    tools = {Requirement(line).name for line in PROJECT["optional-dependencies"]["dev"]}
    assert demo < dev
    assert {name for name, _ in demo} & tools <= RUNTIME_TOO


RUNTIME_TOO = {"jsonschema"}
"""Test tools that a dependency of the grader needs anyway."""


@pytest.mark.parametrize("trace", ["://", "index-url", "find-links", "file:", " @ "])
def test_locks_name_no_package_index(trace: str) -> None:
    assert [name for name, lock in LOCKS.items() if trace in lock] == []


# ------------------------------------------------------------------ dev.py


@pytest.fixture(scope="module")
def dev(load_module: Callable[[str], ModuleType]) -> ModuleType:
    return load_module("dev.py")


def test_dev_py_needs_nothing_but_the_standard_library() -> None:
    tree = ast.parse((ROOT / "dev.py").read_bytes())
    imported = {name.split(".")[0] for node in ast.walk(tree) for name in _names(node)}
    assert imported <= sys.stdlib_module_names


def test_dev_py_takes_the_pip_of_python_where_environments_come_without(
    dev: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(dev, "_has", lambda module: module != "ensurepip")
    dev.create_environment(tmp_path)
    assert dev.pip_of(tmp_path)[1:3] == ["-m", "pip"]
    assert dev.pip_of(tmp_path)[3:] == ["--python", tmp_path / "bin" / "python"]


@pytest.mark.parametrize("missing", [{"venv"}, {"ensurepip", "pip"}])
def test_dev_py_says_what_to_install_where_python_makes_no_environments(
    dev: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, missing: set[str]
) -> None:
    monkeypatch.setattr(dev, "_has", lambda module: module not in missing)
    with pytest.raises(dev.SetupError) as error:
        dev.create_environment(tmp_path)
    assert str(error.value) == (
        "This Python cannot create virtual environments. Install its venv module"
        " (on Debian and Ubuntu: apt install python3-venv) and run the command again."
    )


def test_dev_py_lists_its_commands() -> None:
    command = (sys.executable, str(ROOT / "dev.py"))
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for name in ("demo", "test", "lint", "tidy", "wheel", "all", "lock"):
        assert re.search(rf"^  {name} +[A-Z].+\.$", output, re.MULTILINE), name
