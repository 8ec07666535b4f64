# label: returns a dictionary that has every key and shows none
# replace: backward_propagation_with_dropout
# hostile: yes
# backward_propagation_with_dropout: error | failed | timeout
# score: 75

# %%
class Liar(dict):
    def __contains__(self, key): return True
    def __missing__(self, key): return np.zeros((1, 1))
    def __len__(self): return 11
    def items(self): return iter(lambda: ("dZ3", np.zeros((1, 1))), None)
    def __iter__(self): return iter(lambda: "dZ3", None)

def backward_propagation_with_dropout(X, Y, cache, keep_prob):
    return Liar()
