# label: sleeps for eleven days
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: timeout
# score: 75

# %%
import time

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    time.sleep(10 ** 6)
    return 0.0
