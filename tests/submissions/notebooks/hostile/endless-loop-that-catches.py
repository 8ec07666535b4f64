# label: catches whatever is raised to stop it, and goes on
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: timeout
# score: 75

# %%
import time

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    while True:
        try:
            time.sleep(1)
        except BaseException:
            pass
