"""The helpers of the handed-out notebook, imported in a process of their own."""

import subprocess
import sys

from tests import ROOT

TEMPLATE = ROOT / "student_template" / "regularization"


def test_helpers_import_only_numpy():
    script = (
        "import sys, reg_utils, testCases, public_tests;"
        "print(sorted({'matplotlib', 'scipy'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-B", "-c", script],
        cwd=TEMPLATE,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "[]\n"
