# label: the work is done in helpers, one above, one below, one inside the function
# replace: compute_cost_with_regularization, forward_propagation_with_dropout, backward_propagation_with_dropout
# score: 100

# %%
def weights_of(parameters):
    return [parameters[name] for name in parameters if name.startswith("W")]

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    return compute_cost(A3, Y) + lambd * half_mean_square(weights_of(parameters), Y.shape[1])

# %%
def half_mean_square(arrays, m):
    return sum(square(a).sum() for a in arrays) / (2 * m)

square = lambda a: a * a

# %%
LAYERS = (1, 2)

def forward_propagation_with_dropout(X, parameters, keep_prob = 0.5):
    def layer(A_before, number):
        Z = linear(A_before, parameters, number)
        A = relu(Z)
        D = np.random.rand(*A.shape) < keep_prob
        return Z, D, A * D / keep_prob, parameters["W%d" % number], parameters["b%d" % number]

    np.random.seed(1)
    cache = ()
    A = X
    for number in LAYERS:
        cache += layer(A, number)
        A = cache[-3]
    Z3 = linear(A, parameters, 3)
    A3 = sigmoid(Z3)
    return A3, cache + (Z3, A3, parameters["W3"], parameters["b3"])

# %%
def linear(A, parameters, number):
    return np.dot(parameters["W%d" % number], A) + parameters["b%d" % number]

# %%
def through_dropout(dA, D, keep_prob):
    return dA * D / keep_prob

def through_linear(dZ, A_before, W):
    m = dZ.shape[1]
    return dZ @ A_before.T / m, dZ.sum(axis=1, keepdims=True) / m, W.T @ dZ

def backward_propagation_with_dropout(X, Y, cache, keep_prob):
    (Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3) = cache
    dZ3 = A3 - Y
    dW3, db3, dA2 = through_linear(dZ3, A2, W3)
    dA2 = through_dropout(dA2, D2, keep_prob)
    dZ2 = dA2 * (A2 > 0)
    dW2, db2, dA1 = through_linear(dZ2, A1, W2)
    dA1 = through_dropout(dA1, D1, keep_prob)
    dZ1 = dA1 * (A1 > 0)
    dW1, db1, _ = through_linear(dZ1, X, W1)
    return {"dZ3": dZ3, "dW3": dW3, "db3": db3, "dA2": dA2, "dZ2": dZ2, "dW2": dW2,
            "db2": db2, "dA1": dA1, "dZ1": dZ1, "dW1": dW1, "db1": db1}
