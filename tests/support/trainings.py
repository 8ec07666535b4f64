"""Stored results of the reference's trainings: write them, and compare a training with them.

`python -m tests.support.trainings` trains on the data of the project and, if available, of the
course, and writes the results. Results for data that is not available stay.
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


def stored() -> dict[str, Any]:
    """Return the stored trainings by the SHA-256 of their data."""
    module = assignments.module(ROOT / "testcases" / "regularization_trainings.py")
    trainings: dict[str, Any] = json.loads(module.KEPT.read_text("utf-8"))
    return trainings


def digest(data: Path) -> str:
    """Return the SHA-256 of a data set."""
    return hashlib.sha256(data.read_bytes()).hexdigest()


@contextmanager
def folder_with(data: Path) -> Iterator[Path]:
    """Yield a folder with a data set in the place where the notebook expects it."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "datasets").mkdir()
        shutil.copy(data, Path(folder) / "datasets" / "data.mat")
        yield Path(folder)


def train(data: Path) -> dict[str, Any]:
    """Train all networks on a data set (about 30 seconds)."""
    module = assignments.module(ROOT / "testcases" / "regularization_trainings.py")
    reference = assignments.module(ROOT / "reference" / "regularization.py")
    trainings = {}
    with folder_with(data) as folder:
        for training in module.TRAININGS.runs:
            network, costs = module.train_anew(
                reference, folder, training, module.TRAININGS.iterations
            )
            plain = {name: values.tolist() for name, values in network.items()}
            trainings[training.name] = {"costs": costs.tolist(), "network": plain}
    return trainings


def assert_as_stored(data: Path, settings: Mapping[str, float], network: Any, costs: Any) -> None:
    """Assert that a training agrees with the stored one."""
    module = assignments.module(ROOT / "testcases" / "regularization_trainings.py")
    (name,) = [run.name for run in module.TRAININGS.runs if run.arguments == settings]
    training = stored()[digest(data)][name]
    np.testing.assert_allclose(training["costs"], costs[:: module.TRAININGS.curve.every], rtol=1e-9)
    assert training["network"].keys() == network.keys()
    for key, values in network.items():
        np.testing.assert_allclose(training["network"][key], values, rtol=1e-6)


def main() -> None:
    """Write the stored trainings."""
    module = assignments.module(ROOT / "testcases" / "regularization_trainings.py")
    available = [data for data in (OWN_DATA, COURSE_DATA) if data.exists()]
    trainings = stored() | {digest(data): train(data) for data in available}
    text = json.dumps(trainings, separators=(",", ":"))
    module.KEPT.write_text(text.replace("},", "},\n") + "\n")


if __name__ == "__main__":
    main()
