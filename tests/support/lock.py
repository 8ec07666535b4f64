"""Write `requirements/*.txt`: the dependencies of pyproject.toml in exact versions, with hashes."""

from __future__ import annotations

import sys

from dev import PYTHON, ROOT, VENV, pip_of, quietly, run

COMPILE = (
    *("-m", "uv", "pip", "compile", "pyproject.toml", "--extra", "notebook", "--extra", "build"),
    *("--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"),
    *("--custom-compile-command", "python3 dev.py lock", "--quiet"),
)


def main(*arguments: str) -> int:
    """Pin the development tools first, then the demo in the same versions; return the exit status."""
    quietly(*pip_of(VENV), "install", "--quiet", "uv>=0.9")
    dev, demo = (f"requirements/{name}.txt" for name in ("dev", "demo"))
    return run(
        PYTHON, *COMPILE, "--extra", "dev", "--output-file", dev, *arguments, cwd=ROOT
    ) or run(
        *(PYTHON, *COMPILE, "--constraint", dev, "--no-annotate", "--output-file", demo),
        *arguments,
        cwd=ROOT,
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
