"""Boxes of each tier to put programs into, or the reason why there is none."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest

from grader import sandbox
from grader.errors import BoxError
from grader.model import Limits, Observation, Program, Tier
from grader.sandbox.box import landlock, seccomp
from tests.sandbox.programs import HONEST, Run


def runner(tier: Tier) -> Run:
    """Return a function that runs programs in a box; options are limits, or furniture."""

    def run_them(
        *programs: Program,
        helpers: tuple[Path, ...] = (),
        packages: tuple[str, ...] = ("numpy",),
        tier: Tier = tier,
        **limits: Any,
    ) -> tuple[Observation, ...]:
        contents = sandbox.BoxContents(tuple((file.name, file) for file in helpers), packages)
        return sandbox.run(programs, contents, Limits(**limits), tier=tier)

    return run_them


@pytest.fixture(scope="session")
def full() -> None:
    """Skip the test where this machine does not let us have namespaces."""
    try:
        sandbox.run([HONEST], sandbox.BoxContents((), ("numpy",)), Limits(), tier=Tier.FULL)
    except BoxError as error:
        pytest.skip(f"no full box can be had here: {error}")


@pytest.fixture(scope="session")
def light() -> None:
    """Skip the test where the kernel has no Landlock, or we know no filter for it."""
    if not (landlock.version() and seccomp.known()):
        pytest.skip("no light box can be had without Landlock and a system-call filter")


@pytest.fixture(scope="session")
def run_full(full: None) -> Run:
    """Return a function that runs programs behind the full wall."""
    return runner(Tier.FULL)


@pytest.fixture(scope="session")
def run_light(light: None) -> Run:
    """Return a function that runs programs in the light box."""
    return runner(Tier.LIGHT)


@pytest.fixture(scope="session", params=[Tier.FULL, Tier.LIGHT])
def run(request: pytest.FixtureRequest) -> Run:
    """Return a function that runs programs in a box, and do the test over for each tier."""
    made: Run = request.getfixturevalue(f"run_{request.param}")
    return made


@pytest.fixture(scope="session")
def run_once(tier: Tier) -> Run:
    """Return a function that runs programs in the strongest box; for what takes its time."""
    return runner(tier)


@pytest.fixture(scope="session", params=[Tier.FULL, Tier.LIGHT, Tier.NONE])
def run_anyhow(request: pytest.FixtureRequest) -> Run:
    """Return a function that runs programs, and do the test over for each tier and without a wall."""
    if request.param != "none":
        request.getfixturevalue(request.param)
    return runner(request.param)


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    """Return a helper module whose name is in the command line of its box, and of no other."""
    file = tmp_path / f"marked_{uuid.uuid4().hex}.py"
    file.write_text("def double(x):\n    return 2 * x\n\n\n_PRIVATE = 1\n")
    return file
