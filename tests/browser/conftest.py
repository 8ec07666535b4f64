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
NO_GPU = ["--disable-gpu", "--disable-software-rasterizer"]
"""An emulated one takes a twelfth of the processor time of the tests."""
Open = Callable[..., Page]
AS_NEW: dict[str, Any] = {"media": "null", "color_scheme": "light", "forced_colors": "none"}
"""Emulated media of a new window."""


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
                executable_path=program,
                chromium_sandbox=os.getuid() != 0,
                timeout=60_000,
                args=NO_GPU,
            )
        except Error as error:
            pytest.skip(f"{program} cannot be started: {error.message.splitlines()[0]}")
        yield started
        started.close()


class Windows:
    """Windows of one browser: with and without script. Each shows one page after another.

    A new window starts a process, which takes five times as long as opening another page.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._pages: dict[bool, Page] = {}

    def open(self, address: str, width: int, *, script: bool = True, **media: Any) -> Page:
        """Open an address as in a new window; `media` is emulated, for example `color_scheme`."""
        if script not in self._pages:
            context = self._browser.new_context(offline=True, java_script_enabled=script)
            context.set_default_timeout(20_000)
            self._pages[script] = context.new_page()
        page = self._pages[script]
        page.unroute_all()
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(**{**AS_NEW, **media})
        page.goto(address)
        return page


@pytest.fixture(scope="package")
def windows(browser: Browser) -> Windows:
    """Return the windows that all tests of this folder share in a process."""
    return Windows(browser)


@pytest.fixture
def open_page(windows: Windows, tmp_path: Path) -> Open:
    """Return a function that opens a page from a file, as students do."""

    def open_(html: str, width: int = 1280, **options: Any) -> Page:
        return windows.open(written(html, tmp_path), width, **options)

    return open_


def written(html: str, folder: Path) -> str:
    """Write a page into a folder; return its address."""
    file = folder / "report.html"
    file.write_text(html, "utf-8")
    return file.as_uri()
