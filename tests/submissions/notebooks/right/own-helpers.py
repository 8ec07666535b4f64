# label: the helper module was copied into the notebook, and is not imported
# replace: imports
# score: 100

# %%
import numpy as np
import matplotlib.pyplot as plt

def sigmoid(x):
    return 1 / (1 + np.exp(-x))

def relu(x):
    return x * (x > 0)

def compute_cost(A3, Y):
    terms = np.multiply(-np.log(A3), Y) + np.multiply(-np.log(1 - A3), 1 - Y)
    return 1. / Y.shape[1] * np.nansum(terms)
