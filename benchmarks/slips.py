#!/usr/bin/env python3
"""Count the slips of tests/proofs/slips.py that the grader and friendly-traceback explain.

    python benchmarks/slips.py --friendly VENV/bin/python

VENV has friendly-traceback and NumPy. A slip is explained if the answer gives a cause, and not only
Python's own message; "I have no information" is not a cause. nbgrader, otter-grader and the course's
tests show Python's message and the values only.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)

from grader import assignments, grading
from grader.grading import Settings
from grader.model import Tier
from grader.model.diagnoses import RAISES_ERROR, UNEXPLAINED
from grader.model.submission import Submission
from tests.proofs.slips import ERRORS, SYNTAX, VALUES, Slip

KINDS = {"raise an exception": ERRORS, "give wrong values": VALUES, "do not parse": SYNTAX}
SYMPTOMS = {RAISES_ERROR.id, UNEXPLAINED.id}
FRIENDLY = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from friendly_traceback.core import FriendlyTraceback

explained = []
sys.stdout = open(os.devnull, "w")
for source, name in json.load(sys.stdin):
    names = {}
    exec("import numpy as np\\nfrom reg_utils import *\\nfrom testCases import *", names)
    try:
        exec(compile(source, "cell", "exec"), names)
        args = names[name + "_test_case"]()
        rest = {"compute_cost_with_regularization": (0.1,), "forward_propagation_with_dropout": (0.7,),
                "backward_propagation_with_regularization": (0.7,),
                "backward_propagation_with_dropout": (0.8,)}[name]
        names[name](*args, *rest)
        explained.append(False)
    except Exception:
        answer = FriendlyTraceback(*sys.exc_info())
        answer.compile_info()
        cause = answer.info.get("cause") or ""
        unknown = ("No information", "no additional information", "I cannot find", "cannot identify")
        explained.append(bool(cause) and not any(words in cause for words in unknown))
json.dump(explained, sys.__stdout__)
"""


def by_friendly(python: str, slips: Sequence[Slip]) -> int:
    """Return the number of slips for which friendly-traceback gives a cause."""
    template = ROOT / "student_template" / "regularization"
    request = json.dumps([(slip.source, slip.function) for slip in slips])
    command = [python, "-c", FRIENDLY, str(template)]
    answer = subprocess.run(command, input=request, capture_output=True, text=True, check=True)
    return sum(json.loads(answer.stdout))


def by_grader(slips: Sequence[Slip]) -> tuple[int, int]:
    """Return the number of slips that the grader explains, and of those in whose line it does."""
    assignment = assignments.load("regularization")
    settings = Settings(seed=assignment.seed, tier=Tier.FULL)
    explained = in_line = 0
    for slip in slips:
        result = grading.grade(Submission("slip", slip.notebook), assignment, settings)
        (function,) = (f for f in result.functions if f.name == slip.function)
        causes = [d for d in function.diagnoses if d.id not in SYMPTOMS]
        vague = any("Fix that line first." in str(d.next) for d in function.diagnoses)
        explained += bool(causes) and not vague
        in_line += slip.line in {d.line for d in causes} and not vague
    return explained, in_line


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--friendly", metavar="PYTHON", required=True)
    python = parser.parse_args().friendly
    rows = [
        "| slips that | number | friendly-traceback | grader | in the right line |",
        "|---|---|---|---|---|",
    ]
    for kind, slips in KINDS.items():
        explained, in_line = by_grader(slips)
        row = (kind, len(slips), by_friendly(python, slips), explained, in_line)
        rows.append(f"| {' | '.join(map(str, row))} |")
    sys.stdout.write("\n".join([*rows, ""]))


if __name__ == "__main__":
    main()
