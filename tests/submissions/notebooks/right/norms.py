# label: squared norms and a trace for the sums of squares
# replace: compute_cost_with_regularization
# score: 100

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    m = len(Y[0])
    W1, W2, W3 = parameters["W1"], parameters["W2"], parameters["W3"]
    squares = np.linalg.norm(W1) ** 2 + np.trace(W2 @ W2.T) + np.vdot(W3, W3)
    cost = compute_cost(A3, Y)
    cost += (lambd * squares) / (m + m)
    return cost
