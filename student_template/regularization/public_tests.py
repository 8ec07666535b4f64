"""The tests of older notebooks. Each shows the result of `check(function)`, which you can call yourself.

A function that is right here is right on one example. Grading also uses other networks.
"""

from grader import check


def compute_cost_with_regularization_test(target):
    """Check the cost on the example with lambd = 0.1."""
    check(target)


def backward_propagation_with_regularization_test(target):
    """Check the eleven gradients on the example with lambd = 0.7."""
    check(target)


def forward_propagation_with_dropout_test(target):
    """Check A3 and the cache on the example with keep_prob = 0.7."""
    check(target)


def backward_propagation_with_dropout_test(target):
    """Check the eleven gradients on the example with keep_prob = 0.8."""
    check(target)
