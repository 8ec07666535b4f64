# label: ends the process when the function is defined
# replace: backward_propagation_with_dropout
# hostile: yes
# backward_propagation_with_dropout: error | failed | missing
# score: 75

# %%
import os

def backward_propagation_with_dropout(X, Y, cache, keep_prob = os._exit(0)):
    return {}
