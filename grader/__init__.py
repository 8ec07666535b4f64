"""Grade notebook assignments: run student code in a box, judge its values outside, say what is wrong."""

from grader.assignments import load as load_assignment
from grader.errors import GraderError
from grader.grading import Settings, grade
from grader.handout.release import check
from grader.model import Submission
from grader.model.result import VERSION as __version__
from grader.model.result import Result
from grader.views.tables import to_json

__all__ = [
    "GraderError",
    "Result",
    "Settings",
    "Submission",
    "__version__",
    "check",
    "grade",
    "load_assignment",
    "to_json",
]
