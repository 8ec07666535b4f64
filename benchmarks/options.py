"""The options that benchmarks share."""

from __future__ import annotations

import argparse
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"


def parser(file: str, about: str | None, *, repeats: int, of: str) -> argparse.ArgumentParser:
    """Return a parser of `--repeats` and `--results`; `of` says of what there are so many."""
    program = f"python benchmarks/{Path(file).name}"
    epilog = f"example: {program} --repeats {repeats}"
    made = argparse.ArgumentParser(prog=program, description=about, epilog=epilog)
    made.add_argument(
        "--repeats", type=int, default=repeats, metavar="R", help=f"{of} (default {repeats})"
    )
    made.add_argument(
        "--results",
        type=Path,
        default=RESULTS,
        metavar="DIR",
        help="where what is measured is kept",
    )
    return made
