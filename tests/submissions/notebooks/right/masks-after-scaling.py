# label: scaled first and masked afterwards, by a RandomState of its own
# replace: forward_propagation_with_dropout
# score: 100

# %%
def forward_propagation_with_dropout(X, parameters, keep_prob = 0.5):
    rng = np.random.RandomState(1)
    Z1 = np.dot(parameters["W1"], X) + parameters["b1"]
    A1 = relu(Z1) / keep_prob
    D1 = 1.0 * (keep_prob > rng.rand(*A1.shape))
    A1 = np.multiply(A1, D1)
    Z2 = np.dot(parameters["W2"], A1) + parameters["b2"]
    A2 = relu(Z2) / keep_prob
    D2 = 1.0 * (keep_prob > rng.rand(*A2.shape))
    A2 = np.multiply(A2, D2)
    Z3 = np.dot(parameters["W3"], A2) + parameters["b3"]
    A3 = sigmoid(Z3)
    cache = (Z1, D1, A1, parameters["W1"], parameters["b1"],
             Z2, D2, A2, parameters["W2"], parameters["b2"],
             Z3, A3, parameters["W3"], parameters["b3"])
    return A3, cache
