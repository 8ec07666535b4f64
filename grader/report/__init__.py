"""Results → HTML: a self-contained page for a student, and one for the class; pure functions."""

from grader.report.classroom import class_page
from grader.report.student import student_page

__all__ = ["class_page", "student_page"]
