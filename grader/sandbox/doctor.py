"""The checks of `grader doctor`: the sandbox's means on this machine, and the attack suite on it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from importlib import metadata

from grader import sandbox
from grader.errors import BoxError
from grader.model import Tier
from grader.model.proofs import Claim
from grader.sandbox import attack_suite, bubblewrap, cgroup, speed
from grader.sandbox.box import landlock, seccomp

_DO_NOT_USE = "Do not grade other people's notebooks on this machine."


def examine() -> list[Claim]:
    """Return all checks; without a working sandbox the attack suite is left out."""
    python = ".".join(map(str, sys.version_info[:3]))
    version = f"{python}, with NumPy {metadata.version('numpy')}"
    claims = [
        Claim("Python 3.11 or later", sys.version_info >= (3, 11), version),
        *_packages(),
        _speed(),
        *_means(),
    ]
    start = time.monotonic()
    try:
        chosen = sandbox.choose_tier()
    except BoxError as error:
        return [*claims, Claim("a sandbox works on this machine", False, str(error))]
    detail = f"the {chosen.tier} sandbox, tested in {time.monotonic() - start:.2f} s"
    claims.append(Claim("a sandbox works on this machine", True, detail))
    if chosen.reason:
        claims.append(Claim("the full sandbox is available", False, chosen.reason, required=False))
    return [*claims, *_attack_suite(chosen.tier)]


def _means() -> Iterator[Claim]:
    """Yield the parts that sandboxes are made of; a working one may do without some of them."""
    try:
        yield Claim("bubblewrap is installed", True, bubblewrap.find(), required=False)
    except BoxError as error:
        yield Claim("bubblewrap is installed", False, str(error), required=False)
    version = landlock.version()
    remedy = (
        "it needs Linux 5.13 or later; if it is switched off, add 'landlock' to the "
        "kernel option lsm="
    )
    detail = f"version {version}" if version else remedy
    yield Claim("the kernel has Landlock", version > 0, detail, required=False)
    supported = seccomp.is_supported()
    detail = (
        "system calls are filtered" if supported else "only x86-64 and 64-bit ARM are supported"
    )
    yield Claim(
        "there is a system-call filter for this processor type", supported, detail, required=False
    )
    group = cgroup.parent_group()
    remedy = (
        "limits are per process, which is safe; for one limit per sandbox, start the "
        "grader with 'systemd-run --user --scope -p Delegate=yes'"
    )
    yield Claim(
        "cgroups limit the memory of a whole sandbox",
        group is not None,
        str(group or remedy),
        required=False,
    )


def _packages() -> Iterator[Claim]:
    """Yield the packages that whole notebooks import, beside those that the grader needs."""
    missing = [name for name in ("scikit-learn", "scipy", "matplotlib") if not _is_installed(name)]
    remedy = f"missing: {', '.join(missing)}; with --run-all cells that use them fail"
    detail = remedy if missing else "scikit-learn, SciPy and Matplotlib"
    claim = "packages that whole notebooks import are installed"
    yield Claim(claim, not missing, detail, required=False)


def _speed() -> Claim:
    """Return the factor for the time limits of functions, as a run measures it at its start."""
    factor = speed.slowness()
    claim = "the time limits of functions fit the speed of this machine"
    detail = f"they are multiplied by {factor:g}"
    if factor >= speed.LARGEST_FACTOR:
        detail += ", the most; this machine is slower still, or other programs keep it busy"
    return Claim(claim, factor < speed.LARGEST_FACTOR, detail, required=False)


def _is_installed(package: str) -> bool:
    try:
        return bool(metadata.version(package))
    except metadata.PackageNotFoundError:
        return False


def _attack_suite(tier: Tier) -> Iterator[Claim]:
    try:
        yield from map(_claim, sandbox.attack(tier))
    except BoxError as error:
        yield Claim("a second sandbox can be started", False, str(error))
    for misbehaviour in attack_suite.MISBEHAVIOURS:
        try:
            yield _claim(sandbox.misbehave(misbehaviour, tier))
        except BoxError as error:
            yield Claim(misbehaviour.claim, False, str(error))


def _claim(result: sandbox.AttackResult) -> Claim:
    detail = result.detail if result.holds else f"{result.detail}. {_DO_NOT_USE}"
    return Claim(result.claim, result.holds, detail)
