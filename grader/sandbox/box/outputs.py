"""The outputs of a notebook's cell, reduced to the supported MIME types and to a bounded size."""

from __future__ import annotations

import base64
import contextlib
from typing import Any

import numpy as np

MAX_CHARACTERS = 1 << 16
"""Characters of one text; a longer one is cut and marked with [...]."""
MAX_BYTES = 4 << 20
"""Bytes of all outputs of a cell; further outputs are left out."""
_TEXT_TYPES = ("text/plain", "text/html", "image/svg+xml")
_KINDS = ("stream", "display_data", "execute_result", "error")


def merge_stream(outputs: list[Any], content: Any) -> bool:
    """Append printed text to the last output if both are of the same stream; return True if so.

    Text is cut here already, to one character more than the maximum, which shows that it was cut.
    """
    content["text"] = str(content.get("text"))[: MAX_CHARACTERS + 1]
    last = outputs[-1] if outputs else {}
    if last.get("output_type") != "stream" or last.get("name") != content.get("name"):
        return False
    last["text"] = (last["text"] + content["text"])[: MAX_CHARACTERS + 1]
    return True


def cap(outputs: list[Any]) -> list[Any]:
    """Return outputs as plain data, up to a total of MAX_BYTES bytes."""
    capped: list[Any] = []
    room = MAX_BYTES
    for output in map(_plain, outputs):
        room -= sum(item.size for item in output["data"].values())
        if room < 0:
            break
        capped.append(output)
    return capped


def _plain(output: Any) -> dict[str, Any]:
    """Return an output with the bytes of each supported MIME type as an array."""
    kind, name, data = output.get("output_type"), "", output.get("data") or {}
    if kind == "stream":
        name, data = str(output.get("name")), {"text/plain": output.get("text")}
    elif kind == "error":
        traceback = "\n".join(output.get("traceback", ()))
        name, data = str(output.get("ename")), {"text/plain": traceback}
    arrays = {}
    for mime in (mime for mime in _TEXT_TYPES if mime in data):
        lines = data[mime]
        text = "".join(lines) if isinstance(lines, list) else str(lines)
        if len(text) > MAX_CHARACTERS:
            text = text[:MAX_CHARACTERS] + "\n[...]"
        arrays[mime] = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
    if isinstance(data.get("image/png"), str):
        with contextlib.suppress(ValueError):
            picture = base64.b64decode(data["image/png"])
            if len(picture) < MAX_BYTES:
                arrays["image/png"] = np.frombuffer(picture, np.uint8)
    kind = kind if kind in _KINDS else "display_data"
    return {"kind": kind, "name": name[:100], "data": arrays}
