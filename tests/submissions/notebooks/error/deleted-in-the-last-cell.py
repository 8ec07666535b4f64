# label: a last cell tidies up and deletes the function
# replace: compute_cost_with_regularization
# compute_cost_with_regularization: error
# diagnoses: name-error
# score: 75

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    squares = sum(np.sum(parameters[w] ** 2) for w in ("W1", "W2", "W3"))
    return compute_cost(A3, Y) + lambd / (2 * Y.shape[1]) * squares

# %%
del compute_cost_with_regularization
