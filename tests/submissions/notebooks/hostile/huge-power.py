# label: asks for a number of 370 million digits
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed | timeout
# score: 75

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    return 9 ** 9 ** 9
