# label: aborts
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed
# score: 75

# %%
import os

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    os.abort()
