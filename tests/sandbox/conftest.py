"""Functions that run programs in boxes of each tier; tests are skipped without such a box."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest

from grader import sandbox
from grader.errors import BoxError
from grader.model import Limits, Observation, Tier
from grader.model.submission import Program
from grader.sandbox import launch
from grader.sandbox.box import landlock, seccomp
from tests.sandbox.programs import HONEST, Run


def runner(tier: Tier) -> Run:
    """Return a function that runs programs in a box; its options are limits and box contents."""

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
    """Skip the test if this machine does not allow namespaces."""
    try:
        sandbox.run([HONEST], sandbox.BoxContents((), ("numpy",)), Limits(), tier=Tier.FULL)
    except BoxError as error:
        pytest.skip(f"there is no full sandbox on this machine: {error}")


@pytest.fixture(scope="session")
def light() -> None:
    """Skip the test if the kernel has no Landlock, or the processor type has no filter."""
    if not (landlock.version() and seccomp.is_supported()):
        pytest.skip("the light sandbox needs Landlock and a system-call filter")


@pytest.fixture(scope="session")
def run_full(full: None) -> Run:
    """Return a function that runs programs in the full sandbox."""
    return runner(Tier.FULL)


@pytest.fixture(scope="session")
def run_light(light: None) -> Run:
    """Return a function that runs programs in the light sandbox."""
    return runner(Tier.LIGHT)


@pytest.fixture(scope="session", params=[Tier.FULL, Tier.LIGHT])
def run(request: pytest.FixtureRequest) -> Run:
    """Return a function that runs programs in a box, for each isolated tier."""
    fixture: Run = request.getfixturevalue(f"run_{request.param}")
    return fixture


@pytest.fixture(scope="session")
def run_once(tier: Tier) -> Run:
    """Return a function that runs programs in the strongest tier, for slow tests."""
    return runner(tier)


@pytest.fixture(scope="session", params=[Tier.FULL, Tier.LIGHT, Tier.NONE])
def run_anyhow(request: pytest.FixtureRequest) -> Run:
    """Return a function that runs programs, for each tier including `none`."""
    if request.param != "none":
        request.getfixturevalue(request.param)
    return runner(request.param)


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return a list that gets an item whenever a fork server starts."""
    started: list[object] = []
    original = launch.start_fork_server

    def counted(*arguments: Any) -> Any:
        started.append(arguments)
        return original(*arguments)

    monkeypatch.setattr(launch, "start_fork_server", counted)
    return started


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    """Return a helper module with a unique name, by which its box is found among the processes."""
    file = tmp_path / f"marked_{uuid.uuid4().hex}.py"
    file.write_text("def double(x):\n    return 2 * x\n\n\n_PRIVATE = 1\n")
    return file
