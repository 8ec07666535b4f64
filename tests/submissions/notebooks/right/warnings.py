# label: warnings of every kind in every call
# replace: compute_cost_with_regularization
# score: 100

# %%
import warnings
warnings.simplefilter("always")

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    warnings.warn("this cost will be removed", DeprecationWarning)
    warnings.warn("use another one", FutureWarning, stacklevel=2)
    unused = np.log(np.zeros(3)) * 0 + np.array([1.0]) / 0
    if Y.shape[1] is 5:
        print("the example")
    pattern = "\d+"
    squares = sum(np.sum(parameters[w] ** 2) for w in ("W1", "W2", "W3"))
    return compute_cost(A3, Y) + lambd / (2 * Y.shape[1]) * squares
