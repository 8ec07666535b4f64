#!/usr/bin/env python3
"""Measure how fast pages are made on one core, and how soon the page of a large class is open.

Students' pages are made twice and must be alike to the byte. The class page is opened in headless
Chromium from a file, each time in a fresh window, until it is laid out and painted.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
# Our own folder must not be searched for modules: its profile.py would hide Python's.
sys.path[0] = str(ROOT)

from playwright.sync_api import Browser, sync_playwright

from benchmarks import options
from grader.views.html import class_page, student_page
from tests.browser.pages import large_class, typical

STUDENTS, CLASS = 1000, 2000
_PAINTED = "new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))"


def main() -> int:
    """Measure, print a table, and keep it."""
    asked = options.parser(__file__, __doc__, repeats=5, of="times").parse_args()
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    seconds = [_render(STUDENTS) for _ in range(asked.repeats)]
    os.sched_setaffinity(0, cores)
    html = class_page(large_class(CLASS))
    text = _table(seconds, _open(html, asked.repeats), len(html.encode()))
    asked.results.mkdir(parents=True, exist_ok=True)
    (asked.results / "pages.md").write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


def _render(number: int) -> float:
    """Return the CPU seconds that so many students' pages take. Raises if one differs from the next."""
    result = typical()
    first = student_page(result)
    before = time.process_time()
    pages = [student_page(result) for _ in range(number)]
    took = time.process_time() - before
    if set(pages) != {first}:
        raise SystemExit("One result made pages that differ.")
    return took


def _open(html: str, repeats: int) -> list[float]:
    """Return the seconds until the page was painted, once for each window."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        raise SystemExit("No Chromium is installed (on Debian and Ubuntu: apt install chromium).")
    with tempfile.TemporaryDirectory(prefix="grader-pages-") as name, sync_playwright() as driver:
        file = Path(name) / "index.html"
        file.write_text(html, "utf-8")
        browser = driver.chromium.launch(executable_path=program, chromium_sandbox=os.getuid() != 0)
        times = [_opening(browser, file.as_uri()) for _ in range(repeats)]
        browser.close()
    return times


def _opening(browser: Browser, address: str) -> float:
    page = browser.new_page()
    before = time.perf_counter()
    page.goto(address)
    page.evaluate(_PAINTED)
    took = time.perf_counter() - before
    page.close()
    return took


def _table(rendering: Sequence[float], opening: Sequence[float], size: int) -> str:
    rows = (
        (f"{STUDENTS} students' pages made on one core, alike to the byte (CPU)", rendering),
        (f"the page of a class of {CLASS} opened in headless Chromium", opening),
    )
    lines = ["| what | median, s | largest, s |", "| --- | ---: | ---: |"]
    lines += [f"| {name} | {median(times):.2f} | {max(times):.2f} |" for name, times in rows]
    return "\n".join([*lines, "", f"The page of that class has {size / 1e6:.2f} MB."]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
