"""Write the notebooks that are handed out, from the solved ones in `reference/`.

    python student_template/build.py            write what has changed
    python student_template/build.py --check    say what would change, and exit 1 if anything would

Every `reference/NAME_solved.py` (jupytext, py:percent) becomes `student_template/NAME/TITLE.ipynb`,
where TITLE is its first heading. What stands between `### BEGIN SOLUTION` and `### END SOLUTION` is
taken out; lines `### PLACEHOLDER: code` among it are put in its place as code. Two runs give the
same bytes: cell ids are made from place and content, and there are no outputs.
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
    """One sentence on what is wrong with a solved notebook."""


def build(solved: str) -> str:
    """Return the notebook to hand out, as JSON, for the text of a solved one."""
    cells = [_cell(place, cell) for place, cell in enumerate(_source_cells(solved))]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=METADATA)
    notebook.nbformat_minor = 5
    nbformat.validate(notebook)
    return nbformat.writes(notebook, indent=1) + "\n"


def title(solved: str) -> str:
    """Return the first heading of a solved notebook, fit for a file name."""
    for cell in _source_cells(solved):
        heading = HEADING.search(cell.source) if cell.cell_type == "markdown" else None
        if heading:
            return re.sub(r"\W+", "_", heading[1]).strip("_")
    raise BuildError("it has no heading to name the notebook after")


def hide_solutions(source: str) -> str:
    """Return the source of a cell with placeholders, or nothing, where solutions were."""
    hidden = SOLUTION.sub(lambda match: _placeholders(match["body"]), source)
    if "### BEGIN SOLUTION" in hidden or "### END SOLUTION" in hidden:
        raise BuildError("a BEGIN SOLUTION has no END SOLUTION, or the other way round")
    return hidden


def targets() -> Iterator[tuple[Path, str]]:
    """Yield the path and the content of every notebook to hand out."""
    for path in sorted((ROOT / "reference").glob(f"*{SUFFIX}.py")):
        solved = path.read_text(encoding="utf-8")
        folder = ROOT / "student_template" / path.stem.removesuffix(SUFFIX)
        try:
            yield folder / f"{title(solved)}.ipynb", build(solved)
        except BuildError as error:
            raise SystemExit(f"{path.relative_to(ROOT)}: {error}.") from None


def check(path: Path, content: str) -> bool:
    """Return whether the file holds `content`; if not, print a diff and say so."""
    found = path.read_bytes() if path.exists() else b""
    if found == content.encode():
        return True
    name = path.relative_to(ROOT).as_posix()
    old = found.decode(errors="replace").splitlines(keepends=True)
    new = content.splitlines(keepends=True)
    sys.stdout.writelines(difflib.unified_diff(old, new, f"{name} (on disk)", f"{name} (built)"))
    print(f"{name} is not up to date: run python student_template/build.py.", file=sys.stderr)
    return False


def write(path: Path, content: str) -> None:
    """Write the file, unless it holds `content` already, and name it."""
    if path.exists() and path.read_bytes() == content.encode():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode())
    print(path.relative_to(ROOT))


def main() -> int:
    """Write the notebooks or, with --check, compare them; return the exit status."""
    parser = argparse.ArgumentParser(description="Write the notebooks that are handed out.")
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 on a difference")
    if parser.parse_args().check:
        return 0 if all([check(path, content) for path, content in targets()]) else 1
    for path, content in targets():
        write(path, content)
    return 0


def _source_cells(solved: str) -> list[nbformat.NotebookNode]:
    """Return code and markdown cells; raw ones hold settings of the author's tools."""
    cells = jupytext.reads(solved, fmt="py:percent").cells
    return [cell for cell in cells if cell.cell_type != "raw"]


def _cell(place: int, cell: nbformat.NotebookNode) -> nbformat.NotebookNode:
    source = hide_solutions(cell.source)
    digest = hashlib.sha256(f"{place}\n{cell.cell_type}\n{source}".encode()).hexdigest()
    new = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
    return new(source, id=digest[:12])


def _placeholders(body: str) -> str:
    return "".join(f"{indent}{code}\n" for indent, code in PLACEHOLDER.findall(body))


if __name__ == "__main__":
    sys.exit(main())
