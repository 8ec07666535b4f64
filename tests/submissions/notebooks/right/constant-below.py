# label: a constant that is defined in a later cell
# replace: compute_cost_with_regularization
# score: 100

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    squares = sum(np.sum(parameters[w] ** EXPONENT) for w in WEIGHTS)
    return compute_cost(A3, Y) + HALF * lambd / Y.shape[1] * squares

# %%
EXPONENT = 2
WEIGHTS = tuple(f"W{number}" for number in range(1, 4))

# %%
HALF = EXPONENT ** -1
