"""The names of the doctor's checks, in order."""

from __future__ import annotations

from grader.sandbox import attack_suite

MEANS = [
    "bubblewrap is there",
    "the kernel has Landlock",
    "there is a filter for this kind of machine",
    "cgroups add up a box's memory",
]


FIRST = ["Python 3.11 or later", *MEANS, "a box holds on this machine"]


ATTACKS = [*(attack.claim for attack in attack_suite.ATTACKS), "nothing outside was harmed"]


BEHAVIOUR = [
    "a box answers",
    "a function that hangs is stopped from outside",
    "a function that leaves is noticed",
    "a function that crashes Python is noticed",
    "bottomless recursion is an error like any other",
    "an answer that was forged is thrown away",
    "a flood of bytes is stopped",
    "a flood of output goes nowhere",
    "nothing is left for the next function",
]
