# label: raises an exception with a text of 100 MB
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error
# score: 75

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    raise ValueError('A' * 100_000_000)
