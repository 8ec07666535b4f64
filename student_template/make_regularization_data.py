"""Write data.mat: points of class 1 (blue) below a diagonal, class 0 (red) above it, with noise.

`python student_template/make_regularization_data.py` writes the same bytes in each run: the date in
the header of the MAT file is overwritten, and the coordinates are rounded to four decimals, because
rounding errors differ between machines.
"""

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.io import savemat

Array = NDArray[Any]
SEED = 16
NOISE = 0.15
HALF_WIDTH = 0.6
HEADER = b"MATLAB 5.0 MAT-file, practice data of the assignment Regularization"
TEXT_BYTES = 116


def draw(random: np.random.RandomState, count: int) -> tuple[Array, Array]:
    """Return random points, shape (count, 2), and their classes 0 or 1, shape (count, 1)."""
    points = np.round(random.uniform(-1, 1, (count, 2)) * HALF_WIDTH, 4)
    margin = points[:, 0] - points[:, 1] + 0.05
    classes = margin + NOISE * random.standard_normal(count) > 0
    return points, classes.astype(np.uint8)[:, np.newaxis]


def make() -> bytes:
    """Return the bytes of data.mat: X and y for training, Xval and yval for testing."""
    random = np.random.RandomState(SEED)
    X, y = draw(random, 211)
    Xval, yval = draw(random, 200)
    buffer = io.BytesIO()
    savemat(buffer, {"X": X, "y": y, "Xval": Xval, "yval": yval})
    return HEADER.ljust(TEXT_BYTES) + buffer.getvalue()[TEXT_BYTES:]


def main() -> None:
    """Write data.mat for the students' notebook, or to the path in the first argument."""
    default = Path(__file__).parent / "regularization" / "datasets" / "data.mat"
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    path.write_bytes(make())


if __name__ == "__main__":
    main()
