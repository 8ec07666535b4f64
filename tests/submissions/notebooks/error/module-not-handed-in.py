# label: the penalty comes from a module that was not handed in
# replace: compute_cost_with_regularization
# compute_cost_with_regularization: error
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
    from my_homework_functions import squares_of
    penalty = lambd / (2 * m) * squares_of(W1, W2, W3)
    ### END CODER HERE ###

    return data_cost + penalty
