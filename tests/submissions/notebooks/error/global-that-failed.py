# label: the weights are those of the notebook, where they could not be made, not those that are passed
# replace: compute_cost_with_regularization
# compute_cost_with_regularization: error
# diagnoses: global-dependence
# score: 75

# %%
params = trained_parameters()

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    m = Y.shape[1]
    W1, W2, W3 = params["W1"], params["W2"], params["W3"]
    squares = np.sum(np.square(W1)) + np.sum(np.square(W2)) + np.sum(np.square(W3))
    return compute_cost(A3, Y) + lambd / (2 * m) * squares
