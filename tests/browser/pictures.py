"""Make the pictures of the README: `python -m tests.browser.pictures`.

The results come from grading some of the labelled submissions, in the box, under names made up here.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from dataclasses import replace
from itertools import cycle
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from grader.model.result import Result
from grader.views.html import class_page, student_page
from grader.views.tables import from_json
from tests import ROOT
from tests.browser.conftest import NAMES
from tests.support.command_line import hand_in, labelled, run

FOLDER = ROOT / "docs" / "images"
STUDENT = "wrong-l2-multiplied-by-m"
WIDTH, COLOURS = 900, 96
HEIGHTS = {"student": 1560, "class": 1330}
SHARES = {"right": 12, "wrong": 40, "error": 6, "malformed-zip": 2}
"""How many of each kind there are in the class that is shown."""


def main() -> None:
    """Grade, draw, and keep two pictures."""
    with tempfile.TemporaryDirectory(prefix="grader-pictures-") as folder:
        results = _graded(Path(folder))
        student = next(result for result in results if result.submission == STUDENT)
        pages = {
            "student": student_page(replace(student, submission="ada")),
            "class": class_page(list(_as_a_class(results))),
        }
        with sync_playwright() as playwright:
            program = next(filter(None, map(shutil.which, NAMES)))
            browser = playwright.chromium.launch(
                executable_path=program, chromium_sandbox=os.getuid() != 0
            )
            for name, html in pages.items():
                _draw(browser, name, html)
            browser.close()


def _graded(folder: Path) -> list[Result]:
    """Return the results of so many labelled submissions of each kind."""
    chosen = [STUDENT]
    for kind, number in SHARES.items():
        names = [
            n
            for n, submission in labelled().items()
            if n.startswith(kind) and not submission.hostile
        ]
        chosen += names[:: max(1, len(names) // number)][:number]
    finished = run("batch", hand_in(folder / "inbox", *chosen), "--out", folder / "out")
    if finished.status:
        raise SystemExit(finished.err)
    files = sorted((folder / "out").glob("submissions/*/result.json"))
    return [from_json(file.read_bytes()) for file in files]


def _as_a_class(results: list[Result]) -> list[Result]:
    """Return a class of students in which some make the same mistakes as others."""
    again = [r for r, _ in zip(cycle(results[::3]), range(len(results)), strict=False)]
    both = [*results, *again]
    return [replace(r, submission=f"student-{i:03}") for i, r in enumerate(both, 1)]


def _draw(browser: Browser, name: str, html: str) -> None:
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHTS[name]})
    page.set_content(html)
    with Image.open(io.BytesIO(page.screenshot())) as screenshot:
        picture = screenshot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        FOLDER.mkdir(parents=True, exist_ok=True)
        picture.save(FOLDER / f"{name}.png", optimize=True)
    page.close()


if __name__ == "__main__":
    main()
