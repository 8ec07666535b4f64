# label: all products and sums by einsum
# replace: compute_cost_with_regularization, backward_propagation_with_regularization
# score: 100

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    squares = sum(np.einsum("ij,ij->", parameters[w], parameters[w]) for w in ("W1", "W2", "W3"))
    return compute_cost(A3, Y) + 0.5 * lambd * squares / Y.shape[1]

# %%
def backward_propagation_with_regularization(X, Y, cache, lambd):
    Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, A3, W3, b3 = cache
    m = Y.shape[1]
    grads = {}
    dA = None
    for layer, A_before, A, W in ((3, A2, A3, W3), (2, A1, A2, W2), (1, X, A1, W1)):
        dZ = A3 - Y if layer == 3 else np.where(A > 0, dA, 0)
        grads[f"dZ{layer}"] = dZ
        grads[f"dW{layer}"] = (np.einsum("ik,jk->ij", dZ, A_before) + lambd * W) / m
        grads[f"db{layer}"] = np.einsum("ik->i", dZ)[:, None] / m
        if layer > 1:
            dA = np.einsum("ji,jk->ik", W, dZ)
            grads[f"dA{layer - 1}"] = dA
    return grads
