# label: the @ operator throughout, and averages folded into dZ
# replace: backward_propagation_with_regularization, backward_propagation_with_dropout
# score: 100

# %%
def backward_propagation_with_regularization(X, Y, cache, lambd):
    _, A1, W1, _, _, A2, W2, _, _, A3, W3, _ = cache
    n = X.shape[1]
    dZ3 = A3 - Y
    dA2 = W3.T @ dZ3
    dZ2 = dA2 * np.heaviside(A2, 0)
    dA1 = W2.T @ dZ2
    dZ1 = dA1 * np.heaviside(A1, 0)
    return dict(
        dZ1=dZ1, dW1=(dZ1 / n) @ X.T + (lambd / n) * W1, db1=dZ1.mean(axis=1, keepdims=True), dA1=dA1,
        dZ2=dZ2, dW2=(dZ2 / n) @ A1.T + (lambd / n) * W2, db2=dZ2.mean(axis=1, keepdims=True), dA2=dA2,
        dZ3=dZ3, dW3=(dZ3 / n) @ A2.T + (lambd / n) * W3, db3=dZ3.mean(axis=1, keepdims=True),
    )

# %%
def backward_propagation_with_dropout(X, Y, cache, keep_prob):
    _, D1, A1, W1, _, _, D2, A2, W2, _, _, A3, W3, _ = cache
    n = X.shape[1]
    dZ3 = A3 - Y
    dA2 = (D2 / keep_prob) * (W3.T @ dZ3)
    dZ2 = dA2 * np.sign(A2)
    dA1 = (D1 / keep_prob) * (W2.T @ dZ2)
    dZ1 = dA1 * np.sign(A1)
    return dict(
        dZ1=dZ1, dW1=dZ1 @ X.T / n, db1=dZ1.mean(axis=1, keepdims=True), dA1=dA1,
        dZ2=dZ2, dW2=dZ2 @ A1.T / n, db2=dZ2.mean(axis=1, keepdims=True), dA2=dA2,
        dZ3=dZ3, dW3=dZ3 @ A2.T / n, db3=dZ3.mean(axis=1, keepdims=True),
    )
