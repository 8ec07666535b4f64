"""The helpers of the handed-out notebook, imported in a process of their own."""

import subprocess
import sys

from tests import ROOT

TEMPLATE = ROOT / "student_template" / "regularization"


def test_importing_the_helpers_does_not_import_plotting_or_scipy():
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
