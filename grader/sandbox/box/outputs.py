"""What a cell of a whole notebook shows, cut down to the kinds that are kept and to what fits."""

from __future__ import annotations

import base64
import contextlib
from typing import Any

import numpy as np

MOST_TEXT = 1 << 16
MOST_BYTES = 4 << 20
_TEXTS = ("text/plain", "text/html", "image/svg+xml")
_KINDS = ("stream", "display_data", "execute_result", "error")


def prolonged(outs: list[Any], content: Any) -> bool:
    """Add what was printed to the last output, if that was printed to the same stream.

    It is cut here too, to the length that is kept, and one more to tell that it was cut.
    """
    content["text"] = str(content.get("text"))[: MOST_TEXT + 1]
    last = outs[-1] if outs else {}
    if last.get("output_type") != "stream" or last.get("name") != content.get("name"):
        return False
    last["text"] = (last["text"] + content["text"])[: MOST_TEXT + 1]
    return True


def capped(outputs: list[Any]) -> list[Any]:
    """Return outputs as plain data of kinds that are kept, as far as there is room."""
    kept: list[Any] = []
    room = MOST_BYTES
    for output in map(_plain, outputs):
        room -= sum(item.size for item in output["data"].values())
        if room < 0:
            break
        kept.append(output)
    return kept


def _plain(output: Any) -> dict[str, Any]:
    kind = output.get("output_type")
    if kind == "stream":
        return _of("stream", str(output.get("name")), {"text/plain": output.get("text")})
    if kind == "error":
        return _of(
            "error",
            str(output.get("ename")),
            {"text/plain": "\n".join(output.get("traceback", ()))},
        )
    return _of(str(kind), "", output.get("data") or {})


def _of(kind: str, name: str, data: dict[str, Any]) -> dict[str, Any]:
    kept = {mime: _text(data[mime]) for mime in _TEXTS if mime in data}
    if isinstance(data.get("image/png"), str):
        with contextlib.suppress(ValueError):
            picture = base64.b64decode(data["image/png"])
            kept |= (
                {"image/png": np.frombuffer(picture, np.uint8)} if len(picture) < MOST_BYTES else {}
            )
    return {"kind": kind if kind in _KINDS else "display_data", "name": name[:100], "data": kept}


def _text(text: Any) -> Any:
    said = "".join(text) if isinstance(text, list) else str(text)
    if len(said) > MOST_TEXT:
        said = said[:MOST_TEXT] + "\n[...]"
    return np.frombuffer(said.encode("utf-8", "replace"), np.uint8)
