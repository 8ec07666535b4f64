"""Results as text for a terminal, 80 columns wide or more.

Colour is an addition, never the only sign, and NO_COLOR is honoured. Text that comes out of a submission
goes through `console.plain_text`, so that neither rich nor the terminal interprets it.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.views.terminal.class_table import show_class
    from grader.views.terminal.console import show_spinner
    from grader.views.terminal.gradebook import show_adjusted, show_changes, show_differences
    from grader.views.terminal.progress import show_progress
    from grader.views.terminal.proofs import show_proofs
    from grader.views.terminal.result import feedback_text, show_result

__all__ = [
    "feedback_text",
    "show_adjusted",
    "show_changes",
    "show_class",
    "show_differences",
    "show_progress",
    "show_proofs",
    "show_result",
    "show_spinner",
]

_MODULES = {
    "feedback_text": "result",
    "show_adjusted": "gradebook",
    "show_changes": "gradebook",
    "show_class": "class_table",
    "show_differences": "gradebook",
    "show_progress": "progress",
    "show_proofs": "proofs",
    "show_result": "result",
    "show_spinner": "console",
}


def __getattr__(name: str) -> Any:
    """Import a view when it is used first: tables load much of rich, which `check` does not need."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
