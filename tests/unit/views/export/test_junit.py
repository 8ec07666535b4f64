"""JUnit's XML, compared with the schema junit-10.xsd of Jenkins' xunit plugin and of pytest."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from grader.model.findings import Diagnosis, FunctionStatus
from grader.model.result import Status
from tests.support import samples
from tests.unit.views.export.students import course, export, same_as_golden, submission

PROBLEMS = ("failure", "error", "skipped")
SUITE = {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "id"}
TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]{0,3})?")
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"properties", "testcase", "testsuite", "system-out", "system-err"},
    "properties": {"property"},
    "testcase": {*PROBLEMS, "system-out", "system-err"},
}
ATTRIBUTES = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, set()),
    "testsuite": (SUITE, {"name", "tests", "failures", "errors"}),
    "property": ({"name", "value"}, {"name", "value"}),
    "testcase": ({"name", "time", "classname", "group"}, {"name"}),
    **dict.fromkeys(PROBLEMS, ({"type", "message"}, set())),
}


def read(data: bytes) -> ET.Element:
    """Parse a report and prove that it follows the schema, with right counts."""
    root = ET.fromstring(data)  # our own file
    assert root.tag == "testsuites"
    for element in root.iter():
        allowed, required = ATTRIBUTES.get(element.tag, (set(), set()))
        assert required <= {*element.attrib} <= allowed, element.tag
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set())
        assert TIME.fullmatch(element.get("time", ""))
    totals: Counter[str] = Counter()
    for suite in root:
        counts = Counter(child.tag for test in suite.iter("testcase") for child in test)
        totals += counts + Counter(tests=len([*suite.iter("testcase")]))
        assert suite.get("tests") == str(len(suite.findall("testcase")))
        assert [suite.get(name) for name in ("failures", "errors", "skipped")] == [
            str(counts[name]) for name in PROBLEMS
        ]
    assert [root.get("tests"), root.get("failures"), root.get("errors")] == [
        str(totals[name]) for name in ("tests", "failure", "error")
    ]
    return root


def suites(*results: Any, **options: Any) -> dict[str, ET.Element]:
    root = read(export("junit", [*results], **options)["junit.xml"])
    return {suite.attrib["name"]: suite for suite in root}


def properties(suite: ET.Element) -> dict[str, str]:
    return {p.attrib["name"]: p.attrib["value"] for p in suite.iter("property")}


def test_the_report_of_a_class_is_as_recorded() -> None:
    data = export("junit", [*course(), samples.rich()])["junit.xml"]

    assert len(read(data)) == len(course()) + 1
    assert same_as_golden("junit.xml", data)


def test_a_suite_has_the_grade_that_counts() -> None:
    found = suites(*course())

    assert [properties(suite)["score"] for suite in found.values()] == [
        *("50", "33.33", "0", "37.5", "", "", "")
    ]
    assert properties(suites(course()[4], zero_missing=True)["s1044"])["score"] == "0"
    assert properties(found["s1044"])["comment"] == "This is a PDF, =not a notebook."


@pytest.mark.parametrize(
    ("status", "tag"),
    [
        (Status.INTERNAL, "error"),
        (Status.INVALID, "failure"),
        (Status.TIMEOUT, "failure"),
        (Status.CRASHED, "failure"),
        (Status.NOT_SUBMITTED, "skipped"),
    ],
)
def test_only_a_failure_of_the_grader_is_an_error(status: Status, tag: str) -> None:
    [suite] = suites(submission(1040, status=status, message="It is so.")).values()
    [problem] = [child for test in suite.iter("testcase") for child in test]

    assert (problem.tag, problem.attrib) == (tag, {"type": str(status), "message": "It is so."})


def test_every_check_is_a_test() -> None:
    [suite] = suites(samples.rich()).values()
    tests = {test.attrib["name"]: [*test] for test in suite.iter("testcase")}

    assert tests["compute_cost: fixed cases"] == []
    [failure] = tests["compute_cost: random cases"]
    assert failure.attrib == {"type": "failed", "message": "What random cases found."}
    assert failure.text == (
        "What random cases found.\n"
        "The penalty misses its `1/2`. Compare the factor before your sum with the formula."
    )
    [skipped] = tests["backward: random cases"]
    assert skipped.tag == "skipped"


def test_a_function_without_checks_is_one_test() -> None:
    [suite] = suites(submission(1042)).values()
    [one, two] = suite.iter("testcase")

    assert (one.attrib["name"], two.attrib["name"]) == ("compute_cost", "forward")
    assert [child.attrib["message"] for child in one] == ["not written yet"]


def test_hostile_text_is_valid_xml() -> None:
    evil = f"{samples.HOSTILE}\ufffe\uffff\x0b]]>"
    failed = samples.function(FunctionStatus.FAILED, evil, diagnoses=(Diagnosis("x", evil),))
    results = [samples.hostile(), samples.stopped(), samples.result(failed, submission=evil)]
    data = export("junit", results)["junit.xml"]

    assert len(read(data)) == 3
    assert not any(character in data.decode() for character in "\x1b\x00\u202e\u2028\ufffe\uffff")
