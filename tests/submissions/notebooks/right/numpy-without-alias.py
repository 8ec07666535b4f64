# label: `import numpy`, and parameters with names of their own
# replace: compute_cost_with_regularization
# score: 100

# %%
import numpy

def compute_cost_with_regularization(a, y, theta, lam):
    squares = numpy.sum([numpy.sum(numpy.power(theta[k], 2)) for k in ["W1", "W2", "W3"]])
    return compute_cost(a, y) + numpy.true_divide(lam, 2 * y.shape[1]) * squares
