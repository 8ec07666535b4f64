# label: the right definition, and below it a wrong one
# replace: compute_cost_with_regularization
# compute_cost_with_regularization: failed
# diagnoses: l2-not-halved
# score: 75

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    squares = sum(np.sum(parameters[w] ** 2) for w in ("W1", "W2", "W3"))
    return compute_cost(A3, Y) + lambd / (2 * Y.shape[1]) * squares

# %% [markdown]
# Shorter:

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    return compute_cost(A3, Y) + lambd / Y.shape[1] * sum(np.sum(parameters[w] ** 2) for w in ("W1", "W2", "W3"))
