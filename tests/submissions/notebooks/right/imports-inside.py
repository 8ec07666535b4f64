# label: every function imports what it needs
# replace: imports, compute_cost_with_regularization, forward_propagation_with_dropout
# score: 100

# %%
import numpy as np

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    import math
    from reg_utils import compute_cost
    squares = math.fsum(float(x) ** 2 for w in ("W1", "W2", "W3") for x in parameters[w].flat)
    return compute_cost(A3, Y) + lambd / (2 * Y.shape[1]) * squares

# %%
def forward_propagation_with_dropout(X, parameters, keep_prob = 0.5):
    import numpy as xp
    from reg_utils import relu, sigmoid
    xp.random.seed(1)
    W1, b1 = parameters["W1"], parameters["b1"]
    W2, b2 = parameters["W2"], parameters["b2"]
    W3, b3 = parameters["W3"], parameters["b3"]
    Z1 = xp.dot(W1, X) + b1
    D1 = xp.random.rand(*Z1.shape) < keep_prob
    A1 = relu(Z1) * D1 / keep_prob
    Z2 = xp.dot(W2, A1) + b2
    D2 = xp.random.rand(*Z2.shape) < keep_prob
    A2 = relu(Z2) * D2 / keep_prob
    Z3 = xp.dot(W3, A2) + b3
    A3 = sigmoid(Z3)
    return A3, (Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3)
