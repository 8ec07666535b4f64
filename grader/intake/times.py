"""Read the times of submission that platforms write, each in its own form."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from grader.errors import UsageError

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_NUMBERS = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)[-T ]?(\d\d)[-:]?(\d\d)[-:]?(\d\d)(?:\.?\d{1,9})?"
    r"(?: ?(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d|[A-Z]\w+/[\w/+-]+))?"
)
_WORDS = re.compile(
    r"(?:(?P<month>[A-Za-z]{3})[a-z]*\.? (?P<day>\d{1,2})|(?P<day2>\d{1,2}) (?P<month2>[A-Za-z]{3})[a-z]*\.?)"
    r",? (?P<year>\d{4}),? (?P<time>\d{1,2}[:.]?\d\d) ?(?P<half>[AP]M)?",
    re.IGNORECASE,
)


def zone_of(name: str) -> tzinfo:
    """Return the time zone of a name such as Europe/Berlin. Raises UsageError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"--zone: there is no time zone {name!r}. Write it as in Europe/Berlin or UTC."
        ) from None


def parse(text: str, zone: tzinfo | None) -> datetime | None:
    """Return the time in a text, with its zone, or None if it has none that can be read.

    A time without a zone is in `zone`, or in the zone of this machine.
    """
    text = text.strip()
    try:
        if match := _NUMBERS.match(text):
            year, month, day, hour, minute, second = match.groups()[:6]
            text = f"{year}-{month}-{day}T{hour}:{minute}:{second}"
            return _in_zone(datetime.fromisoformat(text), _offset(match["zone"]) or zone)
        if match := _WORDS.match(text):
            return _in_zone(_from_words(match), zone)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def with_zone(time: datetime, zone: tzinfo | None) -> datetime:
    """Return a time that has a zone: its own, else `zone`, else that of this machine."""
    return time if time.tzinfo else _in_zone(time, zone)


def _in_zone(time: datetime, zone: tzinfo | None) -> datetime:
    return time.replace(tzinfo=zone) if zone else time.astimezone()


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text in {"Z", "UTC", "GMT"}:
        return UTC
    if text[0] in "+-":
        digits = text[1:].replace(":", "")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        return timezone(-offset if text[0] == "-" else offset)
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, OSError):
        return None


def _from_words(match: re.Match[str]) -> datetime:
    month = _MONTHS.index((match["month"] or match["month2"]).lower()) + 1
    clock = match["time"].replace(":", "").replace(".", "").zfill(4)
    hour, minute = int(clock[:2]), int(clock[2:])
    if match["half"]:
        hour = hour % 12 + 12 * (match["half"].lower() == "pm")
    day = int(match["day"] or match["day2"])
    return datetime.fromisoformat(f"{match['year']}-{month:02}-{day:02}T{hour:02}:{minute:02}")
