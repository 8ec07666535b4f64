# label: a transpose is missing
# replace: backward_propagation_with_regularization
# backward_propagation_with_regularization: error
# diagnoses: repair-transpose
# score: 75

# %%
# GRADED FUNCTION: backward_propagation_with_regularization

def backward_propagation_with_regularization(X, Y, cache, lambd):
    m = X.shape[1]
    (Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, A3, W3, b3) = cache

    dZ3 = A3 - Y
    ### START CODE HERE ### (approx. 1 line)
    dW3 = np.dot(dZ3, A2) / m + lambd / m * W3
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
