"""A result as JSON and back, and a class as CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from grader.messages import gettext, ngettext
from grader.model.findings import FunctionStatus
from grader.model.result import Status
from grader.model.submission import Student
from grader.views.tables import BOM, from_json, to_csv, to_json
from tests.support import result_schema, samples
from tests.support.command_line import raw_characters
from tests.support.languages import CHINESE

RESULTS = {
    "rich": samples.finite(samples.rich()),
    "adjusted": samples.finite(samples.adjusted()),
    "whole": samples.finite(samples.whole()),
    "stopped": samples.stopped(),
    **{str(status): samples.ungraded(status) for status in samples.UNGRADED},
}


STUDENT = ["student", "student_id", "email", "late", "source"]


def parsed(table: str) -> list[list[str]]:
    assert table.startswith(BOM)
    return list(csv.reader(io.StringIO(table.removeprefix(BOM))))


# ------------------------------------------------------------------ JSON


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_read_as_it_was_written(name: str) -> None:
    assert from_json(to_json(RESULTS[name])) == RESULTS[name]


def test_a_translated_result_is_read_in_english() -> None:
    result = replace(
        samples.ungraded(Status.INVALID),
        title=gettext("Regularization"),
        message=gettext("{name} is not written yet.", name="f"),
        notes=("plain", ngettext("{count} test", "{count} tests", 1)),
    )
    text = to_json(result, CHINESE)
    plain = json.loads(text)

    assert plain["language"] == "zh-Hans"
    assert plain["title"] == "正则化"
    assert plain["message"] == "f 还没有写。"
    assert plain["message_source"] == {"id": "{name} is not written yet.", "values": {"name": "f"}}
    assert plain["notes"] == ["plain", "1 个测试"]
    assert plain["notes_source"] == [
        None,
        {"id": "{count} test", "plural": "{count} tests", "values": {"count": 1}},
    ]
    assert from_json(text) == result
    assert to_json(from_json(text), CHINESE) == text


def test_plain_text_has_no_source() -> None:
    assert "_source" not in to_json(samples.ungraded(Status.INVALID))


def test_the_schema_is_up_to_date() -> None:
    assert json.loads(result_schema.FILE.read_text("utf-8")) == result_schema.schema()


@pytest.mark.parametrize("name", RESULTS)
def test_results_follow_the_schema(name: str) -> None:
    schema = Draft202012Validator(result_schema.schema())

    assert [*schema.iter_errors(json.loads(to_json(RESULTS[name], CHINESE)))] == []


def test_the_schema_refuses_other_objects() -> None:
    schema = Draft202012Validator(result_schema.schema())
    plain = json.loads(to_json(RESULTS["rich"]))
    function = plain["functions"][0]

    assert schema.is_valid(plain)
    assert not schema.is_valid(plain | {"status": "passed"})
    assert not schema.is_valid(plain | {"message_source": {"id": "x"}})
    assert not schema.is_valid(plain | {"functions": [{**function, "score": "25"}]})


@given(st.text(), st.text())
@example("half \ud83d", "\x1b[31m\x9b\x7f\u202e\u2028")
def test_json_has_no_control_characters(message: str, note: str) -> None:
    result = replace(RESULTS["stopped"], message=message, notes=(note,))
    text = to_json(result)
    assert raw_characters(text) == []
    text.encode()
    read = json.loads(text)
    expected = [re.sub("[\ud800-\udfff]", "\ufffd", text) for text in (message, note)]
    assert [read["message"], *read["notes"]] == expected


def test_letters_of_all_scripts_stay_legible() -> None:
    text = to_json(replace(RESULTS["stopped"], submission="Zoë-任-Ωμέγα"))
    assert '"submission": "Zoë-任-Ωμέγα"' in text


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json(replace(RESULTS["stopped"], score=float("nan")))


# ------------------------------------------------------------------ CSV


def test_a_row_a_submission_a_column_a_function() -> None:
    right = samples.function(FunctionStatus.PASSED, "forward")
    partly = samples.function(FunctionStatus.PARTIAL, "backward")
    alice = samples.result(right, partly)
    without = tuple(replace(function, score=None) for function in alice.functions)
    bob = replace(samples.ungraded(Status.INTERNAL), submission="bob", functions=without)
    assert parsed(to_csv([alice, bob], ["forward", "backward"])) == [
        ["submission", "score", "max_score", "status", "forward", "backward", *STUDENT],
        ["alice", "37.5", "50.0", "graded", "25.0", "12.5", *[""] * 5],
        ["bob", "", "50.0", "internal", "", "", *[""] * 5],
    ]


def test_no_score_is_an_empty_cell() -> None:
    wrong = samples.function(FunctionStatus.FAILED, "forward")
    unknown = replace(wrong, score=None)
    results = [samples.result(wrong), replace(samples.result(wrong), functions=(unknown,))]
    table = parsed(to_csv(results, ["forward"]))
    assert [row[4] for row in table] == ["forward", "0.0", ""]


def test_the_table_has_no_text_of_a_submission() -> None:
    hostile = samples.HOSTILE
    result = replace(
        samples.rich(),
        message=hostile,
        notes=(hostile,),
        title=hostile,
    )
    names = [function.name for function in result.functions]
    table = to_csv([result], names)
    assert table == to_csv([samples.rich()], names)
    assert raw_characters(table.removeprefix(BOM)) == []
    assert not any(cell[:1] in tuple("=+-@") for row in parsed(table) for cell in row if cell)


def test_the_table_names_students_and_late_submissions() -> None:
    ada = replace(
        samples.stopped(),
        student=Student("1040", "Ada Lovelace", "ada@example.org"),
        late=True,
        source="class.zip/Ada_1040/work.ipynb",
    )
    in_time = replace(samples.stopped(), late=False)
    table = parsed(to_csv([ada, in_time], []))

    assert table[1][4:] == [
        *("Ada Lovelace", "1040", "ada@example.org", "true", "class.zip/Ada_1040/work.ipynb"),
    ]
    assert table[2][4:] == ["", "", "", "false", ""]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@a", "\uff1d1", "'=1", "\t=1", "\n=1"])
def test_a_name_is_never_a_formula(name: str) -> None:
    result = replace(samples.stopped(), student=Student(name, name, name), source=name)
    cells = parsed(to_csv([result], []))[1]

    assert [cells[i] for i in (4, 5, 6, 8)] == ["'" + name.strip()] * 4
