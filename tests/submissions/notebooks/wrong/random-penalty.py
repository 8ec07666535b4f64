# label: the penalty is estimated from a random half of the weights
# replace: compute_cost_with_regularization
# compute_cost_with_regularization: failed
# diagnoses: not-deterministic
# score: 75

# %%
# GRADED FUNCTION: compute_cost_with_regularization

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    m = Y.shape[1]
    W1 = parameters["W1"]
    W2 = parameters["W2"]
    W3 = parameters["W3"]

    data_cost = compute_cost(A3, Y)

    ### START CODE HERE ### (approx. 1 line)
    rng = np.random.default_rng()
    penalty = sum(2 * np.sum(rng.choice(W.ravel(), max(1, W.size // 2), replace=False) ** 2) for W in (W1, W2, W3))
    penalty = lambd / (2 * m) * penalty
    ### END CODER HERE ###

    return data_cost + penalty
