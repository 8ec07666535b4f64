# label: the penalty is a sum of exponentials
# replace: compute_cost_with_regularization
# compute_cost_with_regularization: failed
# diagnoses: unexplained
# score: 75

# %%
# GRADED FUNCTION: compute_cost_with_regularization

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    m = Y.shape[1]
    W1 = parameters["W1"]

    cross_entropy_cost = compute_cost(A3, Y)

    ### START CODE HERE ### (approx. 1 line)
    L2_regularization_cost = lambd * np.sum(np.exp(W1))
    ### END CODE HERE ###

    return cross_entropy_cost + L2_regularization_cost
