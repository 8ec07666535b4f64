"""Fixtures of several tiers."""

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import settings

from grader import assignments
from grader.model import Assignment, Tier
from tests import ROOT
from tests.support import toy_assignment
from tests.support.course import Class, graded
from tests.support.sandbox_tier import strongest

settings.register_profile("untimed", deadline=None)  # a busy machine is not an error
settings.load_profile("untimed")

toy = toy_assignment.toy


@pytest.fixture(scope="session")
def load_module() -> Callable[[str], ModuleType]:
    """Return a function that loads a Python file, by its path in the project, as a new module."""

    def load(path: str) -> ModuleType:
        file = ROOT / path
        spec = importlib.util.spec_from_file_location(file.stem, file)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


@pytest.fixture(scope="session")
def regularization() -> Assignment:
    """Return the assignment of the project."""
    return assignments.load("regularization")


@pytest.fixture(scope="session")
def any_tier() -> Tier:
    """Return the strongest tier that works here, or `none`; not for hostile code."""
    chosen = strongest()
    return chosen.tier if chosen else Tier.NONE


@pytest.fixture(scope="session")
def tier() -> Tier:
    """Return the strongest tier that works here. Skips the test if none does."""
    chosen = strongest()
    if not chosen:
        pytest.skip("no sandbox works here; 'grader doctor' shows the reason")
    return chosen.tier


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a temporary folder that all processes of a run of the tests share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def course(tier: Tier, shared_folder: Path) -> Class:
    """Return a class with its results. Skips the test if no sandbox works."""
    return graded(shared_folder / "course")
