# label: cells that fail before and behind the functions
# replace: compute_cost_with_regularization
# score: 100

# %%
plt.plot(costs)
plt.title("left from another notebook")

# %%
assert False, "stop here"

# %%
import tensorflow as tf
print(tf.__version__)

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    squares = sum(np.sum(parameters[w] ** 2) for w in ("W1", "W2", "W3"))
    return compute_cost(A3, Y) + lambd / (2 * Y.shape[1]) * squares

# %%
this cell is prose that should have been markdown

# %%
1 / 0
