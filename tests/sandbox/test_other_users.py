"""A box also works for an ordinary user, and for root with packages that every user may read."""

from __future__ import annotations

import json

import pytest

from grader.model import Tier
from tests import ROOT
from tests.sandbox.other_user import OTHER_UID, as_other_user

SCRIPT = """
import json, os, sys
from grader import sandbox
from grader.errors import BoxError
from grader.model import Call, Cell, Limits, Tier
from grader.model.submission import Program

tier, hidden = Tier(sys.argv[1]), sys.argv[2]

def program(source):
    return Program("f", (Cell(1, source),), (Call((), 1),))

read = '''
def readable(path):
    try:
        open(path).close()
        return True
    except OSError:
        return False
def f():
    return [readable(p) for p in (%r, '/etc/passwd')]
''' % hidden
programs = [
    program("import os\\ndef f():\\n    return os.kill(-1, 9)\\n"),
    program("import os\\ndef f():\\n    return os.kill(os.getppid(), 9)\\n"),
    program(read),
    program("import os, time\\ndef f():\\n    [os.fork() or time.sleep(60) for _ in range(500)]\\n"),
    program("def f():\\n    while True:\\n        pass\\n"),
    program("import os\\ndef f():\\n    return os.getuid()\\n"),
]
try:
    limits = Limits(function_seconds=1.0, memory_bytes=512 << 20)
    observations = sandbox.run(programs, sandbox.BoxContents((), ("numpy",)), limits, tier=tier)
    broken = [o.claim for o in sandbox.attack(tier) if not o.holds]
except BoxError as error:
    sys.exit(json.dumps({"skip": str(error)}))
print(json.dumps({"uid": os.getuid(), "broken": broken, "ends": [
    [str(o.ending), str(getattr(o.outcomes[0], "value", "raised")) if o.outcomes else ""]
    for o in observations
]}))
"""


@pytest.mark.parametrize("tier", [Tier.FULL, Tier.LIGHT])
@pytest.mark.parametrize("user", [OTHER_UID, 0])
def test_box_works_for_other_users(tier: Tier, user: int, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(tier)
    process = as_other_user("-c", SCRIPT, tier, ROOT / "pyproject.toml", user=user)
    if tier == Tier.FULL and process.stderr.startswith('{"skip"'):
        pytest.skip(f"that user has no sandbox here: {json.loads(process.stderr)['skip']}")
    assert process.returncode == 0, process.stderr
    report = json.loads(process.stdout)
    assert (report["uid"], report["broken"]) == (user, [])
    ends = report["ends"]
    assert [end for end, _ in ends] == ["finished"] * 4 + ["timeout", "finished"]
    assert ends[2] == ["finished", "[False, False]"]
    inside = int(ends[5][1])
    if user == 0:
        assert inside not in (0, OTHER_UID)
    else:
        assert inside == (1000 if tier == Tier.FULL else OTHER_UID)
