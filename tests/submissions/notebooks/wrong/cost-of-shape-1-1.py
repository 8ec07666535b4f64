# label: the cost is right but has the shape (1, 1)
# replace: compute_cost_with_regularization
# compute_cost_with_regularization: failed
# diagnoses: wrong-shape
# score: 75

# %%
# GRADED FUNCTION: compute_cost_with_regularization

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    m = Y.shape[1]
    W1 = parameters["W1"]
    W2 = parameters["W2"]
    W3 = parameters["W3"]

    cross_entropy_cost = compute_cost(A3, Y)
    ### START CODE HERE ### (approx. 1 line)
    def squares(W):
        return np.sum(np.sum(np.square(W), axis=0, keepdims=True), axis=1, keepdims=True)
    L2_regularization_cost = lambd / (2 * m) * (squares(W1) + squares(W2) + squares(W3))
    ### END CODE HERE ###
    cost = cross_entropy_cost + L2_regularization_cost
    return cost
