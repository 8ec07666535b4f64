"""The examples in docstrings show what the functions return."""

import doctest
import importlib
import re

import pytest

from tests import ROOT

FOLDERS = ("grader", "reference", "testcases")
EXAMPLE = re.compile(r"^ +>>> ", re.MULTILINE)


def modules_with_examples() -> list[str]:
    paths = (path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")))
    examples = (path for path in paths if EXAMPLE.search(path.read_text("utf-8")))
    names = (path.relative_to(ROOT).with_suffix("").parts for path in examples)
    return [".".join(name).removesuffix(".__init__") for name in names]


@pytest.mark.parametrize("module", modules_with_examples())
def test_docstring_examples(module):
    failed, tried = doctest.testmod(importlib.import_module(module))
    assert tried > 0 and failed == 0
