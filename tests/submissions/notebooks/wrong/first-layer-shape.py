# label: weights are reshaped to the example's shape: other networks raise
# replace: compute_cost_with_regularization
# compute_cost_with_regularization: partial
# score: 80

# %%
# GRADED FUNCTION: compute_cost_with_regularization

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    m = Y.shape[1]
    W1 = parameters["W1"]
    W2 = parameters["W2"]
    W3 = parameters["W3"]

    data_cost = compute_cost(A3, Y)

    ### START CODE HERE ### (approx. 1 line)
    penalty = lambd / (2 * m) * (np.sum(W1.reshape(2, 3) ** 2) + np.sum(W2.reshape(3, 2) ** 2) + np.sum(W3.reshape(1, 3) ** 2))
    ### END CODER HERE ###

    return data_cost + penalty
