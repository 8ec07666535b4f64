"""Make the pictures of the README from the class of the demo: `python -m tests.browser.pictures`."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests import ROOT
from tests.browser.conftest import NAMES
from tests.submissions import demo_class
from tests.support.command_line import run

FOLDER = ROOT / "docs" / "images"
WIDTH, COLOURS = 900, 96
PICTURES = {
    "student": ("submissions/Ben_Castillo_300102/report.html", 1610),
    "class": ("index.html", 1480),
}
"""The page of each picture in the folder of results, and the height of the picture."""


def main() -> None:
    """Grade, draw, and keep two pictures."""
    with tempfile.TemporaryDirectory(prefix="grader-pictures-") as name:
        folder = Path(name)
        demo_class.main(folder / "inbox")
        finished = run("batch", folder / "inbox", "--out", folder / "out")
        if finished.status:
            raise SystemExit(finished.err)
        with sync_playwright() as playwright:
            program = next(filter(None, map(shutil.which, NAMES)))
            browser = playwright.chromium.launch(
                executable_path=program, chromium_sandbox=os.getuid() != 0
            )
            for picture, (page, height) in PICTURES.items():
                _draw(browser, FOLDER / f"{picture}.png", folder / "out" / page, height)
            browser.close()


def _draw(browser: Browser, picture: Path, page: Path, height: int) -> None:
    window = browser.new_page(viewport={"width": WIDTH, "height": height})
    window.goto(page.as_uri())
    with Image.open(io.BytesIO(window.screenshot())) as screenshot:
        small = screenshot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        small.save(picture, optimize=True)
    window.close()


if __name__ == "__main__":
    main()
