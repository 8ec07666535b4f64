"""Read a page as a strict reader would: its tree must be sound, its text is what a person sees."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "wbr", "rect", "path", "input"}
INLINE = {"a", "bdi", "code", "span", "strong", "small", "mark", "wbr", "title", "text"} | {
    *("mrow", "mi", "mn", "mo", "mtext", "mfrac", "msqrt", "msup", "msub", "msubsup"),
    *("munder", "mover", "munderover"),
}


@dataclass
class Element:
    """An element with its attributes, its text, and the elements around it."""

    tag: str
    attributes: dict[str, str]
    parents: tuple[str, ...]
    text: str = ""

    def get(self, attribute: str) -> str:
        return self.attributes.get(attribute, "")


@dataclass
class Page:
    """All elements of a page in order, and its visible text, one block per line."""

    elements: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]

    def one(self, tag: str, **attributes: str) -> Element:
        wanted = attributes.items()
        (found,) = [e for e in self.all(tag) if all(e.get(k) == v for k, v in wanted)]
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self.open: list[Element] = []
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"<{tag}> has an attribute twice: {names}"
        parents = tuple(element.tag for element in self.open)
        element = Element(tag, {name: value or "" for name, value in attrs}, parents)
        self.page.elements.append(element)
        if tag not in VOID:
            self.open.append(element)
        self._break(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop().tag == tag, f"</{tag}> closes another element"
        self._break(tag)

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data
        if not self.open or self.open[-1].tag not in {"style", "script"}:
            self.parts.append(data.replace("\n", " "))

    def _break(self, tag: str) -> None:
        if tag not in INLINE:
            self.parts.append("\n")


def read(html: str) -> Page:
    """Return the page, or fail if a tag is not closed in order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert not reader.open, f"never closed: {[element.tag for element in reader.open]}"
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    reader.page.text = re.sub(r"\n+", "\n", "\n".join(lines)).strip() + "\n"
    return reader.page
