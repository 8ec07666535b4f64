"""Make the pictures of `check` for the README in a real JupyterLab.

`python -m tests.browser.notebook_pictures .../bin/jupyter-lab` runs a notebook of the folder for students
in that JupyterLab, which is installed outside of this project, with NumPy, SciPy and Matplotlib.
"""

from __future__ import annotations

import io
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from grader import assignments
from grader.handout.release import release
from tests.browser.conftest import NAMES
from tests.browser.pictures import COLOURS, FOLDER

WIDTH, HEIGHT = 900, 1000
FUNCTION = """\
# GRADED FUNCTION: compute_cost_with_regularization
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    m = Y.shape[1]
    squares = sum(np.sum(np.square(parameters[W])) for W in ("W1", "W2", "W3"))
    return compute_cost(A3, Y) + {factor} * squares"""
CELLS = {"check-right": "lambd / (2 * m)", "check-mistake": "lambd / m"}
"""The name of each picture, and the factor of the penalty in its notebook."""

IMPORTS = "import numpy as np\nfrom grader import check\nfrom reg_utils import compute_cost"
SECONDS = 90


def main(program: str) -> None:
    """Write the folder for students, run two notebooks in it, and draw their cells."""
    with tempfile.TemporaryDirectory(prefix="grader-lab-") as name:
        folder = Path(name) / "handout"
        release(assignments.load("regularization"), folder)
        for picture, factor in CELLS.items():
            sources = (
                IMPORTS,
                FUNCTION.format(factor=factor),
                "check(compute_cost_with_regularization)",
            )
            cells = [nbformat.v4.new_code_cell(source) for source in sources]
            kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
            nbformat.write(
                nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}),
                folder / f"{picture}.ipynb",
            )
        with _server(program, folder) as address, sync_playwright() as playwright:
            chromium = next(filter(None, map(shutil.which, NAMES)))
            browser = playwright.chromium.launch(
                executable_path=chromium, chromium_sandbox=os.getuid() != 0
            )
            for picture in CELLS:
                _draw(browser, f"{address[0]}/doc/tree/{picture}.ipynb?token={address[1]}", picture)
            browser.close()


@contextmanager
def _server(program: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Run a server of JupyterLab in a folder; yield its address and token."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    options = (
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        f"--IdentityProvider.token={token}",
    )
    process = subprocess.Popen(
        [program, *options, "--ServerApp.ip=127.0.0.1"],
        cwd=folder,
        env=os.environ | {"HOME": str(folder.parent), "JUPYTER_PREFER_ENV_PATH": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/api?token={token}")
        yield address, token
    finally:
        process.terminate()
        process.wait()


def _wait_for(address: str) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(address, timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("JupyterLab did not start.")


def _draw(browser: Browser, address: str, picture: str) -> None:
    """Run all cells of a notebook, and draw those of the function and of its check."""
    window = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    window.set_default_timeout(1000 * SECONDS)
    window.goto(address)
    window.wait_for_selector(".jp-Notebook .jp-CodeCell >> nth=2")
    window.get_by_role("menuitem", name="Run", exact=True).click()
    window.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    window.wait_for_selector(".jp-OutputArea-output details, .jp-OutputArea-output strong")
    window.wait_for_timeout(1500)  # until the kernel is idle and nothing moves
    boxes = [window.locator(".jp-CodeCell").nth(number).bounding_box() for number in (1, 2)]
    top, bottom = boxes[0], boxes[1]
    assert top and bottom
    height = bottom["y"] + bottom["height"] - top["y"] + 12
    screen = window.screenshot(
        clip={"x": top["x"], "y": top["y"] - 6, "width": top["width"], "height": height}
    )
    with Image.open(io.BytesIO(screen)) as screenshot:
        small = screenshot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        small.save(FOLDER / f"{picture}.png", optimize=True)
    window.close()


if __name__ == "__main__":
    main(sys.argv[1])
