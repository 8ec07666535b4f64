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
# # Regularization
#
# A network that only memorises its training examples has not learnt the pattern behind them. In
# this notebook you will see a small network do this. Then you will reduce the problem in two ways:
# with a cost for large weights (**L2 regularization**), and by switching off random units
# (**dropout**).
#
# You write four functions:
#
# | | function | what it does |
# |---|---|---|
# | 1 | `compute_cost_with_regularization` | computes the cost, with a penalty for large weights |
# | 2 | `backward_propagation_with_regularization` | computes the gradients of this cost |
# | 3 | `forward_propagation_with_dropout` | computes the output, with some units switched off |
# | 4 | `backward_propagation_with_dropout` | computes the gradients, with the same units switched off |
#
# Each is worth 25 points.

# %% [markdown]
# ## How to work with this notebook
#
# - Write your code between `### START CODE HERE ###` and `### END CODE HERE ###`. The rest of each
#   function is complete. You can change it, but you do not have to.
# - Keep the names of the four functions, their parameters and their return values. The grader finds
#   your functions by these names.
# - After each function there is a cell with `check(function)`. It runs your function on one small
#   example and reports a mistake and its line. `check()` shows all four functions. Grading also uses
#   other networks, of other sizes. So always use the arguments, never the numbers of the example.
# - `try_case(function, layers=(2, 4, 3, 1), m=6)` runs your function on random numbers and prints
#   the result.
# - Each example is a **column**: $X$ has the shape $(n_x, m)$ and $Y$ has the shape $(n_y, m)$,
#   where $m$ is the number of examples. In this notebook there is one output unit ($n_y = 1$), but
#   your functions must also work for more than one.
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
from reg_utils import (
    backward_propagation,
    compute_cost,
    forward_propagation,
    initialize_parameters,
    load_2D_dataset,
    plot_decision_boundary,
    predict,
    predict_dec,
    relu,
    sigmoid,
    update_parameters,
)
from testCases import (
    backward_propagation_with_dropout_test_case,
    backward_propagation_with_regularization_test_case,
    compute_cost_with_regularization_test_case,
    forward_propagation_with_dropout_test_case,
    try_case,
)

# %matplotlib inline
plt.rcParams["figure.figsize"] = (7.0, 4.0)

# %% [markdown]
# ## 1 - Where should the goalkeeper kick the ball?
#
# The French football association asks you for help. When the French goalkeeper kicks the ball up
# the field, where should it land, so that a French player hits it with the head first?
#
# Each point below is a place on the field where a player hit the ball with the head after such a
# kick. **Blue** means a French player (class 1), **red** means a player of the other team (class 0).

# %%
train_X, train_Y, test_X, test_Y = load_2D_dataset()
plt.title("Who headed the ball?")
plt.show()

print(f"{train_X.shape[1]} points to train on, {test_X.shape[1]} to test on")

# %% [markdown]
# A line along the diagonal separates most of the points. It cannot separate all of them, because the
# data are noisy: some blue points lie among the red ones, and some red points among the blue ones.
# A good rule does not try to get these points right.
#
# Our network will try.

# %% [markdown]
# ## 2 - A network without regularization
#
# The network has two hidden layers of 20 and 3 units:
#
# LINEAR → RELU → LINEAR → RELU → LINEAR → SIGMOID
#
# The function below trains it in one of three ways:
#
# - without regularization, if `lambd` is 0 and `keep_prob` is 1;
# - with L2 regularization, if `lambd` is not 0 (it is not called `lambda`, because that is a keyword
#   of Python);
# - with dropout, if `keep_prob` is less than 1.
#
# Read the function once. You will write the four functions that it calls for L2 regularization and
# for dropout.


# %%
def model(X, Y, learning_rate=0.3, num_iterations=30000, print_cost=True, lambd=0, keep_prob=1):
    """Train the three-layer network and return its parameters.

    X -- examples, shape (n_x, m)
    Y -- their classes, 0 or 1, shape (1, m)
    learning_rate, num_iterations -- size and number of the steps of gradient descent
    print_cost -- whether to print the cost every 10,000 steps
    lambd -- strength of L2 regularization; 0 means none
    keep_prob -- probability that dropout keeps a unit; 1 means no dropout
    """
    assert lambd == 0 or keep_prob == 1, "Set lambd or keep_prob, not both."

    parameters = initialize_parameters([X.shape[0], 20, 3, 1])
    costs = []
    for step in range(num_iterations):
        if keep_prob < 1:
            A3, cache = forward_propagation_with_dropout(X, parameters, keep_prob)
            cost = compute_cost(A3, Y)
            grads = backward_propagation_with_dropout(X, Y, cache, keep_prob)
        elif lambd != 0:
            A3, cache = forward_propagation(X, parameters)
            cost = compute_cost_with_regularization(A3, Y, parameters, lambd)
            grads = backward_propagation_with_regularization(X, Y, cache, lambd)
        else:
            A3, cache = forward_propagation(X, parameters)
            cost = compute_cost(A3, Y)
            grads = backward_propagation(X, Y, cache)
        parameters = update_parameters(parameters, grads, learning_rate)

        if step % 1000 == 0:
            costs.append(cost)
        if print_cost and step % 10000 == 0:
            print(f"Cost after {step:5d} steps: {cost:.6f}")

    plt.plot(range(0, num_iterations, 1000), costs)
    plt.xlabel("steps")
    plt.ylabel("cost")
    plt.title(f"learning rate {learning_rate}, lambd {lambd}, keep_prob {keep_prob}")
    plt.show()
    return parameters


# %% [markdown]
# First, train without regularization. The training takes a few seconds. Then compare the two
# accuracies.

# %%
plain_parameters = model(train_X, train_Y)
print("On the training set:")
plain_train = predict(train_X, train_Y, plain_parameters)
print("On the test set:")
plain_test = predict(test_X, test_Y, plain_parameters)

# %%
plt.title("Without regularization")
plot_decision_boundary(lambda x: predict_dec(plain_parameters, x.T), train_X, train_Y)

# %% [markdown]
# The boundary has many curves: the network bends it around single noisy points. This increases the
# accuracy on the training set. But new points are noisy in other places, so the accuracy on the
# test set is lower. This is called **overfitting**.

# %% [markdown]
# ## 3 - L2 regularization
#
# A boundary with sharp curves needs large weights. So we add a penalty for large weights to the
# cost. Without the penalty, the cost is the cross-entropy
#
# $$
# J = -\frac{1}{m} \sum_{i=1}^{m}
# \Big( y^{(i)} \log a^{[3](i)} + (1 - y^{(i)}) \log (1 - a^{[3](i)}) \Big)
# $$
#
# With the L2 penalty, the cost is
#
# $$
# J_{\text{regularized}} = J \; + \; \frac{\lambda}{2m}
# \Big( \lVert W^{[1]} \rVert^2 + \lVert W^{[2]} \rVert^2 + \lVert W^{[3]} \rVert^2 \Big)
# $$
#
# where $\lVert W \rVert^2$ is the sum of the squares of *all* entries of the matrix. There is no
# penalty for biases: they move the boundary, but they do not bend it.
#
# ### Exercise 1
#
# Write the penalty. `np.square` squares every entry, and `np.sum` adds all entries. Be careful with
# brackets: in Python, `a / 2 * m` means `(a / 2) * m`.


# %%
# GRADED FUNCTION: compute_cost_with_regularization


def compute_cost_with_regularization(A3, Y, parameters, lambd):
    """Return the cross-entropy plus the L2 penalty.

    A3 -- output of the forward pass, shape (n_y, m)
    Y -- classes, 0 or 1, shape (n_y, m)
    parameters -- dictionary with W1, b1, W2, b2, W3, b3
    lambd -- strength of the penalty
    """
    m = Y.shape[1]
    W1 = parameters["W1"]
    W2 = parameters["W2"]
    W3 = parameters["W3"]

    cross_entropy_cost = compute_cost(A3, Y)

    ### START CODE HERE ###
    # The squares of all weights of all three layers, times lambda over 2 m (about 1 line)
    ### BEGIN SOLUTION
    squares = np.sum(np.square(W1)) + np.sum(np.square(W2)) + np.sum(np.square(W3))
    L2_regularization_cost = lambd / (2 * m) * squares
    ### PLACEHOLDER: L2_regularization_cost = None
    ### END SOLUTION
    ### END CODE HERE ###

    cost = cross_entropy_cost + L2_regularization_cost

    return cost


# %%
check(compute_cost_with_regularization)

# %% [markdown]
# ### Exercise 2
#
# The new cost has new gradients. The penalty depends only on the weights, so only $dW^{[1]}$,
# $dW^{[2]}$ and $dW^{[3]}$ change. Add to each of them the derivative of its own term:
#
# $$\frac{\partial}{\partial W} \, \frac{\lambda}{2m} \lVert W \rVert^2 = \frac{\lambda}{m} W$$
#
# Add it in three places. (Why is there no 2 on the right side? What is the derivative of
# $\frac{1}{2} w^2$?)


# %%
# GRADED FUNCTION: backward_propagation_with_regularization


def backward_propagation_with_regularization(X, Y, cache, lambd):
    """Return the gradients of the cost with the L2 penalty, as a dictionary.

    X -- examples, shape (n_x, m)
    Y -- classes, 0 or 1, shape (n_y, m)
    cache -- the second value that forward_propagation returned
    lambd -- strength of the penalty
    """
    m = X.shape[1]
    (Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, A3, W3, b3) = cache

    dZ3 = A3 - Y
    ### START CODE HERE ###
    # Add the gradient of the penalty to dW3 (about 1 line)
    ### BEGIN SOLUTION
    dW3 = 1.0 / m * np.dot(dZ3, A2.T) + lambd / m * W3
    ### PLACEHOLDER: dW3 = 1.0 / m * np.dot(dZ3, A2.T) + None
    ### END SOLUTION
    ### END CODE HERE ###
    db3 = 1.0 / m * np.sum(dZ3, axis=1, keepdims=True)

    dA2 = np.dot(W3.T, dZ3)
    dZ2 = dA2 * (A2 > 0)
    ### START CODE HERE ###
    # Add the gradient of the penalty to dW2 (about 1 line)
    ### BEGIN SOLUTION
    dW2 = 1.0 / m * np.dot(dZ2, A1.T) + lambd / m * W2
    ### PLACEHOLDER: dW2 = 1.0 / m * np.dot(dZ2, A1.T) + None
    ### END SOLUTION
    ### END CODE HERE ###
    db2 = 1.0 / m * np.sum(dZ2, axis=1, keepdims=True)

    dA1 = np.dot(W2.T, dZ2)
    dZ1 = dA1 * (A1 > 0)
    ### START CODE HERE ###
    # Add the gradient of the penalty to dW1 (about 1 line)
    ### BEGIN SOLUTION
    dW1 = 1.0 / m * np.dot(dZ1, X.T) + lambd / m * W1
    ### PLACEHOLDER: dW1 = 1.0 / m * np.dot(dZ1, X.T) + None
    ### END SOLUTION
    ### END CODE HERE ###
    db1 = 1.0 / m * np.sum(dZ1, axis=1, keepdims=True)

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


# %%
check(backward_propagation_with_regularization)

# %% [markdown]
# Now train with $\lambda = 0.7$.

# %%
l2_parameters = model(train_X, train_Y, lambd=0.7)
print("On the training set:")
l2_train = predict(train_X, train_Y, l2_parameters)
print("On the test set:")
l2_test = predict(test_X, test_Y, l2_parameters)

# %%
plt.title("With L2 regularization")
plot_decision_boundary(lambda x: predict_dec(l2_parameters, x.T), train_X, train_Y)

# %% [markdown]
# The boundary is smoother now. Some of the noisy training points are on the wrong side, and the two
# accuracies are closer to each other.
#
# This method is also called **weight decay**. The reason is in exercise 2: each step of gradient
# descent now also subtracts a small part of each weight,
# $W := W - \alpha \, (\ldots) - \alpha \frac{\lambda}{m} W$.
# So a weight becomes smaller unless the data need it. Compare the weights of the first layer without
# and with L2 regularization:

# %%
edges = np.linspace(-8, 8, 41)
plt.hist(plain_parameters["W1"].ravel(), bins=edges, alpha=0.6, label="without")
plt.hist(l2_parameters["W1"].ravel(), bins=edges, alpha=0.6, label="with L2")
plt.xlabel("weight in W1")
plt.ylabel("how many")
plt.legend()
plt.show()

# %% [markdown]
# How large should `lambd` be? Try `lambd=0.01` and `lambd=50` in the training cell above. If it is
# too small, nothing changes. If it is too large, the network does not even find the diagonal. In
# practice you try several values, and choose the best one on separate validation data.

# %% [markdown]
# ## 4 - Dropout
#
# Imagine a football team that trains with different players missing each time. No player can rely
# on one particular teammate, so each player must learn to work with all the others. Dropout does
# the same with the units of a network. In each training step, each hidden unit is **kept** with the
# probability `keep_prob`. Otherwise its output is set to 0. This is decided for each example
# separately.
#
# Dropout is used only in training. For predictions, the network uses all its units.

# %% [markdown]
# ### Exercise 3
#
# Write the forward pass with dropout in layers 1 and 2. There is no dropout in the input and in the
# output layer. For each of the two layers:
#
# 1. Create a matrix $D^{[l]}$ of the same shape as $A^{[l]}$, with uniformly distributed random
#    numbers between 0 and 1. Use `np.random.rand`, not `np.random.randn`.
# 2. Turn it into a mask: true where the number is **less than** `keep_prob`.
# 3. Multiply $A^{[l]}$ by the mask, element by element. This sets the dropped units to 0.
# 4. Divide $A^{[l]}$ by `keep_prob`.
#
# Why step 4? If 70 % of the units are kept, the next layer gets, on average, only 70 % of its usual
# input. Dividing by 0.7 restores the expected value. So nothing has to be corrected for predictions,
# where all units are used.
#
# The line with `np.random.seed(1)` gives every student the same random numbers. Do not move or
# remove it, and create $D^{[1]}$ before $D^{[2]}$.


# %%
# GRADED FUNCTION: forward_propagation_with_dropout


def forward_propagation_with_dropout(X, parameters, keep_prob=0.5):
    """Return the output A3, shape (n_y, m), and the cache of a pass with dropout.

    X -- examples, shape (n_x, m)
    parameters -- dictionary with W1, b1, W2, b2, W3, b3
    keep_prob -- probability that a hidden unit is kept
    """
    np.random.seed(1)

    W1 = parameters["W1"]
    b1 = parameters["b1"]
    W2 = parameters["W2"]
    b2 = parameters["b2"]
    W3 = parameters["W3"]
    b3 = parameters["b3"]

    Z1 = np.dot(W1, X) + b1
    A1 = relu(Z1)
    ### START CODE HERE ###
    ### BEGIN SOLUTION
    D1 = np.random.rand(A1.shape[0], A1.shape[1])
    D1 = D1 < keep_prob
    A1 = A1 * D1
    A1 = A1 / keep_prob
    ### PLACEHOLDER: # Four steps, as above, for layer 1 (about 4 lines)
    ### PLACEHOLDER: D1 = None  # 1: numbers between 0 and 1, in the shape of A1
    ### PLACEHOLDER: D1 = None  # 2: true where a unit is kept
    ### PLACEHOLDER: A1 = None  # 3: the other units are silenced
    ### PLACEHOLDER: A1 = None  # 4: those that are kept make up for them
    ### END SOLUTION
    ### END CODE HERE ###

    Z2 = np.dot(W2, A1) + b2
    A2 = relu(Z2)
    ### START CODE HERE ###
    ### BEGIN SOLUTION
    D2 = np.random.rand(A2.shape[0], A2.shape[1])
    D2 = D2 < keep_prob
    A2 = A2 * D2
    A2 = A2 / keep_prob
    ### PLACEHOLDER: # The same four steps for layer 2 (about 4 lines)
    ### PLACEHOLDER: D2 = None
    ### PLACEHOLDER: D2 = None
    ### PLACEHOLDER: A2 = None
    ### PLACEHOLDER: A2 = None
    ### END SOLUTION
    ### END CODE HERE ###

    Z3 = np.dot(W3, A2) + b3
    A3 = sigmoid(Z3)

    cache = (Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3)

    return A3, cache


# %%
check(forward_propagation_with_dropout)

# %% [markdown]
# The picture shows your masks for the football data: one column for each of the first 40 examples,
# and one row for each of the 20 units of layer 1. A dark square is a dropped unit.

# %%
A3, cache = forward_propagation_with_dropout(train_X, plain_parameters, keep_prob=0.86)
plt.imshow(cache[1][:, :40], cmap="gray", aspect="auto", vmin=0, vmax=1)
plt.xlabel("example")
plt.ylabel("unit of layer 1")
plt.show()
print(f"kept: {np.mean(cache[1]):.1%} of all units")

# %% [markdown]
# ### Exercise 4
#
# In the backward pass, the same units must be dropped. A unit whose output was set to 0 has no
# effect on the cost, so its gradient is 0. The forward pass divides by `keep_prob`, so the backward
# pass divides by it too:
#
# $$dA^{[l]} := \frac{dA^{[l]} * D^{[l]}}{\texttt{keep\_prob}} \qquad l = 2, 1$$
#
# Use the masks in the cache. New masks would be wrong: the cost was computed with the old ones.


# %%
# GRADED FUNCTION: backward_propagation_with_dropout


def backward_propagation_with_dropout(X, Y, cache, keep_prob):
    """Return the gradients of a pass with dropout, as a dictionary.

    X -- examples, shape (n_x, m)
    Y -- classes, 0 or 1, shape (n_y, m)
    cache -- the second value that forward_propagation_with_dropout returned
    keep_prob -- probability that a hidden unit is kept
    """
    m = X.shape[1]
    (Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3) = cache

    dZ3 = A3 - Y
    dW3 = 1.0 / m * np.dot(dZ3, A2.T)
    db3 = 1.0 / m * np.sum(dZ3, axis=1, keepdims=True)

    dA2 = np.dot(W3.T, dZ3)
    ### START CODE HERE ###
    # Silence in dA2 the units that were silent in A2, then divide as on the way forward (2 lines)
    ### BEGIN SOLUTION
    dA2 = dA2 * D2
    dA2 = dA2 / keep_prob
    ### END SOLUTION
    ### END CODE HERE ###
    dZ2 = dA2 * (A2 > 0)
    dW2 = 1.0 / m * np.dot(dZ2, A1.T)
    db2 = 1.0 / m * np.sum(dZ2, axis=1, keepdims=True)

    dA1 = np.dot(W2.T, dZ2)
    ### START CODE HERE ###
    # The same for dA1 (2 lines)
    ### BEGIN SOLUTION
    dA1 = dA1 * D1
    dA1 = dA1 / keep_prob
    ### END SOLUTION
    ### END CODE HERE ###
    dZ1 = dA1 * (A1 > 0)
    dW1 = 1.0 / m * np.dot(dZ1, X.T)
    db1 = 1.0 / m * np.sum(dZ1, axis=1, keepdims=True)

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


# %%
check(backward_propagation_with_dropout)

# %% [markdown]
# Now train with `keep_prob = 0.86`. In each step about one of seven units is dropped.

# %%
dropout_parameters = model(train_X, train_Y, keep_prob=0.86)
print("On the training set:")
dropout_train = predict(train_X, train_Y, dropout_parameters)
print("On the test set:")
dropout_test = predict(test_X, test_Y, dropout_parameters)

# %%
plt.title("With dropout")
plot_decision_boundary(lambda x: predict_dec(dropout_parameters, x.T), train_X, train_Y)

# %% [markdown]
# Three common mistakes with dropout:
#
# - **Dropout in predictions.** `predict` calls `forward_propagation`, which has no dropout.
# - **Comparing costs.** In training, the cost is that of a network with dropped units, but
#   predictions use all units. So compare accuracies, not costs. (Here the masks are the same in
#   every step, because the seed is the same. In practice they change.)
# - **The same dropout in every layer.** A layer of three units cannot lose many. Large layers can
#   lose more.

# %% [markdown]
# ## 5 - Comparison

# %%
results = {
    "without": (plain_train, plain_test),
    "L2, lambd = 0.7": (l2_train, l2_test),
    "dropout, keep_prob = 0.86": (dropout_train, dropout_test),
}
print(f"{'':28}{'training':>10}{'test':>10}{'gap':>10}")
for name, (on_train, on_test) in results.items():
    train_share, test_share = np.mean(on_train == train_Y), np.mean(on_test == test_Y)
    print(f"{name:28}{train_share:10.1%}{test_share:10.1%}{train_share - test_share:10.1%}")

# %% [markdown]
# With both methods the accuracy **on the training set is lower**. This is intended: only the noise is
# no longer learnt. What matters is the accuracy on the test set, and it is higher. The
# goalkeeper should kick the ball to the blue side, far from the boundary.
#
# Summary:
#
# - A large gap between training and test accuracy shows overfitting.
# - L2 regularization adds a penalty for large weights. The gradient then makes the weights smaller.
# - Dropout trains a different part of the network in each step. Divide by `keep_prob` in training,
#   and use all units for predictions.
# - You choose the strength of regularization with `lambd` or `keep_prob`.

# %% [markdown]
# ## Before you submit
#
# Restart the kernel and run all cells from the top. No cell should stop with an error, and the table
# below should show four functions that are right. Then save the notebook and submit this file,
# `Regularization.ipynb`. Do not submit a PDF or a web page of it: they cannot be graded.

# %%
check()
