"""The messages of Python's and NumPy's own exceptions, as templates."""

from __future__ import annotations

import functools
import re

_TEMPLATES = """
name '' is not defined
free variable '' referenced before assignment in enclosing scope
cannot access free variable '' where it is not associated with a value in enclosing scope
cannot access local variable '' where it is not associated with a value
local variable '' referenced before assignment
'' object has no attribute ''
type object '' has no attribute ''
module '' has no attribute ''
'' object is not callable
'' object is not iterable
'' object is not subscriptable
'' object is not reversible
'' object is not an iterator
'' object does not support item assignment
'' object does not support item deletion
'' object cannot be interpreted as an integer
'' object is not a mapping
argument of type '' is not iterable
object of type '' has no len()
bad operand type for unary +: ''
bad operand type for unary -: ''
bad operand type for unary ~: ''
bad operand type for abs(): ''
can only concatenate str (not "") to str
can only concatenate list (not "") to list
can only concatenate tuple (not "") to tuple
can't multiply sequence by non-int of type ''
cannot unpack non-iterable NAME object
unhashable type: ''
must be real number, not NAME
a real number is required, not NAME
f-string: invalid syntax
not all arguments converted during string formatting
not enough arguments for format string
unsupported format string passed to NAME.__format__
NAME() takes no arguments
NAME() takes no keyword arguments
NAME() takes # positional argument but # were given
NAME() takes # positional arguments but # was given
NAME() takes # positional arguments but # were given
NAME() takes from # to # positional arguments but # were given
NAME() takes exactly one argument (# given)
NAME() missing # required positional argument: ''
NAME() missing # required positional arguments: '' and ''
NAME() missing # required positional arguments: '', '', and ''
NAME() missing # required positional arguments: '', '', '', and ''
NAME() missing # required keyword-only argument: ''
NAME() got an unexpected keyword argument ''
NAME() got multiple values for argument ''
NAME() argument must be a string, a bytes-like object or a real number, not ''
NAME expected at least # argument, got #
NAME expected at least # arguments, got #
NAME expected at most # arguments, got #
not enough values to unpack (expected #, got #)
not enough values to unpack (expected at least #, got #)
too many values to unpack (expected #)
list index out of range
list assignment index out of range
tuple index out of range
string index out of range
pop from empty list
pop from empty list or tuple
list indices must be integers or slices, not NAME
tuple indices must be integers or slices, not NAME
string indices must be integers, not ''
slice indices must be integers or None or have an __index__ method
only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays are valid indices
arrays used as indices must be of integer (or boolean) type
division by zero
float division by zero
integer division or modulo by zero
math domain error
math range error
maximum recursion depth exceeded
maximum recursion depth exceeded in comparison
maximum recursion depth exceeded while calling a Python object
could not convert string to float: ''
cannot convert float NaN to integer
cannot convert float infinity to integer
invalid literal for int() with base #: ''
dictionary changed size during iteration
max() arg is an empty sequence
min() arg is an empty sequence
max() iterable argument is empty
min() iterable argument is empty
can't start new thread
EOF when reading a line
No module named ''
cannot import name '' from '' (unknown location)
operands could not be broadcast together with shapes SHAPES
operands could not be broadcast together with remapped shapes [original->remapped]: SHAPES
non-broadcastable output operand with shape SHAPE doesn't match the broadcast shape SHAPE
could not broadcast input array from shape SHAPE into shape SHAPE
shape mismatch: objects cannot be broadcast to a single shape
shape mismatch: objects cannot be broadcast to a single shape. Mismatch is between arg # with shape SHAPE and arg # with shape SHAPE.
shape mismatch: value array of shape SHAPE could not be broadcast to indexing result of shape SHAPE
shapes SHAPE and SHAPE not aligned: # (dim #) != # (dim #)
matmul: Input operand # has a mismatch in its core dimension #, with gufunc signature (n?,k),(k,m?)->(n?,m?) (size # is different from #)
matmul: Input operand # does not have enough dimensions (has #, gufunc core with signature (n?,k),(k,m?)->(n?,m?) requires #)
The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()
The truth value of an empty array is ambiguous. Use `array.size > 0` to check that an array is not empty.
only length-1 arrays can be converted to Python scalars
only 0-dimensional arrays can be converted to Python scalars
only integer scalar arrays can be converted to a scalar index
only size-1 arrays can be converted to Python scalars
can only convert an array of size 1 to a Python scalar
cannot reshape array of size # into shape SHAPE
cannot select an axis to squeeze out which has size not equal to one
axis # is out of bounds for array of dimension #
axes don't match array
index # is out of bounds for axis # with size #
index # is out of bounds for size #
too many indices for array: array is #-dimensional, but # were indexed
invalid index to scalar variable.
boolean index did not match indexed array along axis #; size of axis is # but size of corresponding boolean axis is #
NumPy boolean array indexing assignment cannot assign # input values to the # output values where the mask is true
all the input arrays must have same number of dimensions, but the array at index # has # dimension(s) and the array at index # has # dimension(s)
all the input array dimensions except for the concatenation axis must match exactly, but along dimension #, the array at index # has size # and the array at index # has size #
all input arrays must have the same shape
need at least one array to concatenate
need at least one array to stack
zero-dimensional arrays cannot be concatenated
setting an array element with a sequence.
setting an array element with a sequence. The requested array has an inhomogeneous shape after # dimensions. The detected shape was SHAPE + inhomogeneous part.
Cannot cast ufunc '' output from dtype('') to dtype('') with casting rule ''
ufunc '' not supported for the input types, and the inputs could not be safely coerced to any supported types according to the casting rule ''
ufunc '' did not contain a loop with signature matching types (<class ''>, <class ''>) -> None
loop of ufunc does not support argument # of type NAME which has no callable NAME method
zero-size array to reduction operation NAME which has no identity
data type '' not understood
Cannot interpret '' as a data type
Field elements must be 2- or 3-tuples, got ''
expected sequence object with len >= 0 or a single integer
iteration over a 0-d array
len() of unsized object
assignment destination is read-only
output array is read-only
Singular matrix
Last 2 dimensions of the array must be square
#-dimensional array given. Array must be at least two-dimensional
numpy boolean subtract, the `-` operator, is not supported, use the bitwise_xor, the `^` operator, or the logical_xor function instead.
Unable to avoid copy while creating an array as requested.
Calling np.sum(generator) is deprecated. Use np.sum(np.fromiter(generator)) or the python sum builtin instead.
Integers to negative integer powers are not allowed.
''
#
"""  # noqa: E501  the messages as they are

_OPERATORS = ("+", "-", "*", "/", "//", "%", "@", "**", "&", "|", "^", "<<", ">>")
_COMPARISONS = ("<", "<=", ">", ">=")
_NUMBER = r"(?:-?\d{1,3}|\.\.\.)"
_SHAPE = rf"\((?:(?:{_NUMBER}|newaxis)?,? ?){{0,6}}\)"
_PARTS = {
    "''": r"""(?:'([^']*)'|"([^"]*)")""",
    '""': r"""(?:'([^']*)'|"([^"]*)")""",
    "NAME": r"([\w.<>]+)",
    "SHAPES": rf"(?:{_SHAPE}(?:->{_SHAPE})? ?){{1,4}}",
    "SHAPE": _SHAPE,
    "#": _NUMBER,
}
_PART = re.compile("|".join(_PARTS))


@functools.cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    operators = [f"unsupported operand type(s) for {o}: '' and ''" for o in _OPERATORS]
    operators += [f"unsupported operand type(s) for {o}=: '' and ''" for o in _OPERATORS]
    operators.append("unsupported operand type(s) for ** or pow(): '' and ''")
    operators += [f"'{o}' not supported between instances of '' and ''" for o in _COMPARISONS]
    return tuple(map(_pattern, [*_TEMPLATES.strip().split("\n"), *operators]))


def _pattern(template: str) -> re.Pattern[str]:
    pieces, end = [], 0
    for match in _PART.finditer(template):
        pieces += [re.escape(template[end : match.start()]), _PARTS[match[0]]]
        end = match.end()
    return re.compile("".join(pieces) + re.escape(template[end:]) + " ?")


def names_in(message: str) -> list[str] | None:
    """Return the names in a message of Python or NumPy, None if none of them has such a message.

    >>> names_in("name 'W4' is not defined")
    ['W4']
    >>> names_in("shapes (3,5) and (2,5) not aligned: 5 (dim 1) != 2 (dim 0)")
    []
    >>> names_in("a b c d e")
    """
    for pattern in _patterns():
        if match := pattern.fullmatch(message):
            return [name for name in match.groups() if name is not None]
    return None
