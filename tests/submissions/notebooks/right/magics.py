# label: magics and shell lines around the functions
# replace: imports, compute_cost_with_regularization, forward_propagation_with_dropout
# score: 100

# %%
!pip install --quiet sklearn
%pip install --quiet scipy
%load_ext autoreload
%autoreload 2
%config InlineBackend.figure_format = 'retina'
import numpy as np, matplotlib.pyplot as plt
from reg_utils import *
from testCases import *
files = !ls datasets
%matplotlib notebook

# %%
%%time
# GRADED FUNCTION: compute_cost_with_regularization

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    m = Y.shape[1]
    ### START CODE HERE ### (approx. 1 line)
    penalty = lambd / (2 * m) * sum(np.sum(parameters[w] ** 2) for w in ("W1", "W2", "W3"))
    ### END CODER HERE ###
    return compute_cost(A3, Y) + penalty

compute_cost_with_regularization?
%timeit compute_cost_with_regularization(*compute_cost_with_regularization_test_case(), 0.1)

# %%
%%capture
def forward_propagation_with_dropout(X, parameters, keep_prob = 0.5):
    np.random.seed(1)
    W1, b1 = parameters["W1"], parameters["b1"]
    W2, b2 = parameters["W2"], parameters["b2"]
    W3, b3 = parameters["W3"], parameters["b3"]
    Z1 = np.dot(W1, X) + b1
    D1 = np.random.rand(*Z1.shape) < keep_prob
    A1 = relu(Z1) * D1 / keep_prob
    Z2 = np.dot(W2, A1) + b2
    D2 = np.random.rand(*Z2.shape) < keep_prob
    A2 = relu(Z2) * D2 / keep_prob
    Z3 = np.dot(W3, A2) + b3
    A3 = sigmoid(Z3)
    return A3, (Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3)

# %%
%%html
<b>A cell of another language</b>

# %%
%%bash
echo "and one more" > /dev/null
