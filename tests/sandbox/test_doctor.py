"""The doctor's checks pass on a machine whose sandbox works."""

from __future__ import annotations

import re

from grader.model import Tier
from grader.sandbox import doctor
from tests.support.doctor_claims import ATTACKS, BEHAVIOUR, FIRST, MEANS


def test_everything_that_must_hold_does_where_a_box_can_be_had(tier: Tier) -> None:
    proofs = doctor.examine()
    assert {p.name: p.detail for p in proofs if p.required and not p.holds} == {}
    assert all(proof.detail for proof in proofs)
    second = [] if tier == Tier.FULL else ["it is the full one"]
    assert [proof.name for proof in proofs] == [*FIRST, *second, *ATTACKS, *BEHAVIOUR]
    assert [proof.name for proof in proofs if not proof.required] == MEANS + second
    found = proofs[len(FIRST) - 1].detail
    assert re.fullmatch(rf"the {tier} one, tried in \d+\.\d\d s", found)
