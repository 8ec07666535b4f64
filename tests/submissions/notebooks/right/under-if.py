# label: the functions stand under `if True`, a main guard and a try
# replace: compute_cost_with_regularization, forward_propagation_with_dropout, backward_propagation_with_dropout
# score: 100

# %%
if True:
    def compute_cost_with_regularization(A3, Y, parameters, lambd):
        m = Y.shape[1]
        squares = sum(np.sum(parameters[w] ** 2) for w in ("W1", "W2", "W3"))
        return compute_cost(A3, Y) + lambd / (2 * m) * squares

# %%
if __name__ == "__main__":
    def forward_propagation_with_dropout(X, parameters, keep_prob = 0.5):
        np.random.seed(1)
        W1, b1 = parameters["W1"], parameters["b1"]
        W2, b2 = parameters["W2"], parameters["b2"]
        W3, b3 = parameters["W3"], parameters["b3"]
        Z1 = np.dot(W1, X) + b1
        D1 = np.random.rand(*Z1.shape) < keep_prob
        A1 = relu(Z1) * D1 / keep_prob
        Z2 = np.dot(W2, A1) + b2
        D2 = np.random.rand(*Z2.shape) < keep_prob
        A2 = relu(Z2) * D2 / keep_prob
        Z3 = np.dot(W3, A2) + b3
        A3 = sigmoid(Z3)
        return A3, (Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3)

# %%
try:
    import cupy as xp
except ImportError:
    xp = np

try:
    def backward_propagation_with_dropout(X, Y, cache, keep_prob):
        m = X.shape[1]
        (Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3) = cache
        dZ3 = A3 - Y
        dA2 = xp.dot(W3.T, dZ3) * D2 / keep_prob
        dZ2 = dA2 * (A2 > 0)
        dA1 = xp.dot(W2.T, dZ2) * D1 / keep_prob
        dZ1 = dA1 * (A1 > 0)
        return {"dZ3": dZ3, "dW3": xp.dot(dZ3, A2.T) / m, "db3": xp.sum(dZ3, axis=1, keepdims=True) / m,
                "dA2": dA2, "dZ2": dZ2, "dW2": xp.dot(dZ2, A1.T) / m, "db2": xp.sum(dZ2, axis=1, keepdims=True) / m,
                "dA1": dA1, "dZ1": dZ1, "dW1": xp.dot(dZ1, X.T) / m, "db1": xp.sum(dZ1, axis=1, keepdims=True) / m}
except Exception as problem:
    print("no function today:", problem)
