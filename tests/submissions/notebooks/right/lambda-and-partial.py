# label: one function is a lambda, one a partial, one an alias
# replace: compute_cost_with_regularization, backward_propagation_with_regularization, backward_propagation_with_dropout
# score: 100

# %%
from functools import partial, reduce

compute_cost_with_regularization = lambda A3, Y, parameters, lambd: compute_cost(A3, Y) + lambd / (
    2 * Y.shape[1]) * reduce(lambda total, w: total + np.sum(parameters[w] ** 2), ("W1", "W2", "W3"), 0.0)

# %%
def gradients_of(X, Y, cache, strength, dropout):
    if dropout:
        Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3 = cache
        scale1, scale2, decay = D1 / strength, D2 / strength, 0
    else:
        Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, A3, W3, b3 = cache
        scale1, scale2, decay = 1, 1, strength
    m = X.shape[1]
    dZ3 = A3 - Y
    dA2 = np.dot(W3.T, dZ3) * scale2
    dZ2 = dA2 * (A2 > 0)
    dA1 = np.dot(W2.T, dZ2) * scale1
    dZ1 = dA1 * (A1 > 0)
    gradients = {"dZ3": dZ3, "dA2": dA2, "dZ2": dZ2, "dA1": dA1, "dZ1": dZ1}
    for number, dZ, A_before, W in ((3, dZ3, A2, W3), (2, dZ2, A1, W2), (1, dZ1, X, W1)):
        gradients["dW%d" % number] = (np.dot(dZ, A_before.T) + decay * W) / m
        gradients["db%d" % number] = np.sum(dZ, axis=1, keepdims=True) / m
    return gradients

backward_propagation_with_regularization = partial(gradients_of, dropout=False)

with_masks = partial(gradients_of, dropout=True)
backward_propagation_with_dropout = with_masks
