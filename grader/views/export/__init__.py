"""Results → the files of platforms: a table of formats, each a function from a request to files.

`own` and the modules named after platforms hold the rules of each. A function raises ValueError, with
a sentence for the instructor, if the platform's own export does not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from grader.views.export.canvas import canvas
from grader.views.export.classroom import classroom
from grader.views.export.coursera import coursera
from grader.views.export.github import github
from grader.views.export.gradescope import gradescope
from grader.views.export.junit import junit
from grader.views.export.moodle import moodle
from grader.views.export.nbgrader import nbgrader
from grader.views.export.pages import pages
from grader.views.export.request import Export, ExportFile, Request

__all__ = ["FORMATS", "Export", "ExportFile", "Format", "Request"]


class Format(NamedTuple):
    """A format: the function that writes it, the name of its file or folder, one line for the help.

    `fills_table` is True if it fills the platform's own export.
    """

    write: Callable[[Request], Export]
    target: str
    help: str
    fills_table: bool = False

    @property
    def is_file(self) -> bool:
        """Return True if it is one file, False for a folder."""
        return "." in self.target


FORMATS: Final[Mapping[str, Format]] = {
    "canvas": Format(canvas, "canvas.csv", "gradebook to import in Canvas", fills_table=True),
    "moodle": Format(
        moodle, "moodle", "grading worksheet and feedback files for Moodle", fills_table=True
    ),
    "gradescope": Format(gradescope, "gradescope", "results.json for each submission"),
    "coursera": Format(coursera, "coursera", "feedback.json for each part of each submission"),
    "nbgrader": Format(nbgrader, "nbgrader.csv", "table with the columns of nbgrader's export"),
    "junit": Format(junit, "junit.xml", "test report in XML"),
    "github": Format(github, "summary.md", "annotations on standard output, and a job summary"),
    "classroom": Format(classroom, "classroom", "result of GitHub Classroom for each submission"),
    "pages": Format(pages, "pages", "page of each student, named after the student"),
}
