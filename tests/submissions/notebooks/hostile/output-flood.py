# label: prints for ever
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed | timeout
# score: 75

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    while True:
        print('A' * 100_000)
