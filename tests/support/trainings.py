"""What the reference's trainings come to on the data sets that are known: made anew, and written.

`python -m tests.support.trainings` writes it for the data set of the project and, where it is there, for the
course's; what is known of one that is not there stays.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from grader import assignments
from tests import ROOT

OWN_DATA = ROOT / "student_template" / "regularization" / "datasets" / "data.mat"
COURSE_DATA = ROOT.parent / "shared" / "datasets" / "data.mat"


def kept() -> dict[str, Any]:
    """Return what is kept, by the SHA-256 of the data."""
    module = assignments.module(ROOT / "testcases" / "regularization_trainings.py")
    found: dict[str, Any] = json.loads(module.KEPT.read_text("utf-8"))
    return found


def digest(data: Path) -> str:
    """Return the SHA-256 of a data set."""
    return hashlib.sha256(data.read_bytes()).hexdigest()


@contextmanager
def folder_with(data: Path) -> Iterator[Path]:
    """Yield a folder in which a data set lies as beside the notebook."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "datasets").mkdir()
        shutil.copy(data, Path(folder) / "datasets" / "data.mat")
        yield Path(folder)


def anew(data: Path) -> dict[str, Any]:
    """Train all networks on a data set, which takes a while."""
    module = assignments.module(ROOT / "testcases" / "regularization_trainings.py")
    reference = assignments.module(ROOT / "reference" / "regularization.py")
    found = {}
    with folder_with(data) as folder:
        for training in module.TRAININGS.runs:
            network, costs = module.train_anew(
                reference, folder, training, module.TRAININGS.iterations
            )
            plain = {name: values.tolist() for name, values in network.items()}
            found[training.name] = {"costs": costs.tolist(), "network": plain}
    return found


def prove_kept(data: Path, settings: Mapping[str, float], network: Any, costs: Any) -> None:
    """Hold what is kept of a training against one that was just made."""
    module = assignments.module(ROOT / "testcases" / "regularization_trainings.py")
    (name,) = [one.name for one in module.TRAININGS.runs if one.arguments == settings]
    told = kept()[digest(data)][name]
    np.testing.assert_allclose(told["costs"], costs[:: module.TRAININGS.every], rtol=1e-9)
    assert told["network"].keys() == network.keys()
    for key, values in network.items():
        np.testing.assert_allclose(told["network"][key], values, rtol=1e-6)


def main() -> None:
    """Write what is kept."""
    module = assignments.module(ROOT / "testcases" / "regularization_trainings.py")
    there = [data for data in (OWN_DATA, COURSE_DATA) if data.exists()]
    found = kept() | {digest(data): anew(data) for data in there}
    module.KEPT.write_text(json.dumps(found, separators=(",", ":")).replace("},", "},\n") + "\n")


if __name__ == "__main__":
    main()
