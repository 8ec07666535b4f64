"""Run the grader as a user without any files, if this machine has an interpreter for that user."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests import ROOT

OTHER_UID = 65534
_SYSTEM_PYTHON = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"


def as_other_user(
    *arguments: str | Path, cwd: str = "/", user: int = OTHER_UID
) -> subprocess.CompletedProcess[str]:
    """Run Python as that user, or as another one. Skips the test if that is not possible."""
    if os.geteuid() != 0:
        pytest.skip("not root: all other tests run as an ordinary user already")
    return _as(user, python(), *arguments, cwd=cwd)


@functools.cache
def python() -> str:
    """Return an interpreter that every user may start, with our packages. Skips the test without one."""
    reasons = []
    for candidate in (sys.executable, _SYSTEM_PYTHON):
        try:
            attempt = _as(OTHER_UID, candidate, "-c", "import numpy, grader.sandbox")
        except OSError as problem:
            reasons.append(f"{candidate}: {problem.strerror}")
            continue
        if attempt.returncode == 0:
            return candidate
        reasons.append(f"{candidate}: {attempt.stderr.strip()[-100:]}")
    pytest.skip(f"an ordinary user can run nothing here ({'; '.join(reasons)})")


def _as(user: int, *command: str | Path, cwd: str = "/") -> subprocess.CompletedProcess[str]:
    packages = sysconfig.get_path("purelib")
    environment = {"PYTHONPATH": f"{ROOT}:{packages}", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command,
        user=user,
        group=user,
        extra_groups=[],
        cwd=cwd,
        env={**environment, "HOME": "/nonexistent", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
