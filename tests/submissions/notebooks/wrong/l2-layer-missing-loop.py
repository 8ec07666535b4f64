# label: = for += in the loop: only the last layer counts
# replace: compute_cost_with_regularization
# compute_cost_with_regularization: failed
# diagnoses: l2-layer-missing
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
    for W in (W1, W2, W3):
        squares = np.sum(np.square(W))
    penalty = lambd / (2 * m) * squares
    ### END CODER HERE ###

    return data_cost + penalty
