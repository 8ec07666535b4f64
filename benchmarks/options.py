"""The options that benchmarks share."""

from __future__ import annotations

import argparse
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"


def parser(file: str, about: str | None, *, repeats: int, of: str) -> argparse.ArgumentParser:
    """Return a parser of `--repeats` and `--results`; `of` names the repeated thing in the help."""
    program = f"python benchmarks/{Path(file).name}"
    epilog = f"example: {program} --repeats {repeats}"
    options = argparse.ArgumentParser(prog=program, description=about, epilog=epilog)
    options.add_argument(
        "--repeats", type=int, default=repeats, metavar="R", help=f"{of} (default {repeats})"
    )
    options.add_argument(
        "--results",
        type=Path,
        default=RESULTS,
        metavar="DIR",
        help="folder for the results",
    )
    return options
