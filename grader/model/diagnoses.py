"""The catalogue of diagnoses: one row each, with its words and with all that depends on its id.

A finder writes `diagnosis(INPUTS_MUTATED, names="x")`. A variant is a row's other wording:
`diagnosis(WRONG_TYPE, "number", ...)`. The known mistakes of an assignment are diagnoses too. Their
words are in the assignment's own files, and no row is needed for them here.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Formatter

from grader.messages import N_, Message, gettext
from grader.model.result import Diagnosis

KNOWN_BY_ERROR = "known mistake, by the line that raises"
KNOWN_BY_VALUES = "known mistake, by its values"
"""The two ways to find a known mistake of an assignment, as causes in `superseded_by`."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a diagnosis, as templates with names in braces.

    `what` is wrong, in the student's own quantities. `why` it matters, as an idea. `next` is one
    thing to do.
    """

    what: str
    why: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A diagnosis: its words, those of its variants, and how it relates to others and to a class.

    `personal`: it concerns one student's own lines, so a class page shows it as an example only.
    `names_mistake`: it names the mistake, not only the fact or the place of an error.
    `independent`: the values can be right all the same, so it is shown beside any other diagnosis.
    `superseded_by`: ids (or one of the two constants above) that explain it, if it follows from them.
    """

    id: str
    words: Words
    variants: Mapping[str, Words] = field(default_factory=dict)
    personal: bool = False
    names_mistake: bool = True
    independent: bool = False
    superseded_by: frozenset[str] = frozenset()


# ------------------------------------------------------------------ the function did not run
NOT_ATTEMPTED = Row(
    "not-attempted",
    Words(
        N_("{name} is not written yet."),
        N_("It contains only the lines that came with the assignment."),
        N_("Write your code, then submit again."),
    ),
    personal=True,
)
MISSING_FUNCTION = Row(
    "missing-function",
    Words(
        N_("Your notebook does not define {name}."),
        N_("The grader finds a function by its exact name."),
        N_("Define a function with exactly this name."),
    ),
    {
        "other-name": Words(
            N_(
                "Your notebook does not define {name}. It defines {other} with the same parameters."
            ),
            N_("The grader finds a function by its exact name."),
            N_("Rename {other} to {name}."),
        )
    },
    personal=True,
)
SYNTAX_ERROR = Row(
    "syntax-error",
    Words(
        N_("Python found a syntax error{line}: {error}. The line is `{text}`."),
        N_("Python cannot load this function until you fix that line."),
        N_("Fix that line first."),
    ),
    {
        "parameter": Words(
            N_(
                "Python found a syntax error{line}: {error}. The line is `{text}`. `lambda` is "
                "a Python keyword, so it cannot be a name."
            ),
            N_("Python cannot load this function until you fix that line."),
            N_("Use the parameter `{name}`."),
        ),
        "keyword": Words(
            N_(
                "Python found a syntax error{line}: {error}. The line is `{text}`. `lambda` is "
                "a Python keyword, so it cannot be a name."
            ),
            N_("Python cannot load this function until you fix that line."),
            N_("Choose another name."),
        ),
    },
    personal=True,
)

# ------------------------------------------------------------------ it raised an exception
FAILED_IMPORT = Row(
    "failed-import",
    Words(
        N_("`{name}` comes from an import that failed ({words})."),
        N_("The graded functions need only NumPy and the assignment's helper modules."),
        N_("Use NumPy or a helper module of the assignment instead."),
    ),
    personal=True,
)
NAME_ERROR = Row(
    "name-error",
    Words(
        N_("Your code uses the name `{name}`{line}, but this name is not defined."),
        N_("A name needs a value before it can be used."),
        N_("Check its spelling, and assign it before you use it."),
    ),
    {
        "close": Words(
            N_("Your code uses the name `{name}`{line}, but this name is not defined."),
            N_("A name needs a value before it can be used."),
            N_("Did you mean `{close}`?"),
        ),
        "key": Words(
            N_(
                "Your code uses the name `{name}`{line}, but this name is not defined. A key "
                "that is text needs quotes."
            ),
            N_("Python reads a word without quotes as the name of a variable."),
            N_("Write `{text}`."),
        ),
    },
    personal=True,
    superseded_by=frozenset({"failed-import", "global-dependence"}),
)
WRONG_ARGUMENTS = Row(
    "wrong-arguments",
    Words(
        N_("The definition of {name}{line} does not take the required parameters."),
        N_("If a function is defined more than once, the last definition counts."),
        N_("Start the definition with `def {name}({parameters}):`."),
    ),
    personal=True,
)
TOO_MUCH_DISK = Row(
    "too-much-disk",
    Words(
        N_("Your function stops{line} because it writes more to disk than is allowed."),
        N_("Only the return value is graded."),
        N_("Remove the code that writes files."),
    ),
    personal=True,
)
TOO_MUCH_MEMORY = Row(
    "too-much-memory",
    Words(
        N_("Your function stops{line} because it needs more memory than is allowed."),
        N_("A right solution needs much less memory."),
        N_("Is an array there much larger than the data, or does a list grow without end?"),
    ),
    personal=True,
)
RAISES_ERROR = Row(
    "raises-error",
    Words(
        N_("Your function stops{line} with {error}."),
        N_("The code after that line does not run."),
        N_("Fix that line first."),
    ),
    {
        "handed-out": Words(
            N_("Your function stops{line} with {error}. That line came with the assignment."),
            N_(
                "A line of the assignment usually fails because of a value that your own "
                "code computed."
            ),
            N_("First check {name}, which your code computes{origin}."),
        ),
        "xor": Words(
            N_("Your function stops{line} with {error}. In Python `^` is bitwise XOR."),
            N_("The code after that line does not run."),
            N_("For powers use `**` or `np.square`."),
        ),
        "key": Words(
            N_("Your function stops{line} with {error}. A key that is text needs quotes."),
            N_("Python reads a word without quotes as the name of a variable."),
            N_("Write `{text}`."),
        ),
        "one-value": Words(
            N_("Your function stops{line} with {error}. `{word}()` converts one value."),
            N_("The code after that line does not run."),
            N_("To convert every element of an array use `.astype({word})`."),
        ),
        "logical": Words(
            N_(
                "Your function stops{line} with {error}. `{word}` needs single True or False "
                "values, but NumPy compares arrays element by element."
            ),
            N_("The code after that line does not run."),
            N_("Use `np.logical_{word}`."),
        ),
        "condition": Words(
            N_(
                "Your function stops{line} with {error}. `{word}` needs one True or False "
                "value, but NumPy compares arrays element by element."
            ),
            N_("The code after that line does not run."),
            N_("Use `np.where` to choose a value for each element."),
        ),
    },
    personal=True,
    names_mistake=False,
    superseded_by=frozenset({KNOWN_BY_ERROR}),
)

# ------------------------------------------------------------------ structure of the result
RETURNS_NOTHING = Row(
    "returns-nothing",
    Words(
        N_("Your function returns None, but should return {expected}."),
        N_("A Python function without a `return` statement returns None."),
        N_("End the function with a `return` statement."),
    ),
)
WRONG_TYPE = Row(
    "wrong-type",
    Words(
        N_("{quantity} {message}."),
        N_("The grader compares numbers only."),
        N_("Check the line that computes {quantity}."),
    ),
    {
        "number": Words(
            N_("Your function returns {what}, but should return a single number."),
            N_("Other code calculates with this value."),
            N_("Check the expression after `return`."),
        ),
        "dictionary": Words(
            N_(
                "Your function returns {what}, but should return a dictionary with the keys {keys}."
            ),
            N_("Other code looks up each value by its key."),
            N_("Check the expression after `return`."),
        ),
        "pair": Words(
            N_("Your function returns {what}, but should return two values: {first} and {rest}."),
            N_("Other code unpacks exactly two values."),
            N_("End the function with `return {first}, {rest}`."),
        ),
        "coroutine": Words(
            N_("Your function is defined with `async def`, so a call does not run its code."),
            N_("A call of such a function returns a coroutine, not a result."),
            N_("Remove `async` before `def`."),
        ),
    },
    personal=True,
)
WRONG_SHAPE = Row(
    "wrong-shape",
    Words(
        N_("{quantity} {message}."),
        N_(
            "NumPy may repeat an array to fit another shape (broadcasting). There is no error, "
            "but later values are wrong."
        ),
        N_(
            "Print the shape of each array in the line that computes {quantity}: which step "
            "gives the wrong shape?"
        ),
    ),
    {
        "number": Words(
            N_(
                "Your function returns an array of shape {shape}, but should return a single "
                "number."
            ),
            N_(
                "A single number has shape (). An array with one element, such as shape "
                "(1, 1), is not a single number."
            ),
            N_("Which step should turn the array into one number?"),
        )
    },
    personal=True,
    superseded_by=frozenset({KNOWN_BY_ERROR, KNOWN_BY_VALUES, "raises-error"}),
)
WRONG_PARTS = Row(
    "wrong-parts",
    Words(
        N_("The returned {rest} is {what}, but should be a tuple of {count} values: {names}."),
        N_("Other code unpacks the {rest} by position."),
        N_("Compare your {rest} with this list, one value at a time."),
    ),
)
MISSING_KEYS = Row(
    "missing-keys",
    Words(
        N_("The returned dictionary has no entry for {names}."),
        N_("Other code looks up each value by its exact key."),
        N_("Add each missing key with exactly this spelling."),
    ),
)

# ------------------------------------------------------------------ conduct between calls
INPUTS_MUTATED = Row(
    "inputs-mutated",
    Words(
        N_("Your function changes arrays that the caller passed to it: {names}."),
        N_("The code that calls your function may still need the old values."),
        N_("Write `x = x + 1`, which makes a new array. `x += 1` changes the old one."),
    ),
    independent=True,
)
NOT_DETERMINISTIC = Row(
    "not-deterministic",
    Words(
        N_("Two calls with the same arguments and the same seed return different values."),
        N_("A result that changes from call to call cannot be repeated or checked."),
        N_(
            "Look for a random generator without a seed, or for a variable that keeps its "
            "value between calls."
        ),
    ),
    independent=True,
)
REMOVED_NUMPY_NAME = Row(
    "removed-numpy-name",
    Words(
        N_("Your code uses {names}, which current versions of NumPy no longer have."),
        N_(
            "The grader used a replacement, so you lost no points. With a current NumPy your "
            "notebook stops there."
        ),
        N_("Replace each old name in your notebook."),
    ),
    independent=True,
)
GLOBAL_DEPENDENCE = Row(
    "global-dependence",
    Words(
        N_(
            "Your function uses {name}{line}, which is defined elsewhere in your notebook, "
            "instead of its own parameter `{parameter}`."
        ),
        N_("A variable from outside has the same value in every call."),
        N_("Use the parameter `{parameter}` there."),
    ),
)

# ------------------------------------------------------------------ wrong values
HARD_CODED_ANSWER = Row(
    "hard-coded-answer",
    Words(
        N_("Your function is right on the published example, but wrong on other data."),
        N_("The result should depend on the arguments only."),
        N_(
            "Look for a fixed number that fits only this example: a size, a parameter's "
            "value or the result itself."
        ),
    ),
    superseded_by=frozenset({KNOWN_BY_VALUES, "global-dependence"}),
)
UNEXPLAINED = Row(
    "unexplained",
    Words(
        N_("The first wrong value is {name}{line}."),
        N_("The grader does not recognise this mistake, so it cannot name the cause."),
        N_("Compare the line that computes {name} with the formula."),
    ),
    names_mistake=False,
)
"""Values that are wrong in a way that has no name."""

CATALOGUE: Mapping[str, Row] = {row.id: row for row in [*vars().values()] if isinstance(row, Row)}
"""Every row of this module by its id."""

_NONE = Row("", Words(""))


def row_of(id: str) -> Row:
    """Return the row of an id; a known mistake of an assignment has the default of every column."""
    return CATALOGUE.get(id, _NONE)


def id_of(name: str) -> str:
    """Return the id of a known mistake or of its variant, by the name of its function.

    >>> id_of("scale_missing__first")
    'scale-missing'
    """
    return name.split("__", maxsplit=1)[0].replace("_", "-")


def diagnosis(
    row: Row, variant: str = "", /, *, named: str = "", at: int | None = None, **values: object
) -> Diagnosis:
    """Return the diagnosis of a row or of its variant, with `values` filled into its words.

    An assignment may have an id of its own for it (`named`). `at` is the line at fault in the cell
    of the function. Raises KeyError for a variant that the row does not have.

    >>> diagnosis(INPUTS_MUTATED, names="x, y").what
    'Your function changes arrays that the caller passed to it: x, y.'
    """
    return in_words(named or row.id, row.variants[variant] if variant else row.words, at, **values)


def in_words(id: str, words: Words, at: int | None = None, /, **values: object) -> Diagnosis:
    """Return a diagnosis of an id in certain words. Raises KeyError if a value of theirs is missing."""
    texts = (words.what, words.why, words.next)
    what, why, then = (
        gettext(text, **{name: values[name] for name in _names_in(text)}) if text else ""
        for text in texts
    )
    return Diagnosis(id, what, why, then, at)


@functools.cache
def _names_in(template: str) -> frozenset[str]:
    """Return the names of the values that a template has places for."""
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)


def in_line(line: int | None, cell: int | None) -> Message | str:
    """Return a place to go on with in a sentence, with a space before it, or "" if unknown.

    >>> in_line(3, 7)
    ' in line 3 of code cell 7'
    """
    if not line or not cell:
        return ""
    return gettext(" in line {line} of code cell {cell}", line=line, cell=cell)


def in_brackets(line: int | None, cell: int | None) -> Message | str:
    """Return a place in brackets, with a space before it, or "" if it is unknown.

    >>> in_brackets(3, 7)
    ' (line 3 of code cell 7)'
    """
    return gettext(" (line {line} of code cell {cell})", line=line, cell=cell) if line else ""
