# label: returns a thousand million numbers that take no room
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed | timeout
# score: 75

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    return np.broadcast_to(np.float64(0.0), (10 ** 9,))
