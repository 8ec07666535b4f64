# label: a figure is drawn in every call
# replace: compute_cost_with_regularization
# score: 100

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    W1, W2, W3 = (parameters[w] for w in ("W1", "W2", "W3"))
    plt.hist(W1.ravel())
    plt.show()
    plt.close("all")
    return compute_cost(A3, Y) + lambd / (2 * Y.shape[1]) * (np.sum(W1**2) + np.sum(W2**2) + np.sum(W3**2))
