"""The JSON Schema of the result object, made from the types of `grader.model.result`.

`python -m tests.support.result_schema` writes docs/reference/result.schema.json; with `--check` it
only compares.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from typing import Any, get_type_hints

import msgspec

from grader.messages import Text
from grader.model.findings import CheckResult, Diagnosis, Finding, Grid
from grader.model.result import Adjustment, FunctionResult, FunctionSource, LatePenalty, Result
from grader.model.run_report import CellReport, ComparedMeasure, Plane, RunReport, TrainingReport
from tests import ROOT

FILE = ROOT / "docs" / "reference" / "result.schema.json"
TYPES = (
    *(
        Result,
        FunctionResult,
        CheckResult,
        Finding,
        Grid,
        Diagnosis,
        FunctionSource,
        LatePenalty,
        Adjustment,
    ),
    *(RunReport, CellReport, TrainingReport, ComparedMeasure, Plane),
)
MESSAGE = {
    "title": "Message",
    "description": "The English template of a text, and its values, which may be messages.",
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "values": {
            "type": "object",
            "additionalProperties": {
                "anyOf": [{"type": ["string", "integer"]}, {"$ref": "#/$defs/Message"}]
            },
        },
        "plural": {"type": "string"},
    },
    "required": ["id", "values"],
}
_MESSAGE = {"$ref": "#/$defs/Message"}
_MESSAGES = {"type": "array", "items": {"anyOf": [_MESSAGE, {"type": "null"}]}}


def schema() -> dict[str, Any]:
    """Return the schema: the fields that are in the JSON, and a source beside each text."""
    _, definitions = msgspec.json.schema_components(TYPES, ref_template="#/$defs/{name}")
    for kind in TYPES:
        definition = definitions[kind.__name__]
        definition["properties"] = _properties(kind, definition["properties"])
        definition["required"] = [
            name for name in definition["properties"] if not name.endswith("_source")
        ]
    text = {"type": "string"}
    result, diagnosis = definitions["Result"], definitions["Diagnosis"]
    result["properties"]["language"] = text | {"description": "Language of the texts (BCP 47)."}
    diagnosis["properties"] |= {
        "message": text | {"description": "`what` and `next`."},
        "values": {"type": "object", "additionalProperties": {"type": ["string", "integer"]}},
    }
    result["required"].append("language")
    diagnosis["required"] += ["message", "values"]
    definitions = {name: definitions[name] for name in sorted(definitions) if name != "Failure"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": "#/$defs/Result",
        "$defs": definitions | {"Message": MESSAGE},
    }


def _properties(kind: type[Any], properties: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    plain: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        if field.compare:
            plain[field.name] = properties[field.name]
            plain[field.name].pop("default", None)
            if hints[field.name] in (Text, tuple[Text, ...]):
                plain[f"{field.name}_source"] = _MESSAGE if hints[field.name] == Text else _MESSAGES
    return plain


def main() -> int:
    """Write the schema or, with --check, compare it; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.result_schema", description=__doc__
    )
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 on a difference")
    check = parser.parse_args().check
    text = json.dumps(schema(), indent=1) + "\n"
    if not check:
        FILE.write_text(text, "utf-8")
    elif not FILE.exists() or FILE.read_text("utf-8") != text:
        sys.stderr.write(f"{FILE.relative_to(ROOT)} is out of date: run python3 dev.py tidy\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
