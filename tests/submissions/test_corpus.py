"""The labelled submissions are what they say: readable, of every kind, with sound labels."""

import dataclasses
import json
from collections import Counter

import nbformat
import pytest

from tests.submissions import FUNCTIONS, Labelled, corpus, load

SUBMISSIONS = load()
WRITTEN = corpus.read_all()
STATUSES = {"passed", "partial", "failed", "error", "timeout", "missing", "not_attempted"}


def sources(submission: Labelled) -> list[str]:
    """Return the sources of the code cells."""
    cells = json.loads(submission.data)["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def points(one: Labelled) -> tuple[int, int]:
    """Return the least and the most that the statuses allow; a function is worth 25."""
    ranges = {"passed": (25, 25), "partial": (1, 24)}
    found = [[ranges.get(status, (0, 0)) for status in each] for each in one.statuses.values()]
    least = sum(min(low for low, _ in each) for each in found)
    return least, sum(max(high for _, high in each) for each in found)


def find(name: str) -> Labelled:
    """Return the submission of that name."""
    return next(one for one in SUBMISSIONS if one.name == name)


def test_names_are_unique_and_fit_for_a_folder() -> None:
    names = [one.name for one in SUBMISSIONS]
    assert len(set(names)) == len(names)
    assert all(name.replace("-", "").isalnum() and name.isascii() for name in names)


def test_there_are_many_of_every_kind() -> None:
    kinds = Counter(one.name.partition("-")[0] for one in SUBMISSIONS)
    assert {kind for kind, count in kinds.items() if count >= 30} == {
        "right",
        "wrong",
        "error",
        "hostile",
        "malformed",
    }


def test_loading_twice_gives_the_same() -> None:
    assert load.__wrapped__() == SUBMISSIONS


def test_what_is_written_as_cells_becomes_a_valid_notebook() -> None:
    for one in WRITTEN:
        nbformat.validate(nbformat.reads(one.data.decode(), as_version=nbformat.NO_CONVERT))


def test_a_label_speaks_of_every_function_in_known_words() -> None:
    for one in WRITTEN:
        assert tuple(one.statuses) == FUNCTIONS, one.name
        assert set().union(*one.statuses.values()) <= STATUSES, one.name


def test_a_score_agrees_with_the_statuses() -> None:
    for one in SUBMISSIONS:
        if one.score is not None and one.statuses:
            least, most = points(one)
            assert least <= one.score <= most, one.name


def test_hostile_ones_and_no_others_are_marked_hostile() -> None:
    assert all(one.hostile == one.name.startswith("hostile-") for one in SUBMISSIONS)


def test_magics_and_what_does_not_parse_stay_as_they_are_written() -> None:
    assert any(source.startswith("%%time\n") for source in sources(find("right-magics")))
    assert "!pip install --quiet sklearn" in sources(find("right-magics"))[0]
    unclosed = sources(find("error-unclosed-docstring"))
    assert len(unclosed) == len(sources(find("right")))
    assert any(source.count('"""') == 1 for source in unclosed)
    assert any("\n\tm = " in source for source in sources(find("right-tabs")))


def test_cells_stand_in_the_place_of_the_function_they_replace() -> None:
    right, wrong = sources(find("right")), sources(find("wrong-l2-not-halved"))
    differ = [at for at, pair in enumerate(zip(right, wrong, strict=True)) if pair[0] != pair[1]]
    assert len(differ) == 1
    assert "def compute_cost_with_regularization(" in right[differ[0]]


def test_several_mistakes_are_put_into_one_notebook() -> None:
    names = ("wrong-l2-not-halved", "wrong-mask-normal")
    both = dataclasses.replace(find("right"), data=corpus.mixed(*names))
    right, mixed = sources(find("right")), sources(both)
    for name in names:
        (own,) = set(sources(find(name))) - set(right)
        assert own in mixed
    assert len(set(right) - set(mixed)) == 2
    assert len(right) == len(mixed)


def test_a_misspelt_label_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown in a label: diagnosis"):
        corpus.parse("# label: x\n# diagnosis: l2-not-halved\n\n# %%\npass\n")
