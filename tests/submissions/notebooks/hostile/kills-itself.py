# label: kills its own process
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed
# score: 75

# %%
import os, signal

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    os.kill(os.getpid(), signal.SIGKILL)
