"""Results → HTML: self-contained pages for a student, the class, an author; pure functions."""

from grader.report.classroom import class_page
from grader.report.proofs import Proven, proofs_page
from grader.report.student import student_page

__all__ = ["Proven", "class_page", "proofs_page", "student_page"]
