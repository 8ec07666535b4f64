"""Pages by name that are rendered when a test uses them first, not when the tests are collected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping


class Rendered(Mapping[str, str]):
    """The pages of functions that render them."""

    def __init__(self, pages: Mapping[str, Callable[[], str]]) -> None:
        self._pages = pages
        self._html: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        """Return a page, rendered once."""
        if name not in self._html:
            self._html[name] = self._pages[name]()
        return self._html[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._pages)

    def __len__(self) -> int:
        """Return the number of pages."""
        return len(self._pages)
