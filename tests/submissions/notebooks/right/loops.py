# label: Python loops over every number
# replace: compute_cost_with_regularization, forward_propagation_with_dropout
# score: 100

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    total = 0
    for name in parameters:
        if not name.startswith("W"):
            continue
        for row in parameters[name]:
            for weight in row:
                total = total + weight * weight
    return compute_cost(A3, Y) + total * lambd / (Y.shape[1] * 2)

# %%
def thin_out(A, keep_prob):
    D = np.zeros(A.shape)
    out = np.zeros(A.shape)
    for i in range(A.shape[0]):
        for j in range(A.shape[1]):
            if np.random.rand() < keep_prob:
                D[i, j] = 1
                out[i, j] = A[i, j] / keep_prob
    return D, out

def forward_propagation_with_dropout(X, parameters, keep_prob = 0.5):
    np.random.seed(1)
    W1, b1, W2, b2, W3, b3 = [parameters[n] for n in "W1 b1 W2 b2 W3 b3".split()]
    Z1 = np.dot(W1, X) + b1
    D1, A1 = thin_out(relu(Z1), keep_prob)
    Z2 = np.dot(W2, A1) + b2
    D2, A2 = thin_out(relu(Z2), keep_prob)
    Z3 = np.dot(W3, A2) + b3
    A3 = sigmoid(Z3)
    return A3, (Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3)
