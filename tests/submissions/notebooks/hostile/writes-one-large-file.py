# label: writes a file that is larger than the limit
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error
# diagnoses: too-much-disk | raises-error
# score: 75

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    with open('weights.bin', 'wb') as file:
        for _ in range(200):
            file.write(bytes(1 << 20))
    return compute_cost(A3, Y)
