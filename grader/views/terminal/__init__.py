"""Results as text for a terminal, 80 columns wide or more.

Colour is an addition, never the only sign, and NO_COLOR is honoured. Text that comes out of a submission
goes through `console.plain_text`, so that neither rich nor the terminal interprets it.
"""

from grader.views.terminal.class_table import show_class
from grader.views.terminal.gradebook import show_adjusted, show_changes, show_differences
from grader.views.terminal.progress import show_progress, show_spinner
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
