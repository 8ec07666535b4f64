"""Groups with the same file and with the same code, and what is left out of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.model.findings import FunctionStatus
from grader.model.result import Status
from grader.model.summary import ResultSummary, summaries
from grader.views.html.class_page import class_page
from grader.views.html.same_code import CodeMatch, same_code, same_file
from tests.support import samples
from tests.support.html_reader import read
from tests.support.languages import CHINESE

PASSED, FAILED, EMPTY = (
    *(FunctionStatus.PASSED, FunctionStatus.FAILED, FunctionStatus.NOT_ATTEMPTED),
)


def row(
    name: str,
    *codes: str,
    status: FunctionStatus = PASSED,
    sha256: str | None = None,
    source: str = "",
) -> ResultSummary:
    """Return a submission with two functions of this code."""
    functions = [
        samples.function(status, function, code=code)
        for function, code in zip(("forward", "backward"), codes or ("", ""), strict=True)
    ]
    result = samples.result(*functions, submission=name, sha256=sha256 or name * 10, source=source)
    return summaries([result])[0]


def test_same_bytes_are_a_group() -> None:
    rows = [row("a", sha256="x"), row("b", sha256="y"), row("c", sha256="x")]
    assert same_file(rows) == [CodeMatch((), (0, 2))]


def test_untouched_templates_are_no_group() -> None:
    assert same_file([row(name, sha256="x", status=EMPTY) for name in "ab"]) == []


def test_files_without_a_digest_are_no_group() -> None:
    assert same_file([replace(row(name), sha256=None) for name in "ab"]) == []


@pytest.mark.parametrize("find", [same_file, same_code])
def test_a_team_is_no_group(find: object) -> None:
    """Its members share one source."""
    rows = [row(name, "1", "2", sha256=f"x{name}", source="team/work.ipynb") for name in "ab"]
    assert callable(find) and find(rows) == []
    assert same_file([replace(each, sha256="x") for each in rows]) == []


def test_same_code_in_two_functions_is_a_group() -> None:
    rows = [row("a", "1", "2"), row("b", "1", "2"), row("c", "3", "2"), row("d", "4", "5")]
    assert same_code(rows) == [CodeMatch(("forward", "backward"), (0, 1))]


def test_one_wrong_function_is_enough() -> None:
    rows = [row(name, "1", name, status=FAILED) for name in "ab"]
    assert same_code(rows) == [CodeMatch(("forward",), (0, 1))]
    assert same_code([row(name, "1", name) for name in "ab"]) == []


def test_code_that_many_share_is_left_out() -> None:
    few = [row(f"s{i}", "1", "2") for i in range(3)]
    many = [row(f"m{i}", "3", "4") for i in range(4)]
    assert same_code([*few, *many]) == [CodeMatch(("forward", "backward"), (0, 1, 2))]
    assert len(same_code([*many, *(row(f"o{i}", f"{i}", f"-{i}") for i in range(16))])) == 1


def test_the_same_file_is_not_the_same_code_again() -> None:
    rows = [row(name, "1", "2", sha256="x") for name in "ab"]
    assert same_code(rows) == []
    third = row("c", "1", "2", sha256="y")
    assert same_code([*rows, third]) == [CodeMatch(("forward", "backward"), (0, 1, 2))]


def test_unwritten_and_ungraded_code_does_not_count() -> None:
    assert same_code([row(name, "1", "2", status=EMPTY) for name in "ab"]) == []
    rows = [replace(row(name, "1", "2"), status=Status.TIMEOUT) for name in "ab"]
    assert same_code(rows) == []


def test_the_page_lists_the_groups() -> None:
    rows = [
        row("ann", "1", "2"),
        row("ben", "1", "2"),
        row("cy", sha256="x"),
        row("dee", sha256="x"),
    ]
    text = " ".join(read(class_page(rows)).text.split())
    assert "This is a reason to look, not a proof: students learn from the same examples" in text
    assert "the whole file 2 cy, dee" in text
    assert "forward, backward 2 ann, ben" in text
    assert "文件相同、代码相同" in read(class_page(rows, CHINESE)).text


def test_the_page_says_that_there_are_none() -> None:
    text = read(class_page([row("ann", "1", "2")])).text
    assert "No two submissions have the same file or the same unusual code." in text
