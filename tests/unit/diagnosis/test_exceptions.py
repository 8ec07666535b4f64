"""Named mistakes that structure and errors give away, each in words that a test pins."""

from __future__ import annotations

import dataclasses

import pytest

from grader.diagnosis import exceptions
from grader.judging.compare import scalar
from grader.model import Cell, Check, Function, Observation, Raised, Returned
from grader.model.result import Diagnosis, FunctionStatus
from grader.notebook.slicing import Outside, Slice, SyntaxFault

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
PIECE = Slice(
    "cost", cell=5, found=True, names=frozenset({"np", "lambd_2"}), local_names=frozenset({"m"})
)
UNTOUCHED = "cost is still as it was handed out. Fill in your lines and hand in again."


def from_errors(
    *outcomes: Returned | Raised, notes: tuple[tuple[str, str], ...] = ()
) -> list[Diagnosis]:
    return list(exceptions.from_errors(PIECE, FUNCTION, Observation(outcomes, notes=notes)))


def only(diagnoses: list[Diagnosis]) -> tuple[str, str]:
    (diagnosis,) = diagnoses
    return diagnosis.id, diagnosis.message


# ------------------------------------------------------------------ functions that were not run


def test_a_function_that_is_missing_is_told() -> None:
    status, diagnosis = exceptions.why_not_run(Slice("cost"))

    assert status is FunctionStatus.MISSING
    assert diagnosis == Diagnosis("missing-function", "Your notebook does not define cost.")


def test_a_function_of_another_name_is_pointed_at() -> None:
    status, diagnosis = exceptions.why_not_run(Slice("cost", other_name="compute"))

    assert status is FunctionStatus.MISSING
    assert diagnosis.message == (
        "Your notebook does not define cost. It has compute, which takes the same arguments:"
        " give it the name cost."
    )


def test_an_endless_name_is_cut() -> None:
    _, diagnosis = exceptions.why_not_run(Slice("cost", other_name="x" * 5000))

    assert len(diagnosis.message) < 250


def test_a_function_that_nobody_wrote_is_not_attempted() -> None:
    status, diagnosis = exceptions.why_not_run(Slice("cost", found=True, unwritten=True))

    assert status is FunctionStatus.NOT_ATTEMPTED
    assert diagnosis == Diagnosis("not-attempted", UNTOUCHED)


def test_a_header_without_a_body_is_not_attempted_though_it_does_not_parse() -> None:
    fault = SyntaxFault(
        3, 1, "expected an indented block", "def cost():", frozenset({"cost"}), True
    )

    status, diagnosis = exceptions.why_not_run(Slice("cost", fault=fault, unwritten=True))

    assert (status, diagnosis.id) == (FunctionStatus.NOT_ATTEMPTED, "not-attempted")


def test_a_syntax_error_is_told_with_cell_line_text_and_what_is_odd() -> None:
    fault = SyntaxFault(3, 7, "'(' was never closed", "y = (x", frozenset({"cost"}))

    status, diagnosis = exceptions.why_not_run(Slice("cost", fault=fault))

    assert status is FunctionStatus.ERROR
    assert diagnosis == Diagnosis(
        "syntax-error",
        "Code cell 3 cannot be read by Python at line 7, `y = (x`: '(' was never closed. "
        "Everything in this function is lost until that line is mended.",
    )


def lost_to(text: str, *parameters: str, words: str = "invalid syntax") -> str:
    """Return what is told behind the place of a line that cannot be read."""
    fault = SyntaxFault(3, 7, words, text, frozenset({"cost"}))
    _, found = exceptions.why_not_run(Slice("cost", fault=fault), parameters)
    assert found.id == "syntax-error"
    return found.message.partition("is lost until that line is mended.")[2]


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
def test_lambda_for_a_name_is_told_with_the_parameter_that_is_meant(text: str) -> None:
    own = " `lambda` is a word of Python's own: "

    assert lost_to(text, "A3", "lambd") == f"{own}the parameter is called `lambd`."
    assert lost_to(text, "A3") == f"{own}it cannot be a name."


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
def test_lambda_that_is_an_expression_or_no_code_is_not_told(text: str) -> None:
    assert lost_to(text, "lambd") == ""


def test_a_line_that_cannot_be_read_for_another_reason_says_nothing_of_lambda() -> None:
    assert lost_to("y = (lambda / m", "lambd", words="'(' was never closed") == ""


# ------------------------------------------------------------------ names that are not defined


def test_an_undefined_name_is_told_with_its_place() -> None:
    error = Raised("NameError", "name 'qqq' is not defined", 7, 3, missing_name="qqq")

    assert only(from_errors(error)) == (
        "name-error",
        (
            "The name `qqq` in line 3 of code cell 7 is not defined there."
            " Is it spelt right, and set before it is used?"
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
def test_a_name_that_is_nearly_right_is_suggested(name: str, close: str) -> None:
    error = Raised("NameError", f"name '{name}' is not defined", 7, 3, missing_name=name)

    message = from_errors(error)[0].message

    assert message.endswith(
        f" Did you mean `{close}`?" if close else " Is it spelt right, and set before it is used?"
    )


@pytest.mark.parametrize(("name", "twin"), [("W1", "Wl"), ("Wl", "W1"), ("O", "0"), ("I1", "Il")])
def test_a_look_alike_is_suggested_before_any_other_name(name: str, twin: str) -> None:
    piece = Slice("cost", found=True, names=frozenset({twin, "W11", "WW1", "Oo"}))
    error = Raised("NameError", "", missing_name=name)

    (diagnosis,) = exceptions.from_errors(piece, FUNCTION, Observation((error,)))

    assert diagnosis.message == (
        f"The name `{name}` in your code is not defined there. Did you mean `{twin}`?"
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
def test_the_name_that_a_line_sets_anew_is_suggested_before_another_one(
    line: str, close: str
) -> None:
    source = f"def cost(cache):\n{line}\n"
    names = frozenset({"A1", "dAl"} if "dAl" in line else {"A1"})
    piece = Slice("cost", cells=(Cell(5, source),), cell=5, found=True, local_names=names)
    at = next(n for n, text in enumerate(source.split("\n"), 1) if "dA1" in text)
    error = Raised("UnboundLocalError", "cannot access local variable 'dA1'", 5, at)

    (found,) = exceptions.from_errors(piece, FUNCTION, Observation((error,)))

    assert found.message.endswith(f" is not defined there. Did you mean `{close}`?")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("def cost(A2):\n    A2 = A1 * 2", "Did you mean `A2`?"),
        ("def cost(A2):\n    A2 = B2 * 2", "Is it spelt right, and set before it is used?"),
        ("A2 = 1\nA2 = A1 * 2", "Is it spelt right, and set before it is used?"),
    ],
)
def test_what_is_given_counts_as_set_and_two_letters_are_no_likeness(
    source: str, told: str
) -> None:
    piece = Slice("cost", cells=(Cell(5, source),), cell=5, found=True)
    name = "B2" if "B2" in source else "A1"
    error = Raised("NameError", f"name '{name}' is not defined", 5, 2, missing_name=name)

    (found,) = exceptions.from_errors(
        piece, dataclasses.replace(FUNCTION, parameters=()), Observation((error,))
    )

    assert found.message.endswith(told)


def test_a_name_is_not_suggested_for_itself() -> None:
    error = Raised("UnboundLocalError", "cannot access local variable 'm'", 7, 3)

    assert only(from_errors(error)) == (
        "name-error",
        (
            "The name `m` in line 3 of code cell 7 is not defined there."
            " Is it spelt right, and set before it is used?"
        ),
    )


def test_a_name_error_without_a_name_is_told_all_the_same() -> None:
    assert only(from_errors(Raised("NameError", "")))[1].startswith(
        "The name `a name` in your code "
    )


# ------------------------------------------------------------------ names of the notebook

READS_OUTSIDE = Slice("cost", cell=5, found=True, outside=(Outside("params", 9, "parameters"),))


def test_a_name_that_stands_in_the_place_of_a_parameter_is_told_with_its_line_first() -> None:
    odd = Diagnosis("wrong-shape", "cost has the shape (1,).")

    found = list(exceptions.from_outside(READS_OUTSIDE, (odd,)))

    assert found[1:] == [odd]
    assert only(found[:1]) == (
        "global-dependence",
        (
            "In line 9 of code cell 5 your function reads `params`, which is set elsewhere in your"
            " notebook, and not its own parameter `parameters`. Whatever it is called with, it goes on"
            " with that one value there: use what is passed to it."
        ),
    )


def test_what_follows_from_a_name_of_the_notebook_is_not_told_again() -> None:
    told = (
        Diagnosis("name-error", "The name `params` in line 9 of code cell 5 is not defined there."),
        Diagnosis("hard-coded-answer", "It is right on the published example only."),
    )

    assert [one.id for one in exceptions.from_outside(READS_OUTSIDE, told)] == ["global-dependence"]
    assert list(exceptions.from_outside(PIECE, told)) == list(told)


def test_another_name_that_is_not_defined_is_told_beside_that_of_the_notebook() -> None:
    told = (
        Diagnosis("name-error", "The name `W4` in line 9 of code cell 5 is not defined there."),
    )

    found = list(exceptions.from_outside(READS_OUTSIDE, told))

    assert [one.id for one in found] == ["global-dependence", "name-error"]


# ------------------------------------------------------------------ other exceptions


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            Raised("ValueError", "shapes (3,4) and (5,) not aligned", 7, 3),
            (
                "It stops at line 3 of code cell 7 with ValueError: shapes (3,4) and (5,) not aligned."
                " Mend that line first."
            ),
        ),
        (
            Raised("AssertionError", ""),
            "It stops at your code with AssertionError. Mend that line first.",
        ),
        (
            Raised("Bad\x1b[31m", "a\nb\u202ec\x00", 1, 1),
            "It stops at line 1 of code cell 1 with Bad [31m: a b c. Mend that line first.",
        ),
    ],
)
def test_an_exception_is_told_with_its_place(error: Raised, message: str) -> None:
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
    piece = Slice("cost", cells=(Cell(5, source),), cell=5, found=True)
    error = Raised("TypeError", "unsupported operand", cell, line)
    (found,) = exceptions.from_errors(piece, FUNCTION, Observation((error,)))
    return found


def test_a_line_that_was_handed_out_is_not_to_be_mended_but_what_it_gets_from_own_ones() -> None:
    found = stops_in_line(8)

    assert found.line == 6
    assert only([found]) == (
        "raises-error",
        (
            "It stops at line 8 of code cell 5 with TypeError: unsupported operand. That line is outside"
            " the places for your own code: look first at penalty, which it gets from your line 6."
        ),
    )


def test_a_line_of_ones_own_or_of_another_cell_or_where_nothing_is_marked_is_to_be_mended() -> None:
    bare = MARKED.replace("###", "")
    for found in (stops_in_line(5), stops_in_line(3), stops_in_line(8, bare)):
        assert found.message.endswith("Mend that line first.")
    assert [stops_in_line(line, bare).line for line in (5, 8)] == [5, 8]
    assert stops_in_line(8, cell=2).message.endswith("Mend that line first.")


# ------------------------------------------------------------------ slips in the language itself

XOR = "ufunc 'bitwise_xor' not supported for the input types"
XOR_OF_FLOATS = "unsupported operand type(s) for ^: 'float' and 'int'"
CARET = "`^` is no power in Python: write `**`, or `np.square`."
MEND = "Mend that line first."


def at_line(line: str, error: Raised) -> Diagnosis:
    """Return what is told of a function that has this one line, and stops there."""
    source = f"def cost(A3, Y, parameters):\n{line}\n"
    piece = Slice("cost", cells=(Cell(5, source),), cell=5, found=True)
    at = dataclasses.replace(error, cell=5, line=error.line or 2)
    (found,) = exceptions.from_errors(piece, FUNCTION, Observation((at,)))
    return found


@pytest.mark.parametrize(
    ("line", "words", "told"),
    [
        ("    return np.sum(A3^2)", XOR, CARET),
        ("    A3 ^= 2", "unsupported operand type(s) for ^=: 'float' and 'int'", CARET),
        ("    return A3.mean() ^ 2", XOR_OF_FLOATS, CARET),
        ("    return np.sum(\n        A3 ^ 2)", XOR, CARET),
        ("    return np.bitwise_xor(A3, 2)  # A3^2", XOR, MEND),
        ("    return '^', A3 | 2", XOR, MEND),
        ("    return A3 ^ 2 + []", "unsupported operand type(s) for +: 'int' and 'list'", MEND),
        ("    return A3 ^", XOR, MEND),
    ],
)
def test_a_caret_is_told_to_be_no_power(line: str, words: str, told: str) -> None:
    found = at_line(line, Raised("TypeError", words, line=1 + len(line.splitlines())))

    assert (found.id, found.line) == ("raises-error", 1 + len(line.splitlines()))
    assert found.message == (
        f"It stops at line {found.line} of code cell 5 with TypeError: {words}. {told}"
    )


def test_a_line_too_long_to_be_read_shows_no_slip() -> None:
    assert at_line("    A3 ^ 2" + " " * 100_000, Raised("TypeError", XOR)).message.endswith(MEND)


KEY = 'Keys stand in quotes: `parameters["W1"]`.'
UNDEFINED = "cannot access local variable 'W1' where it is not associated with a value"
UNHASHABLE = "unhashable type: 'numpy.ndarray'"


@pytest.mark.parametrize(
    ("line", "told"),
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
def test_a_key_that_is_not_defined_is_told_to_stand_in_quotes(
    line: str, *, told: bool, kind: str
) -> None:
    found = at_line(line, Raised(kind, UNDEFINED))

    assert found.id == "name-error"
    assert found.message.startswith("The name `W1` in line 2 of code cell 5 is not defined there. ")
    assert found.message.endswith(KEY) == told


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("    W1 = parameters[W1]", KEY),
        ("    parameters[W1] = A3", KEY),
        ("    return f(parameters[W1], parameters[W2])", KEY),
        ("    return {A3: parameters[W1]}", MEND),
        ("    return set([A3]), parameters[W1]", MEND),
        ("    return hash(A3), parameters[W1]", MEND),
        ("    return A3 in parameters[W1]", MEND),
        ("    return Y[W2], parameters[W1]", MEND),
        ("    return [parameters[W1] for W1 in A3]", MEND),
        ("    return parameters['W1']", MEND),
    ],
)
def test_an_array_for_a_key_is_told_to_stand_in_quotes(line: str, told: str) -> None:
    found = at_line(line, Raised("TypeError", UNHASHABLE))

    assert (found.id, found.line) == ("raises-error", 2)
    assert found.message == (
        f"It stops at line 2 of code cell 5 with TypeError: {UNHASHABLE}. {told}"
    )


def test_an_error_that_is_not_that_of_a_key_says_nothing_of_quotes() -> None:
    line = "    W1 = parameters[W1]; W2 = parameters['W2']"

    for error in (Raised("KeyError", "1"), Raised("TypeError", "bad operand")):
        assert at_line(line, error).message.endswith(MEND)


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
def test_a_number_of_an_array_is_told_to_be_made_of_each_element(
    line: str, word: str, which: str
) -> None:
    words = f"{which} arrays can be converted to Python scalars"
    message = at_line(line, Raised("TypeError", words, line=1 + len(line.splitlines()))).message

    told = f"`{word}` makes a single value: for every element of an array write `.astype({word})`."
    assert message.endswith(f" with TypeError: {words}. {told if word else MEND}")


def test_a_truth_value_of_an_array_is_told_likewise() -> None:
    told = "`bool` makes a single value: for every element of an array write `.astype(bool)`."
    error = Raised("ValueError", AMBIGUOUS)

    assert at_line("    D1 = bool(D1 < 1)", error).message.endswith(told)
    for line in ("    D1 = bool(D1 < 1 and D2)", "    D1 = D1.astype(bool)"):
        assert at_line(line, error).message.endswith(MEND)


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
def test_a_word_that_wants_one_truth_value_of_an_array_is_told(line: str, word: str) -> None:
    number = 1 + len(line.splitlines())
    instead = (
        f"take `np.logical_{word}`."
        if word in ("and", "or", "not")
        else "take `np.where`, or multiply by the mask."
    )
    wants = "one truth value" if word in ("if", "while") else "single truth values"

    message = at_line(line, Raised("ValueError", AMBIGUOUS, line=number)).message

    told = f"`{word}` wants {wants}, and NumPy compares arrays element by element: {instead}"
    assert message.endswith(f" with ValueError: {AMBIGUOUS}. {told if word else MEND}")


def test_another_error_at_such_a_line_says_nothing_of_it() -> None:
    for line in ("    if A3 > 0: return int(A3)", "    A3 = not bool(A3)"):
        for error in (Raised("ValueError", "bad"), Raised("TypeError", AMBIGUOUS)):
            assert at_line(line, error).message.endswith(MEND)


@pytest.mark.parametrize("kind", ["MemoryError", "_ArrayMemoryError"])
def test_a_function_that_asks_for_too_much_memory_is_told_so(kind: str) -> None:
    words = "Unable to allocate 32.0 GiB for an array with shape (65536, 65536)"

    assert only(from_errors(Raised(kind, words, 5, 9))) == (
        "too-much-memory",
        (
            "It stops at line 9 of code cell 5, where it asks for more memory than a function is"
            " given. Is an array there far larger than the data, or does a list grow without end?"
        ),
    )


def test_a_function_that_maps_too_much_memory_is_told_so() -> None:
    found = from_errors(Raised("OSError", "[Errno 12] Cannot allocate memory", 5, 9))
    assert only(found)[0] == "too-much-memory"


@pytest.mark.parametrize(
    "words", ["[Errno 27] File too large", "[Errno 28] No space left on device"]
)
def test_a_function_that_writes_too_much_is_told_so(words: str) -> None:
    assert only(from_errors(Raised("OSError", words, 5, 9))) == (
        "too-much-disk",
        (
            "It stops at line 9 of code cell 5, where it writes more than a function may keep on"
            " disk. What is asked for is a return value: nothing has to be written."
        ),
    )


def test_of_several_exceptions_the_first_is_told() -> None:
    diagnoses = from_errors(Returned(1.0), Raised("KeyError", "'a'"), Raised("ValueError", "b"))

    assert len(diagnoses) == 1
    assert "KeyError" in diagnoses[0].message


def test_a_function_that_returns_has_nothing_to_be_told() -> None:
    assert from_errors(Returned(1.0), Returned(None)) == []


def test_a_name_whose_import_failed_is_told_as_that() -> None:
    failed = Raised("ModuleNotFoundError", "No module named 'nn\x1b[31m'", 1, 1)
    error = Raised("NameError", "name 'np' is not defined", 7, 3, missing_name="np")
    other = Raised("NameError", "name 'qqq' is not defined", 7, 3, missing_name="qqq")

    told, about_another = (
        next(exceptions.from_errors(PIECE, FUNCTION, Observation((e,), raised_before=(failed,))))
        for e in (error, other)
    )

    assert told == Diagnosis(
        "failed-import",
        "`np` comes from an import that fails here (No module named 'nn [31m'). "
        "The graded functions need NumPy and the assignment's helper modules only.",
    )
    assert about_another.id == "name-error"


def test_a_function_that_takes_other_arguments_is_told_those_it_must_take() -> None:
    error = Raised("TypeError", "cost() takes 2 positional arguments but 3 were given")
    inside = Raised("TypeError", "unsupported argument", 7, 3)

    assert only(from_errors(error)) == (
        "wrong-arguments",
        (
            "cost must take (A3, Y, parameters), in that order; the definition in code cell 5,"
            " which is the last one and therefore counts, does not."
        ),
    )
    assert from_errors(inside)[0].id == "raises-error"


# ------------------------------------------------------------------ arguments that were changed


# ------------------------------------------------------------------ names that NumPy has removed


def test_a_removed_name_is_told_with_what_to_write_now() -> None:
    assert only(from_errors(Returned(1.0), notes=(("removed-numpy-name", "int"),))) == (
        "removed-numpy-name",
        (
            "NumPy no longer has np.int (write int). It was supplied for grading and cost nothing,"
            " but your notebook will stop there on a current NumPy."
        ),
    )


def test_several_removed_names_are_told_in_one_sentence() -> None:
    notes = (("removed-numpy-name", "product"), ("removed-numpy-name", "row_stack"), ("other", "x"))

    message = only(from_errors(notes=notes))[1]

    assert message.startswith(
        "NumPy no longer has np.product (write np.prod), np.row_stack (write np.vstack). It was"
    )


def test_a_forged_note_carries_no_control_characters() -> None:
    notes = (("removed-numpy-name", "\x1b[31m\u202e" + "x" * 5000),)

    message = only(from_errors(notes=notes))[1]

    assert message.startswith("NumPy no longer has np.[31m xxx")
    assert len(message) < 250


def test_an_exception_and_a_removed_name_are_told_together() -> None:
    notes = (("removed-numpy-name", "int"),)

    diagnoses = from_errors(Raised("KeyError", "'a'"), Returned(1.0), notes=notes)

    assert [d.id for d in diagnoses] == ["raises-error", "removed-numpy-name"]


# ------------------------------------------------------------------ notes


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("removed-numpy-name", "int", "np.int, which NumPy has removed, was supplied."),
        (
            "helper-module-renamed",
            "reg_utils_v1a",
            "The module reg_utils_v1a was not found; the assignment's helper functions stood in for it.",
        ),
        ("other", "thing", "other: thing"),
        ("\x1b[31m", "\u202ething\n", "[31m: thing"),
    ],
)
def test_what_the_box_did_for_a_program_is_told(kind: str, text: str, expected: str) -> None:
    assert exceptions.note(kind, text) == expected


def test_notes_are_short_whatever_was_sent() -> None:
    for kind in ("removed-numpy-name", "helper-module-renamed", "x" * 5000):
        assert len(exceptions.note(kind, "y" * 5000)) < 160
