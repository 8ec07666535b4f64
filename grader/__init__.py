"""Grade notebook assignments: run the code in a sandbox, judge its values outside, explain what is wrong.

The packages, from the command line down. Each imports only packages below it.

==============  ====================================================================================
pytest_plugin   the options of pytest with which it grades notebooks
cli             commands and options; the only one that exits the grader or reads its environment
handout         the folder for students, with `check` in the notebook; Gradescope's autograder
batch           a class: executor, workers, the journal (SQLite), the folder of results
verify          prove an assignment: its claims, known mistakes, mutants
grading         grade(): the stages in order, from the bytes of a file to a result
notebook_run    with --run-all: the plan of a run, its trainings, the executed notebook
diagnosis       WHY values are wrong: errors, values, known mistakes, repair, the line at fault
assignments     find and load an assignment, or make one (new/); the reference (oracle); known mistakes
judging         IS it right: compare values, checks, follow-through, points (rubric)
sandbox         run code: launch, fork server, whole notebooks, attack suite; box/ is inside the sandbox
notebook        bytes → cells → the statements that a function needs (slicing/)
intake          paths and downloads of learning platforms → submissions
views           result → html/, terminal/, tables (JSON, CSV), export/ (the files of platforms)
model           the nouns: submission, notebook, assignment, test case, observation, result
messages        translatable sentences, catalogues, sanitising
files           write files atomically
errors          the exception tree, with the exit status of each class
version         the version of the grader
==============  ====================================================================================

The path of a submission: `intake` → `grading` (`notebook` → `sandbox` → `judging` → `diagnosis`)
→ `model.result.Result` → `views`.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.assignments import load as load_assignment
    from grader.errors import GraderError
    from grader.grading import Settings, grade
    from grader.handout.release import check
    from grader.model.result import Result
    from grader.model.submission import Submission
    from grader.version import VERSION as __version__
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

_DEFINITIONS = {
    "GraderError": "grader.errors:GraderError",
    "Result": "grader.model.result:Result",
    "Settings": "grader.grading:Settings",
    "Submission": "grader.model.submission:Submission",
    "__version__": "grader.version:VERSION",
    "check": "grader.handout.release:check",
    "grade": "grader.grading:grade",
    "load_assignment": "grader.assignments:load",
    "to_json": "grader.views.tables:to_json",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is used first, so that `grader --help` does not import NumPy."""
    if name not in _DEFINITIONS:
        raise AttributeError(f"module 'grader' has no attribute {name!r}")
    module, _, attribute = _DEFINITIONS[name].partition(":")
    return getattr(importlib.import_module(module), attribute)
