# label: `from numpy import *`, which hides the built-in sum
# replace: imports, compute_cost_with_regularization, forward_propagation_with_dropout
# score: 100

# %%
import numpy as np
from numpy import *
from numpy.random import rand, seed
import matplotlib.pyplot as plt
from reg_utils import *
from testCases import *

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    squares = sum([sum(square(parameters[w])) for w in ("W1", "W2", "W3")])
    return compute_cost(A3, Y) + lambd / (2 * Y.shape[1]) * squares

# %%
def forward_propagation_with_dropout(X, parameters, keep_prob = 0.5):
    seed(1)
    W1, b1 = parameters["W1"], parameters["b1"]
    W2, b2 = parameters["W2"], parameters["b2"]
    W3, b3 = parameters["W3"], parameters["b3"]
    Z1 = dot(W1, X) + b1
    D1 = rand(*Z1.shape) < keep_prob
    A1 = maximum(0, Z1) * D1 / keep_prob
    Z2 = dot(W2, A1) + b2
    D2 = rand(*Z2.shape) < keep_prob
    A2 = maximum(0, Z2) * D2 / keep_prob
    Z3 = dot(W3, A2) + b3
    A3 = 1 / (1 + exp(-Z3))
    return A3, (Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3)
