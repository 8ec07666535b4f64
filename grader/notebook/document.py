"""Recognise submitted bytes: a JSON document, perhaps damaged, a Python script, or another file.

The bytes are hostile and this process is trusted. So nothing in them is executed, and their size and
the number of nested values are bounded before anything is built from them. Damage with only one
possible meaning is repaired, with a note. Other files are refused with a next step.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import Callable
from functools import partial

import pyjson5

from grader.errors import SubmissionError
from grader.messages import gettext

MAX_BYTES = 64 << 20
MAX_VALUES = 1_000_000
"""Lists and objects in a file; each takes much more memory than its two brackets."""

_BLANK = "\0 \t\r\n\f\v\ufeff"
_OWN_FILE = gettext("submit the .ipynb file you worked in")
_UNPACK = gettext("unpack it and submit the .ipynb file inside")
_FOLLOW = gettext("open it and submit the .ipynb file that it leads to")
_DOWNLOAD = gettext(
    "open it in Google Drive or Colab, choose File > Download > Download .ipynb, and submit that file"
)
_FETCH_LFS = gettext("run `git lfs pull` and submit the .ipynb file")
_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", gettext("a PDF"), gettext("submit the .ipynb file itself, not a printout")),
    (b"{\\rtf", gettext("a rich-text document (RTF)"), _OWN_FILE),
    (b"\xd0\xcf\x11\xe0", gettext("an Office document"), _OWN_FILE),
    (b"\x89PNG", gettext("a picture"), _OWN_FILE),
    (b"\xff\xd8\xff", gettext("a picture"), _OWN_FILE),
    (b"GIF8", gettext("a picture"), _OWN_FILE),
    (b"\x1f\x8b", gettext("a compressed archive"), _UNPACK),
    (b"7z\xbc\xaf", gettext("a compressed archive"), _UNPACK),
    (b"Rar!", gettext("a compressed archive"), _UNPACK),
    (b"BZh", gettext("a compressed archive"), _UNPACK),
    (b"\xfd7zXZ", gettext("a compressed archive"), _UNPACK),
    (b"\x28\xb5\x2f\xfd", gettext("a compressed archive"), _UNPACK),
    (b"L\0\0\0\x01\x14\x02\0", gettext("a Windows shortcut"), _FOLLOW),
    (b"bplist00", gettext("a link"), _FOLLOW),
    (b"version https://git-lfs", gettext("a Git LFS pointer"), _FETCH_LFS),
)
_ZIP_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (b"word/", gettext("a Word document"), _OWN_FILE),
    (b"xl/", gettext("a spreadsheet"), _OWN_FILE),
    (b"opendocument", gettext("an Office document"), _OWN_FILE),
    (b"", gettext("a zip archive"), _UNPACK),
)

_LONGEST_LINK = 2000
_LINKS = re.compile(
    r"\s*(?:\[InternetShortcut\]|\[Desktop Entry\]|\[\{000214A0"
    r"|(?:<\?xml[^>]*>\s*)?(?:<!DOCTYPE plist[^>]*>\s*)?<plist\b[^>]*>\s*<dict>\s*<key>URL</key>"
    r"|(?:[^\n]{0,200}\n){0,3}[^\n]{0,200}https?://\S+[^\n]{0,200}(?:\n[^\n]{0,200}){0,3}\s*\Z)",
    re.IGNORECASE,
)
"""The shortcut files of Windows, Linux and macOS, and a few lines with an address."""

_GOOGLE = re.compile(r"(?:drive|docs|colab\.research|colab)\.google\.com|/colab\.", re.IGNORECASE)
_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?: |$)", re.MULTILINE)
_PYTHON = re.compile(
    r"^(?:def \w+ ?\(|import [\w.]+(?: as \w+)?[ \t]*$|from [\w.]+ import |# ?%%|# In ?\[)",
    re.MULTILINE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_GOOD_UTF8 = re.compile("[^\x00-\x7f\ufffd]")
_HALF_A_WORD = re.compile(r"[\w.+\\-]{0,8}\Z")


class NotANotebook(SubmissionError):
    """The bytes are not a notebook; the message names their kind and the file to submit instead."""


def load(data: bytes, notes: list[str]) -> object:
    """Return the tree of a JSON document, or the text (a str) of a Python script.

    Numbers lose their values, except integers that are not giant, so that long ones cannot cost time.
    Raises NotANotebook.
    """
    _refuse_other_kinds(data)
    text = _decoded(data, notes)
    if text.lstrip(_BLANK).startswith('"'):
        with contextlib.suppress(ValueError):
            text = str(json.loads(text)).strip(_BLANK)
            notes.append(gettext("The notebook was stored inside a JSON string and was extracted."))
    text = with_newlines(text)
    start = text.lstrip(_BLANK)[:2]
    if start.startswith(("{", "//", "/*")) or (start.startswith("[") and not _is_link(text)):
        return _unwrapped(_parsed(text, notes), notes)
    _refuse_conflict(text)
    if _is_link(text) and not _PYTHON.search(text):
        step = _DOWNLOAD if _GOOGLE.search(text) else _FOLLOW
        raise wrong_kind(gettext("only a link"), step=step)
    if start.startswith("<"):
        step = gettext("download the notebook itself and submit that .ipynb file")
        raise wrong_kind(gettext("a web page (HTML)"), step=step)
    if not _PYTHON.search(text):
        raise wrong_kind(
            gettext("a binary file") if _CONTROL.search(text) else gettext("plain text")
        )
    return text


def _is_link(text: str) -> bool:
    return len(text) < _LONGEST_LINK and bool(_LINKS.match(text))


def _unwrapped(tree: object, notes: list[str]) -> object:
    """Return the notebook inside an answer of Jupyter's or GitHub's contents API, else the tree itself.

    Raises NotANotebook for a shortcut of Google Drive.
    """
    if not isinstance(tree, dict) or "cells" in tree or "worksheets" in tree:
        return tree
    content = tree.get("content")
    if isinstance(content, str):
        content = _inner_document(content, tree.get("encoding"))
    if isinstance(content, dict) and ("cells" in content or "worksheets" in content):
        notes.append(gettext("The file was a server's response. The notebook in it was used."))
        return content
    if {"doc_id", "resource_id", "resource_key"} & tree.keys() or (
        "url" in tree and len(tree) < 6 and _GOOGLE.search(str(tree["url"]))
    ):
        raise wrong_kind(gettext("only a shortcut to a file in Google Drive"), step=_DOWNLOAD)
    return tree


def _inner_document(text: str, encoding: object) -> object:
    """Return the tree in a text of JSON, perhaps in base64, None if it is damaged."""
    with contextlib.suppress(ValueError, RecursionError):
        if encoding == "base64":
            text = base64.b64decode(text).decode()
        return _as_json(text) if text.count("{") + text.count("[") <= MAX_VALUES else None
    return None


def wrong_kind(what: str, *, step: str = _OWN_FILE) -> NotANotebook:
    """Return the exception for a kind of file, with the next step."""
    return NotANotebook(
        gettext("This file is {what}, not a notebook: {step}.", what=what, step=step)
    )


def with_newlines(text: str) -> str:
    r"""Return a text in which every line ends with \n."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


# ------------------------------------------------------------------ from bytes to text


def _refuse_other_kinds(data: bytes) -> None:
    if len(data) > MAX_BYTES:
        raise _too_large(gettext("is larger than {size} MiB", size=MAX_BYTES >> 20))
    if not data.strip(b"\xef\xbb\xbf\0 \t\r\n"):
        state = gettext("contains only white space") if data else gettext("is empty")
        raise NotANotebook(
            gettext(
                "This file {state}: save your notebook and submit the .ipynb file again.",
                state=state,
            )
        )
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise next(wrong_kind(what, step=step) for mark, what, step in _ZIP_KINDS if mark in data)
    if data[257:262] == b"ustar":
        raise wrong_kind(gettext("a compressed archive"), step=_UNPACK)
    for magic, what, step in _KINDS:
        if data.startswith(magic):
            raise wrong_kind(what, step=step)


def _too_large(what: str) -> NotANotebook:
    return NotANotebook(
        gettext("This notebook {what}: clear its outputs, save it and submit it again.", what=what)
    )


def _decoded(data: bytes, notes: list[str]) -> str:
    """Decode as JSON requires (UTF-8, -16 or -32), else as text with damaged characters.

    The latter keeps valid UTF-8 around invalid bytes; if no such letter is valid, it is Latin-1.
    """
    encoding = json.detect_encoding(data)
    try:
        text = data.decode(encoding, "surrogatepass")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
        if not encoding.startswith("utf-8") or _CONTROL.search(text):
            raise wrong_kind(gettext("a binary file")) from None
        if _GOOD_UTF8.search(text):
            notes.append(
                gettext("Some characters of the file were damaged and have been replaced.")
            )
        else:
            text = data.decode("latin-1")
            notes.append(
                gettext(
                    "The file was not UTF-8. It was read as Latin-1, so special characters may be "
                    "wrong."
                )
            )
    return text.lstrip("\0\ufeff").rstrip(_BLANK)


# ------------------------------------------------------------------ JSON and what is nearly JSON


def _parsed(text: str, notes: list[str]) -> object:
    if text.count("{") + text.count("[") > MAX_VALUES:
        raise _too_large(gettext("contains more than {count} nested values", count=MAX_VALUES))
    try:
        return _as_json(text)
    except RecursionError:
        raise NotANotebook(
            gettext("This file is nested too deeply to be a notebook: {step}.", step=_OWN_FILE)
        ) from None
    except json.JSONDecodeError as error:
        broken = error
    _refuse_conflict(text)
    for repair, note in _REPAIRS:
        try:
            tree = repair(text)
        except (ValueError, RecursionError, pyjson5.Json5Exception):
            continue
        notes.append(note)
        return tree
    raise NotANotebook(_where_it_breaks(text, broken))


def _as_json(text: str, *, strict: bool = True) -> object:
    """Parse JSON. A call for each integer takes four times as long, so only giant ones cause that."""
    loads = partial(json.loads, text, parse_float=bool, strict=strict)
    try:
        return loads()
    except json.JSONDecodeError:
        raise
    except ValueError:  # an integer with more digits than Python reads
        return loads(parse_int=lambda digits: int(digits) if len(digits) < 9 else 0)


_REPAIRS: tuple[tuple[Callable[[str], object], str], ...] = (
    (
        partial(_as_json, strict=False),
        gettext("The file had unescaped line breaks or tabs in its text. They were kept."),
    ),
    (
        partial(pyjson5.decode, maxdepth=200),
        gettext("The file was not valid JSON (extra commas, comments or quotes) and was repaired."),
    ),
)


def _where_it_breaks(text: str, error: json.JSONDecodeError) -> str:
    cut_off = _HALF_A_WORD.match(text, error.pos) and error.msg != "Extra data"
    if cut_off or error.msg.startswith("Unterminated string"):
        return gettext(
            "This notebook is cut off at line {line}, before its JSON ends. Save or "
            "download it again, and submit the complete .ipynb file.",
            line=error.lineno,
        )
    return gettext(
        "This notebook is damaged: its JSON has an error at line {line}. Restore a "
        "working copy, check that it opens in Jupyter, and submit that .ipynb file.",
        line=error.lineno,
    )


def _refuse_conflict(text: str) -> None:
    if conflict := _CONFLICT.search(text):
        line = text.count("\n", 0, conflict.start()) + 1
        raise NotANotebook(
            gettext(
                "This file contains an unresolved Git merge conflict at line {line}. "
                "Keep one of the two versions, check that it opens in Jupyter, and "
                "submit that file.",
                line=line,
            )
        )
