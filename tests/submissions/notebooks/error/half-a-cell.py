# label: two functions in one cell, the first does not parse
# replace: compute_cost_with_regularization, backward_propagation_with_regularization
# compute_cost_with_regularization: error
# diagnoses: syntax-error
# score: 75

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    m = Y.shape[1]
    squares = (np.sum(parameters["W1"] ** 2) + np.sum(parameters["W2"] ** 2) + np.sum(parameters["W3"] ** 2)
    return compute_cost(A3, Y) + lambd / (2 * m) * squares

def backward_propagation_with_regularization(X, Y, cache, lambd):
    gradients = dict(backward_propagation(X, Y, cache))
    for name, W in zip(("dW1", "dW2", "dW3"), (cache[2], cache[6], cache[10])):
        gradients[name] = gradients[name] + lambd / X.shape[1] * W
    return gradients
