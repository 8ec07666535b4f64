"""JUnit's XML: a suite for each submission, a test for each check.

The structure is that of the schema junit-10.xsd, in jenkinsci/xunit-plugin and pytest-dev/pytest. A wrong
answer is a `failure`, a check that did not run is `skipped`, and a failure of the grader is an `error`.
GitLab (lib/gitlab/ci/parsers/test/junit.rb) shows the text of these elements, others their `message`: so
the text begins with the message.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple
from xml.etree import ElementTree as ET

from grader.messages import Translator
from grader.messages.sanitize import one_line
from grader.model.findings import CheckResult, CheckStatus
from grader.model.result import FunctionResult, Result, Status
from grader.views import presentation
from grader.views.export.grades import comment, feedback, grade, is_full, number, reason
from grader.views.export.request import Export, ExportFile, Request

_KINDS: Final = {Status.INTERNAL: "error", Status.NOT_SUBMITTED: "skipped"}
_PLURALS: Final = {"failure": "failures", "error": "errors", "skipped": "skipped"}


class _Problem(NamedTuple):
    """The problem of a test: its element, its type, a sentence, and further sentences."""

    kind: str
    type: str
    message: str
    details: tuple[str, ...] = ()


def junit(request: Request) -> Export:
    """Return the XML file."""
    root = ET.Element("testsuites")
    totals: Counter[str] = Counter()
    for result in request.results:
        suite = ET.SubElement(root, "testsuite", name=one_line(result.submission) or "-")
        counts = _fill(suite, result, request)
        totals.update(counts)
        suite.attrib.update({name: str(counts[name]) for name in ("tests", *_PLURALS.values())})
        suite.set("time", f"{result.duration_s:.3f}")
    seconds = sum(result.duration_s for result in request.results)
    root.attrib.update({name: str(totals[name]) for name in ("tests", "failures", "errors")})
    root.set("time", f"{seconds:.3f}")
    ET.indent(root, " ")
    return Export([ExportFile("junit.xml", ET.tostring(root, "utf-8", xml_declaration=True))])


def _fill(suite: ET.Element, result: Result, request: Request) -> Counter[str]:
    """Add properties and tests to a suite; return the numbers of its tests by kind."""
    score = grade(result, zero_missing=request.zero_missing)
    values = {
        "status": str(result.status),
        "score": "" if score is None else number(score),
        "max_score": number(result.max_score),
        "comment": "\n".join(comment(result, request.translator)),
    }
    properties = ET.SubElement(suite, "properties")
    for name, value in values.items():
        ET.SubElement(properties, "property", name=name, value=value)
    counts: Counter[str] = Counter()
    classname = one_line(f"{result.assignment}.{result.submission}")
    for name, problem in _tests(result, request.translator):
        counts["tests"] += 1
        test = ET.SubElement(suite, "testcase", classname=classname, name=one_line(name))
        if problem:
            counts[_PLURALS[problem.kind]] += 1
            element = ET.SubElement(test, problem.kind, type=problem.type, message=problem.message)
            element.text = "\n".join((problem.message, *problem.details))
    return counts


def _tests(result: Result, translator: Translator) -> Iterator[tuple[str, _Problem | None]]:
    """Yield the name of each test and its problem, if there is any."""
    if result.status is not Status.GRADED:
        kind = _KINDS.get(result.status, "failure")
        yield "grading", _Problem(kind, str(result.status), reason(result, translator))
        return
    for function in result.functions:
        for check in function.checks:
            name = f"{function.name}: {translator(check.name)}"
            yield name, _of_check(check, function, translator)
        if not function.checks:
            yield function.name, _of_function(function, translator)


def _of_check(
    check: CheckResult, function: FunctionResult, translator: Translator
) -> _Problem | None:
    if check.status is CheckStatus.PASSED:
        return None
    label = presentation.CHECK_LABELS[check.status]
    message = one_line(translator(check.message or label), limit=1000)
    if check.status is CheckStatus.SKIPPED:
        return _Problem("skipped", str(check.status), message)
    hints = tuple(feedback(function, translator)) if function.diagnoses else ()
    return _Problem("failure", str(check.status), message, hints)


def _of_function(function: FunctionResult, translator: Translator) -> _Problem | None:
    """Return the problem of a function without checks, such as one that the notebook lacks."""
    if is_full(function):
        return None
    label = translator(presentation.FUNCTION_LABELS[function.status])
    details = tuple(feedback(function, translator))
    return _Problem("failure", str(function.status), one_line(label), details)
