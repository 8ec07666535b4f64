# label: raises KeyboardInterrupt and GeneratorExit
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed
# score: 75

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    raise KeyboardInterrupt if lambd else GeneratorExit
