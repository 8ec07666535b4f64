"""Known mistakes that structure and errors show, each with its expected message."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Sequence

import pytest

from grader.diagnosis import exceptions, shadowing
from grader.diagnosis.nodes import nodes_of
from grader.judging.compare import scalar
from grader.model import Cell, Check, Function, Observation, Raised, Returned
from grader.model.findings import Diagnosis, FunctionStatus
from grader.notebook.slicing import GlobalUse, NamedPlace, Slice, SyntaxFault

FUNCTION = Function(
    "cost",
    ("A3", "Y", "parameters"),
    scalar("cost"),
    (
        Check("example", 5, "fixed", ("cost",)),
        Check("others", 10, "random", ("cost",)),
        Check("more", 10, "random", ("cost",)),
    ),
)
FIX = "Fix that line first."
SLICE = Slice(
    "cost",
    cell=5,
    is_defined=True,
    names=frozenset({"np", "lambd_2"}),
    local_names=frozenset({"m"}),
)


def from_errors(
    *outcomes: Returned | Raised, notes: tuple[tuple[str, str], ...] = ()
) -> list[Diagnosis]:
    return list(exceptions.from_errors(SLICE, FUNCTION, Observation(outcomes, notes=notes)))


def only(diagnoses: list[Diagnosis]) -> tuple[str, str]:
    (diagnosis,) = diagnoses
    return diagnosis.id, diagnosis.message


def test_many_names_called_in_one_line_are_looked_up_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To parse every cell for each of 2,500 names took minutes."""
    calls = ", ".join(f"g{number}(1)" for number in range(100))
    source = f"def cost(A3, Y, parameters):\n    return (3)(1), {calls}, np(1)\n"
    cells = (Cell(5, source), *(Cell(number, "np = 3") for number in range(6, 16)))
    slice_ = dataclasses.replace(SLICE, cells=cells)
    parsed: list[str] = []

    def nodes(text: str) -> Sequence[ast.AST]:
        parsed.append(text)
        return nodes_of(text)

    monkeypatch.setattr(shadowing, "nodes_of", nodes)
    error = Raised("TypeError", "'int' object is not callable", cell=5, line=2)

    assert shadowing.of_call(error, slice_) == NamedPlace("np", 15, 1)
    assert len(parsed) < 2 * len(cells)


def test_deleted_name_is_named_with_its_del() -> None:
    """A `del` in another function deletes another name."""
    own = "def cost(A3, Y, parameters):\n    m = 1\n    del m\n    return m + half"
    cells = (Cell(4, "half = 1"), Cell(5, own), Cell(6, "def other(): del half\nif 1:\n  del cost"))
    slice_ = dataclasses.replace(SLICE, cells=(*cells, Cell(7, "del (np,\n  half)")))

    def message(kind: str, name: str, line: int | None = 4) -> str:
        error = Raised(kind, f"... '{name}' ...", 5 if line else None, line)
        return only([*exceptions.from_errors(slice_, FUNCTION, Observation((error,)))])[1]

    assert [
        message("UnboundLocalError", "m"),
        message("NameError", "half"),
        message("NameError", "cost", line=None),
    ] == [
        (
            "Your code uses the name `m` in line 4 of code cell 5, but `del` in line 3 of code "
            "cell 5 deletes it. Remove it from that `del`."
        ),
        (
            "Your code uses the name `half` in line 4 of code cell 5, but `del` in line 2 of code "
            "cell 7 deletes it. Remove it from that `del`."
        ),
        (
            "Your notebook defines `cost`, but `del` in line 3 of code cell 6 deletes it. Remove it "
            "from that `del`."
        ),
    ]


def test_helper_in_newer_python_is_named_with_its_version() -> None:
    fault = SyntaxFault(
        3, 1, "invalid syntax", "class A[T]:", frozenset(), False, "3.12", frozenset("A")
    )
    slice_ = dataclasses.replace(SLICE, lost=(fault,))
    error = Raised("NameError", "name 'A' is not defined", 5, 2, "A")

    diagnosis = only([*exceptions.from_errors(slice_, FUNCTION, Observation((error,)))])[1]

    assert diagnosis.startswith("The syntax in line 1 of code cell 3 needs Python 3.12.")


def test_name_of_the_function_with_another_value() -> None:
    slice_ = dataclasses.replace(SLICE, cells=(Cell(5, "def cost(): pass"), Cell(6, "cost = 1.5")))
    error = Raised("TypeError", "'float' object is not callable")

    assert shadowing.of_call(error, slice_) == NamedPlace("cost", 6, 1)


# ------------------------------------------------------------------ functions that were not run


def test_missing_function() -> None:
    status, diagnosis = exceptions.why_not_run(Slice("cost"))

    assert status is FunctionStatus.MISSING
    assert only([diagnosis]) == (
        "missing-function",
        "Your notebook does not define cost. Define a function with exactly this name.",
    )


def test_missing_function_of_another_name() -> None:
    status, diagnosis = exceptions.why_not_run(Slice("cost", other_name="compute"))

    assert status is FunctionStatus.MISSING
    assert diagnosis.message == (
        "Your notebook does not define cost. It defines compute with the same parameters. "
        "Rename compute to cost."
    )


def test_endless_name_is_cut() -> None:
    _, diagnosis = exceptions.why_not_run(Slice("cost", other_name="x" * 5000))

    assert len(diagnosis.message) < 260


def test_unwritten_function_is_not_attempted() -> None:
    status, diagnosis = exceptions.why_not_run(Slice("cost", is_defined=True, unwritten=True))

    assert status is FunctionStatus.NOT_ATTEMPTED
    assert only([diagnosis]) == (
        "not-attempted",
        "cost is not written yet. Write the missing lines.",
    )


def test_header_without_body_is_not_attempted() -> None:
    fault = SyntaxFault(
        3, 1, "expected an indented block", "def cost():", frozenset({"cost"}), True
    )

    status, diagnosis = exceptions.why_not_run(Slice("cost", fault=fault, unwritten=True))

    assert (status, diagnosis.id) == (FunctionStatus.NOT_ATTEMPTED, "not-attempted")


def test_syntax_error_names_line_text_and_cause() -> None:
    fault = SyntaxFault(3, 7, "'(' was never closed", "y = (x", frozenset({"cost"}))

    status, diagnosis = exceptions.why_not_run(Slice("cost", fault=fault))

    assert status is FunctionStatus.ERROR
    assert diagnosis.line == 7
    assert only([diagnosis]) == (
        "syntax-error",
        (
            "Python found a syntax error in line 7 of code cell 3: '(' was never closed. "
            "The line is `y = (x`. Fix that line first."
        ),
    )


def lost_to(text: str, *parameters: str, words: str = "invalid syntax") -> str:
    """Return the sentences after the error of Python."""
    fault = SyntaxFault(3, 7, words, text, frozenset({"cost"}))
    _, result = exceptions.why_not_run(Slice("cost", fault=fault), parameters)
    assert result.id == "syntax-error"
    return result.message.partition(f": {words}. The line is `{text}`.")[2]


@pytest.mark.parametrize(
    "text",
    [
        "dW3 = 1.0 / m * np.dot(dZ3, A2.T) + lambda / m * W3",
        "def cost(A3, Y, parameters, lambda):",
        "def cost(A3, Y, parameters, lambda = 0.1):",
        "lambda = 0.1",
        "cost = f(A3, lambda=0.1)",
        "cost = a + lambda * sum(f(x) for x in y)  # lambda: the factor",
        "cost = lambda * W3[:, 0]",
    ],
)
def test_lambda_as_a_name(text: str) -> None:
    own = " `lambda` is a Python keyword, so it cannot be a name. "

    assert lost_to(text, "A3", "lambd") == f"{own}Use the parameter `lambd`."
    assert lost_to(text, "A3") == f"{own}Choose another name."


@pytest.mark.parametrize(
    "text",
    [
        "f = lambda W: W W",
        "f = lambda: W W",
        "f = lambda *W, a=1: W W",
        "f = lambda *, a=1: a a",
        "f = lambda(W): W",
        "f = lambda W, V; W",
        "cost = a + lambd W3  # times lambda",
        "cost = 'lambda' 3",
        "cost = x.lambda_ 3",
    ],
)
def test_lambda_expression_is_no_name(text: str) -> None:
    assert lost_to(text, "lambd") == f" {FIX}"


def test_other_syntax_errors_do_not_mention_lambda() -> None:
    assert lost_to("y = (lambda / m", "lambd", words="'(' was never closed") == f" {FIX}"


# ------------------------------------------------------------------ names that are not defined


def test_undefined_name_with_its_line() -> None:
    error = Raised("NameError", "name 'qqq' is not defined", 7, 3, missing_name="qqq")

    assert only(from_errors(error)) == (
        "name-error",
        (
            "Your code uses the name `qqq` in line 3 of code cell 7, but this name is not "
            "defined. Check its spelling, and assign it before you use it."
        ),
    )


@pytest.mark.parametrize(
    ("name", "close"),
    [
        ("lambd2", "lambd_2"),
        ("lamdb_2", "lambd_2"),
        ("M", ""),
        ("n", "np"),
        ("q", ""),
        ("parameter", "parameters"),
        ("A33", "A3"),
        ("a3", ""),
        ("np1", "np"),
        ("len", ""),
    ],
)
def test_close_name_is_suggested(name: str, close: str) -> None:
    error = Raised("NameError", f"name '{name}' is not defined", 7, 3, missing_name=name)

    message = from_errors(error)[0].message

    assert message.endswith(
        f" Did you mean `{close}`?"
        if close
        else " Check its spelling, and assign it before you use it."
    )


@pytest.mark.parametrize(("name", "twin"), [("W1", "Wl"), ("Wl", "W1"), ("O", "0"), ("I1", "Il")])
def test_look_alike_is_suggested_first(name: str, twin: str) -> None:
    slice_ = Slice("cost", is_defined=True, names=frozenset({twin, "W11", "WW1", "Oo"}))
    error = Raised("NameError", "", missing_name=name)

    (diagnosis,) = exceptions.from_errors(slice_, FUNCTION, Observation((error,)))

    assert diagnosis.message == (
        f"Your code uses the name `{name}`, but this name is not defined. Did you mean `{twin}`?"
    )


@pytest.mark.parametrize(
    ("line", "close"),
    [
        ("    dA2 = dA2 * D2\n    dA2 = dA1 / keep_prob", "dA2"),
        ("    dA2 = dA2 * D2\n    dA2 *= dA1", "dA2"),
        ("    dA2 = dA1 / keep_prob", "A1"),
        ("    dA2 = dA1 / keep_prob\n    dA2 = dA2 * D2", "A1"),
        ("    dA2 = dA2 * D2\n    dA3 = dA1 / keep_prob", "A1"),
        ("    dA22 = D2\n    dA22 = dA1 / keep_prob", "A1"),
        ("    dB2 = D2\n    dB2 = dA1 / keep_prob", "A1"),
        ("    dAl = dA2 = D2\n    dA2 = dA1 / keep_prob", "dAl"),
        ("    dZ1 = D2\n    dZ1 = dA1 / keep_prob", "dZ1"),
        ("    dA2 = D2\n    dA2, x = dA1, 1", "A1"),
    ],
)
def test_name_set_by_the_line_is_suggested_first(line: str, close: str) -> None:
    source = f"def cost(cache):\n{line}\n"
    names = frozenset({"A1", "dAl"} if "dAl" in line else {"A1"})
    slice_ = Slice("cost", cells=(Cell(5, source),), cell=5, is_defined=True, local_names=names)
    at = next(n for n, text in enumerate(source.split("\n"), 1) if "dA1" in text)
    error = Raised("UnboundLocalError", "cannot access local variable 'dA1'", 5, at)

    (diagnosis,) = exceptions.from_errors(slice_, FUNCTION, Observation((error,)))

    assert diagnosis.message.endswith(f". Did you mean `{close}`?")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def cost(A2):\n    A2 = A1 * 2", "Did you mean `A2`?"),
        ("def cost(A2):\n    A2 = B2 * 2", "Check its spelling, and assign it before you use it."),
        ("A2 = 1\nA2 = A1 * 2", "Check its spelling, and assign it before you use it."),
    ],
)
def test_parameters_count_as_set(source: str, expected: str) -> None:
    slice_ = Slice("cost", cells=(Cell(5, source),), cell=5, is_defined=True)
    name = "B2" if "B2" in source else "A1"
    error = Raised("NameError", f"name '{name}' is not defined", 5, 2, missing_name=name)

    (diagnosis,) = exceptions.from_errors(
        slice_, dataclasses.replace(FUNCTION, parameters=()), Observation((error,))
    )

    assert diagnosis.message.endswith(expected)


def test_name_is_not_suggested_for_itself() -> None:
    error = Raised("UnboundLocalError", "cannot access local variable 'm'", 7, 3)

    assert only(from_errors(error)) == (
        "name-error",
        (
            "Your code uses the name `m` in line 3 of code cell 7, but this name is not "
            "defined. Check its spelling, and assign it before you use it."
        ),
    )


def test_name_error_without_a_name() -> None:
    assert only(from_errors(Raised("NameError", ""))) == (
        "raises-error",
        "Your function stops with NameError. Fix that line first.",
    )


# ------------------------------------------------------------------ names of the notebook

READS_OUTSIDE = Slice(
    "cost", cell=5, is_defined=True, global_uses=(GlobalUse("params", 9, "parameters"),)
)


def test_global_dependence_comes_first() -> None:
    odd = Diagnosis("wrong-shape", "cost has the shape (1,).")

    result = list(exceptions.from_outside(READS_OUTSIDE, (odd,)))

    assert result[1:] == [odd]
    assert only(result[:1]) == (
        "global-dependence",
        (
            "Your function uses `params` (line 9 of code cell 5), which is defined elsewhere "
            "in your notebook, instead of its own parameter `parameters`. Use the parameter "
            "`parameters` there."
        ),
    )


def test_variable_of_a_training_is_named() -> None:
    trained = Slice("cost", cell=5, is_defined=True, global_uses=(GlobalUse("learned", 9, ""),))

    (found,) = exceptions.from_outside(trained, ())

    assert found.what == (
        "Your function uses `learned` (line 9 of code cell 5), which a training in your notebook "
        "computes."
    )
    assert found.next == "Which argument of your function contains the value that you need?"


def test_global_dependence_supersedes_its_effects() -> None:
    expected = (
        Diagnosis("name-error", "Your code uses the name `params` in line 9."),
        Diagnosis("hard-coded-answer", "It is right on the published example only."),
    )

    assert [item.id for item in exceptions.from_outside(READS_OUTSIDE, expected)] == [
        "global-dependence"
    ]
    assert list(exceptions.from_outside(SLICE, expected)) == list(expected)


def test_other_undefined_name_is_kept() -> None:
    expected = (Diagnosis("name-error", "Your code uses the name `W4` in line 9."),)

    result = list(exceptions.from_outside(READS_OUTSIDE, expected))

    assert [item.id for item in result] == ["global-dependence", "name-error"]


# ------------------------------------------------------------------ other exceptions


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            Raised("ValueError", "shapes (3,4) and (5,) not aligned", 7, 3),
            (
                "Your function stops in line 3 of code cell 7 with ValueError: shapes (3,4) "
                "and (5,) not aligned. In a product of matrices the first needs as many columns as "
                "the second has rows. Does the formula have a product of matrices there? Which matrix "
                "is transposed?"
            ),
        ),
        (
            Raised("AssertionError", ""),
            "Your function stops with AssertionError. Fix that line first.",
        ),
        (
            Raised("Bad\x1b[31m", "a\nb\u202ec\x00", 1, 1),
            (
                "Your function stops in line 1 of code cell 1 with Bad [31m: a b c. Fix that "
                "line first."
            ),
        ),
    ],
)
def test_exception_with_its_line(error: Raised, message: str) -> None:
    assert only(from_errors(error)) == ("raises-error", message)


MARKED = """
def cost(A3, Y, parameters):
    m = Y.shape[1]
    ### START CODE HERE ###
    squares = [parameters]
    penalty = None
    ### END CODE HERE ###
    return m + penalty
"""


def stops_in_line(line: int, source: str = MARKED, cell: int = 5) -> Diagnosis:
    slice_ = Slice("cost", cells=(Cell(5, source),), cell=5, is_defined=True)
    error = Raised("TypeError", "unsupported operand", cell, line)
    (diagnosis,) = exceptions.from_errors(slice_, FUNCTION, Observation((error,)))
    return diagnosis


def test_error_in_a_handed_out_line() -> None:
    result = stops_in_line(8)

    assert result.line == 6
    assert only([result]) == (
        "raises-error",
        (
            "Your function stops in line 8 of code cell 5 with TypeError: unsupported "
            "operand. That line came with the assignment. First check penalty, which your "
            "code computes in line 6 of code cell 5."
        ),
    )


def test_error_in_an_own_line() -> None:
    bare = MARKED.replace("###", "")
    for result in (stops_in_line(5), stops_in_line(3), stops_in_line(8, bare)):
        assert result.message.endswith(FIX)
    assert [stops_in_line(line, bare).line for line in (5, 8)] == [5, 8]
    assert stops_in_line(8, cell=2).message.endswith(FIX)


# ------------------------------------------------------------------ slips in the language itself

XOR = "ufunc 'bitwise_xor' not supported for the input types"
XOR_OF_FLOATS = "unsupported operand type(s) for ^: 'float' and 'int'"
CARET = "In Python `^` is bitwise XOR. For powers use `**` or `np.square`."


def at_line(line: str, error: Raised) -> Diagnosis:
    """Return the diagnosis of a function with this one line, which raises."""
    source = f"def cost(A3, Y, parameters):\n{line}\n"
    slice_ = Slice("cost", cells=(Cell(5, source),), cell=5, is_defined=True)
    at = dataclasses.replace(error, cell=5, line=error.line or 2)
    (diagnosis,) = exceptions.from_errors(slice_, FUNCTION, Observation((at,)))
    return diagnosis


@pytest.mark.parametrize(
    ("line", "words", "expected"),
    [
        ("    return np.sum(A3^2)", XOR, CARET),
        ("    A3 ^= 2", "unsupported operand type(s) for ^=: 'float' and 'int'", CARET),
        ("    return A3.mean() ^ 2", XOR_OF_FLOATS, CARET),
        ("    return np.sum(\n        A3 ^ 2)", XOR, CARET),
        ("    return np.bitwise_xor(A3, 2)  # A3^2", XOR, FIX),
        ("    return '^', A3 | 2", XOR, FIX),
        ("    return A3 ^ 2 + []", "unsupported operand type(s) for +: 'int' and 'list'", FIX),
        ("    return A3 ^", XOR, FIX),
    ],
)
def test_caret_for_a_power(line: str, words: str, expected: str) -> None:
    result = at_line(line, Raised("TypeError", words, line=1 + len(line.splitlines())))

    assert (result.id, result.line) == ("raises-error", 1 + len(line.splitlines()))
    assert result.message == (
        f"Your function stops in line {result.line} of code cell 5 with TypeError: {words}. {expected}"
    )


def test_too_long_line_shows_no_slip() -> None:
    assert at_line("    A3 ^ 2" + " " * 100_000, Raised("TypeError", XOR)).message.endswith(FIX)


KEY = 'A key that is text needs quotes. Write `parameters["W1"]`.'
UNDEFINED = "cannot access local variable 'W1' where it is not associated with a value"
UNHASHABLE = "unhashable type: 'numpy.ndarray'"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("    W1 = parameters[W1]; W2 = parameters['W2']", True),
        ("    W1 = parameters[W1]; W2 = parameters[W2]", True),
        ("    W1, W2 = parameters[W1], parameters['W2']", True),
        ("    W1 = parameters[W1]", False),
        ("    x = parameters[W1]; W2 = parameters[0]", False),
        ("    x = W1 * parameters[W1]; W2 = parameters['W2']", False),
        ("    x = parameters[W2]; y = parameters['W2'] + W1", False),
        ("    x = parameters['W1'] + W1", False),
    ],
)
@pytest.mark.parametrize("kind", ["NameError", "UnboundLocalError"])
def test_undefined_key_needs_quotes(line: str, *, expected: bool, kind: str) -> None:
    result = at_line(line, Raised(kind, UNDEFINED))

    assert result.id == "name-error"
    assert result.message.startswith("Your code uses the name `W1` in line 2 of code cell 5,")
    assert result.message.endswith(KEY) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("    W1 = parameters[W1]", KEY),
        ("    parameters[W1] = A3", KEY),
        ("    return f(parameters[W1], parameters[W2])", KEY),
        ("    return {A3: parameters[W1]}", FIX),
        ("    return set([A3]), parameters[W1]", FIX),
        ("    return hash(A3), parameters[W1]", FIX),
        ("    return A3 in parameters[W1]", FIX),
        ("    return Y[W2], parameters[W1]", FIX),
        ("    return [parameters[W1] for W1 in A3]", FIX),
        ("    return parameters['W1']", FIX),
    ],
)
def test_array_as_a_key_needs_quotes(line: str, expected: str) -> None:
    result = at_line(line, Raised("TypeError", UNHASHABLE))

    assert (result.id, result.line) == ("raises-error", 2)
    assert result.message == (
        f"Your function stops in line 2 of code cell 5 with TypeError: {UNHASHABLE}. {expected}"
    )


def test_other_errors_do_not_mention_quotes() -> None:
    line = "    W1 = parameters[W1]; W2 = parameters['W2']"

    for error in (Raised("KeyError", "1"), Raised("TypeError", "bad operand")):
        assert at_line(line, error).message.endswith(FIX)


NOT_ONE_NUMBER = ["only length-1", "only 0-dimensional"]
AMBIGUOUS = (
    "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()"
)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("    D1 = int(D1 < keep_prob)", "int"),
        ("    D1 = np.array(\n        float(D1))", "float"),
        ("    D1 = int(float(D1))", ""),
        ("    D1 = int(math.sqrt(D1))", ""),
        ("    D1 = math.sqrt(D1)", ""),
        ("    D1 = float(sqrt(D1))", ""),
        ("    print('%f' % D1, float(m))", ""),
        ("    D1 = D1.astype(int)  # int(D1)", ""),
    ],
)
@pytest.mark.parametrize("which", NOT_ONE_NUMBER)
def test_conversion_of_an_array_to_one_number(line: str, word: str, which: str) -> None:
    words = f"{which} arrays can be converted to Python scalars"
    message = at_line(line, Raised("TypeError", words, line=1 + len(line.splitlines()))).message

    expected = (
        f"`{word}()` converts one value. "
        f"To convert every element of an array use `.astype({word})`."
    )
    assert message.endswith(f" with TypeError: {words}. {expected if word else FIX}")


def test_conversion_of_an_array_to_one_bool() -> None:
    expected = (
        "`bool()` converts one value. To convert every element of an array use `.astype(bool)`."
    )
    error = Raised("ValueError", AMBIGUOUS)

    assert at_line("    D1 = bool(D1 < 1)", error).message.endswith(expected)
    for line in ("    D1 = bool(D1 < 1 and D2)", "    D1 = D1.astype(bool)"):
        assert at_line(line, error).message.endswith(FIX)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("    if A3 > 0: return A3", "if"),
        ("    if A3 > 0 and Y > 0: return A3", "if"),
        ("    if (A3 > 0 and\n        not Y): return A3", "if"),
        ("    while A3 > 0: A3 -= 1", "while"),
        ("    A3 = A3 if A3 > 0 else 0", "if"),
        ("    A3 = A3 > 0 and Y > 0", "and"),
        ("    A3 = A3 > 0 or Y > 0", "or"),
        ("    A3 = not A3", "not"),
        ("    A3 = -A3 if Y is None else 0", ""),
        ("    A3 = Y if Y is not None else not A3", "not"),
        ("    if m > 1: A3 = A3 and Y", ""),
        ("    if A3 in [Y, m]: return A3", ""),
        ("    A3 = max(0, A3) if m > 1 else A3", ""),
        ("    assert A3 == Y or m", ""),
        ("    A3 = (0 < A3 < 1) if m > 1 else A3", ""),
        ("    A3 = not A3 and Y", ""),
        ("    A3 = -A3", ""),
        ("    A3 = [a for a in A3 if a > 0]", ""),
        ("    A3 = [1 if m > 1 else 0 for a in A3 if a > 0]", ""),
    ],
)
def test_truth_value_of_an_array(line: str, word: str) -> None:
    number = 1 + len(line.splitlines())
    instead = (
        f"Use `np.logical_{word}`."
        if word in ("and", "or", "not")
        else "Use `np.where` to choose a value for each element."
    )
    needs = "one True or False value" if word in ("if", "while") else "single True or False values"

    message = at_line(line, Raised("ValueError", AMBIGUOUS, line=number)).message

    expected = f"`{word}` needs {needs}, but NumPy compares arrays element by element. {instead}"
    assert message.endswith(f" with ValueError: {AMBIGUOUS}. {expected if word else FIX}")


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("    return np.sum(W1, W2, W3)", "np.sum"),
        ("    return np.square(W1, W2)", "np.square"),
        ("    return np.linalg.norm(W1, W2)", "np.linalg.norm"),
        ("    return np.sum(W1, 0) + []", ""),
        ("    return np.sum(W1, (0, 1)) + []", ""),
        ("    return sum(W1, W2)", ""),
    ],
)
def test_several_arrays_for_a_function_of_one(line: str, word: str) -> None:
    message = at_line(line, Raised("TypeError", "an error")).message
    expected = f"`{word}` takes one array. Call `{word}` for each array by itself."
    assert message.endswith(f"with TypeError: an error. {expected if word else FIX}")


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("    J = g(Y)", "g(Y)"),
        ("    J = g(Y) - f(m)", "g(Y)"),
        ("    J = g(Y) - g(m)", ""),
        ("    J = f(Y)", ""),
    ],
)
def test_call_with_too_few_arguments(line: str, call: str) -> None:
    words = "g() missing 1 required positional argument: 'theta'"
    expected = (
        f"The call is `{call}`. Read the definition of `g`. Which of its parameters gets no value "
        "here?"
    )

    message = at_line(line, Raised("TypeError", words)).message

    assert message.endswith(f" with TypeError: {words}. {expected if call else FIX}")


@pytest.mark.parametrize(
    ("line", "name"),
    [("    A3 = m[0] + Y", "m"), ("    A3[0] = m[0]", "m"), ("    A3 = m[0] + Y[0]", "")],
)
def test_number_with_an_index(line: str, name: str) -> None:
    words = "'int' object is not subscriptable"
    expected = f"`{name}` is a single number. Which array holds the value that you need there?"

    message = at_line(line, Raised("TypeError", words)).message

    assert message.endswith(f" with TypeError: {words}. {expected if name else FIX}")


VALUE_OF = "Which value does the formula have there: one value of `{}`, or another variable?"
DIVISOR = "Compare the denominator with the formula. Which quantity should it be?"
FIT = (
    "The part `J[i]` of the array has the shape (1,), but the new value has the shape (47,1). Look at "
    "each variable on the right: is an index such as `[i]` missing?"
)
SEVERAL = (
    "`J[i]` holds one number, but the new value is a sequence. What does the right side return? Write "
    "one name on the left for each value."
)
OF_NONE = (
    "The call `np.random.seed(3)` returns None. Write this call in a line of its own, and call the "
    "other function after it."
)
BROADCAST = "could not broadcast input array from shape (47,1) into shape (1,)"
OPERANDS = "unsupported operand type(s) for {}: '{}' and '{}'"
SEQUENCE = "setting an array element with a sequence"
NO_ATTRIBUTE = "'NoneType' object has no attribute 'randn'"


@pytest.mark.parametrize(
    ("line", "kind", "words", "expected"),
    [
        (
            *("return 2 * sizes - 1 / sizes", "TypeError", OPERANDS.format("/", "int", "list")),
            f"`sizes` is a list. Arithmetic needs a number or an array. {VALUE_OF.format('sizes')}",
        ),
        (
            *("return grads - A3", "TypeError", OPERANDS.format("-", "dict", "float")),
            "`grads` is a dictionary. Arithmetic needs a number or an array. "
            + VALUE_OF.format("grads"),
        ),
        ("return a / b + c / d", "TypeError", OPERANDS.format("/", "int", "list"), FIX),
        ("return a / f()", "TypeError", OPERANDS.format("/", "int", "tuple"), FIX),
        ("return a / b", "TypeError", OPERANDS.format("/", "int", "NoneType"), FIX),
        ("return np.sqrt(2 / (l - 1))", "ZeroDivisionError", "division by zero", DIVISOR),
        ("return 1 / m / l", "ZeroDivisionError", "division by zero", FIX),
        ("J[i] = J_plus - J_minus", "ValueError", BROADCAST, FIT),
        ("J = J_plus - J_minus", "ValueError", BROADCAST, FIX),
        ("J[i] = cost(A3)", "ValueError", SEQUENCE, SEVERAL),
        ("return np.random.seed(3).randn(2)", "AttributeError", NO_ATTRIBUTE, OF_NONE),
        ("return model.randn(2)", "AttributeError", NO_ATTRIBUTE, FIX),
    ],
)
def test_wrong_value_in_a_line(line: str, kind: str, words: str, expected: str) -> None:
    message = at_line(f"    {line}", Raised(kind, words)).message
    if expected == DIVISOR:
        expected = f"`l - 1` is 0 there. {DIVISOR}"
    assert message.endswith(f" with {kind}: {words}. {expected}")


def test_sentence_of_python_ends_with_one_point() -> None:
    assert " with ValueError: No. Fix " in at_line("    f()", Raised("ValueError", "No.")).message
    assert " with ValueError: .... Fix " in at_line("    f()", Raised("ValueError", "...")).message


def test_key_is_not_a_name_that_is_assigned() -> None:
    """In `W[str(l)] = ...` the name `str` keeps its value."""
    line = "    W[str(l)] = sizes(l)"
    assert at_line(line, Raised("TypeError", "'list' object is not callable")).message.endswith(FIX)


def test_other_errors_do_not_mention_truth_values() -> None:
    for line in ("    if A3 > 0: return int(A3)", "    A3 = not bool(A3)"):
        for error in (Raised("ValueError", "bad"), Raised("TypeError", AMBIGUOUS)):
            assert at_line(line, error).message.endswith(FIX)


@pytest.mark.parametrize("kind", ["MemoryError", "_ArrayMemoryError"])
def test_too_much_memory(kind: str) -> None:
    words = "Unable to allocate 32.0 GiB for an array with shape (65536, 65536)"

    assert only(from_errors(Raised(kind, words, 5, 9))) == (
        "too-much-memory",
        (
            "Your function stops in line 9 of code cell 5 because it needs more memory than "
            "is allowed. Is an array there much larger than the data, or does a list grow "
            "without end?"
        ),
    )


def test_too_much_mapped_memory() -> None:
    diagnoses = from_errors(Raised("OSError", "[Errno 12] Cannot allocate memory", 5, 9))
    assert only(diagnoses)[0] == "too-much-memory"


@pytest.mark.parametrize(
    "words", ["[Errno 27] File too large", "[Errno 28] No space left on device"]
)
def test_too_much_disk(words: str) -> None:
    assert only(from_errors(Raised("OSError", words, 5, 9))) == (
        "too-much-disk",
        (
            "Your function stops in line 9 of code cell 5 because it writes more to disk "
            "than is allowed. Remove the code that writes files."
        ),
    )


def test_first_of_several_exceptions() -> None:
    diagnoses = from_errors(Returned(1.0), Raised("KeyError", "'a'"), Raised("ValueError", "b"))

    assert len(diagnoses) == 1
    assert "KeyError" in diagnoses[0].message


def test_values_alone_have_no_diagnosis() -> None:
    assert from_errors(Returned(1.0), Returned(None)) == []


def test_name_of_a_failed_import() -> None:
    failed = Raised("ModuleNotFoundError", "No module named 'nn\x1b[31m'", 1, 1)
    error = Raised("NameError", "name 'np' is not defined", 7, 3, missing_name="np")
    second = Raised("NameError", "name 'qqq' is not defined", 7, 3, missing_name="qqq")

    expected, about_another = (
        next(exceptions.from_errors(SLICE, FUNCTION, Observation((e,), raised_before=(failed,))))
        for e in (error, second)
    )

    assert only([expected]) == (
        "failed-import",
        (
            "`np` comes from an import that failed (No module named 'nn [31m'). Use NumPy or a "
            "helper module of the assignment instead."
        ),
    )
    assert about_another.id == "name-error"


def test_wrong_parameters() -> None:
    error = Raised("TypeError", "cost() takes 2 positional arguments but 3 were given")
    inside = Raised("TypeError", "unsupported argument", 7, 3)

    assert only(from_errors(error)) == (
        "wrong-arguments",
        (
            "The definition of cost in code cell 5 does not take the required parameters. "
            "Start the definition with `def cost(A3, Y, parameters):`."
        ),
    )
    assert from_errors(inside)[0].id == "raises-error"


# ------------------------------------------------------------------ names that NumPy has removed


def test_removed_name_with_its_successor() -> None:
    assert only(from_errors(Returned(1.0), notes=(("numpy-name-replaced", "int"),))) == (
        "removed-numpy-name",
        (
            "Your code uses np.int (write int), which current versions of NumPy no longer "
            "have. Replace each old name in your notebook."
        ),
    )


def test_several_removed_names_in_one_sentence() -> None:
    notes = (
        ("numpy-name-replaced", "product"),
        ("numpy-name-replaced", "row_stack"),
        ("other", "x"),
    )

    message = only(from_errors(notes=notes))[1]

    assert message.startswith(
        "Your code uses np.product (write np.prod), np.row_stack (write np.vstack), which"
    )


def test_forged_note_says_nothing() -> None:
    """It could contain inputs of a hidden case."""
    notes = (("numpy-name-replaced", "abc"),)

    assert from_errors(Returned(1.0), notes=notes) == []
    assert not exceptions.note(*notes[0])


def test_exception_and_removed_name_together() -> None:
    notes = (("numpy-name-replaced", "int"),)

    diagnoses = from_errors(Raised("KeyError", "'a'"), Returned(1.0), notes=notes)

    assert [d.id for d in diagnoses] == ["raises-error", "removed-numpy-name"]


# ------------------------------------------------------------------ notes


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (
            "numpy-name-replaced",
            "int",
            "NumPy has removed np.int. The grader supplied a replacement.",
        ),
        (
            "helper-module-renamed",
            "reg_utils_v1a",
            (
                "The module reg_utils_v1a was not found. The assignment's helper functions were "
                "used instead."
            ),
        ),
        (
            "module-absent",
            "\u202ething\n",
            "thing is not installed here. No graded function needs it.",
        ),
        ("other", "thing", ""),
    ],
)
def test_notes_of_the_sandbox(kind: str, text: str, expected: str) -> None:
    assert exceptions.note(kind, text) == expected


def test_notes_are_short() -> None:
    for kind in ("numpy-name-replaced", "helper-module-renamed", "x" * 5000):
        assert len(exceptions.note(kind, "y" * 5000)) < 160
