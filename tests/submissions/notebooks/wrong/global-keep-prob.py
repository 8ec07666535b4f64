# label: keep_prob is read from a global variable of a similar name, and never as the parameter
# replace: forward_propagation_with_dropout
# forward_propagation_with_dropout: partial | failed
# diagnoses: global-dependence

# %%
keep = 0.7

# %%
def forward_propagation_with_dropout(X, parameters, keep_prob=0.5):
    np.random.seed(1)
    W1, b1, W2, b2, W3, b3 = (parameters[n] for n in ("W1", "b1", "W2", "b2", "W3", "b3"))
    Z1 = np.dot(W1, X) + b1
    D1 = np.random.rand(*Z1.shape) < keep
    A1 = relu(Z1) * D1 / keep
    Z2 = np.dot(W2, A1) + b2
    D2 = np.random.rand(*Z2.shape) < keep
    A2 = relu(Z2) * D2 / keep
    Z3 = np.dot(W3, A2) + b3
    A3 = sigmoid(Z3)
    return A3, (Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3)
