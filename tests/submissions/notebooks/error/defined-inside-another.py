# label: one function is indented by accident and belongs to the one above
# replace: compute_cost_with_regularization
# compute_cost_with_regularization: missing
# diagnoses: missing-function
# score: 75

# %%
def square(x):
    return x * x

    def compute_cost_with_regularization(A3, Y, parameters, lambd):
        squares = sum(np.sum(square(parameters[w])) for w in ("W1", "W2", "W3"))
        return compute_cost(A3, Y) + lambd / (2 * Y.shape[1]) * squares
