"""One Chromium for all tests of the pages: that of the system, headless and cut off from any network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
Open = Callable[..., Page]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Return a running Chromium. Skips where there is none, or where it cannot be started.

    It is closed after the last test of this folder, because the event loop of its driver would
    disturb other tests.
    """
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is installed")
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(
                executable_path=program, chromium_sandbox=os.getuid() != 0, timeout=60_000
            )
        except Error as error:
            pytest.skip(f"{program} cannot be started: {error.message.splitlines()[0]}")
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Return a function that opens a page from a file, as students do, in a window of its own."""
    contexts = []

    def open_(html: str, width: int = 1280, **options: Any) -> Page:
        viewport = {"width": width, "height": 800}
        context = browser.new_context(viewport=viewport, offline=True, **options)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.goto(written(html, tmp_path))
        return page

    yield open_
    for context in contexts:
        context.close()


def written(html: str, folder: Path) -> str:
    """Write a page into a folder; return its address."""
    file = folder / "report.html"
    file.write_text(html, "utf-8")
    return file.as_uri()
