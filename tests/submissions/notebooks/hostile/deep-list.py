# label: returns a list a million levels deep
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed | timeout
# score: 75

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    mine = 0.0
    for _ in range(10 ** 6):
        mine = [mine]
    return mine
