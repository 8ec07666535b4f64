# label: returns text that no encoding can write
# replace: backward_propagation_with_regularization
# hostile: yes
# backward_propagation_with_regularization: error | failed
# score: 75

# %%
def backward_propagation_with_regularization(X, Y, cache, lambd):
    return {'\ud800': 'half', '\x00': '\udcff', 1: 2, None: ()}
