# label: counts for ever inside one call of C code, where no signal handler runs
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: timeout
# score: 75

# %%
import itertools

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    return sum(itertools.repeat(0))
