# label: the cost is a plain Python float
# replace: compute_cost_with_regularization
# score: 100

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    m = Y.shape[1]
    penalty = sum(float((parameters["W" + str(i)] ** 2).sum()) for i in range(1, 4))
    return float(compute_cost(A3, Y)) + lambd * penalty / 2 / m
