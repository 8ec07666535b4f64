# label: every function right, in the notebook as it is handed out
# score: 100

# %% [markdown]
# # Regularization
#
# The French association wants to know where its keeper should send the ball. Below is a network that
# learns last season's headers by heart, and two ways to keep it from doing so.

# %% [markdown]
# ## Packages

# %%
# import packages
import numpy as np
import matplotlib.pyplot as plt
import sklearn
import sklearn.datasets
import scipy.io
from reg_utils import sigmoid, relu, initialize_parameters, load_2D_dataset
from reg_utils import compute_cost, forward_propagation, backward_propagation, update_parameters
from reg_utils import predict, predict_dec, plot_decision_boundary
from testCases import *

%matplotlib inline
plt.rcParams['figure.figsize'] = (7.0, 4.0)
plt.rcParams['image.cmap'] = 'gray'

%load_ext autoreload
%autoreload 2

# %% [markdown]
# ## The data
# A dot is a place where somebody headed the ball: blue for us, red for them.

# %%
train_X, train_Y, test_X, test_Y = load_2D_dataset()

# %%
print("training examples:", train_X.shape[1], "test examples:", test_X.shape[1])

# %% [markdown]
# ## The model
# `lambd` above 0 trains with L2 regularization, `keep_prob` below 1 with dropout. One at a time.

# %%
def model(X, Y, learning_rate=0.3, num_iterations=30000, print_cost=True, lambd=0, keep_prob=1):
    """Train the network by gradient descent; return its parameters."""
    assert lambd == 0 or keep_prob == 1
    parameters = initialize_parameters([X.shape[0], 20, 3, 1])
    costs = []

    for step in range(num_iterations):
        if keep_prob < 1:
            A3, cache = forward_propagation_with_dropout(X, parameters, keep_prob)
        else:
            A3, cache = forward_propagation(X, parameters)

        if lambd != 0:
            cost = compute_cost_with_regularization(A3, Y, parameters, lambd)
            grads = backward_propagation_with_regularization(X, Y, cache, lambd)
        elif keep_prob < 1:
            cost = compute_cost(A3, Y)
            grads = backward_propagation_with_dropout(X, Y, cache, keep_prob)
        else:
            cost = compute_cost(A3, Y)
            grads = backward_propagation(X, Y, cache)

        parameters = update_parameters(parameters, grads, learning_rate)
        if step % 1000 == 0:
            costs.append(cost)
        if print_cost and step % 10000 == 0:
            print("cost after", step, "steps:", cost)

    plt.plot(costs)
    plt.xlabel('steps (thousands)')
    plt.ylabel('cost')
    plt.show()
    return parameters

# %% [markdown]
# ## Without regularization

# %%
parameters = model(train_X, train_Y)
print("On the training set:")
predictions_train = predict(train_X, train_Y, parameters)
print("On the test set:")
predictions_test = predict(test_X, test_Y, parameters)

# %%
plt.title("Model without regularization")
axes = plt.gca()
axes.set_xlim([-0.75, 0.40])
axes.set_ylim([-0.75, 0.65])
plot_decision_boundary(lambda x: predict_dec(parameters, x.T), train_X, train_Y)

# %% [markdown]
# The boundary bends around single dots: that is overfitting.

# %% [markdown]
# ## L2 regularization
# **Exercise**: the cost, which now grows with the squares of all weights.

# %%
# GRADED FUNCTION: compute_cost_with_regularization

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    """Return the cross-entropy plus the L2 penalty."""
    m = Y.shape[1]
    W1 = parameters["W1"]
    W2 = parameters["W2"]
    W3 = parameters["W3"]

    data_cost = compute_cost(A3, Y)

    ### START CODE HERE ### (approx. 1 line)
    penalty = lambd / (2 * m) * (np.sum(np.square(W1)) + np.sum(np.square(W2)) + np.sum(np.square(W3)))
    ### END CODER HERE ###

    return data_cost + penalty

# %%
A3, Y_assess, parameters = compute_cost_with_regularization_test_case()

print("cost = " + str(compute_cost_with_regularization(A3, Y_assess, parameters, lambd = 0.1)))

# %% [markdown]
# **Exercise**: the gradients of that cost. Only `dW1`, `dW2` and `dW3` change.

# %%
# GRADED FUNCTION: backward_propagation_with_regularization

def backward_propagation_with_regularization(X, Y, cache, lambd):
    """Return the gradients of the cost with its L2 penalty."""
    m = X.shape[1]
    (Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, A3, W3, b3) = cache

    dZ3 = A3 - Y
    ### START CODE HERE ### (approx. 1 line)
    dW3 = np.dot(dZ3, A2.T) / m + lambd / m * W3
    ### END CODE HERE ###
    db3 = np.sum(dZ3, axis=1, keepdims=True) / m

    dA2 = np.dot(W3.T, dZ3)
    dZ2 = dA2 * (A2 > 0)
    ### START CODE HERE ### (approx. 1 line)
    dW2 = np.dot(dZ2, A1.T) / m + lambd / m * W2
    ### END CODE HERE ###
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m

    dA1 = np.dot(W2.T, dZ2)
    dZ1 = dA1 * (A1 > 0)
    ### START CODE HERE ### (approx. 1 line)
    dW1 = np.dot(dZ1, X.T) / m + lambd / m * W1
    ### END CODE HERE ###
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m

    return {"dZ3": dZ3, "dW3": dW3, "db3": db3, "dA2": dA2,
            "dZ2": dZ2, "dW2": dW2, "db2": db2, "dA1": dA1,
            "dZ1": dZ1, "dW1": dW1, "db1": db1}

# %%
X_assess, Y_assess, cache = backward_propagation_with_regularization_test_case()

grads = backward_propagation_with_regularization(X_assess, Y_assess, cache, lambd = 0.7)
print("dW1 = \n" + str(grads["dW1"]))
print("dW2 = \n" + str(grads["dW2"]))
print("dW3 = \n" + str(grads["dW3"]))

# %%
parameters = model(train_X, train_Y, lambd = 0.7)
print("On the training set:")
predictions_train = predict(train_X, train_Y, parameters)
print("On the test set:")
predictions_test = predict(test_X, test_Y, parameters)

# %%
plt.title("Model with L2 regularization")
axes = plt.gca()
axes.set_xlim([-0.75, 0.40])
axes.set_ylim([-0.75, 0.65])
plot_decision_boundary(lambda x: predict_dec(parameters, x.T), train_X, train_Y)

# %% [markdown]
# ## Dropout
# **Exercise**: a forward pass that shuts units of both hidden layers down, each with probability
# `1 - keep_prob`, and scales the others up.

# %%
# GRADED FUNCTION: forward_propagation_with_dropout

def forward_propagation_with_dropout(X, parameters, keep_prob = 0.5):
    """Return A3 and what the backward pass needs."""
    np.random.seed(1)

    W1 = parameters["W1"]
    b1 = parameters["b1"]
    W2 = parameters["W2"]
    b2 = parameters["b2"]
    W3 = parameters["W3"]
    b3 = parameters["b3"]

    Z1 = np.dot(W1, X) + b1
    A1 = relu(Z1)
    ### START CODE HERE ### (approx. 4 lines)
    D1 = np.random.rand(A1.shape[0], A1.shape[1])
    D1 = D1 < keep_prob
    A1 = A1 * D1
    A1 = A1 / keep_prob
    ### END CODE HERE ###
    Z2 = np.dot(W2, A1) + b2
    A2 = relu(Z2)
    ### START CODE HERE ### (approx. 4 lines)
    D2 = np.random.rand(A2.shape[0], A2.shape[1])
    D2 = D2 < keep_prob
    A2 = A2 * D2
    A2 = A2 / keep_prob
    ### END CODE HERE ###
    Z3 = np.dot(W3, A2) + b3
    A3 = sigmoid(Z3)

    cache = (Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3)
    return A3, cache

# %%
X_assess, parameters = forward_propagation_with_dropout_test_case()

A3, cache = forward_propagation_with_dropout(X_assess, parameters, keep_prob = 0.7)
print("A3 = " + str(A3))

# %% [markdown]
# **Exercise**: the backward pass, through the same units and with the same scaling.

# %%
# GRADED FUNCTION: backward_propagation_with_dropout

def backward_propagation_with_dropout(X, Y, cache, keep_prob):
    """Return the gradients of the thinned network."""
    m = X.shape[1]
    (Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3) = cache

    dZ3 = A3 - Y
    dW3 = np.dot(dZ3, A2.T) / m
    db3 = np.sum(dZ3, axis=1, keepdims=True) / m
    dA2 = np.dot(W3.T, dZ3)
    ### START CODE HERE ### (approx. 2 lines)
    dA2 = dA2 * D2
    dA2 = dA2 / keep_prob
    ### END CODE HERE ###
    dZ2 = dA2 * (A2 > 0)
    dW2 = np.dot(dZ2, A1.T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m

    dA1 = np.dot(W2.T, dZ2)
    ### START CODE HERE ### (approx. 2 lines)
    dA1 = dA1 * D1
    dA1 = dA1 / keep_prob
    ### END CODE HERE ###
    dZ1 = dA1 * (A1 > 0)
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m

    return {"dZ3": dZ3, "dW3": dW3, "db3": db3, "dA2": dA2,
            "dZ2": dZ2, "dW2": dW2, "db2": db2, "dA1": dA1,
            "dZ1": dZ1, "dW1": dW1, "db1": db1}

# %%
X_assess, Y_assess, cache = backward_propagation_with_dropout_test_case()

gradients = backward_propagation_with_dropout(X_assess, Y_assess, cache, keep_prob = 0.8)
print("dA1 = \n" + str(gradients["dA1"]))
print("dA2 = \n" + str(gradients["dA2"]))

# %%
parameters = model(train_X, train_Y, keep_prob = 0.86, learning_rate = 0.3)
print("On the training set:")
predictions_train = predict(train_X, train_Y, parameters)
print("On the test set:")
predictions_test = predict(test_X, test_Y, parameters)

# %%
plt.title("Model with dropout")
axes = plt.gca()
axes.set_xlim([-0.75, 0.40])
axes.set_ylim([-0.75, 0.65])
plot_decision_boundary(lambda x: predict_dec(parameters, x.T), train_X, train_Y)

# %% [markdown]
# ## What we learnt
# Regularization makes the training set fit worse and the test set fit better.
