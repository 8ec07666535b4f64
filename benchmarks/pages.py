#!/usr/bin/env python3
"""Measure the time to render pages on one core, and to open the page of a large class.

Each student has a name and lines of their own. Two renderings of a page must have the same bytes. The
class page is opened from a file in headless Chromium, each time in a new window, until the first screen
is painted, and until the whole page is loaded and can be used. Then its last row is shown, which the
browser lays out by then.
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
from benchmarks.report import of_student
from grader.views.html import class_page, student_page
from tests.browser.pages import large_class, typical

STUDENTS, CLASS = 1000, 2000
_FIRST = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
_LAST = "document.querySelector('#all tbody:last-child tr:last-child').scrollIntoView()"
_PAINTED = "new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))"


def main() -> int:
    """Measure, print and write a table."""
    arguments = options.parser(__file__, __doc__, repeats=5, of="times").parse_args()
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    seconds = [_render(STUDENTS) for _ in range(arguments.repeats)]
    os.sched_setaffinity(0, cores)
    html = class_page(large_class(CLASS))
    text = _table(seconds, _open(html, arguments.repeats), len(html.encode()))
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "pages.md").write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


def _render(number: int) -> float:
    """Return the CPU seconds of this many students' pages. Exits if a page differs the second time."""
    results = [of_student(student, typical()) for student in range(number)]
    before = time.process_time()
    pages = [student_page(result) for result in results]
    seconds = time.process_time() - before
    if pages != [student_page(result) for result in results]:
        raise SystemExit("Two pages of one result differ.")
    return seconds


def _open(html: str, repeats: int) -> list[tuple[float, float, float]]:
    """Return the seconds of the first screen, of the whole page, and of its last row, for each window."""
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


def _opening(browser: Browser, address: str) -> tuple[float, float, float]:
    page = browser.new_page()
    before = time.perf_counter()
    page.goto(address)
    page.evaluate(_PAINTED)
    loaded = time.perf_counter()
    page.evaluate(_LAST)
    page.evaluate(_PAINTED)
    last = time.perf_counter()
    first: float = page.evaluate(_FIRST)
    page.close()
    return first / 1000, loaded - before, last - loaded


def _table(
    rendering: Sequence[float], opening: Sequence[tuple[float, float, float]], size: int
) -> str:
    first, whole, last = zip(*opening, strict=True)
    rows = (
        (f"render {STUDENTS} students' pages on one core, with equal bytes (CPU)", rendering),
        (f"open the page of a class of {CLASS} in headless Chromium: first screen", first),
        ("the same until the page is loaded and can be used", whole),
        ("then show its last row", last),
    )
    lines = ["| task | median, s | largest, s |", "| --- | ---: | ---: |"]
    lines += [f"| {name} | {median(times):.2f} | {max(times):.2f} |" for name, times in rows]
    return "\n".join([*lines, "", f"The page of that class has {size / 1e6:.2f} MB."]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
