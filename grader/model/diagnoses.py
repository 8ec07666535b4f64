"""The catalogue of diagnoses: one row each, with its words and with all that depends on its id.

A finder writes `diagnosis(INPUTS_MUTATED, names="x")`. A variant is a row's other wording:
`diagnosis(WRONG_TYPE, "number", ...)`. The known mistakes of an assignment are diagnoses too. Their
words are in the assignment's own files, and no row is needed for them here.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import field
from string import Formatter

from grader.messages import N_, Message, gettext
from grader.model.findings import Diagnosis
from grader.model.record import record

KNOWN_BY_ERROR = "known mistake, by the line that raises"
KNOWN_BY_VALUES = "known mistake, by its values"
"""The two ways to find a known mistake of an assignment, as causes in `superseded_by`."""


@record
class Words:
    """The words of a diagnosis, as templates with names in braces.

    `what` is wrong, in the student's own quantities. `why` it matters, as an idea. `next` is one
    thing to do.
    """

    what: str
    why: str = ""
    next: str = ""


@record
class Row:
    """A diagnosis: its words, those of its variants, and how it relates to others and to a class.

    `personal`: it concerns one student's own lines, so a class page shows it as an example only.
    `names_mistake`: it names the mistake, not only the fact or the place of an error.
    `independent`: the values can be right all the same, so it is shown beside any other diagnosis.
    `superseded_by`: ids (or one of the two constants above) that explain it, if it follows from them.
    `gives_way`: the words of a proven repair are better than its own.
    """

    id: str
    words: Words
    variants: Mapping[str, Words] = field(default_factory=dict)
    personal: bool = False
    names_mistake: bool = True
    independent: bool = False
    superseded_by: frozenset[str] = frozenset()
    gives_way: bool = False


# ------------------------------------------------------------------ the function did not run
NOT_ATTEMPTED = Row(
    "not-attempted",
    Words(
        N_("{name} is not written yet."),
        N_("It contains only the lines that came with the assignment."),
        N_("Write the missing lines."),
    ),
    {
        "in-part": Words(
            N_("A part of {name} is not written yet."),
            N_("A function returns a result only if every line that it needs is written."),
            N_("Write the missing lines. The result is still the placeholder{line}."),
        ),
    },
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
        ),
        "inside": Words(
            N_("{name} is defined inside {other}{line}."),
            N_("A function that is defined inside another function or a class exists only there."),
            N_("Move its definition out of {other}, to the left margin."),
        ),
        "other-task": Words(
            N_("Your notebook defines {name} with the parameters {own}, for another task."),
            N_("In this assignment the parameters of {name} are {parameters}."),
            N_(
                "Submit the notebook of this assignment. If this is the notebook, start the "
                "definition with `def {name}({parameters}):`."
            ),
        ),
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
        "times": Words(
            N_(
                "Python found a syntax error{line}: {error}. The line is `{text}`. The sign for "
                "multiplication is `*`, not a letter."
            ),
            N_("Python cannot load this function until you fix that line."),
            N_("Write `*` between the two factors."),
        ),
        "newer": Words(
            N_(
                "The syntax{line} needs Python {version}. The grader has Python {own}: {error}. "
                "The line is `{text}`."
            ),
            N_("Python cannot load this function until you write that line in an older form."),
            N_("Write that line in an older form, or ask your instructor to look at it."),
        ),
        "helper": Words(
            N_(
                "Your code uses `{name}`, but Python found a syntax error in its "
                "definition{line}: {error}. The line is `{text}`."
            ),
            N_("Python cannot load `{name}` until you fix that line."),
            N_("Fix that line first."),
        ),
    },
    personal=True,
    gives_way=True,
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
        "local": Words(
            N_(
                "Your code uses `{name}`{line} before it has a value. The assignment{origin} "
                "makes it a variable of this function, so the function of that name is not "
                "available."
            ),
            N_("A name that is assigned in a function belongs to this function everywhere in it."),
            N_("Use another name for the variable."),
        ),
        "deleted": Words(
            N_("Your code uses the name `{name}`{line}, but `del`{origin} deletes it."),
            N_("After `del` a name has no value."),
            N_("Remove it from that `del`."),
        ),
        "function-deleted": Words(
            N_("Your notebook defines `{name}`, but `del`{origin} deletes it."),
            N_("The grader calls your functions after the last cell."),
            N_("Remove it from that `del`."),
        ),
    },
    personal=True,
    superseded_by=frozenset({"failed-import", "global-dependence"}),
    gives_way=True,
)
WRONG_ARGUMENTS = Row(
    "wrong-arguments",
    Words(
        N_("The definition of {name}{line} does not take the required parameters."),
        N_("If a function is defined more than once, the last definition counts."),
        N_("Start the definition with `def {name}({parameters}):`."),
    ),
    {
        "order": Words(
            N_("The definition of {name}{line} has its parameters in another order: {own}."),
            N_("Other code passes the arguments by position."),
            N_("Start the definition with `def {name}({parameters}):`."),
        ),
    },
    personal=True,
    gives_way=True,
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
        "shadowed": Words(
            N_(
                "Your function stops{line} with {error}. The assignment{origin} gives the name "
                "`{name}` another value, so the function of that name is not available."
            ),
            N_("A name has one value at a time. The last assignment counts."),
            N_("Use another name in that assignment."),
        ),
        "shadowed-module": Words(
            N_(
                "Your function stops{line} with {error}. The assignment{origin} gives the name "
                "`{name}` another value, so the module of that name is not available."
            ),
            N_("A name has one value at a time. The last assignment counts."),
            N_("Use another name in that assignment."),
        ),
        "input": Words(
            N_("Your function calls `input`{line}, but grading has no keyboard input."),
            N_("The grader calls your function with all its arguments."),
            N_("Remove `input` and use the parameters."),
        ),
        "debugger": Words(
            N_("Your function starts a debugger{line}, which grading cannot use."),
            N_("The code after that line does not run."),
            N_("Remove the line that starts the debugger."),
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
        "one-array": Words(
            N_("Your function stops{line} with {error}. `{word}` takes one array."),
            N_("Its second argument is not another array. For `np.sum` it is the axis."),
            N_("Call `{word}` for each array by itself."),
        ),
        "elementwise": Words(
            N_(
                "Your function stops{line} with {error}. `+`, `-`, `*` and `/` need arrays whose "
                "shapes fit, element by element."
            ),
            N_("The code after that line does not run."),
            N_("Print the shape of each array in that line. Which one is not what you expect?"),
        ),
        "product": Words(
            N_(
                "Your function stops{line} with {error}. In a product of matrices the first needs "
                "as many columns as the second has rows."
            ),
            N_("The code after that line does not run."),
            N_("Does the formula have a product of matrices there? Which matrix is transposed?"),
        ),
        "too-few-arguments": Words(
            N_("Your function stops{line} with {error}. The call is `{call}`."),
            N_("A call needs a value for each parameter that has no default value."),
            N_("Read the definition of `{name}`. Which of its parameters gets no value here?"),
        ),
        "number-with-index": Words(
            N_("Your function stops{line} with {error}. `{name}` is a single number."),
            N_("Only arrays, lists and dictionaries have elements."),
            N_("Which array holds the value that you need there?"),
        ),
        "condition": Words(
            N_(
                "Your function stops{line} with {error}. `{word}` needs one True or False "
                "value, but NumPy compares arrays element by element."
            ),
            N_("The code after that line does not run."),
            N_("Use `np.where` to choose a value for each element."),
        ),
        "whole-container": Words(
            N_(
                "Your function stops{line} with {error}. `{text}` is a {kind}. Arithmetic needs a "
                "number or an array."
            ),
            N_("The code after that line does not run."),
            N_(
                "Which value does the formula have there: one value of `{text}`, or another variable?"
            ),
        ),
        "returns-none": Words(
            N_("Your function stops{line} with {error}. The call `{text}` returns None."),
            N_("Some functions change something and return no value."),
            N_("Write this call in a line of its own, and call the other function after it."),
        ),
        "divisor": Words(
            N_("Your function stops{line} with {error}. `{text}` is 0 there."),
            N_("The code after that line does not run."),
            N_("Compare the denominator with the formula. Which quantity should it be?"),
        ),
        "does-not-fit": Words(
            N_(
                "Your function stops{line} with {error}. The part `{text}` of the array has the "
                "shape {place}, but the new value has the shape {shape}."
            ),
            N_("An assignment to a part of an array needs a value of the same shape."),
            N_("Look at each variable on the right: is an index such as `[i]` missing?"),
        ),
        "several-values": Words(
            N_(
                "Your function stops{line} with {error}. `{text}` holds one number, but the new "
                "value is a sequence."
            ),
            N_("A function can return several values at once."),
            N_("What does the right side return? Write one name on the left for each value."),
        ),
    },
    personal=True,
    names_mistake=False,
    superseded_by=frozenset({KNOWN_BY_ERROR}),
    gives_way=True,
)

# ------------------------------------------------------------------ structure of the result
RETURNS_NOTHING = Row(
    "returns-nothing",
    Words(
        N_("Your function returns None, but should return {expected}."),
        N_("A Python function without a `return` statement returns None."),
        N_("End the function with a `return` statement."),
    ),
    gives_way=True,
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
        "several": Words(
            N_("Your function returns {what}, but should return {count} values."),
            N_("Other code unpacks exactly {count} values."),
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
    gives_way=True,
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
    gives_way=True,
)
WRONG_PARTS = Row(
    "wrong-parts",
    Words(
        N_("The returned {rest} is {what}, but should be a tuple of {count} values: {names}."),
        N_("Other code unpacks the {rest} by position."),
        N_("Compare your {rest} with this list, one value at a time."),
    ),
    gives_way=True,
)
MISSING_KEYS = Row(
    "missing-keys",
    Words(
        N_("The returned dictionary has no entry for {names}."),
        N_("Other code looks up each value by its exact key."),
        N_("Add each missing key with exactly this spelling."),
    ),
    gives_way=True,
)

# ------------------------------------------------------------------ conduct between calls
INPUTS_MUTATED = Row(
    "inputs-mutated",
    Words(
        N_("Your function changes arrays that the caller passed to it: {names}."),
        N_("The code that calls your function may still need the old values."),
        N_("Change a copy of each, and leave the argument as it is."),
    ),
    {
        "augmented": Words(
            N_("`{text}`{line} changes {name}, which the caller passed to your function."),
            N_("The code that calls your function may still need the old values."),
            N_("Write `{new}`, which makes a new array."),
        ),
        "copy": Words(
            N_("`{text}`{line} changes {name}, which the caller passed to your function."),
            N_("The code that calls your function may still need the old values."),
            N_("Write `{new}` before this line, so that only the copy changes."),
        ),
        "variable": Words(
            N_("`{text}`{line} changes {name}, which the caller passed to your function."),
            N_("The code that calls your function may still need the old values."),
            N_("Put the new value into a new variable, and leave {name} as it is."),
        ),
    },
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
    {
        "trained": Words(
            N_("Your function uses {name}{line}, which a training in your notebook computes."),
            N_("A training is slow, and a variable from outside has the same value in every call."),
            N_("Which argument of your function contains the value that you need?"),
        )
    },
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
    gives_way=True,
)
REST_IS_RIGHT = N_("Apart from what is listed here, your function is right.")
REPAIR = Row(
    "repair",
    Words(
        N_("There is a mistake in `{text}`{line}."),
        REST_IS_RIGHT,
        N_("Compare this line with the formula."),
    ),
    {
        "name": Words(
            N_("`{text}`{line} is not the name that is needed there."),
            REST_IS_RIGHT,
            N_("Did you mean `{name}`?"),
        ),
        "quotes": Words(
            N_("`{text}`{line} is the name of a variable, but a key is needed there."),
            N_(
                "A key that is text needs quotes. Python reads a word without quotes as a variable."
            ),
            N_("Write the key in quotes."),
        ),
        "no-quotes": Words(
            N_("{text}{line} is text, but the value of a variable is needed there."),
            N_("Python does not calculate with text in quotes: it stays as it is written."),
            N_("Remove the quotes."),
        ),
        "half-quoted": Words(
            N_("The quotes in {text}{line} are around too much: `+` and the call are text there."),
            N_("Python does not calculate with text in quotes: it stays as it is written."),
            N_("Put only the letters of the key in quotes."),
        ),
        "key": Words(
            N_("The key {text}{line} is not the key that is needed there."),
            N_("A key must be spelled exactly as in the dictionary."),
            N_("Did you mean `{name}`?"),
        ),
        "key-part": Words(
            N_("The key `{text}`{line} is not complete."),
            N_("A key must be spelled exactly as in the dictionary."),
            N_("Compare it with the keys in the docstring or in the text. What is missing?"),
        ),
        "literal": Words(
            N_("`{text}`{line} is not the right number there."),
            REST_IS_RIGHT,
            N_("Which number does the formula have there, or which variable stands for it?"),
        ),
        "function": Words(
            N_("`{text}`{line} is not the function that is needed there."),
            REST_IS_RIGHT,
            N_("What should this step compute from its arguments? Which function does that?"),
        ),
        "to-text": Words(
            N_("`{text}`{line} is a number, but text is needed there."),
            N_("`+` joins text with text only."),
            N_("Which function of Python turns a number into text?"),
        ),
        "dotted": Words(
            N_("`{text}`{line} looks for a function inside another function."),
            N_("A dot selects a function of a module. A function contains no other functions."),
            N_(
                "Which of the two functions does the formula apply first? Its call belongs "
                "in the brackets of the other one."
            ),
        ),
        "shared": Words(
            N_("`{text}`{line} gives the same array a second name. It does not make a new array."),
            N_("A change of one element is then seen under both names."),
            N_("Where do you need an array of its own? Make a copy there."),
        ),
        "list": Words(
            N_("`{text}`{line} makes a list, but a dictionary is needed there."),
            N_("A list counts its items from 0. A dictionary finds its values by keys."),
            N_("Which brackets make a dictionary?"),
        ),
        "sizes": Words(
            N_("`{text}`{line} is an array, but its sizes are needed there."),
            N_("The items of an array are its rows. Its sizes are in an attribute."),
            N_("Which attribute of an array holds the number of rows and of columns?"),
        ),
        "whole": Words(
            N_("`{text}`{line} selects a part, but the whole value is needed there."),
            N_(
                "`a[x]` selects an item of a list, a tuple, a dictionary or an array. "
                "A single number has no items."
            ),
            N_("What is in front of the square brackets? Does the formula use only a part of it?"),
        ),
        "start-value": Words(
            N_("`{text}`{line} uses the old value of `{name}`, but there is none yet."),
            N_("A sum in a loop needs a value that it starts from."),
            N_("Assign `{name}` before the loop. Which value does a sum start from?"),
        ),
        "attribute": Words(
            N_("`{text}`{line} does not exist."),
            N_("Python needs the exact spelling of a name."),
            N_("Did you mean `{name}`?"),
        ),
        "prefix": Words(
            N_("`{text}`{line} is a function of NumPy."),
            N_("Python looks for such a function in the module that you name in front of it."),
            N_("Write `{name}.` in front of it."),
        ),
        "builtin": Words(
            N_("`{text}`{line} is Python's own function, not that of NumPy."),
            N_("Python's own function takes a matrix row by row."),
            N_("Which function of NumPy has the same purpose?"),
        ),
        "no-prefix": Words(
            N_("`{text}`{line} is not in this module."),
            N_("The name before the dot is the module in which Python looks for the function."),
            N_("Use `{name}` without the module in front of it."),
        ),
        "transpose": Words(
            N_("The matrix `{text}`{line} does not have the right orientation."),
            N_(
                "In a product of matrices the number of columns on the left equals "
                "the number of rows on the right. In a sum both matrices have the same shape."
            ),
            N_(
                "Write down the shape of each matrix there. Which one must be "
                "transposed, and which one not?"
            ),
        ),
        "operator": Words(
            N_("The operator `{name}` in `{text}`{line} is not the right one."),
            REST_IS_RIGHT,
            N_("What does the formula do with these two values?"),
        ),
        "exchanged": Words(
            N_("In `{text}`{line} the parts are in the wrong order."),
            N_("For a division, a difference and a product of matrices the order matters."),
            N_("Which part comes first in the formula?"),
        ),
        "extra": Words(
            N_("`{text}`{line} has a part that does not belong there."),
            REST_IS_RIGHT,
            N_("Compare each part with the formula. Which one is not in it?"),
        ),
        "sign": Words(
            N_("`{text}`{line} has the wrong sign."),
            REST_IS_RIGHT,
            N_("Is a minus missing there, or is there one that the formula does not have?"),
        ),
        "comparison": Words(
            N_("The comparison in `{text}`{line} is not right."),
            REST_IS_RIGHT,
            N_("For which values should it be true?"),
        ),
        "uncompared": Words(
            N_("`{text}`{line} is used as it is, but a comparison is needed there."),
            N_("A comparison turns each number into True or False."),
            N_("For which values should the result be true?"),
        ),
        "brackets": Words(
            N_("The brackets in `{text}`{line} are not where they should be, or they are missing."),
            N_(
                "Python calculates `*` and `/` from left to right, and before `+` "
                "and `-`. So `a / b * c` is a divided by b, then multiplied by c."
            ),
            N_("Which part does the formula calculate first? Put brackets around that part only."),
        ),
        "complement": Words(
            N_("`{text}`{line} is the wrong one of two probabilities that add up to 1."),
            N_("`keep` and `drop` are opposites: one is 1 minus the other."),
            N_("Which of the two does the formula use?"),
        ),
        "divisor": Words(
            N_("`{text}`{line} is not divided by all that the formula divides it by."),
            REST_IS_RIGHT,
            N_("Compare the denominator with the formula. What is missing?"),
        ),
        "factor": Words(
            N_("A factor is missing in `{text}`{line}."),
            REST_IS_RIGHT,
            N_("Compare the numerator with the formula. What is missing?"),
        ),
        "operand": Words(
            N_("A part of the formula is missing in `{text}`{line}."),
            REST_IS_RIGHT,
            N_("Compare each part of this line with the formula. Where should `{name}` appear?"),
        ),
        "product-matrix": Words(
            N_("In `{text}`{line} the product is taken element by element."),
            N_(
                "The product of two matrices adds up products over one axis. The "
                "product element by element keeps the shape."
            ),
            N_("Which shape must the result have, and which product gives it?"),
        ),
        "product-elements": Words(
            N_("In `{text}`{line} the product of matrices is taken."),
            N_(
                "The product element by element keeps the shape. The product of two "
                "matrices adds up products over one axis."
            ),
            N_("Which shape must the result have, and which product gives it?"),
        ),
        "tuple": Words(
            N_("The arguments in `{text}`{line} are grouped in the wrong way."),
            N_(
                "One pair of brackets belongs to the call. A second pair makes a "
                "single tuple of several values."
            ),
            N_("How many arguments does this function expect, and of which kind?"),
        ),
        "argument": Words(
            N_("The arguments of `{text}`{line} are not complete, or there are too many."),
            REST_IS_RIGHT,
            N_("Which arguments does this function need?"),
        ),
        "unpacked": Words(
            N_("`{text}`{line} does not get the sizes that it needs."),
            N_(
                "Some functions take the sizes of an array one by one, others take "
                "the shape as one tuple. A star, as in `*shape`, unpacks a tuple."
            ),
            N_("Does this function take the sizes one by one, or as one tuple?"),
        ),
        "axis": Words(
            N_("`axis` or `keepdims` in `{text}`{line} is missing or not right."),
            N_(
                "`axis` selects the direction of a sum. `keepdims=True` keeps that "
                "axis with the length 1."
            ),
            N_("Which shape must the result have?"),
        ),
        "keyword": Words(
            N_("`{text}`{line} has an argument whose name does not exist."),
            N_("Python needs the exact spelling of a name."),
            N_("Did you mean `{name}`?"),
        ),
        "call": Words(
            N_("`{name}` in `{text}`{line} does not belong there."),
            REST_IS_RIGHT,
            N_("What does `{name}` change, and does the formula ask for it?"),
        ),
        "wrapped": Words(
            N_("`{text}`{line} is used as it is, but a function must be applied to it first."),
            REST_IS_RIGHT,
            N_("What does this step need of this value? Which function computes it?"),
        ),
        "split": Words(
            N_("`{text}`{line} combines several matrices before it reduces them to numbers."),
            N_(
                "Matrices of different shapes cannot be added. Their sums, which are "
                "single numbers, can."
            ),
            N_("What is the sum for each matrix alone? Add these numbers."),
        ),
        "square-brackets": Words(
            N_("`{text}`{line} has round brackets where square ones are needed."),
            N_(
                "`f(x)` calls a function. `a[x]` selects an item of a list, a tuple, "
                "a dictionary or an array."
            ),
            N_("Use `[ ]` there."),
        ),
        "round-brackets": Words(
            N_("`{text}`{line} has square brackets where round ones are needed."),
            N_(
                "`f(x)` calls a function. `a[x]` selects an item of a list, a tuple, "
                "a dictionary or an array."
            ),
            N_("Use `( )` there."),
        ),
        "missing-star": Words(
            N_("A `*` is missing in `{text}`{line}."),
            N_(
                "Brackets directly after a value call it as a function. Python does "
                "not multiply by itself."
            ),
            N_("Write `*` between the two factors."),
        ),
        "called": Words(
            N_("`{text}`{line} has brackets of a call that do not belong there."),
            N_(
                "Only a function is called. A variable or an attribute, such as a shape, is a value."
            ),
            N_("Remove the `()`."),
        ),
        "uncalled": Words(
            N_("`{text}`{line} is a function that is not called."),
            N_("A function runs only with brackets after its name."),
            N_("Add `()` after it."),
        ),
        "index": Words(
            N_("The index in `{text}`{line} is missing or not right."),
            N_("`.shape` has one size for each axis: rows first, then columns."),
            N_("Which of the sizes, or which item, is needed there?"),
        ),
        "comma": Words(
            N_("The comma in `{text}`{line} does not belong there."),
            N_("A comma separates values. In Python it makes a tuple, even without brackets."),
            N_("What should be there instead of the comma? It may be nothing, or a point."),
        ),
        "range": Words(
            N_("`{text}`{line} does not count the numbers that are needed there."),
            N_("`range(n)` counts from 0 to n - 1, and `range(a, n)` from a to n - 1."),
            N_("Write down the numbers that the loop counts. Which ones should it count?"),
        ),
        "counter": Words(
            N_("`{text}`{line} is not the number that is needed there."),
            N_("The items of a list are counted from 0. Other numbers may be counted from 1."),
            N_("Choose one round of the loop. Which value has `{text}`, and which one is needed?"),
        ),
        "entry": Words(
            N_("The dictionary in `{text}`{line} does not have the key `{name}`."),
            N_("Other code reads a dictionary by its keys, so all of them must be there."),
            N_("Compare the keys with the list in the docstring or in the text."),
        ),
        "selection": Words(
            N_("`{text}`{line} selects some items. The others are lost."),
            N_(
                "With an array `b` of True and False, `a[b]` has one axis only. "
                "`a * b` keeps the shape of `a`."
            ),
            N_("Which shape must the result have, and what should happen to the other items?"),
        ),
        "sides": Words(
            N_("The line `{text}`{line} assigns in the wrong direction."),
            N_("`=` gives the name on its left the value on its right."),
            N_("Which name should get a value in this line?"),
        ),
        "line-break": Words(
            N_("The line `{text}`{line} has no effect: the formula ends on the line above."),
            N_("A line break ends a statement, except inside brackets."),
            N_("How can a formula continue on the next line?"),
        ),
        "order": Words(
            N_("The values in `{text}`{line} are in the wrong order, or there are too many."),
            N_("Values in a tuple are matched by their position."),
            N_("Compare the order with the code that uses it."),
        ),
        "empty": Words(
            N_("`None`{line} is still the placeholder of the assignment."),
            N_("Python cannot calculate with None."),
            N_("Replace it with your own code. Which values in the formula does this line need?"),
        ),
        "assign": Words(
            N_("`{text}`{line} compares two values. It does not assign one."),
            N_("`=` assigns a value, `==` compares two values."),
            N_("Use one `=`."),
        ),
        "unassigned": Words(
            N_("The line `{text}`{line} computes a value, but no variable gets it."),
            N_("A line without `=` changes no variable."),
            N_("Which variable should have this value afterwards?"),
        ),
        "augmented": Words(
            N_(
                "`{text}`{line} should either add to the old value or replace it, "
                "but it does the opposite."
            ),
            N_("`=` replaces the old value. `+=` adds to it."),
            N_("What should `{name}` be after this line?"),
        ),
        "in-place": Words(
            N_("`{text}`{line} changes an array in place."),
            N_(
                "`a *= b` changes the array itself, everywhere it is used. `a = a * "
                "b` makes a new one."
            ),
            N_("Make a new array there."),
        ),
        "unpacking": Words(
            N_("`{text}`{line} does not unpack the values that are there."),
            N_("The names on the left are matched to the values on the right by their position."),
            N_("Compare both sides, one value at a time."),
        ),
        "return-value": Words(
            N_("`{text}`{line} does not return the right value."),
            REST_IS_RIGHT,
            N_("Which variable holds the result?"),
        ),
        "return-pair": Words(
            N_("`{text}`{line} does not return all values that are needed."),
            N_("Other code unpacks the values that a function returns."),
            N_("Which values does the docstring list, and in which order?"),
        ),
        "early-return": Words(
            N_("`{text}`{line} ends the function too early."),
            N_("A `return` ends the function. The lines after it do not run."),
            N_("Move it to the end of the function."),
        ),
        "print": Words(
            N_("`{text}`{line} prints the result. It does not return it."),
            N_("Other code can use only a value that is returned."),
            N_("Return the value there."),
        ),
        "no-return": Words(
            N_("The function does not return its result (`{text}`{line})."),
            N_("A Python function without a `return` statement returns None."),
            N_("End the function with a `return` statement. Which variable holds the result?"),
        ),
        "superfluous": Words(
            N_("The line `{text}`{line} does not belong there."),
            REST_IS_RIGHT,
            N_("What does this line change? Remove it if the formula does not ask for it."),
        ),
        "condition": Words(
            N_("The condition in `{text}`{line} is not right."),
            REST_IS_RIGHT,
            N_("When should the lines below it run?"),
        ),
        "order-of-lines": Words(
            N_("The line `{text}`{line} is in the wrong place."),
            N_("Python runs the lines from top to bottom. A line uses the values at that moment."),
            N_("Which lines must run before it, and which after it?"),
        ),
        "indentation": Words(
            N_("The line `{text}`{line} has the wrong indentation."),
            N_("The indentation decides whether a line is part of a loop or of a condition."),
            N_("Should this line run in every round, or once?"),
        ),
        "layer": Words(
            N_("In the line `{text}`{line} a number of a layer is not right."),
            N_("Each layer has its own arrays. Lines copied from another layer need new numbers."),
            N_("Compare every number in this line with its layer."),
        ),
        "nested": Words(
            N_("In `{text}`{line} two functions are applied in the wrong order."),
            N_("The square of a sum is not the sum of the squares."),
            N_("Which of the two functions does the formula apply first?"),
        ),
        "same-step": Words(
            N_("The line `{text}`{line} does not compute what is needed there."),
            N_("Another line of your function has the same step, and there it is right."),
            N_("Compare the two lines, part by part."),
        ),
        "undefined": Words(
            N_("The variable `{name}`{line} is used, but no line assigns it."),
            N_("A name needs a value before it can be used."),
            N_("How does the formula compute `{name}`? Write that line above."),
        ),
        "missing-line": Words(
            N_("A line is missing after `{text}`{line}."),
            N_("Another layer has the same step."),
            N_("Compare the steps of both layers. Which step is this layer missing?"),
        ),
        "wide-character": Words(
            N_("The character `{text}`{line} is from a Chinese keyboard or a full-width font."),
            N_("Python reads only certain characters as part of a program."),
            N_(
                "Type it again with the English keyboard. Check the brackets and "
                "commas around it, too."
            ),
        ),
        "invisible-character": Words(
            N_(
                "After `{text}`{line} there is an invisible character, such as a "
                "no-break space from a web page."
            ),
            N_("Python reads only certain characters as part of a program."),
            N_("Delete the blank after `{text}` and type it again."),
        ),
        "minus-sign": Words(
            N_(
                "The `{text}`{line} looks like a minus, but it is another character, "
                "for example from a PDF."
            ),
            N_("Python reads only certain characters as part of a program."),
            N_("Type `-` on the keyboard."),
        ),
        "times-sign": Words(
            N_("The `{text}`{line} is a mathematical sign that Python does not know."),
            N_("Python reads only certain characters as part of a program."),
            N_(
                "In Python write `*` for times, `/` for divided by, `**` for powers, `<=` "
                "and `>=` for the comparisons."
            ),
        ),
        "curly-quotes": Words(
            N_("The quote `{text}`{line} is one of a word processor."),
            N_("Python reads only certain characters as part of a program."),
            N_("Type straight quotes on the keyboard."),
        ),
        "fence": Words(
            N_(
                "The line `{text}`{line} is not Python. It comes from a chat answer "
                "or from Markdown."
            ),
            N_("A code cell may contain code and comments only."),
            N_("Delete this line and all lines like it."),
        ),
        "prose": Words(
            N_("The line `{text}`{line} is text, not code."),
            N_("A code cell may contain code and comments only."),
            N_("Delete it, or write `#` in front of it."),
        ),
        "conflict": Words(
            N_("Lines such as `{text}`{line} are left over from merging two versions."),
            N_("Git marks a conflict with these lines. They are not Python."),
            N_("Keep one of the two versions and delete the marks."),
        ),
        "extra-line": Words(
            N_("Without the line `{text}`{line} Python can read the function."),
            N_("Python stops reading at the first line that it does not understand."),
            N_("What should this line do? Write it again, one part after the other."),
        ),
        "bracket-kind": Words(
            N_("The bracket `{text}`{line} closes a bracket of another kind."),
            N_("Each bracket is closed by its own kind: `(` by `)`, `[` by `]`."),
            N_("Compare the opening bracket with it."),
        ),
        "unclosed": Words(
            N_("The bracket `{text}`{line} is never closed."),
            N_(
                "Python reads on to the next lines until the bracket is closed. So "
                "it often reports a later line."
            ),
            N_("Where should it be closed?"),
        ),
        "extra-bracket": Words(
            N_("The bracket `{text}`{line} is one too many."),
            N_("Every closing bracket needs an opening one."),
            N_("Count the brackets from left to right: which one has no partner?"),
        ),
        "quote": Words(
            N_("A quote `{text}`{line} is missing."),
            N_("A text begins and ends with the same quote, in one line."),
            N_("Where should the text end?"),
        ),
        "docstring": Words(
            N_("The text that begins with `{text}`{line} does not end."),
            N_("A text in triple quotes goes on until the next triple quotes."),
            N_("Write triple quotes where the text should end."),
        ),
        "missing-operator": Words(
            N_("Between the two values in `{text}`{line} a `*` is missing."),
            N_("Python does not multiply by itself."),
            N_("Write `*` between them."),
        ),
        "missing-comma": Words(
            N_("Between the two values in `{text}`{line} a comma is missing."),
            N_("Arguments and items are separated by commas."),
            N_("Write a comma between them."),
        ),
        "missing-colon": Words(
            N_("Between the two values in `{text}`{line} a colon is missing."),
            N_("In a dictionary each key is followed by a colon and its value."),
            N_("Write a colon between them."),
        ),
        "missing-dot": Words(
            N_("Between the two names in `{text}`{line} a dot is missing."),
            N_("A dot selects a function of a module or an attribute of a value."),
            N_("Write a dot between them."),
        ),
        "missing-equals": Words(
            N_("Between the two parts of `{text}`{line} an `=` is missing."),
            N_("`=` gives a value to a name."),
            N_("Write `=` between them."),
        ),
        "unopened": Words(
            N_("The bracket `{text}`{line} is never opened."),
            N_("Every closing bracket needs an opening one."),
            N_("Where does the part begin that it closes?"),
        ),
        "braces": Words(
            N_("`{text}`{line} has brackets of the wrong kind."),
            N_("`f(x)` calls a function, `a[x]` selects an item, and `{{ }}` makes a dictionary."),
            N_("Which kind of brackets is needed there?"),
        ),
        "foreign-loop": Words(
            N_("The loop `{text}`{line} is written as in another programming language."),
            N_(
                "In Python a loop takes its values from a list or a range: `range(a, b)` "
                "counts from a to b - 1."
            ),
            N_("Write the loop with `in range(...)`. Which numbers should it count?"),
        ),
        "declaration": Words(
            N_("`{text}`{line} is a word of another programming language."),
            N_("In Python a variable is not declared: it gets its type from its value."),
            N_("Begin the line with the name of the variable."),
        ),
        "comment-sign": Words(
            N_("`{text}`{line} is text, not code."),
            N_("In Python a comment begins with `#`."),
            N_("Write `#` in front of it, or delete it."),
        ),
        "operator-spelling": Words(
            N_("`{text}`{line} is not an operator of Python."),
            N_("Python knows its operators only in their exact spelling."),
            N_(
                "How does Python write this operator? Some are `*`, `/`, `**`, `+=`, `>=` and `!=`."
            ),
        ),
        "no-operand": Words(
            N_("After `{text}`{line} a value is missing."),
            N_("An operator needs a value on its left and on its right."),
            N_("Which part of the formula should follow? If there is none, delete the operator."),
        ),
        "open-line": Words(
            N_("The line `{text}`{line} ends in the middle of a formula."),
            N_("A line break ends a statement, except inside brackets."),
            N_("Put brackets around the whole formula, or write it in one line."),
        ),
        "uncalled-argument": Words(
            N_("The argument of `{text}`{line} is not in brackets."),
            N_("A function is called by brackets with its arguments after its name."),
            N_("Put brackets around the argument."),
        ),
        "bad-name": Words(
            N_("`{text}`{line} is not a name."),
            N_("A name consists of letters, digits and `_`. It has no blanks and no `-`."),
            N_("What is this variable called in the other lines?"),
        ),
        "prompt": Words(
            N_("`{text}`{line} is the prompt of a Python shell, not code."),
            N_("A code cell may contain code and comments only."),
            N_("Delete the prompt."),
        ),
        "comma-in-entry": Words(
            N_("A comma stands between a key and its value{line}."),
            N_("In a dictionary each key is followed by a colon and its value."),
            N_("Write a colon there."),
        ),
        "semicolon": Words(
            N_("There is a `;` inside brackets{line}."),
            N_("Arguments and items are separated by commas."),
            N_("Write a comma there."),
        ),
        "extra-token": Words(
            N_("The `{text}`{line} does not belong there."),
            N_("Python stops reading at the first part that it does not understand."),
            N_("Which part of the formula should follow? Remove what is not in it."),
        ),
        "single-equals": Words(
            N_("The `=`{line} assigns a value, but a comparison is needed there."),
            N_("`=` assigns a value, `==` compares two values."),
            N_("Use `==` there."),
        ),
        "double-equals": Words(
            N_("The `==`{line} compares two values, but an assignment is needed there."),
            N_("`=` assigns a value, `==` compares two values."),
            N_("Use one `=`."),
        ),
        "colon": Words(
            N_("The line `{text}`{line} must end with a colon."),
            N_("A colon begins the block of indented lines below."),
            N_("Add the colon."),
        ),
        "print-statement": Words(
            N_("`print`{line} is used without brackets, as in Python 2."),
            N_("In Python 3 `print` is a function."),
            N_("Put brackets around its arguments."),
        ),
        "keyword-spelling": Words(
            N_("`{text}`{line} is not a word of Python."),
            N_("Python knows its own words only in their exact spelling."),
            N_("Which word did you mean? Check its spelling."),
        ),
        "tabs": Words(
            N_("Tabs and blanks are mixed in the indentation{line}."),
            N_("A tab and blanks may look the same, but Python compares the characters."),
            N_("Use blanks only, four for each level."),
        ),
        "indent": Words(
            N_("The line `{text}`{line} has the wrong indentation."),
            N_(
                "Lines of one block begin in the same column. The column decides to "
                "which block a line belongs."
            ),
            N_("Begin it in the same column as the lines of its block."),
        ),
    },
    personal=True,
)
"""A mistake that is proven by a small change. The id is `repair-KIND`, the kind is a variant."""
# ------------------------------------------------------------------ the values alone show it
WRONG_SCALE = Row(
    "wrong-scale",
    Words(
        N_("{names}: the values are {factor} times the right ones, in every test{line}."),
        N_("A factor that is the same in every test is too much, or is left out."),
        N_("Compare the numbers in the line that computes {name} with those in the formula."),
    ),
    {
        "zero": Words(
            N_("{names}: all values are 0{line}, but should not be."),
            N_("A product with 0 is 0, and so is an array that nothing was stored in."),
            N_("Print each factor in the line that computes {name}. Which one is 0?"),
        ),
        "sign": Words(
            N_("{names}: the values have the wrong sign{line}."),
            N_("All values are the right ones with the opposite sign."),
            N_("Compare the signs in the line that computes {name} with those in the formula."),
        ),
        "size": Words(
            N_("{names}: the values are off by a factor that depends on {size}{line}."),
            N_("Within a test, all values are the right ones times one factor."),
            N_(
                "Does the line that computes {name} multiply and divide by the same as the formula?"
            ),
        ),
    },
    names_mistake=False,
    gives_way=True,
)
"""Values that are the right ones times one factor in each test."""
OTHER_RANDOM_NUMBERS = Row(
    "other-random-numbers",
    Words(
        N_(
            "{names}: the random numbers have the right size, but they are not the expected ones{line}."
        ),
        N_(
            "A seed fixes the random numbers and their order. One more draw before them changes all "
            "that follow."
        ),
        N_(
            "Is the seed that the task names set once, before the first draw? Does your function draw "
            "the same arrays in the same order as the task?"
        ),
    ),
    names_mistake=False,
    gives_way=True,
)
"""Random numbers from the right distribution, but from another part of the stream."""
UNUSED_PARAMETER = Row(
    "unused-parameter",
    Words(
        N_("Your function never uses {names}."),
        N_("The result must change with each parameter in the formula."),
        N_("Find {names} in the formula, then in your code."),
    ),
    names_mistake=False,
    gives_way=True,
)
UNEXPLAINED = Row(
    "unexplained",
    Words(
        N_("The first wrong value is {name}{line}."),
        N_("The grader does not recognise this mistake, so it cannot name the cause."),
        N_("Compare the line that computes {name} with the formula."),
    ),
    names_mistake=False,
    gives_way=True,
)
"""Values that are wrong in a way that has no name."""

CATALOGUE: Mapping[str, Row] = {row.id: row for row in [*vars().values()] if isinstance(row, Row)}
"""Every row of this module by its id."""

_NONE = Row("", Words(""))


def row_of(id: str) -> Row:
    """Return the row of an id; a known mistake of an assignment has the default of every column."""
    return REPAIR if id.startswith(f"{REPAIR.id}-") else CATALOGUE.get(id, _NONE)


def is_concept(id: str) -> bool:
    """Return True for a known mistake of an assignment, False for a slip in the code."""
    return row_of(id) is _NONE


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


def at_line(entry: Diagnosis, line: int | None, cell: int | None) -> Diagnosis:
    """Return a diagnosis at another line of the function's cell: its sentences name this line.

    >>> before = diagnosis(UNEXPLAINED, at=9, name="x", line=in_brackets(9, 7))
    >>> at_line(before, 3, 7).what
    'The first wrong value is x (line 3 of code cell 7).'
    """
    if line == entry.line:
        return entry
    what, why, then = (_moved(text, line, cell) for text in (entry.what, entry.why, entry.next))
    return Diagnosis(entry.id, what, why, then, line)


def _moved(text: str, line: int | None, cell: int | None) -> str:
    """Return a sentence with another line."""
    if not isinstance(text, Message):
        return text
    values = dict(text.values)
    for name, value in values.items():
        if name == "line" and isinstance(value, str):
            is_in_sentence = isinstance(value, Message) and value.id.startswith(" in ")
            values[name] = in_line(line, cell) if is_in_sentence else in_brackets(line, cell)
        elif isinstance(value, Message):
            values[name] = _moved(value, line, cell)
    return Message(text.id, values, text.plural)


@functools.cache
def _names_in(template: str) -> frozenset[str]:
    """Return the names of the values that a template has places for."""
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)


def in_line(line: int | None, cell: int | None) -> Message | str:
    """Return a place to go on with in a sentence, with a space before it, or "" if unknown.

    >>> in_line(3, 7)
    ' in line 3 of code cell 7'
    """
    if not line:
        return ""
    if not cell:
        return gettext(" in line {line} of the cell", line=line)
    return gettext(" in line {line} of code cell {cell}", line=line, cell=cell)


def in_brackets(line: int | None, cell: int | None) -> Message | str:
    """Return a place in brackets, with a space before it, or "" if it is unknown.

    >>> in_brackets(3, 7)
    ' (line 3 of code cell 7)'
    """
    if not line:
        return ""
    if not cell:
        return gettext(" (line {line} of the cell)", line=line)
    return gettext(" (line {line} of code cell {cell})", line=line, cell=cell)
