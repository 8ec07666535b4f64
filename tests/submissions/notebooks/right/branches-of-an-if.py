# label: a switch chooses between the written function and one that is not
# replace: compute_cost_with_regularization
# score: 100

# %%
FAST = True
if FAST:
    def compute_cost_with_regularization(A3, Y, parameters, lambd):
        squares = sum(np.sum(parameters[w] ** 2) for w in ("W1", "W2", "W3"))
        return compute_cost(A3, Y) + lambd / (2 * Y.shape[1]) * squares
else:
    def compute_cost_with_regularization(A3, Y, parameters, lambd):
        raise NotImplementedError
