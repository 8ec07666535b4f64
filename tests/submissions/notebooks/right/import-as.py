# label: the helper module is imported under a short name
# replace: imports, compute_cost_with_regularization, forward_propagation_with_dropout
# score: 100

# %%
import numpy as np
import matplotlib.pyplot as plt
import reg_utils as r
import testCases as t
from reg_utils import *

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    squares = sum(np.sum(parameters[w] ** 2) for w in ("W1", "W2", "W3"))
    return r.compute_cost(A3, Y) + lambd * squares / (2 * Y.shape[1])

# %%
def forward_propagation_with_dropout(X, parameters, keep_prob = 0.5):
    np.random.seed(1)
    W1, b1 = parameters["W1"], parameters["b1"]
    W2, b2 = parameters["W2"], parameters["b2"]
    W3, b3 = parameters["W3"], parameters["b3"]
    Z1 = np.dot(W1, X) + b1
    D1 = np.random.rand(*Z1.shape) < keep_prob
    A1 = r.relu(Z1) * D1 / keep_prob
    Z2 = np.dot(W2, A1) + b2
    D2 = np.random.rand(*Z2.shape) < keep_prob
    A2 = r.relu(Z2) * D2 / keep_prob
    Z3 = np.dot(W3, A2) + b3
    A3 = r.sigmoid(Z3)
    return A3, (Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3)
