"""The names of the checks of `grader doctor`, in their order."""

from __future__ import annotations

from grader.sandbox import attack_suite

MEANS = [
    "bubblewrap is installed",
    "the kernel has Landlock",
    "there is a system-call filter for this processor type",
    "cgroups limit the memory of a whole sandbox",
]
PACKAGES = "packages that whole notebooks import are installed"
SPEED = "the time limits of functions fit the speed of this machine"
FIRST = ["Python 3.11 or later", PACKAGES, SPEED, *MEANS, "a sandbox works on this machine"]
FULL = "the full sandbox is available"
ATTACKS = [*(attack.claim for attack in attack_suite.ATTACKS), attack_suite.UNHARMED]
MISBEHAVIOURS = [misbehaviour.claim for misbehaviour in attack_suite.MISBEHAVIOURS]
