# label: returns an array of objects that holds itself
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed | timeout
# score: 75

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    mine = np.empty(1, dtype=object)
    mine[0] = mine
    return mine
