# label: returns an empty array with two enormous dimensions
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed
# score: 75

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    return np.empty((0, 2 ** 28, 2 ** 28))
