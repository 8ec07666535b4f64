# label: the ReLU's derivative is taken from Z
# replace: backward_propagation_with_regularization, backward_propagation_with_dropout
# score: 100

# %%
def backward_propagation_with_regularization(X, Y, cache, lambd):
    m = X.shape[1]
    (Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, A3, W3, b3) = cache
    dZ3 = A3 - Y
    dA2 = np.dot(W3.T, dZ3)
    dZ2 = np.multiply(dA2, np.int64(Z2 > 0))
    dA1 = np.dot(W2.T, dZ2)
    dZ1 = np.multiply(dA1, np.int64(Z1 > 0))
    dW3, dW2, dW1 = [(np.dot(dZ, A.T) + lambd * W) / m
                     for dZ, A, W in ((dZ3, A2, W3), (dZ2, A1, W2), (dZ1, X, W1))]
    db3, db2, db1 = [np.mean(dZ, axis=1).reshape(-1, 1) for dZ in (dZ3, dZ2, dZ1)]
    gradients = {}
    for name in ("dZ3", "dW3", "db3", "dA2", "dZ2", "dW2", "db2", "dA1", "dZ1", "dW1", "db1"):
        gradients[name] = locals()[name]
    return gradients

# %%
def backward_propagation_with_dropout(X, Y, cache, keep_prob):
    m = X.shape[1]
    (Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3) = cache
    dZ3 = A3 - Y
    dA2 = np.dot(W3.T, dZ3)
    dA2[D2 == 0] = 0
    dA2 = dA2 / keep_prob
    dZ2 = dA2 * (Z2 > 0)
    dA1 = np.dot(W2.T, dZ2)
    dA1[D1 == 0] = 0
    dA1 = dA1 / keep_prob
    dZ1 = dA1 * (Z1 > 0)
    return {"dZ3": dZ3, "dW3": np.dot(dZ3, A2.T) / m, "db3": np.sum(dZ3, 1, keepdims=True) / m,
            "dA2": dA2, "dZ2": dZ2, "dW2": np.dot(dZ2, A1.T) / m, "db2": np.sum(dZ2, 1, keepdims=True) / m,
            "dA1": dA1, "dZ1": dZ1, "dW1": np.dot(dZ1, X.T) / m, "db1": np.sum(dZ1, 1, keepdims=True) / m}
