"""Labelled submissions: what students hand in, and what grading it must say.

`load()` returns them all. `python -m tests.submissions DIR` writes them out as a class would hand
them in. How they are written is told in `corpus.py`. Those marked hostile must never be run outside
a sandbox: some delete the folder they stand in, or take down the process that started them.
"""

from tests.submissions.corpus import FUNCTIONS, Labelled, read_all
from tests.submissions.malformed import made_from

__all__ = ["FUNCTIONS", "Labelled", "load"]


def load() -> tuple[Labelled, ...]:
    """Return every labelled submission, always in the same order."""
    written = read_all()
    return (*written, *made_from(written[0].data))
