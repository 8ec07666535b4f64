"""Luminance and contrast of colours, as WCAG defines them."""

from __future__ import annotations

import re


def luminance(colour: str) -> float:
    """Return how bright a colour `rgb(r, g, b)` or `#rrggbb` is, from 0 to 1."""
    digits = re.findall(r"[0-9a-f]{2}", colour) if colour.startswith("#") else []
    numbers = [int(pair, 16) for pair in digits] or map(int, colour[4:-1].split(","))
    parts = [number / 255 for number in numbers]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(ink: str, paper: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    dark, light = sorted((luminance(ink), luminance(paper)))
    return (light + 0.05) / (dark + 0.05)
