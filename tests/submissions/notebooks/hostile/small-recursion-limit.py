# label: sets a recursion limit too small for anyone else
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed | timeout | passed

# %%
import sys

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    sys.setrecursionlimit(50)
    squares = sum(np.sum(parameters[w] ** 2) for w in ("W1", "W2", "W3"))
    return compute_cost(A3, Y) + lambd / (2 * Y.shape[1]) * squares
