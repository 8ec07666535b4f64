"""Run the grader as a user who owns nothing, where this machine has an interpreter for them."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests import ROOT

NOBODY = 65534
_SYSTEM_PYTHON = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"


def as_nobody(
    *arguments: str | Path, cwd: str = "/", user: int = NOBODY
) -> subprocess.CompletedProcess[str]:
    """Run Python with arguments as that user, or as another. Skips where there is no way to."""
    if os.geteuid() != 0:
        pytest.skip("not root: all other tests run as an ordinary user")
    return _as(user, python(), *arguments, cwd=cwd)


@functools.cache
def python() -> str:
    """Return an interpreter that anybody may start, and that finds what we need. Skips without one."""
    reasons = []
    for candidate in (sys.executable, _SYSTEM_PYTHON):
        try:
            tried = _as(NOBODY, candidate, "-c", "import numpy, grader.sandbox")
        except OSError as problem:
            reasons.append(f"{candidate}: {problem.strerror}")
            continue
        if tried.returncode == 0:
            return candidate
        reasons.append(f"{candidate}: {tried.stderr.strip()[-100:]}")
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
