# label: the function's name is given to its result further down
# replace: compute_cost_with_regularization
# compute_cost_with_regularization: error | missing | passed

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    squares = sum(np.sum(parameters[w] ** 2) for w in ("W1", "W2", "W3"))
    return compute_cost(A3, Y) + lambd / (2 * Y.shape[1]) * squares

# %%
compute_cost_with_regularization = 1.7864859451590758
