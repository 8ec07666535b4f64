# label: a second definition takes other arguments, and is the one that counts
# replace: backward_propagation_with_dropout
# backward_propagation_with_dropout: error
# score: 75

# %%
def backward_propagation_with_dropout(X, Y, cache, keep_prob):
    (Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3) = cache
    return {}

# %%
def backward_propagation_with_dropout(dA3, cache, keep_prob=0.5):
    (Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3) = cache
    return {"dZ3": dA3}
