"""What a box sends is checked before it is recorded."""

from __future__ import annotations

import pytest

from grader.model import Opaque, Raised
from grader.sandbox import channel


@pytest.mark.parametrize("name", ["ValueError", "LinAlgError2024", "Größe"])
def test_names_are_kept(name: str) -> None:
    error = {"kind": name, "message": "", "missing_name": name}

    assert channel.parse_raised(error) == Raised(name, "", missing_name=name)
    assert channel.opaque(name) == Opaque(name)


@pytest.mark.parametrize("name", ["E34168105915549374", "E[[0.34, 0.17]]", "a" * 200])
def test_names_that_could_carry_data_are_left_out(name: str) -> None:
    """Student code chooses the names of its types; a message would show the inputs of hidden cases."""
    error = {"kind": name, "message": "", "missing_name": name}

    assert channel.parse_raised(error) == Raised("Exception", "")
    assert channel.opaque(name) == Opaque("object")


def test_shape_of_an_array_is_kept() -> None:
    text = "ndarray of uint8 with shape (3000, 3000)"

    assert channel.opaque(text) == Opaque(text)
