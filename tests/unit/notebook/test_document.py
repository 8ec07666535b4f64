"""Any bytes are read as a notebook, or refused with a sentence that names the next step."""

from __future__ import annotations

import json
import warnings
import zipfile
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import GraderError
from grader.model import Notebook
from grader.notebook import MAX_CELLS, NotANotebook, document, read

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
OWN_FILE = "submit the .ipynb file you worked in."
REPAIRED = "The file was not valid JSON (extra commas, comments or quotes) and was repaired."


def code(source: object = "x = 1", **more: object) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": source,
        **more,
    }


def tree(*cells: object, **more: object) -> dict[str, Any]:
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **more}


def dump(*cells: object, **more: object) -> bytes:
    return json.dumps(tree(*cells, **more)).encode()


def sources(notebook: Notebook) -> list[str]:
    return [cell.source for cell in notebook.cells]


def refusal(data: bytes) -> str:
    with pytest.raises(NotANotebook) as caught:
        read(data)
    return str(caught.value)


def zipped(name: str) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "x")
    return file.getvalue()


# ------------------------------------------------------------------ sound notebooks


def test_code_cells_are_numbered_from_one() -> None:
    """Empty cells count."""
    text = {"cell_type": "markdown", "metadata": {}, "source": "# def f(): pass"}
    raw = {"cell_type": "raw", "metadata": {}, "source": "def g(): pass"}

    notebook = read(dump(text, code("a = 1"), raw, code(""), code(["b = 2\n", "c = 3"])))

    assert [(cell.number, cell.source) for cell in notebook.cells] == [
        (1, "a = 1"),
        (2, ""),
        (3, "b = 2\nc = 3"),
    ]
    assert notebook.notes == ()


def test_line_ends_become_plain_newlines() -> None:
    assert sources(read(dump(code("a\r\nb\rc\n")))) == ["a\nb\nc\n"]


def test_outputs_and_metadata_may_be_anything() -> None:
    cells = [code(outputs=7, execution_count="x", metadata=[1], id=None), code(id="a"), code()]

    notebook = read(dump(*cells, metadata={"widgets": [1], "kernelspec": 3}))

    assert sources(notebook) == ["x = 1"] * 3
    assert notebook.notes == ()


def test_large_outputs_and_long_numbers_are_ignored() -> None:
    outputs = ["A" * (32 << 20), int("9" * 4000), 1e308]
    data = dump(code(outputs=outputs)).replace(b"9" * 4000, b"9" * 5000)

    assert sources(read(data)) == ["x = 1"]


def test_reading_is_repeatable_without_warnings() -> None:
    data = dump(code(id="same"), code(id="same"), {"cell_type": "code", "source": "no id"})

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read(data) == read(data)


def test_last_of_two_equal_keys_counts() -> None:
    """As in Jupyter."""
    data = dump(code()).replace(b'"source": "x = 1"', b'"source": "x = 1", "source": "x = 2"')

    assert sources(read(data)) == ["x = 2"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_every_encoding_of_unicode_is_read(encoding: str) -> None:
    data = json.dumps(tree(code("λ = 'é🙂'")), ensure_ascii=False).encode(encoding)

    assert read(data).notes == ()
    assert sources(read(data)) == ["λ = 'é🙂'"]


@pytest.mark.parametrize("padding", [b"\0" * 4096, b"\r\n \0", b"\n\n"])
def test_trailing_blanks_and_nuls_are_ignored(padding: bytes) -> None:
    assert sources(read(dump(code()) + padding)) == ["x = 1"]


# ------------------------------------------------------------------ repairs, each with its note


@pytest.mark.parametrize(
    ("before", "after", "note"),
    [
        pytest.param(b'"x = 1"', b'"x = 1",', REPAIRED, id="trailing comma"),
        pytest.param(b'"nbformat": 4', b'/* four */ "nbformat": 4', REPAIRED, id="comment"),
        pytest.param(b'{"nbformat"', b'// mine\n{"nbformat"', REPAIRED, id="comment on top"),
        pytest.param(b'"x = 1"', b"'x = 1'", REPAIRED, id="single quotes"),
        pytest.param(b'"outputs": []', b'"outputs": [NaN,]', REPAIRED, id="NaN and a comma"),
        pytest.param(
            b'"cell_type": "code"',
            b'"cell_type": "code", "by": "a\tb\nc"',
            "The file had unescaped line breaks or tabs in its text. They were kept.",
            id="raw control characters",
        ),
        pytest.param(
            b'"outputs": []',
            b'"outputs": ["caf\xe9"]',
            "The file was not UTF-8. It was read as Latin-1, so special characters may be wrong.",
            id="Latin-1",
        ),
        pytest.param(
            b'"outputs": []',
            b'"outputs": ["\xce\xbb \xff"]',
            "Some characters of the file were damaged and have been replaced.",
            id="one bad byte",
        ),
        pytest.param(
            b'"nbformat": 4,',
            b'"nbformat": 5,',
            "The format version was missing or wrong. The notebook was read as format 4.",
            id="wrong format number",
        ),
        pytest.param(
            b'"nbformat": 4,',
            b"",
            "The format version was missing or wrong. The notebook was read as format 4.",
            id="no format number",
        ),
        pytest.param(
            b', "cells": [',
            b', "metadata": null, "cells": [',
            "The notebook's metadata was missing. The notebook was read without metadata.",
            id="no metadata",
        ),
        pytest.param(
            b'"cells": [',
            b'"cells": [null, "x", ',
            "An entry that is not a cell was ignored.",
            id="entries that are no cells",
        ),
        pytest.param(
            b'"cell_type": "code"',
            b'"cell_type": "coed"',
            "A cell of unknown type was read as code.",
            id="unknown type with outputs",
        ),
        pytest.param(
            b'"cells": [',
            b'"cells": [{"cell_type": ["code"], "source": "y"}, ',
            "A cell of unknown type was ignored.",
            id="unknown type",
        ),
        pytest.param(
            b'"x = 1"',
            b'["x ", 3, "= 1\\n"]',
            "Parts of a cell that are not text were ignored.",
            id="a number among the lines",
        ),
    ],
)
def test_what_is_plain_is_repaired_and_noted(before: bytes, after: bytes, note: str) -> None:
    data = dump(code())
    assert before in data

    notebook = read(data.replace(before, after, 1))

    assert notebook.notes == (note,)
    assert [source.strip() for source in sources(notebook)] == ["x = 1"]


@pytest.mark.parametrize("source", [None, 3, {"a": 1}])
def test_a_cell_whose_source_is_no_text_is_empty(source: object) -> None:
    notebook = read(dump(code(source), code()))

    assert sources(notebook) == ["", "x = 1"]
    assert notebook.notes == ("A cell without content was read as an empty cell.",)


def test_cell_without_source_is_empty() -> None:
    notebook = read(dump({"cell_type": "code"}))

    assert sources(notebook) == [""]
    assert notebook.notes == ("A cell without content was read as an empty cell.",)


def test_cell_types_are_known_in_any_case() -> None:
    assert sources(read(dump(code(cell_type="Code"), code(cell_type="Markdown")))) == ["x = 1"]


def test_missing_line_breaks_are_added() -> None:
    notebook = read(dump(code(["a = 1", "b = 2"])))

    assert sources(notebook) == ["a = 1\nb = 2"]
    assert notebook.notes == ("The lines of a cell had no line breaks. Line breaks were added.",)


def test_nul_characters_are_removed_from_sources() -> None:
    notebook = read(dump(code("a\0 = 1")))

    assert sources(notebook) == ["a = 1"]
    assert notebook.notes == ("NUL characters were removed from a cell.",)


def test_mark_of_utf_8_at_the_start_of_a_cell_is_removed() -> None:
    assert sources(read(dump(code("\ufeffa = 1")))) == ["a = 1"]


def test_surrogates_are_replaced_or_joined() -> None:
    """A lone one is replaced, a pair is joined."""
    assert sources(read(dump(code(["s = '\ud83d", "\ude00'\n", "t = '\ud800'"])))) == [
        "s = '😀'\nt = '\ufffd'"
    ]


def test_notebook_in_a_json_string_is_extracted() -> None:
    notebook = read(json.dumps(dump(code()).decode()).encode())

    assert sources(notebook) == ["x = 1"]
    assert notebook.notes == ("The notebook was stored inside a JSON string and was extracted.",)


@pytest.mark.parametrize("version", [2, 3])
def test_old_formats_are_upgraded(version: int) -> None:
    cells = [
        {"cell_type": "heading", "level": 1, "source": "Title"},
        {"cell_type": "code", "language": "python", "input": ["a = 1\n", "b"], "outputs": []},
        "no cell",
    ]
    sheets = [{"cells": cells}, {"cells": None}, 3]
    old = {"nbformat": version, "metadata": {"name": ""}, "worksheets": sheets}

    notebook = read(json.dumps(old).encode())

    assert sources(notebook) == ["a = 1\nb"]
    assert notebook.notes == (
        f"The notebook had the old format {version} and was upgraded.",
        "An entry that is not a cell was ignored.",
    )


def test_worksheets_decide_the_format_version() -> None:
    """The declared version may be wrong."""
    data = dump(worksheets=[{"cells": [{"cell_type": "code", "input": "x"}]}])

    assert read(data).notes == (
        "The notebook had the old format 3 and was upgraded.",
        "The format version was missing or wrong. The notebook was read as format 3.",
    )


# ------------------------------------------------------------------ scripts


def test_a_script_without_markers_is_one_cell() -> None:
    notebook = read(b"import numpy as np\r\n\r\ndef f(x):\r\n    return x\r\n")

    assert sources(notebook) == ["import numpy as np\n\ndef f(x):\n    return x"]
    assert notebook.notes == (
        "The file was a Python script. It was read as a notebook with 1 cell.",
    )


@pytest.mark.parametrize(
    "script",
    [
        "#!/usr/bin/env python\n# coding: utf-8\n\n# In[1]:\n\na = 1\n\n# In[ ]:\n\nb = 2\n",
        "# ---\n# jupyter: {}\n# ---\n\n# %%\na = 1\n\n# %% [markdown]\n# # Hi\n\n#%% two\nb = 2",
        "a = 1\n# %%\nb = 2",
    ],
    ids=["nbconvert", "percent", "code before the first marker"],
)
def test_markers_split_a_script_into_cells(script: str) -> None:
    notebook = read(script.encode())

    assert [(cell.number, cell.source.strip()) for cell in notebook.cells] == [
        (1, "a = 1"),
        (2, "b = 2"),
    ]
    assert notebook.notes == (
        "The file was a Python script. It was read as a notebook with 2 cells.",
    )


def test_script_may_have_a_syntax_error() -> None:
    """It may also start with a docstring."""
    assert sources(read(b'"""Mine."""\ndef f(x:\n    return')) == [
        '"""Mine."""\ndef f(x:\n    return'
    ]


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "This file is empty: save your notebook and submit the .ipynb file again."),
        (
            b"\0\0\n ",
            (
                "This file contains only white space: save your notebook and submit the .ipynb file again."
            ),
        ),
        (
            b"%PDF-1.7\n",
            "This file is a PDF, not a notebook: submit the .ipynb file itself, not a printout.",
        ),
        (
            zipped("hw/x.ipynb"),
            (
                "This file is a zip archive, not a notebook: unpack it and submit the .ipynb file"
                " inside."
            ),
        ),
        (zipped("word/document.xml"), f"This file is a Word document, not a notebook: {OWN_FILE}"),
        (zipped("xl/workbook.xml"), f"This file is a spreadsheet, not a notebook: {OWN_FILE}"),
        (
            zipped("application/vnd.oasis.opendocument.text"),
            f"This file is an Office document, not a notebook: {OWN_FILE}",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1",
            f"This file is an Office document, not a notebook: {OWN_FILE}",
        ),
        (
            b"{\\rtf1\\ansi}",
            f"This file is a rich-text document (RTF), not a notebook: {OWN_FILE}",
        ),
        (b"\x89PNG\r\n\x1a\n", f"This file is a picture, not a notebook: {OWN_FILE}"),
        (
            b"\x1f\x8b\x08\0",
            (
                "This file is a compressed archive, not a notebook: unpack it and submit the .ipynb"
                " file inside."
            ),
        ),
        (
            b"version https://git-lfs.github.com/spec/v1\n",
            (
                "This file is a Git LFS pointer, not a notebook: run `git lfs pull` and submit the"
                " .ipynb file."
            ),
        ),
        (
            b"\n<!DOCTYPE html>\n<script>\ndef f(x):\n",
            (
                "This file is a web page (HTML), not a notebook: download the notebook itself and"
                " submit that .ipynb file."
            ),
        ),
        (b"Dear Sir,\nmy dog", f"This file is plain text, not a notebook: {OWN_FILE}"),
        (b'"quoted', f"This file is plain text, not a notebook: {OWN_FILE}"),
        (b"\x7fELF\x02\x01\x01", f"This file is a binary file, not a notebook: {OWN_FILE}"),
        (b"\xfa\x01\xfb", f"This file is a binary file, not a notebook: {OWN_FILE}"),
        (b"\xff\xfe\x00\xd8\x00", f"This file is a binary file, not a notebook: {OWN_FILE}"),
        (b"[1, 2]", f"This file is JSON without a list of cells, not a notebook: {OWN_FILE}"),
        (
            b'{"cells": {"a": 1}, "worksheets": 3}',
            f"This file is JSON without a list of cells, not a notebook: {OWN_FILE}",
        ),
        (
            b"[" * 100_000,
            f"This file is nested too deeply to be a notebook: {OWN_FILE}",
        ),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_other_kinds_of_file_are_refused(data: bytes, message: str) -> None:
    """The sentence names the kind and the next step."""
    assert refusal(data) == message


NO_CODE = (
    "This notebook has no code cells, so there is nothing to grade. "
    "Submit the notebook with your code in cells of type Code."
)


@pytest.mark.parametrize(
    "data",
    [
        dump(),
        dump({"cell_type": "markdown", "source": "def f(): pass"}),
        dump(worksheets=[]),
        b"# %% [markdown]\n# text\n",
    ],
)
def test_a_notebook_without_code_cells_is_refused(data: bytes) -> None:
    assert refusal(data) == NO_CODE


def cut_off(line: int) -> str:
    return (
        f"This notebook is cut off at line {line}, before its JSON ends."
        " Save or download it again, and submit the complete .ipynb file."
    )


@pytest.mark.parametrize("end", ['"x', '"source"', '"metadata"', "nul", "["])
def test_truncated_notebook_is_refused_with_the_line(end: str) -> None:
    text = json.dumps(tree(code()), indent=1)
    part = text[: text.rindex(end) + len(end)]

    assert refusal(b"\n\r\n" + part.encode()) == cut_off(part.count("\n") + 3)


def test_every_truncation_is_refused_as_one() -> None:
    data = json.dumps(tree(code("é" * 9)), ensure_ascii=False).encode()

    assert {refusal(data[:length]) for length in range(1, len(data))} == {cut_off(1)}


@pytest.mark.parametrize("wrong", [b'{\n"cells": [}', b'{}\n{"cells": []}', b"{}\nx"])
def test_broken_json_is_reported_with_its_line(wrong: bytes) -> None:
    line = wrong.count(b"\n") + 1
    assert refusal(wrong) == (
        f"This notebook is damaged: its JSON has an error at line {line}."
        " Restore a working copy, check that it opens in Jupyter, and submit that .ipynb file."
    )


@pytest.mark.parametrize(
    "data",
    [
        b'{"cells": [\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> b\n]}',
        b"import x\n<<<<<<< HEAD\ndef f(): pass\n",
        b'{"cells": [\r\n<<<<<<< HEAD\r\n',
    ],
)
def test_a_merge_conflict_is_not_repaired(data: bytes) -> None:
    assert refusal(data) == (
        "This file contains an unresolved Git merge conflict at line 2. Keep one of the two "
        "versions, check that it opens in Jupyter, and submit that file."
    )


def test_conflict_marker_in_a_cell_is_accepted() -> None:
    assert sources(read(dump(code("<<<<<<< HEAD\nx")))) == ["<<<<<<< HEAD\nx"]


def test_a_file_over_the_size_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MAX_BYTES", 2 << 20)

    assert refusal(b"{" + b" " * (2 << 20)) == (
        "This notebook is larger than 2 MiB: clear its outputs, save it and submit it again."
    )


def test_a_file_of_too_many_values_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MAX_VALUES", 9)

    assert refusal(dump(code(outputs=[[]] * 9))) == (
        "This notebook contains more than 9 nested values: clear its outputs, save it and submit it again."
    )


@pytest.mark.parametrize(
    "data", [dump(*[{}] * (MAX_CELLS + 1)), b"# %%\n" * (MAX_CELLS + 1)], ids=["cells", "markers"]
)
def test_a_notebook_of_too_many_cells_is_refused(data: bytes) -> None:
    assert refusal(data) == (
        "This notebook has more than 5000 cells. Submit a notebook with only the assignment's cells."
    )


def test_a_refusal_is_an_error_for_a_person() -> None:
    assert issubclass(NotANotebook, GraderError)


# ------------------------------------------------------------------ any bytes

KEYS = [
    *("cells", "worksheets", "nbformat", "metadata", "cell_type", "source", "input", "outputs"),
    "code",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(KEYS),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS) | st.text(), inner),
    max_leaves=12,
)
FRAGMENTS = st.sampled_from(
    [b"<<<<<<< x\n", b"\0", b"\xff\xfe", b"'", b"//", b"\ndef f(", b"# %%\n", b"\\u", b"{", b"]"]
)


def read_or_refused(data: bytes) -> None:
    try:
        notebook = read(data)
    except NotANotebook as error:
        assert str(error).endswith(".")
        assert "\n" not in str(error)
    else:
        assert [cell.number for cell in notebook.cells] == list(range(1, len(notebook.cells) + 1))
        for cell in notebook.cells:
            assert "\0" not in cell.source
            assert "\r" not in cell.source
            cell.source.encode()


@UNHURRIED
@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    read_or_refused(data)


@UNHURRIED
@given(JSON)
def test_any_json_is_read_or_refused(value: object) -> None:
    read_or_refused(json.dumps(value).encode())


@UNHURRIED
@given(st.lists(JSON), JSON, st.sampled_from([1, 2, 3, 4, 5, None]))
def test_any_list_of_cells_is_read_or_refused(cells: list[object], value: Any, number: Any) -> None:
    read_or_refused(dump(*cells, nbformat=number))
    read_or_refused(dump(code(value), code(cell_type=value)))
    read_or_refused(dump(nbformat=number, worksheets=[value, {"cells": cells}]))


@UNHURRIED
@given(st.data())
def test_damaged_notebook_is_read_or_refused(data: st.DataObject) -> None:
    notebook = json.dumps(tree(code("λ = 1\n"), code(["a\n", "b"])), indent=1).encode()
    at = data.draw(st.integers(0, len(notebook)))
    upto = data.draw(st.integers(at, min(len(notebook), at + 20)))
    read_or_refused(notebook[:at] + data.draw(FRAGMENTS | st.binary(max_size=4)) + notebook[upto:])


def test_megabytes_of_code_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.notebook.MAX_CODE", 20)
    cell = {"cell_type": "code", "source": "x = 1\n" * 4, "metadata": {}, "outputs": []}
    data = json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell]})

    with pytest.raises(NotANotebook) as caught:
        read(data.encode())

    assert str(caught.value) == (
        "This notebook contains more than 10,000 lines or 20 characters of code. Submit a "
        "notebook with only the assignment's code."
    )
