# label: the cost is an array without dimensions
# replace: compute_cost_with_regularization
# score: 100

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    m = Y.shape[1]
    weights = np.concatenate([parameters[k].ravel() for k in sorted(parameters) if k[0] == "W"])
    return np.squeeze(np.array(compute_cost(A3, Y) + lambd / (2 * m) * np.dot(weights, weights)))
