"""Run code with the box's modules in a child process, which may restrict itself permanently."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from grader.sandbox import mounts

_BEFORE = "import json, sys; sys.path.insert(0, sys.argv[1]); arguments = json.loads(sys.argv[2])\n"


def in_a_child(source: str, *arguments: Any) -> Any:
    """Run Python code, which finds the arguments in the list `arguments`; return the JSON that it prints."""
    process = subprocess.run(
        [
            sys.executable,
            "-I",
            "-B",
            "-c",
            _BEFORE + source,
            str(mounts.BOX_FILES),
            json.dumps(arguments),
        ],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)
