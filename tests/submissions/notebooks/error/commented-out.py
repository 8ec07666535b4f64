# label: one function is commented out
# replace: compute_cost_with_regularization
# compute_cost_with_regularization: missing
# diagnoses: missing-function
# score: 75

# %%
# GRADED FUNCTION: compute_cost_with_regularization

#def compute_cost_with_regularization(A3, Y, parameters, lambd):
#    squares = sum(np.sum(parameters[w] ** 2) for w in ("W1", "W2", "W3"))
#    return compute_cost(A3, Y) + lambd / (2 * Y.shape[1]) * squares
