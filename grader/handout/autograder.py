"""The autograder for Gradescope: a zip with `setup.sh`, `run_autograder` and the wheel of this grader.

Gradescope unpacks it into /autograder/source, runs `setup.sh` once, and `run_autograder` for each
submission (https://gradescope-autograders.readthedocs.io/en/latest/specs/). The wheel is made from the
files that run here, so it works from a checkout and from an installed package.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Final

from grader import assignments
from grader.model import Assignment

_DISTRIBUTION: Final = "notebook-grader"
_PACKAGE: Final = Path(__file__).parents[1]
_NOT_SHIPPED: Final = re.compile(
    r"(^|.*/)(__pycache__/.*|\..*|\w+_solved\.py|(build|make_\w+)\.py)"
)
_EPOCH: Final = (2000, 1, 1, 0, 0, 0)
_PROGRAM: Final = 0o755
_FILE: Final = 0o644

_SETUP: Final = """\
#!/usr/bin/env bash
# Install the grader into a virtual environment. Gradescope runs this once, as root.
set -euo pipefail
AUTOGRADER="${AUTOGRADER:-/autograder}"

find_python() {
    for name in python3.13 python3.12 python3.11 python3; do
        if "$name" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
}

python="$(find_python)"
if [ -z "$python" ]; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update
    apt-get install -y python3.11 python3.11-venv || apt-get install -y python3 python3-venv
    python="$(find_python)"
fi
"$python" -m venv "$AUTOGRADER/venv"
"$AUTOGRADER/venv/bin/python" -m pip install --no-cache-dir "$AUTOGRADER"/source/*.whl
"""

_RUN: Final = """\
#!/usr/bin/env bash
# Grade one submission: $AUTOGRADER/submission is read, $AUTOGRADER/results/results.json is written.
# Gradescope shows instructors what this prints.
set -uo pipefail
AUTOGRADER="${AUTOGRADER:-/autograder}"
OPTIONS=(--assignment @ASSIGNMENT@ --workers 1)

python="$AUTOGRADER/venv/bin/python"
results="$AUTOGRADER/results/results.json"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
student="$work/class/submission_1"
mkdir -p "$AUTOGRADER/results" "$student"

# This stays if a command below fails. It has no score, so that no student loses points.
cat > "$results" <<'END'
{
 "output": "The autograder failed. This is not your fault, and your submission is saved.",
 "output_format": "text",
 "visibility": "visible",
 "stdout_visibility": "hidden",
 "tests": [
  {
   "name": "Autograder",
   "status": "failed",
   "output": "Your instructor can read the reason and run the autograder again.",
   "visibility": "visible"
  }
 ]
}
END

# A folder with this name is one student's submission, whatever it contains.
cp -R "$AUTOGRADER/submission/." "$student" &&
    "$python" -m grader batch "$work/class" --out "$work/graded" "${OPTIONS[@]}" 2>&1 &&
    "$python" -m grader export gradescope "$work/graded" --zero-missing --out "$work/export" 2>&1 &&
    cp "$work"/export/*/results.json "$results"
"""


def autograder(assignment: Assignment) -> bytes:
    """Return the zip of the autograder for an assignment."""
    return _zipped(
        {
            "setup.sh": _SETUP.encode(),
            "run_autograder": _RUN.replace("@ASSIGNMENT@", assignment.name).encode(),
            f"{_stem()}-py3-none-any.whl": _wheel(assignment.files.course),
        }
    )


def _stem() -> str:
    return f"{_DISTRIBUTION.replace('-', '_')}-{metadata.version(_DISTRIBUTION)}"


def _wheel(course: Path) -> bytes:
    """Return a wheel of the package, the assignments of a course and the files that pip reads."""
    files = {name: path.read_bytes() for name, path in _files(course)}
    information = f"{_stem()}.dist-info"
    distribution = metadata.distribution(_DISTRIBUTION)
    for name in ("METADATA", "entry_points.txt"):
        files[f"{information}/{name}"] = (distribution.read_text(name) or "").encode()
    tags = f"Wheel-Version: 1.0\nGenerator: {_stem()}\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{information}/WHEEL"] = tags.encode()
    record = [f"{name},sha256={_digest(data)},{len(data)}\n" for name, data in files.items()]
    record.append(f"{information}/RECORD,,\n")
    return _zipped({**files, f"{information}/RECORD": "".join(record).encode()})


def _files(course: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files of the package by their names in the wheel, then those of the assignments."""
    own = {f"grader/assignments/{name}": course / name for name in assignments.FOLDERS}
    for place, root in ({"grader": _PACKAGE} | own).items():
        for path in sorted(root.rglob("*")):
            name = path.relative_to(root).as_posix()
            if path.is_file() and not _NOT_SHIPPED.fullmatch(name):
                yield f"{place}/{name}", path


def _digest(data: bytes) -> str:
    """Return the digest of a file as RECORD has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


def _zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of files, the same bytes for the same files."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            is_program = name in ("setup.sh", "run_autograder")
            entry.external_attr = (_PROGRAM if is_program else _FILE) << 16
            archive.writestr(entry, content)
    return data.getvalue()
