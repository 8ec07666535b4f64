"""Results to draw pages of; together they make the pages show every part."""

from __future__ import annotations

import math
from dataclasses import replace
from hashlib import sha256
from itertools import combinations, cycle
from typing import Any, Final

from grader.model.findings import CheckResult, CheckStatus, Diagnosis, Finding, FunctionStatus, Grid
from grader.model.proofs import (
    Claim,
    Detection,
    KillMatrix,
    MatrixCase,
    MistakePair,
    MistakeRow,
    PairMatrix,
    Recognition,
    Verification,
)
from grader.model.result import (
    Adjustment,
    AdjustmentKind,
    Environment,
    FunctionResult,
    FunctionSource,
    Result,
    Status,
    UngradedState,
)
from grader.model.run_report import CellReport, ComparedMeasure, Plane, RunReport, TrainingReport
from grader.model.scoring import Policy, counted
from grader.model.submission import Other, Student
from grader.model.summary import summaries
from grader.views.html import WeekClass

HOSTILE = (
    "<script>alert(1)</script>{{7*7}}{% raw %}{#x#}\x1b[31m\u202egnp.exe\x00\ud800'\"&`>\r\n\u2028"
    + "W" * 200
)

UNGRADED: Final = (Status.INVALID, Status.TIMEOUT, Status.CRASHED, Status.INTERNAL)
"""The statuses of submissions that have a page but were not graded."""

HIDDEN = Finding(
    case="random-1",
    about="3 hidden units, 7 examples",
    public=False,
    quantity="cost",
    message="the value is too large",
    mismatched=1,
    total=1,
    max_abs=0.23441,
    max_rel=0.3333333,
)

CASE = replace(
    HIDDEN, quantity="", message="What fixed cases found.", total=0, max_abs=None, max_rel=None
)

PUBLIC = Finding(
    case="fixed",
    about="the figures of the course, `lambd` 0.1",
    public=True,
    quantity="dW1",
    message="12 of 60 values differ",
    index="[2, 0]",
    got="-0.25604646",
    expected="0.12298827",
    mismatched=12,
    total=60,
    max_abs=0.379034,
    max_rel=float("inf"),
)

HEAT = replace(
    PUBLIC, grid=Grid((2, 3), ("090", "000"), ("1 2.5 3", "4 5 nan"), ("1 2 3", "4 5 nan"))
)
BITS = replace(PUBLIC, quantity="D1", grid=Grid((3,), ("099",), ("1 0 1",), ("1 1 0",)))
LARGE = replace(PUBLIC, quantity="W1", grid=Grid((40, 60), ("1" * 24, "09" * 12)))

SNIPPET: Final = ("X, cache = backward_test_case()", "print(backward(X, cache) < 3)")

FORMULA: Final = (
    "<math><mi>J</mi><mo>=</mo><mfrac><mi>λ</mi><mrow><mn>2</mn><mi>m</mi></mrow></mfrac>"
    "<msup><mi>W</mi><mn>2</mn></msup></math>"
)

SOURCE: Final = FunctionSource(
    first=3,
    lines=(
        "def compute_cost(A3, Y, lambd):",
        '    """Return the cost."""',
        "    m = Y.shape[1]",
        "    # the penalty",
        "    W1 = A3",
        "    penalty = lambd / m * (W1 ** 2).sum()",
        "    cost = A3.mean() + penalty",
        "",
        "",
        "    return cost  # that is all",
    ),
    marked=(8,),
)

_NO_SIZE: Final[dict[str, Any]] = {"total": 0, "max_abs": None, "max_rel": None}


def check(status: CheckStatus, name: str = "fixed cases", **changes: Any) -> CheckResult:
    """Return a check worth 10 points, won if it passed."""
    score = 10.0 if status is CheckStatus.PASSED else 0.0
    plain = CheckResult(name, status, f"What {name} found.", score, 10.0)
    return replace(plain, **changes)


def function(status: FunctionStatus, name: str = "cost", **changes: Any) -> FunctionResult:
    """Return a function worth 25 points with nothing to say but its status."""
    score = {FunctionStatus.PASSED: 25.0, FunctionStatus.PARTIAL: 12.5}.get(status, 0.0)
    return replace(FunctionResult(name, status, score, 25.0), **changes)


def result(*functions: FunctionResult, **changes: Any) -> Result:
    """Return a graded result of `functions`."""
    plain = Result(
        assignment="regularization",
        submission="alice",
        sha256="3f" * 32,
        status=Status.GRADED,
        score=sum(f.score or 0.0 for f in functions),
        max_score=sum(f.max_score for f in functions),
        functions=functions,
        seed=20240917,
        sandbox="full",
        title="Regularization",
    )
    return replace(plain, **changes)


def rich() -> Result:
    """Return a result in which much is said about two functions, and a third is right."""
    hinted = function(
        FunctionStatus.PARTIAL,
        "compute_cost",
        cell=12,
        begins="# GRADED FUNCTION: compute_cost",
        line=3,
        checks=(
            check(CheckStatus.PASSED),
            check(
                *(CheckStatus.FAILED, "random cases"),
                findings=(HIDDEN,) * 4,
                steps=SNIPPET,
                max_score=1.0,
            ),
        ),
        diagnoses=(
            Diagnosis(
                "l2-not-halved",
                "The penalty misses its `1/2`.",
                "Without it, the gradient has an extra factor of 2.",
                "Compare the factor before your sum with the formula.",
            ),
        ),
        source=SOURCE,
        formula=FORMULA,
    )
    wrong = function(
        FunctionStatus.FAILED,
        "backward",
        cell=14,
        begins="def backward(X, cache):",
        checks=(
            check(CheckStatus.FAILED, "gradients", findings=(PUBLIC,) * 7, steps=SNIPPET),
            check(CheckStatus.FAILED, "both kinds", findings=(PUBLIC, *(HIDDEN,) * 3)),
            check(CheckStatus.FAILED, "where", findings=(HEAT, BITS, LARGE)),
            check(CheckStatus.FAILED, "a key", findings=(replace(PUBLIC, got="", **_NO_SIZE),)),
            check(CheckStatus.FAILED, "a shape", findings=(replace(HIDDEN, **_NO_SIZE),)),
            check(CheckStatus.SKIPPED, "random cases"),
        ),
        diagnoses=tuple(map(Diagnosis, ("a", "b", "c"), ("One.", "Two.", "Three."))),
        source=FunctionSource(21, ("def backward(X, cache):", "    return X, cache"), (21, 22, 22)),
    )
    right = function(
        FunctionStatus.PASSED,
        "forward",
        checks=(check(CheckStatus.PASSED), check(CheckStatus.PASSED, "random cases")),
    )
    notes = ("The notebook was upgraded from format 3.", "`np.float` was supplied.")
    ungraded = UngradedState("backward", "planted", "Two bugs are left. You need not correct them.")
    return result(hinted, wrong, right, notes=notes, ungraded=(ungraded,))


def adjusted(text: str = "a typing error") -> Result:
    """Return a late result that a person changed in every way, of which one function was dropped."""
    at, by = "2026-11-10T09:00:00+01:00", "Ada"
    changes = (
        Adjustment(AdjustmentKind.POINTS, text, by, at, "backward", 20.0),
        Adjustment(AdjustmentKind.DUE, "was ill", by, at, due="2026-11-08T20:00:00+01:00"),
        Adjustment(AdjustmentKind.COMMENT, text, by, at),
    )
    others = (
        Other("class.zip/ada/draft.ipynb", "It defines fewer graded functions.", 12.5),
        Other("class.zip/ada/1/work.ipynb", "an earlier attempt"),
    )
    raw = replace(
        rich(),
        source="class.zip/ada/work.ipynb",
        student=Student("1040", "Ada Lovelace"),
        submitted_at="2026-11-09T12:00:00+01:00",
        others=others,
        graded_at="2026-11-10T08:00:00+01:00",
    )
    policy = Policy(("forward",), "2026-11-01T20:00:00+01:00", "10%/day")
    return counted(raw, policy, changes)


def stopped() -> Result:
    """Return a result with a function in each state that is no wrong value."""
    return result(
        function(
            *(FunctionStatus.ERROR, "one"),
            checks=(check(CheckStatus.ERROR, findings=(CASE,)), check(CheckStatus.SKIPPED)),
            source=FunctionSource(7, ("one = lambda: 1 / 0",), ()),
        ),
        function(FunctionStatus.TIMEOUT, "two", checks=(check(CheckStatus.TIMEOUT),)),
        function(FunctionStatus.MISSING, "three"),
        function(FunctionStatus.NOT_ATTEMPTED, "four", checks=(check(CheckStatus.SKIPPED),) * 2),
    )


def ungraded(status: Status, **changes: Any) -> Result:
    """Return a result of which no function could be run."""
    score = None if status is Status.INTERNAL else 0.0
    functions = (function(FunctionStatus.MISSING, name) for name in ("compute_cost", "forward"))
    nothing = result(*functions, submission=f"{status}-one")
    found: dict[str, Any] = {"status": status, "score": score, "message": f"Found: {status}."}
    return replace(nothing, **{**found, **changes})


def hostile() -> Result:
    """Return a result with something nasty wherever there is text."""
    shown = ("case", "about", "quantity", "message", "index", "got", "expected")
    word = "".join(HOSTILE.split())
    grid = Grid((1, 2), ("90",), (f"{word} 1",), (f"1 {word}",))
    finding = replace(PUBLIC, grid=grid, **_everywhere(*shown))
    shown_in = (HOSTILE, HOSTILE)
    failed = check(
        CheckStatus.FAILED, HOSTILE, message=HOSTILE, findings=(finding,) * 7, steps=shown_in
    )
    wrong_function = function(
        FunctionStatus.FAILED,
        HOSTILE,
        checks=(failed, check(CheckStatus.PASSED, HOSTILE)),
        diagnoses=(Diagnosis(HOSTILE, HOSTILE),),
        source=FunctionSource(1, (HOSTILE, f'"""{HOSTILE}', f"# {HOSTILE}", f"'{HOSTILE}"), (2,)),
        formula="<math><mi>&lt;script&gt;</mi><mtext>\u202e</mtext></math>",
    )
    fields = ("assignment", "submission", "sha256", "message", "sandbox", "title")
    return result(wrong_function, notes=(HOSTILE,), **_everywhere(*fields))


def proven() -> Verification:
    """Return proofs of two functions whose mistakes are caught, missed and named in every way."""
    caught, missed, stops = (
        Detection((0, 1), 35562.1),
        Detection((), 0.2),
        Detection((1,), math.inf, "error"),
    )
    mistakes = (
        MistakeRow("l2_not_halved", "l2-not-halved", (caught, stops), math.inf, ("l2-not-halved",)),
        MistakeRow(
            "l2_not_halved__twice", "l2-not-halved", (missed, caught), 2e9, ("l2-not-halved", "x")
        ),
        MistakeRow("l2_odd", "l2-odd", (missed, missed), 0.2, ("l2-not-halved", "l2-odd")),
        MistakeRow("l2_even", "l2-even", (stops, missed), 0.2, ()),
    )
    columns = (
        MatrixCase("the course", "m = 5", public=True),
        MatrixCase("network 1", "m = 40", public=False),
    )
    checks = ("the course's own example", "other networks: cost")
    names = ("l2_not_halved", "l2_odd", "l2_even", "l2_five", "l2_six")
    both = [
        MistakePair(two, naming, ("l2-odd",))
        for two, naming in zip(combinations(names, 2), cycle(Recognition), strict=False)
    ]
    return Verification(
        *("toy", "A toy", 3, "full", (("grader", "0.1.0"), ("NumPy", "2.0.0"))),
        claims=(Claim("the points add up", True, "100"), Claim("all is caught", False, "not it")),
        kill_matrices=(
            KillMatrix("compute_cost", columns, checks, mistakes, (5.0, 20.0)),
            KillMatrix("forward", columns, checks, mistakes[:1], (5.0, 20.0)),
        ),
        pair_matrices=(
            PairMatrix("compute_cost", names, tuple(both)),
            PairMatrix(
                "forward", names[:2], (MistakePair(names[:2], Recognition.ONE, ("l2-odd",)),)
            ),
        ),
    )


def proven_with(text: str) -> Verification:
    """Return proofs with `text` in every place of an assignment's text."""
    mistake = MistakeRow(text, text, (Detection((0,), math.inf, text),), 5.0, (text, text))
    pair = MistakePair((text, f"{text}2"), Recognition.ONE, (text,))
    return Verification(
        *(text, text, 3, text, ((text, text),)),
        claims=(Claim(text, True, text),),
        kill_matrices=(
            KillMatrix(
                text, (MatrixCase(text, text, public=True),), (text,), (mistake,) * 2, (5.0,)
            ),
        ),
        pair_matrices=(PairMatrix(text, pair.names, (pair,)),),
    )


def _everywhere(*fields: str) -> dict[str, Any]:
    return dict.fromkeys(fields, HOSTILE)


def classroom() -> list[Result]:
    """Return a small class in which everything happens."""
    statuses = list(FunctionStatus)
    hint = Diagnosis("l2-not-halved", "The penalty misses its `1/2`.")
    hints = {
        "passed": (),
        "error": (Diagnosis("l2-not-halved", "The penalty of W2 misses its `1/2`."),),
    }
    graded = [
        result(
            function(first, "compute_cost", diagnoses=hints.get(first, (hint,))),
            function(FunctionStatus.PASSED, "forward"),
            submission=f"student-{i}",
            duration_s=4000.0 if first == "timeout" else 90.0,
        )
        for i, first in enumerate(statuses + statuses[:1])
    ]
    twins = [
        replace(unexplained(PUBLIC), submission=f"twin-{i}", duration_s=90.0) for i in range(2)
    ]
    blank = result(
        function(FunctionStatus.NOT_ATTEMPTED, "compute_cost"),
        function(FunctionStatus.NOT_ATTEMPTED, "forward"),
        submission="blank",
        seed=7,
        environment=Environment("0.0.9"),
    )
    others = [ungraded(status) for status in UNGRADED]
    crashed = ungraded(Status.CRASHED, message="", submission="crashed-two")
    return [*map(with_own_file, (*graded, blank, *others, crashed)), *twins]


def class_with_names() -> list[Result]:
    """Return a class with names, times and a roster, in which each needs a look for its own reason."""
    half = result(
        function(FunctionStatus.FAILED, "cost", code="a"),
        function(FunctionStatus.PASSED, "forward", code="b"),
        late=True,
        student=Student("1040", "Ada Lovelace", "ada@example.org"),
        to_look_at=("Two notebooks define the graded functions.",),
    )
    absent = ungraded(Status.NOT_SUBMITTED, score=None, student=Student("1042", "Alan Turing"))
    low = replace(half, functions=(half.functions[0],) * 2, score=0.0, late=None, to_look_at=())
    grace = replace(half, late=False, student=Student("1041", "Grace Hopper"), to_look_at=())
    names = ("ada_1040", "grace_1041", "low_1043", "alan_1042")
    rows = zip(names, (half, grace, low, absent), strict=True)
    return [with_own_file(replace(row, submission=name)) for name, row in rows]


def with_own_file(result: Result) -> Result:
    """Return a result with a digest that no other submission has."""
    return replace(result, sha256=sha256(result.submission.encode()).hexdigest())


def unexplained(*findings: Finding, **changes: Any) -> Result:
    """Return a result of one function that is wrong by `findings`, in a way that has no name."""
    wrong = check(CheckStatus.FAILED, findings=findings)
    odd = Diagnosis("unexplained", "The mistake is not recognised.")
    wrong_function = function(FunctionStatus.FAILED, "forward", checks=(wrong,), diagnoses=(odd,))
    return result(
        function(FunctionStatus.PASSED, "compute_cost"), replace(wrong_function, **changes)
    )


def trainings(text: str = "with L2") -> tuple[TrainingReport, ...]:
    """Return trainings of each kind: one right, one wrong, one that did not finish."""
    right = (ComparedMeasure("cost after 0 iterations", "0.65574", "0.65574", right=True),)
    wrong = (
        ComparedMeasure("cost after 0 iterations", "0.65574", "0.69745", right=False),
        ComparedMeasure("accuracy on the test set", "", "93.0%", right=False),
    )
    drawn: dict[str, Any] = {
        "every": 1000,
        "quantity": "cost",
        "expected_curve": (0.65, 0.2, None, 0.125),
        "points": ("0.1 0.2 0", "0.9 0.8 1"),
        "expected_plane": Plane(
            ("0011", "0011", "0111", "1111"), "Regions of the reference", "What is drawn."
        ),
    }
    own: dict[str, Any] = {
        "curve": (0.65, 0.3, 0.2, 0.15),
        "plane": Plane(("0001", "0011", "0111", "1111"), "Your regions", "What is drawn."),
    }
    return (
        TrainingReport(
            "plain",
            text,
            "right",
            "It is.",
            cell=4,
            begins="model()",
            figures=right,
            **drawn,
            **own,
        ),
        TrainingReport("L2", text, "wrong", "It is not.", cell=10, figures=wrong, **drawn),
        TrainingReport("dropout", text, "missing", "Its cell did not end.", **drawn),
    )


def whole(text: str = "NameError: name `W1` is not defined", **changes: Any) -> Result:
    """Return a result of a notebook that was run whole and stopped on the way."""
    cells = (
        CellReport(7, "raised", text, line=20, begins="W1 = 2"),
        CellReport(18, "died", "It ended Python.", line=2),
    )
    report = RunReport(18, 20, 75.2, "It took down all.", 300, cells, trainings(), 1.5, 3.0)
    return replace(rich(), run=replace(report, **changes))


def class_of_runs() -> list[Result]:
    """Return a class of which some notebooks were run whole, one of them to its end."""
    done = whole(ran=20, cells=(), message="")
    return [*classroom(), replace(whole(), submission="ran"), replace(done, submission="ran-on")]


def finite(result: Result) -> Result:
    """Return a result without infinity, which JSON does not know."""
    functions = tuple(
        replace(f, checks=tuple(_finite(check) for check in f.checks)) for f in result.functions
    )
    return replace(result, functions=functions)


def _finite(check: CheckResult) -> CheckResult:
    findings = (
        replace(f, max_rel=None if f.max_rel == math.inf else f.max_rel) for f in check.findings
    )
    return replace(check, findings=tuple(findings))


def week(text: str = "second") -> list[WeekClass]:
    """Return two classes with a student in both, one who is not graded, and one in the second only."""
    rows = summaries(class_with_names())
    ungraded = replace(rows[0], score=None, status=Status.INTERNAL)
    return [
        WeekClass("first", "A first assignment", rows[1:]),
        WeekClass("second", text, [ungraded, rows[1]]),
    ]
