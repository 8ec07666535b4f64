# label: raises a NameError whose name is a great deal of markup
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error
# score: 75

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    error = NameError('passed')
    error.name = '<script>' * 10_000
    raise error
