"""Results → HTML: self-contained pages for a student, the class, an author; pure functions."""

from grader.views.html.class_page import class_page
from grader.views.html.proofs_page import proofs_page
from grader.views.html.render import compile_templates
from grader.views.html.student_page import student_page
from grader.views.html.week_page import WeekClass, week_page

__all__ = [
    "WeekClass",
    "class_page",
    "compile_templates",
    "proofs_page",
    "student_page",
    "week_page",
]
