# label: builds on the backward pass of the helper module
# replace: backward_propagation_with_regularization
# score: 100

# %%
def backward_propagation_with_regularization(X, Y, cache, lambd):
    gradients = dict(backward_propagation(X, Y, cache))
    for name, W in zip(("dW1", "dW2", "dW3"), (cache[2], cache[6], cache[10])):
        gradients[name] = gradients[name] + lambd / X.shape[1] * W
    return gradients
