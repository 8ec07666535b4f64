"""Compare the cost of running and grading whole notebooks with nbclient and papermill.

Two notebooks are run: the solved one with its three trainings, and the same with trainings of ten steps,
which shows the overhead of the runner. `--peers` is an environment with nbclient, ipykernel, papermill,
SciPy and Matplotlib. The other programs run one notebook after another, without a sandbox and grading.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import jupytext
import nbformat

from benchmarks import measure, options
from benchmarks.measure import Cost, Failed

ROOT = Path(__file__).resolve().parent.parent
COURSE = ROOT / "student_template" / "regularization"
SOLVED = ROOT / "reference" / "regularization_solved.py"
SIZES = {"with its trainings": 2, "with trainings of ten steps": 8}

Run = Callable[[Path, int], Cost]


@dataclass(frozen=True, slots=True)
class Row:
    """The cost of one notebook of a class, as medians."""

    program: str
    notebook: str
    size: int
    wall_s: float
    cpu_s: float
    peak_mib: float


def main() -> None:
    """Measure, print and write a table."""
    parser = options.parser(__file__, __doc__, repeats=1, of="runs of each")
    parser.add_argument(
        "--peers", type=Path, required=True, help="environment of the other programs"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = list(_measured(Path(folder), arguments.peers, arguments.repeats))
    (arguments.results / "whole.json").write_text(
        json.dumps([asdict(row) for row in rows], indent=1) + "\n"
    )
    sys.stdout.write(_table(rows))


def _measured(folder: Path, peers: Path, repeats: int) -> list[Row]:
    rows = []
    for notebook, size in SIZES.items():
        place = folder / notebook.replace(" ", "-")
        _lay_out(place, size, short="ten" in notebook)
        for name, run in _programs(peers).items():
            costs = [run(place, size) for _ in range(repeats)]
            rows.append(
                Row(
                    name,
                    notebook,
                    size,
                    wall_s=median(cost.wall_s for cost in costs) / size,
                    cpu_s=median(cost.cpu_s for cost in costs) / size,
                    peak_mib=max(cost.peak_kib for cost in costs) / 1024,
                )
            )
    return rows


def _programs(peers: Path) -> dict[str, Run]:
    return {
        "grader batch --run-all, 1 worker": _ours(1),
        "grader batch --run-all, 2 workers": _ours(2),
        "nbclient": _theirs(peers, "jupyter", "execute", "--inplace"),
        "papermill": _theirs(peers, "papermill", "--no-progress-bar"),
    }


def _lay_out(place: Path, size: int, *, short: bool) -> None:
    """Write a class of right notebooks, each in a folder with its files."""
    source = SOLVED.read_text("utf-8")
    text = source.replace("num_iterations=30000", "num_iterations=10") if short else source
    for at in range(size):
        folder = place / "submissions" / f"student-{at}"
        shutil.copytree(COURSE, folder, ignore=shutil.ignore_patterns("*.ipynb", "__pycache__"))
        notebook = jupytext.reads(text, fmt="py:percent")
        notebook.cells.append(nbformat.v4.new_code_cell(f"# {at}"))
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, folder / "homework.ipynb")


def _ours(workers: int) -> Run:
    def run(place: Path, size: int) -> Cost:
        shutil.rmtree(place / "graded", ignore_errors=True)
        command = [
            sys.executable,
            "-m",
            "grader",
            "batch",
            "submissions",
            "--out",
            "graded",
            "--run-all",
        ]
        cost = measure.run(
            [*command, "--workers", str(workers)], cwd=place, extra={"PYTHONPATH": str(ROOT)}
        )
        results = [
            json.loads(p.read_text("utf-8")) for p in place.glob("graded/submissions/*/result.json")
        ]
        if [(r["score"], r["run"]["cells"]) for r in results] != [(100.0, [])] * size:
            raise Failed(f"The notebooks of {place.name} did not run completely.")
        return cost

    return run


def _theirs(peers: Path, program: str, *arguments: str) -> Run:
    def run(place: Path, _size: int) -> Cost:
        script = place / "run.sh"
        lines = ["set -e", f"PATH={peers.absolute()}/bin:$PATH"]
        for folder in sorted((place / "submissions").iterdir()):
            files = "homework.ipynb" + (" done.ipynb" if program == "papermill" else "")
            lines.append(f"cd '{folder}' && {program} {' '.join(arguments)} {files}")
        script.write_text("\n".join(lines) + "\n", "utf-8")
        return measure.run(["bash", str(script)], cwd=place)

    return run


def _table(rows: list[Row]) -> str:
    lines = [
        "| program | notebook | wall, s | CPU, s | largest process, MiB |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {row.program} | {row.notebook} | {row.wall_s:.2f} | {row.cpu_s:.2f} | {row.peak_mib:.0f} |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
