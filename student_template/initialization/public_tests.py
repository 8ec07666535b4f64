"""The tests of older notebooks. Each shows the result of `check(function)`, which you can call yourself.

A function that is right here is right on one example. Grading also uses other networks.
"""

from grader import check


def initialize_parameters_zeros_test(target):
    """Check the parameters on the example [3, 2, 1]."""
    check(target)


def initialize_parameters_random_test(target):
    """Check the parameters on the example [3, 2, 1]."""
    check(target)


def initialize_parameters_he_test(target):
    """Check the parameters on the example [2, 4, 1]."""
    check(target)
