"""A failure of the grader itself, described without any text of a student."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from grader.messages.sanitize import one_line

_CHECKOUT = Path(__file__).resolve().parents[2]
_INSTALLED = ("site-packages", "dist-packages")
_MOST_FRAMES = 40


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception: its type, the frames it passed through, outermost first, and its cause.

    A frame is "file:line function". `message` is the exception's own, which may quote a submission,
    so it is written only with `--debug`. `stage` is the part of grading that failed, if it is known.
    """

    kind: str
    frames: tuple[str, ...] = ()
    message: str = field(default="", repr=False)
    stage: str = ""
    cause: Failure | None = None

    def lines(self, *, debug: bool) -> Iterator[str]:
        """Yield the lines of a log: the type first, then the innermost frames; with `debug` the message."""
        stage = f" in {self.stage}" if self.stage else ""
        message = f": {one_line(self.message)}" if debug and self.message else ""
        yield f"{self.kind}{stage}{message}"
        yield from (f"  {frame}" for frame in self.frames[-_MOST_FRAMES:])
        if self.cause:
            first, *rest = self.cause.lines(debug=debug)
            yield from (f"  caused by {first}", *rest)


def failure_of(error: BaseException, *, stage: str = "") -> Failure:
    """Return the description of an exception and of the exceptions that caused it."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return Failure(
        kind=type(error).__name__,
        frames=tuple(_frame(*item) for item in traceback.walk_tb(error.__traceback__)),
        message=str(error),
        stage=stage,
        cause=failure_of(cause) if cause else None,
    )


def _frame(frame: FrameType, line: int) -> str:
    """Return "file:line function", the file without the folders of this machine."""
    path = Path(frame.f_code.co_filename)
    installed = [at for at, part in enumerate(path.parts) if part in _INSTALLED]
    if path.is_relative_to(_CHECKOUT) and not installed:
        name = path.relative_to(_CHECKOUT).as_posix()
    else:
        name = "/".join(path.parts[installed[-1] + 1 :] if installed else path.parts[-2:])
    return f"{name}:{line} {frame.f_code.co_qualname}"
