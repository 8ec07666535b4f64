# label: m is a global variable of the example
# replace: compute_cost_with_regularization
# compute_cost_with_regularization: partial
# diagnoses: global-dependence | m-hard-coded
# score: 80

# %%
m = 5

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    squares = sum(np.sum(parameters[w] ** 2) for w in ("W1", "W2", "W3"))
    return compute_cost(A3, Y) + lambd / (2 * m) * squares
