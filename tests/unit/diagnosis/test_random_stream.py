"""The numbers that a mask is compared with are drawn once for a class, and never changed."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from tests.support.diagnosing import FORWARD, function_run, reference

masks = importlib.import_module("testcases.regularization_diagnosis.forward_masks")


@pytest.mark.parametrize(("size", "is_kept"), [((3, 5), True), ((300, 500), False)])
def test_small_draws_are_kept_for_the_class(size: tuple[int, int], *, is_kept: bool) -> None:
    row = function_run(FORWARD, reference().forward_propagation_with_dropout).intermediates.rows[0]
    draws = [masks._after(("random_sample", "X"))(row, size) for _ in range(2)]

    assert (draws[0] is draws[1]) == is_kept
    assert not draws[0].flags.writeable
    random = np.random.RandomState(masks.SEED)
    random.random_sample(row["X"].shape)
    np.testing.assert_array_equal(draws[1], random.random_sample(size))
