# label: asks for an array of 80 gigabytes
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error
# diagnoses: too-much-memory
# score: 75

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    weights = np.zeros((100_000, 100_000))
    return compute_cost(A3, Y) + weights.sum()
