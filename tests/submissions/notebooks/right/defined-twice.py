# label: a wrong definition, a call of it, and below the right one
# replace: compute_cost_with_regularization
# score: 100

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    return compute_cost(A3, Y) + lambd / Y.shape[1] * np.sum(parameters["W1"])

# %%
A3, Y_assess, parameters = compute_cost_with_regularization_test_case()
print(compute_cost_with_regularization(A3, Y_assess, parameters, lambd = 0.1))

# %% [markdown]
# Not 1.786. Second attempt:

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    squares = sum(np.sum(parameters[w] ** 2) for w in ("W1", "W2", "W3"))
    return compute_cost(A3, Y) + lambd / (2 * Y.shape[1]) * squares
