"""Build the students' notebooks from the solved notebooks in `reference/`.

    python student_template/build.py            write the notebooks that have changed
    python student_template/build.py --check    print the differences; exit 1 if there are any

Each `reference/NAME_solved.py` (jupytext, py:percent) becomes `student_template/NAME/TITLE.ipynb`,
where TITLE is its first heading. The lines from `### BEGIN SOLUTION` to `### END SOLUTION` are
removed. Lines `### PLACEHOLDER: code` between them are replaced by their code. Two runs write the
same bytes: cell ids are hashes of position and content, and there are no outputs.
"""

import argparse
import difflib
import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import jupytext
import nbformat

ROOT = Path(__file__).resolve().parents[1]
SUFFIX = "_solved"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
SOLUTION = re.compile(
    r"^[ ]*### BEGIN SOLUTION\n(?P<body>.*?)^[ ]*### END SOLUTION(?:\n|\Z)",
    re.MULTILINE | re.DOTALL,
)
PLACEHOLDER = re.compile(r"^([ ]*)### PLACEHOLDER: (.*)$", re.MULTILINE)
HEADING = re.compile(r"^# (.+)$", re.MULTILINE)


class BuildError(Exception):
    """A solved notebook is wrong; the message is one sentence without the file's name."""


def build(solved: str) -> str:
    """Return the student's notebook, as JSON, for the text of a solved notebook."""
    cells = [_cell(position, cell) for position, cell in enumerate(_source_cells(solved))]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=METADATA)
    notebook.nbformat_minor = 5
    nbformat.validate(notebook)
    return nbformat.writes(notebook, indent=1) + "\n"


def title(solved: str) -> str:
    """Return the first heading of a solved notebook as a file name without suffix."""
    for cell in _source_cells(solved):
        heading = HEADING.search(cell.source) if cell.cell_type == "markdown" else None
        if heading:
            return re.sub(r"\W+", "_", heading[1]).strip("_")
    raise BuildError("it has no heading to name the notebook after")


def hide_solutions(source: str) -> str:
    """Replace each solution in the source of a cell by its placeholders."""
    hidden = SOLUTION.sub(lambda match: _placeholders(match["body"]), source)
    if "### BEGIN SOLUTION" in hidden or "### END SOLUTION" in hidden:
        raise BuildError(
            "a BEGIN SOLUTION has no END SOLUTION, or an END SOLUTION has no BEGIN SOLUTION"
        )
    return hidden


def targets() -> Iterator[tuple[Path, str]]:
    """Yield the path and the content of each student's notebook."""
    for path in sorted((ROOT / "reference").glob(f"*{SUFFIX}.py")):
        solved = path.read_text(encoding="utf-8")
        folder = ROOT / "student_template" / path.stem.removesuffix(SUFFIX)
        try:
            yield folder / f"{title(solved)}.ipynb", build(solved)
        except BuildError as error:
            raise SystemExit(f"{path.relative_to(ROOT)}: {error}.") from None


def check(path: Path, content: str) -> bool:
    """Return True if the file has this content; otherwise print the difference."""
    present = path.read_bytes() if path.exists() else b""
    if present == content.encode():
        return True
    name = path.relative_to(ROOT).as_posix()
    old = present.decode(errors="replace").splitlines(keepends=True)
    new = content.splitlines(keepends=True)
    sys.stdout.writelines(difflib.unified_diff(old, new, f"{name} (on disk)", f"{name} (built)"))
    print(f"{name} is not up to date: run python student_template/build.py.", file=sys.stderr)
    return False


def write(path: Path, content: str) -> None:
    """Write the file and print its path, unless it has this content already."""
    if path.exists() and path.read_bytes() == content.encode():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode())
    print(path.relative_to(ROOT))


def main() -> int:
    """Write the notebooks or, with --check, compare them; return the exit status."""
    parser = argparse.ArgumentParser(description="Build the students' notebooks.")
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 on a difference")
    if parser.parse_args().check:
        return 0 if all([check(path, content) for path, content in targets()]) else 1
    for path, content in targets():
        write(path, content)
    return 0


def _source_cells(solved: str) -> list[nbformat.NotebookNode]:
    """Return the code and markdown cells; raw cells contain settings of jupytext."""
    cells = jupytext.reads(solved, fmt="py:percent").cells
    return [cell for cell in cells if cell.cell_type != "raw"]


def _cell(position: int, cell: nbformat.NotebookNode) -> nbformat.NotebookNode:
    source = hide_solutions(cell.source)
    digest = hashlib.sha256(f"{position}\n{cell.cell_type}\n{source}".encode()).hexdigest()
    new = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
    return new(source, id=digest[:12])


def _placeholders(body: str) -> str:
    return "".join(f"{indent}{code}\n" for indent, code in PLACEHOLDER.findall(body))


if __name__ == "__main__":
    sys.exit(main())
