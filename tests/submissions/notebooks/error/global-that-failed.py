# label: the weights are those of a training that never ends well, not those that are passed
# replace: compute_cost_with_regularization
# compute_cost_with_regularization: error
# diagnoses: global-dependence
# score: 75

# %%
parameters = trained_parameters()

# %%
def compute_cost_with_regularization(A3, Y, params, lambd):
    m = Y.shape[1]
    W1, W2, W3 = parameters["W1"], parameters["W2"], parameters["W3"]
    squares = np.sum(np.square(W1)) + np.sum(np.square(W2)) + np.sum(np.square(W3))
    return compute_cost(A3, Y) + lambd / (2 * m) * squares
