"""A box to put programs into, or the reason why there is none."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest

from grader import sandbox
from grader.errors import BoxError
from grader.model import Limits, Observation, Program

from .programs import Run


@pytest.fixture(scope="session")
def box() -> None:
    """Skip the test where this machine does not let us have a box."""
    try:
        sandbox.prove()
    except BoxError as error:
        pytest.skip(f"no box can be had here: {error}")


@pytest.fixture(scope="session")
def run(box: None) -> Run:
    """Return a function that runs programs in a box; options are limits, or furniture."""

    def run_them(
        *programs: Program,
        helpers: tuple[Path, ...] = (),
        packages: tuple[str, ...] = ("numpy",),
        wall: str = "full",
        **limits: Any,
    ) -> tuple[Observation, ...]:
        furniture = sandbox.Furniture(tuple((file.name, file) for file in helpers), packages)
        return sandbox.run(programs, furniture, Limits(**limits), wall=wall)

    return run_them


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    """Return a helper module whose name is in the command line of its box, and of no other."""
    file = tmp_path / f"marked_{uuid.uuid4().hex}.py"
    file.write_text("def double(x):\n    return 2 * x\n\n\n_PRIVATE = 1\n")
    return file
