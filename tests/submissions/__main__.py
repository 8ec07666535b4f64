"""Write the labelled submissions as a class would hand them in, one folder per student."""

import argparse
from pathlib import Path

from tests.submissions import load

NOTEBOOK = "Regularization.ipynb"


def main() -> None:
    """Write DIR/NAME/Regularization.ipynb for every submission that is safe to have lying about."""
    options = _parser().parse_args()
    chosen = [one for one in load() if options.hostile or not one.hostile]
    for copy in range(1, options.copies + 1):
        for submission in chosen:
            suffix = f"-{copy}" if options.copies > 1 else ""
            folder: Path = options.folder / f"{submission.name}{suffix}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / NOTEBOOK).write_bytes(submission.data)
    print(f"{len(chosen) * options.copies} submissions written to {options.folder}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.submissions",
        description=__doc__,
        epilog="example: python -m tests.submissions /tmp/class --copies 3",
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="where to write; made if missing")
    parser.add_argument("--copies", type=int, default=1, metavar="N", help="N of each (default 1)")
    parser.add_argument(
        "--hostile",
        action="store_true",
        help="those too that attack the machine: for a sandbox only",
    )
    return parser


if __name__ == "__main__":
    main()
