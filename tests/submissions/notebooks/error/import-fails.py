# label: a library that is not installed computes the penalty
# replace: compute_cost_with_regularization
# compute_cost_with_regularization: error
# diagnoses: failed-import
# score: 75

# %%
import theano.tensor as T

# %%
# GRADED FUNCTION: compute_cost_with_regularization

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    m = Y.shape[1]
    W1 = parameters["W1"]
    W2 = parameters["W2"]
    W3 = parameters["W3"]

    cross_entropy_cost = compute_cost(A3, Y)

    ### START CODE HERE ### (approx. 1 line)
    L2_regularization_cost = lambd / (2 * m) * sum(T.sum(T.square(W)) for W in (W1, W2, W3))
    ### END CODE HERE ###

    return cross_entropy_cost + L2_regularization_cost
