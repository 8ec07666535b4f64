# label: lambd is read from a global variable, the parameter is called otherwise
# replace: backward_propagation_with_regularization
# backward_propagation_with_regularization: partial
# diagnoses: global-dependence
# score: 80

# %%
lambd = 0.7

# %%
def backward_propagation_with_regularization(X, Y, cache, strength):
    m = X.shape[1]
    Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, A3, W3, b3 = cache
    dZ3 = A3 - Y
    dA2 = np.dot(W3.T, dZ3)
    dZ2 = dA2 * (A2 > 0)
    dA1 = np.dot(W2.T, dZ2)
    dZ1 = dA1 * (A1 > 0)
    return {"dZ3": dZ3, "dW3": (np.dot(dZ3, A2.T) + lambd * W3) / m, "db3": np.sum(dZ3, axis=1, keepdims=True) / m,
            "dA2": dA2, "dZ2": dZ2, "dW2": (np.dot(dZ2, A1.T) + lambd * W2) / m, "db2": np.sum(dZ2, axis=1, keepdims=True) / m,
            "dA1": dA1, "dZ1": dZ1, "dW1": (np.dot(dZ1, X.T) + lambd * W1) / m, "db1": np.sum(dZ1, axis=1, keepdims=True) / m}
