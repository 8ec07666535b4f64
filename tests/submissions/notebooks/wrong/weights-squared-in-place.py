# label: the weights are squared in place: right cost, ruined network
# replace: compute_cost_with_regularization
# diagnoses: inputs-mutated
# score: 100

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
        W **= 2
    penalty = lambd / (2 * m) * (W1.sum() + W2.sum() + W3.sum())
    ### END CODER HERE ###

    return data_cost + penalty
