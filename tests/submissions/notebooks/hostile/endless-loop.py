# label: loops for ever
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: timeout
# score: 75

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    step = 0
    while step < 10:
        cost = compute_cost(A3, Y)
    return cost
