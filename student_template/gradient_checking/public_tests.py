"""The tests of older notebooks. Each shows the result of `check(function)`, which you can call yourself.

A function that is right here is right on one example. Grading also uses other numbers.
"""

from grader import check


def forward_propagation_test(target):
    """Check J on the example x = 2, theta = 4."""
    check(target)


def backward_propagation_test(target):
    """Check dtheta on the example x = 2, theta = 4."""
    check(target)


def gradient_check_test(target):
    """Check the difference on the example x = 2, theta = 4."""
    check(target)


def gradient_check_n_test(target, *_):
    """Check the difference on the example with two bugs. Further arguments are ignored."""
    check(target)
