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
# # Initialization
#
# Before a network can learn, its weights need first values. In this notebook you try three ways to
# choose them. You will see that the choice decides how fast a network learns, and whether it learns
# at all.
#
# You write three functions:
#
# | | function | initial weights | points |
# |---|---|---|---|
# | 1 | `initialize_parameters_zeros` | zeros | 24 |
# | 2 | `initialize_parameters_random` | large random numbers | 38 |
# | 3 | `initialize_parameters_he` | random numbers of a suitable size | 38 |

# %% [markdown]
# ## How to work with this notebook
#
# - Write your code between `### START CODE HERE ###` and `### END CODE HERE ###`. The rest of each
#   function is complete. You can change it, but you do not have to.
# - Keep the names of the three functions, their parameters and their return values. The grader finds
#   your functions by these names.
# - After each function there is a cell with `check(function)`. It runs your function on one small
#   example and reports a mistake and its line. `check()` shows all three functions. Grading also uses
#   networks with other numbers of layers and units.
# - Each example is a **column**: $X$ has the shape $(2, m)$ and $Y$ has the shape $(1, m)$, where $m$
#   is the number of examples.
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
import matplotlib.pyplot as plt
import numpy as np
from grader import check
from init_utils import (
    backward_propagation,
    compute_loss,
    forward_propagation,
    load_dataset,
    plot_decision_boundary,
    predict,
    predict_dec,
    update_parameters,
)

# %matplotlib inline
plt.rcParams["figure.figsize"] = (7.0, 4.0)

# %% [markdown]
# ## 1 - Two circles
#
# The data are points on two circles, with some noise. The network should separate the inner circle
# (class 1, **blue**) from the outer circle (class 0, **red**).

# %%
train_X, train_Y, test_X, test_Y = load_dataset()
plt.title("Two noisy circles")
plt.show()

print(f"{train_X.shape[1]} points to train on, {test_X.shape[1]} to test on")

# %% [markdown]
# The network has two hidden layers of 10 and 5 units:
#
# LINEAR → RELU → LINEAR → RELU → LINEAR → SIGMOID
#
# The function below trains it. `initialization` is `"zeros"`, `"random"` or `"he"`, and decides which
# of your functions is called. Read the function once.


# %%
def model(X, Y, learning_rate=0.01, num_iterations=15000, print_cost=True, initialization="he"):
    """Train the three-layer network and return its parameters.

    X -- examples, shape (2, m)
    Y -- their classes, 0 or 1, shape (1, m)
    learning_rate, num_iterations -- size and number of the steps of gradient descent
    print_cost -- whether to print the cost every 1,000 steps
    initialization -- "zeros", "random" or "he"
    """
    layers_dims = [X.shape[0], 10, 5, 1]
    if initialization == "zeros":
        parameters = initialize_parameters_zeros(layers_dims)
    elif initialization == "random":
        parameters = initialize_parameters_random(layers_dims)
    else:
        parameters = initialize_parameters_he(layers_dims)

    costs = []
    for step in range(num_iterations):
        a3, cache = forward_propagation(X, parameters)
        cost = compute_loss(a3, Y)
        grads = backward_propagation(X, Y, cache)
        parameters = update_parameters(parameters, grads, learning_rate)

        if step % 1000 == 0:
            costs.append(cost)
            if print_cost:
                print(f"Cost after {step:5d} steps: {cost:.8f}")

    plt.plot(range(0, num_iterations, 1000), costs)
    plt.xlabel("steps")
    plt.ylabel("cost")
    plt.title(f"initialization: {initialization}")
    plt.show()
    return parameters


# %% [markdown]
# ## 2 - Zeros
#
# A layer $l$ has a matrix of weights $W^{[l]}$ and a column of biases $b^{[l]}$:
#
# $$W^{[l]} \text{ has the shape } (n^{[l]}, n^{[l-1]}), \qquad b^{[l]} \text{ has the shape } (n^{[l]}, 1)$$
#
# Here $n^{[l]}$ is the number of units of layer $l$, and $n^{[0]}$ is the number of inputs.
#
# ### Exercise 1
#
# Set all weights and biases to zero. `np.zeros((rows, columns))` makes a matrix of zeros. Note the
# double brackets: the shape is one argument.


# %%
# GRADED FUNCTION: initialize_parameters_zeros


def initialize_parameters_zeros(layers_dims):
    """Return a dictionary with W1, b1, W2, b2, …: all weights and biases are zero.

    layers_dims -- list of the numbers of units of all layers, beginning with the inputs
    """
    parameters = {}
    L = len(layers_dims)  # number of layers, the inputs included

    for l in range(1, L):
        ### START CODE HERE ###
        # (about 2 lines)
        ### BEGIN SOLUTION
        parameters["W" + str(l)] = np.zeros((layers_dims[l], layers_dims[l - 1]))
        parameters["b" + str(l)] = np.zeros((layers_dims[l], 1))
        ### PLACEHOLDER: parameters["W" + str(l)] = None
        ### PLACEHOLDER: parameters["b" + str(l)] = None
        ### END SOLUTION
        ### END CODE HERE ###
    return parameters


# %%
check(initialize_parameters_zeros)

# %%
zeros_parameters = model(train_X, train_Y, initialization="zeros")
print("On the training set:")
zeros_train = predict(train_X, train_Y, zeros_parameters)
print("On the test set:")
zeros_test = predict(test_X, test_Y, zeros_parameters)

# %% [markdown]
# The cost does not change at all. Every unit of a layer computes the same value and gets the same
# gradient, so the units stay equal forever. Here they even stay zero. The network predicts 0 for every
# point, no matter where it is.
#
# The weights must be different from the start: this is called **breaking the symmetry**. The biases
# can be zero, because different weights already make the units different.

# %% [markdown]
# ## 3 - Large random numbers
#
# ### Exercise 2
#
# Set the weights to random numbers and the biases to zero. `np.random.randn(rows, columns)` draws
# numbers from the standard normal distribution (here the shape is two arguments). Multiply the
# weights by 10, so that they are large.
#
# The line with `np.random.seed(3)` gives every student the same random numbers. Do not move or remove
# it, and draw one matrix for each layer, in order.


# %%
# GRADED FUNCTION: initialize_parameters_random


def initialize_parameters_random(layers_dims):
    """Return a dictionary with W1, b1, W2, b2, …: large random weights, and biases of zero.

    layers_dims -- list of the numbers of units of all layers, beginning with the inputs
    """
    np.random.seed(3)
    parameters = {}
    L = len(layers_dims)  # number of layers, the inputs included

    for l in range(1, L):
        ### START CODE HERE ###
        # (about 2 lines)
        ### BEGIN SOLUTION
        parameters["W" + str(l)] = np.random.randn(layers_dims[l], layers_dims[l - 1]) * 10
        parameters["b" + str(l)] = np.zeros((layers_dims[l], 1))
        ### PLACEHOLDER: parameters["W" + str(l)] = None
        ### PLACEHOLDER: parameters["b" + str(l)] = None
        ### END SOLUTION
        ### END CODE HERE ###
    return parameters


# %%
check(initialize_parameters_random)

# %%
random_parameters = model(train_X, train_Y, initialization="random")
print("On the training set:")
random_train = predict(train_X, train_Y, random_parameters)
print("On the test set:")
random_test = predict(test_X, test_Y, random_parameters)

# %%
plt.title("Large random numbers")
plot_decision_boundary(lambda x: predict_dec(random_parameters, x.T), train_X, train_Y)

# %% [markdown]
# The network learns now. But the first cost is infinite: with such large weights the output is exactly
# 0 or 1 for some points. Where it is wrong, the loss is $\log(0)$. It takes long until the training has
# corrected this.

# %% [markdown]
# ## 4 - He initialization
#
# How large should the weights be? Each unit adds $n^{[l-1]}$ products, so its sum grows with the
# number of inputs. He et al. (2015) choose the size such that the values neither grow nor shrink from
# layer to layer: multiply the standard normal numbers by
#
# $$\sqrt{\frac{2}{n^{[l-1]}}}$$
#
# where $n^{[l-1]}$ is the number of units of the **previous** layer. The 2 is for the ReLU, which sets
# half of the values to zero.
#
# ### Exercise 3
#
# Write this initialization. It differs from exercise 2 only in the factor.


# %%
# GRADED FUNCTION: initialize_parameters_he


def initialize_parameters_he(layers_dims):
    """Return a dictionary with W1, b1, W2, b2, …: weights by He et al., and biases of zero.

    layers_dims -- list of the numbers of units of all layers, beginning with the inputs
    """
    np.random.seed(3)
    parameters = {}
    L = len(layers_dims)  # number of layers, the inputs included

    for l in range(1, L):
        ### START CODE HERE ###
        # (about 2 lines)
        ### BEGIN SOLUTION
        scale = np.sqrt(2 / layers_dims[l - 1])
        parameters["W" + str(l)] = np.random.randn(layers_dims[l], layers_dims[l - 1]) * scale
        parameters["b" + str(l)] = np.zeros((layers_dims[l], 1))
        ### PLACEHOLDER: parameters["W" + str(l)] = None
        ### PLACEHOLDER: parameters["b" + str(l)] = None
        ### END SOLUTION
        ### END CODE HERE ###
    return parameters


# %%
check(initialize_parameters_he)

# %%
he_parameters = model(train_X, train_Y, initialization="he")
print("On the training set:")
he_train = predict(train_X, train_Y, he_parameters)
print("On the test set:")
he_test = predict(test_X, test_Y, he_parameters)

# %%
plt.title("He initialization")
plot_decision_boundary(lambda x: predict_dec(he_parameters, x.T), train_X, train_Y)

# %% [markdown]
# This network separates the two circles, in the same number of steps.
#
# Summary:
#
# - With equal weights all units of a layer stay equal. Random weights break the symmetry.
# - Weights that are too large slow the training down.
# - He initialization suits networks with ReLU.

# %% [markdown]
# ## Before you submit
#
# Restart the kernel and run all cells from the top. No cell should stop with an error, and the table
# below should show three functions that are right. Then save the notebook and submit this file,
# `Initialization.ipynb`. Do not submit a PDF or a web page of it: they cannot be graded.

# %%
check()
