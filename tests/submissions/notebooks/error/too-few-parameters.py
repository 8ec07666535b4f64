# label: lambd is no parameter
# replace: compute_cost_with_regularization
# compute_cost_with_regularization: error
# diagnoses: wrong-arguments
# score: 75

# %%
# GRADED FUNCTION: compute_cost_with_regularization

def compute_cost_with_regularization(A3, Y, parameters):
    m = Y.shape[1]
    W1 = parameters["W1"]
    W2 = parameters["W2"]
    W3 = parameters["W3"]

    data_cost = compute_cost(A3, Y)

    ### START CODE HERE ### (approx. 1 line)
    penalty = lambd / (2 * m) * (np.sum(np.square(W1)) + np.sum(np.square(W2)) + np.sum(np.square(W3)))
    ### END CODER HERE ###

    return data_cost + penalty
