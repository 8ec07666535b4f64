# label: reads address zero
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed
# score: 75

# %%
import ctypes

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    ctypes.string_at(0)
    return 0.0
