"""A record behaves like a frozen dataclass with slots, apart from the error of an assignment."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import dataclass, field
from typing import Any

import pytest

from grader.model.record import record


@record
class Own:
    """A record with every kind of field."""

    name: str
    parts: tuple[int, ...] = ()
    items: list[int] = field(default_factory=list, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Model:
    """The same as a dataclass."""

    name: str
    parts: tuple[int, ...] = ()
    items: list[int] = field(default_factory=list, repr=False, compare=False)


@record
class Empty:
    """A record without fields."""


@pytest.mark.parametrize("cls", [Own, Model])
def test_record_is_like_a_dataclass(cls: Any) -> None:
    one, two = cls("a", (1,), [1]), cls("a", (1,), [2])

    assert one == two
    assert hash(one) == hash(two)
    assert {one, two, cls("b")} == {one, cls("b")}
    assert one != cls("a", (2,))
    assert one != ("a", (1,))
    assert repr(one) == f"{cls.__name__}(name='a', parts=(1,))"
    assert dataclasses.replace(one, name="b") == cls("b", (1,))
    assert dataclasses.astuple(two) == ("a", (1,), [2])
    assert cls("a").items is not cls("a").items
    assert pickle.loads(pickle.dumps(one)) == copy.deepcopy(one) == one
    with pytest.raises((AttributeError, TypeError)):  # Python 3.11 raises either
        one.other = 1
    match one:
        case cls(name, parts):
            assert (name, parts) == ("a", (1,))


def test_record_without_fields() -> None:
    assert Empty() == Empty()
    assert (repr(Empty()), hash(Empty())) == ("Empty()", hash(()))
