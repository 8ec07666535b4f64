"""What several test files need."""

import importlib.util
from collections.abc import Callable
from types import ModuleType

import pytest
from hypothesis import settings

from grader import assignments
from grader.model import Assignment, Tier
from tests import ROOT
from tests.support.course import Class, graded
from tests.support.sandbox_tier import strongest

settings.register_profile("untimed", deadline=None)  # how busy a machine is proves nothing
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def load_module() -> Callable[[str], ModuleType]:
    """Return a function that loads a Python file, named from the root of the tree, anew."""

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
    """Return the strongest wall that can be had here; `none` is for what is not hostile."""
    found = strongest()
    return found.tier if found else Tier.NONE


@pytest.fixture(scope="session")
def tier() -> Tier:
    """Return the strongest tier of the sandbox. Skips where no box can be had."""
    found = strongest()
    if not found:
        pytest.skip("no box can be had here; 'grader doctor' says why")
    return found.tier


@pytest.fixture(scope="session")
def course(tier: Tier, tmp_path_factory: pytest.TempPathFactory) -> Class:
    """Return a class that was graded undisturbed. Skips where no box can be had."""
    return graded(tmp_path_factory.mktemp("course"))
