# label: masks stay boolean
# replace: forward_propagation_with_dropout
# score: 100

# %%
# GRADED FUNCTION: forward_propagation_with_dropout

def forward_propagation_with_dropout(X, parameters, keep_prob = 0.5):
    np.random.seed(1)
    W1, b1 = parameters["W1"], parameters["b1"]
    W2, b2 = parameters["W2"], parameters["b2"]
    W3, b3 = parameters["W3"], parameters["b3"]

    Z1 = W1.dot(X) + b1
    ### START CODE HERE ### (approx. 4 lines)
    D1 = np.random.random_sample(Z1.shape) <= keep_prob
    A1 = np.where(D1, relu(Z1), 0) / keep_prob
    ### END CODE HERE ###
    Z2 = W2.dot(A1) + b2
    ### START CODE HERE ### (approx. 4 lines)
    D2 = np.random.uniform(size=Z2.shape) <= keep_prob
    A2 = np.where(D2, relu(Z2), 0) / keep_prob
    ### END CODE HERE ###
    Z3 = W3.dot(A2) + b3
    A3 = sigmoid(Z3)
    return A3, (Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3)
