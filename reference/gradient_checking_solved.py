# ---
# mypy: ignore-errors
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Gradient Checking
#
# Backward propagation is easy to get wrong, and a wrong gradient often still trains a little. In this
# notebook you write a test for gradients: you compare them with numbers that need no derivative.
#
# You write four functions:
#
# | | function | what it does | points |
# |---|---|---|---|
# | 1 | `forward_propagation` | computes $J = \theta x$ | 10 |
# | 2 | `backward_propagation` | computes the derivative of $J$ | 10 |
# | 3 | `gradient_check` | checks this derivative | 30 |
# | 4 | `gradient_check_n` | checks the gradients of a network | 50 |

# %% [markdown]
# ## How to work with this notebook
#
# - Write your code between `### START CODE HERE ###` and `### END CODE HERE ###`. The rest of each
#   function is complete. You can change it, but you do not have to.
# - Keep the names of the four functions, their parameters and their return values. The grader finds
#   your functions by these names.
# - After each function there is a cell with `check(function)`. It runs your function on one small
#   example and reports a mistake and its line. `check()` shows all four functions. Grading also uses
#   other numbers and networks.
#
# On Google Colab, run this in a new cell first, and choose the zip file of the assignment:
#
# ```python
# import io, os, zipfile
# from google.colab import files
# archive = zipfile.ZipFile(io.BytesIO(*files.upload().values()))
# archive.extractall()
# module = next(name for name in archive.namelist() if name.endswith("grader/__init__.py"))
# os.chdir(module.removesuffix("grader/__init__.py") or ".")
# ```

# %%
import numpy as np
from gc_utils import (
    dictionary_to_vector,
    gradients_to_vector,
    relu,
    sigmoid,
    vector_to_dictionary,
)
from grader import check
from testCases import gradient_check_n_test_case

# %% [markdown]
# ## 1 - How does a gradient check work?
#
# A derivative is the limit of a quotient:
#
# $$
# \frac{\partial J}{\partial \theta} = \lim_{\varepsilon \to 0}
# \frac{J(\theta + \varepsilon) - J(\theta - \varepsilon)}{2 \varepsilon}
# $$
#
# To compute $J$ is easy, and you are sure that it is right. So you take a small $\varepsilon$, compute
# the quotient, and compare it with the derivative from backward propagation.

# %% [markdown]
# ## 2 - One parameter
#
# ### Exercise 1
#
# Begin with the simplest function: $J(\theta) = \theta x$. Compute $J$.


# %%
# GRADED FUNCTION: forward_propagation


def forward_propagation(x, theta):
    """Return J = theta * x.

    x, theta -- numbers
    """
    ### START CODE HERE ###
    # (about 1 line)
    ### BEGIN SOLUTION
    J = theta * x
    ### PLACEHOLDER: J = None
    ### END SOLUTION
    ### END CODE HERE ###

    return J


# %%
check(forward_propagation)

# %% [markdown]
# ### Exercise 2
#
# Compute the derivative of $J(\theta) = \theta x$ with respect to $\theta$.


# %%
# GRADED FUNCTION: backward_propagation


def backward_propagation(x, theta):
    """Return the derivative of J with respect to theta.

    x, theta -- numbers
    """
    ### START CODE HERE ###
    # (about 1 line)
    ### BEGIN SOLUTION
    dtheta = x
    ### PLACEHOLDER: dtheta = None
    ### END SOLUTION
    ### END CODE HERE ###

    return dtheta


# %%
check(backward_propagation)

# %% [markdown]
# ### Exercise 3
#
# Now check the derivative:
#
# 1. $\theta^{+} = \theta + \varepsilon$ and $\theta^{-} = \theta - \varepsilon$
# 2. $J^{+} = J(\theta^{+})$ and $J^{-} = J(\theta^{-})$
# 3. $\text{gradapprox} = \dfrac{J^{+} - J^{-}}{2 \varepsilon}$
# 4. `grad` is the derivative from backward propagation.
# 5. The relative difference is
#
# $$
# \text{difference} =
# \frac{\lVert \text{grad} - \text{gradapprox} \rVert_2}
# {\lVert \text{grad} \rVert_2 + \lVert \text{gradapprox} \rVert_2}
# $$
#
# `np.linalg.norm` computes $\lVert \cdot \rVert_2$, of numbers and of arrays. The difference of a right
# derivative is tiny: here about $10^{-10}$.


# %%
# GRADED FUNCTION: gradient_check


def gradient_check(x, theta, epsilon=1e-7):
    """Return the relative difference between the derivative and its approximation.

    x, theta -- numbers
    epsilon -- how far theta is shifted
    """
    ### START CODE HERE ###
    # The approximation (about 5 lines)
    ### BEGIN SOLUTION
    thetaplus = theta + epsilon
    thetaminus = theta - epsilon
    J_plus = forward_propagation(x, thetaplus)
    J_minus = forward_propagation(x, thetaminus)
    gradapprox = (J_plus - J_minus) / (2 * epsilon)
    ### PLACEHOLDER: thetaplus = None
    ### PLACEHOLDER: thetaminus = None
    ### PLACEHOLDER: J_plus = None
    ### PLACEHOLDER: J_minus = None
    ### PLACEHOLDER: gradapprox = None
    ### END SOLUTION

    # The derivative (about 1 line)
    ### BEGIN SOLUTION
    grad = backward_propagation(x, theta)
    ### PLACEHOLDER: grad = None
    ### END SOLUTION

    # The relative difference (about 3 lines)
    ### BEGIN SOLUTION
    numerator = np.linalg.norm(grad - gradapprox)
    denominator = np.linalg.norm(grad) + np.linalg.norm(gradapprox)
    difference = numerator / denominator
    ### PLACEHOLDER: numerator = None
    ### PLACEHOLDER: denominator = None
    ### PLACEHOLDER: difference = None
    ### END SOLUTION
    ### END CODE HERE ###

    return difference


# %%
check(gradient_check)

# %% [markdown]
# ## 3 - Many parameters
#
# A network has many parameters. The check is the same, for one parameter at a time. Here is a network
# with three layers:
#
# LINEAR → RELU → LINEAR → RELU → LINEAR → SIGMOID
#
# Its backward propagation was written in a hurry, and two of its gradients are wrong.


# %%
def forward_propagation_n(X, Y, parameters):
    """Return the cost, and the cache for the backward pass.

    X -- examples, shape (n_x, m)
    Y -- their classes, 0 or 1
    parameters -- dictionary with W1, b1, W2, b2, W3, b3
    """
    m = X.shape[1]
    W1, b1 = parameters["W1"], parameters["b1"]
    W2, b2 = parameters["W2"], parameters["b2"]
    W3, b3 = parameters["W3"], parameters["b3"]

    Z1 = np.dot(W1, X) + b1
    A1 = relu(Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = relu(Z2)
    Z3 = np.dot(W3, A2) + b3
    A3 = sigmoid(Z3)

    losses = -np.log(A3) * Y - np.log(1 - A3) * (1 - Y)
    cost = 1.0 / m * np.sum(losses)

    cache = (Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, A3, W3, b3)
    return cost, cache


# %%
def backward_propagation_n(X, Y, cache):
    """Return the gradients of the cost as a dictionary. Two of them are wrong."""
    m = X.shape[1]
    (Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, A3, W3, b3) = cache

    dZ3 = A3 - Y
    dW3 = 1.0 / m * np.dot(dZ3, A2.T)
    db3 = 1.0 / m * np.sum(dZ3, axis=1, keepdims=True)

    dA2 = np.dot(W3.T, dZ3)
    dZ2 = dA2 * (A2 > 0)
    dW2 = 1.0 / m * np.dot(dZ2, A1.T) * 2
    db2 = 1.0 / m * np.sum(dZ2, axis=1, keepdims=True)

    dA1 = np.dot(W2.T, dZ2)
    dZ1 = dA1 * (A1 > 0)
    dW1 = 1.0 / m * np.dot(dZ1, X.T)
    db1 = 4.0 / m * np.sum(dZ1, axis=1, keepdims=True)

    gradients = {
        "dZ3": dZ3,
        "dW3": dW3,
        "db3": db3,
        "dA2": dA2,
        "dZ2": dZ2,
        "dW2": dW2,
        "db2": db2,
        "dA1": dA1,
        "dZ1": dZ1,
        "dW1": dW1,
        "db1": db1,
    }
    return gradients


# %% [markdown]
# ### Exercise 4
#
# The helper functions put all parameters into one long column, and back:
#
# - `dictionary_to_vector(parameters)` returns the column and a list that you do not need;
# - `vector_to_dictionary(column)` returns the parameters as a dictionary again;
# - `gradients_to_vector(gradients)` returns the gradients as a column, in the same order.
#
# For each number `i` of the column:
#
# 1. Make a **copy** of the column (`np.copy`) and add $\varepsilon$ to the number `i`. Compute the cost:
#    `forward_propagation_n(X, Y, vector_to_dictionary(...))` returns the cost and the cache.
# 2. Do the same with $-\varepsilon$.
# 3. Store the quotient in `gradapprox[i]`.
#
# Then compute the relative difference, as in exercise 3.


# %%
# GRADED FUNCTION: gradient_check_n


def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7):
    """Return the relative difference between gradients and their approximation.

    parameters -- dictionary with W1, b1, W2, b2, W3, b3
    gradients -- what backward_propagation_n returned
    X, Y -- examples and their classes
    epsilon -- how far each parameter is shifted
    """
    parameters_values, _ = dictionary_to_vector(parameters)
    grad = gradients_to_vector(gradients)
    num_parameters = parameters_values.shape[0]
    J_plus = np.zeros((num_parameters, 1))
    J_minus = np.zeros((num_parameters, 1))
    gradapprox = np.zeros((num_parameters, 1))

    for i in range(num_parameters):
        ### START CODE HERE ###
        # The cost with the number i increased (about 3 lines)
        ### BEGIN SOLUTION
        thetaplus = np.copy(parameters_values)
        thetaplus[i] = thetaplus[i] + epsilon
        J_plus[i], _ = forward_propagation_n(X, Y, vector_to_dictionary(thetaplus))
        ### PLACEHOLDER: thetaplus = None
        ### PLACEHOLDER: J_plus[i], _ = None
        ### END SOLUTION

        # The cost with the number i decreased (about 3 lines)
        ### BEGIN SOLUTION
        thetaminus = np.copy(parameters_values)
        thetaminus[i] = thetaminus[i] - epsilon
        J_minus[i], _ = forward_propagation_n(X, Y, vector_to_dictionary(thetaminus))
        ### PLACEHOLDER: thetaminus = None
        ### PLACEHOLDER: J_minus[i], _ = None
        ### END SOLUTION

        # The quotient (about 1 line)
        ### BEGIN SOLUTION
        gradapprox[i] = (J_plus[i] - J_minus[i]) / (2 * epsilon)
        ### PLACEHOLDER: gradapprox[i] = None
        ### END SOLUTION
        ### END CODE HERE ###

    ### START CODE HERE ###
    # The relative difference (about 3 lines)
    ### BEGIN SOLUTION
    numerator = np.linalg.norm(grad - gradapprox)
    denominator = np.linalg.norm(grad) + np.linalg.norm(gradapprox)
    difference = numerator / denominator
    ### PLACEHOLDER: numerator = None
    ### PLACEHOLDER: denominator = None
    ### PLACEHOLDER: difference = None
    ### END SOLUTION
    ### END CODE HERE ###

    return difference


# %%
check(gradient_check_n)

# %%
X, Y, parameters = gradient_check_n_test_case()
cost, cache = forward_propagation_n(X, Y, parameters)
gradients = backward_propagation_n(X, Y, cache)
difference = gradient_check_n(parameters, gradients, X, Y)
print(f"The gradients are {'wrong' if difference > 2e-7 else 'right'}: {difference:.4g}")

# %% [markdown]
# The difference is large, so the gradients are wrong. Find the two bugs in `backward_propagation_n`,
# correct them, and run the cells above again, until the difference is below $2 \cdot 10^{-7}$. (This
# part is not graded.)
#
# Summary:
#
# - A gradient check compares gradients with quotients of costs.
# - It is slow, because it computes the cost twice for each parameter. So it is used for tests, and
#   not in each step of a training.

# %% [markdown]
# ## Before you submit
#
# Restart the kernel and run all cells from the top. No cell should stop with an error, and the table
# below should show four functions that are right. Then save the notebook and submit this file,
# `Gradient_Checking.ipynb`. Do not submit a PDF or a web page of it: they cannot be graded.

# %%
check()
