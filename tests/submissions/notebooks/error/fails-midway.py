# label: a statement that fails between two functions of one cell
# replace: compute_cost_with_regularization, backward_propagation_with_regularization
# backward_propagation_with_regularization: passed | missing

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    squares = sum(np.sum(parameters[w] ** 2) for w in ("W1", "W2", "W3"))
    return compute_cost(A3, Y) + lambd / (2 * Y.shape[1]) * squares

plt.plot(costs_of_yesterday)

def backward_propagation_with_regularization(X, Y, cache, lambd):
    gradients = dict(backward_propagation(X, Y, cache))
    for name, W in zip(("dW1", "dW2", "dW3"), (cache[2], cache[6], cache[10])):
        gradients[name] = gradients[name] + lambd / X.shape[1] * W
    return gradients
