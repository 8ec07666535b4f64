# label: returns an object that runs code when it is pickled, copied, printed or turned to an array
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed | timeout
# score: 75

# %%
import os

class Mine:
    def __reduce__(self): return os.system, ("touch was-here",)
    def __deepcopy__(self, memo): os._exit(0)
    def __repr__(self): os._exit(0)
    def __array__(self, dtype = None, copy = None): os._exit(0)
    def __float__(self): os._exit(0)
    def __len__(self): os._exit(0)
    __str__ = __repr__

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    return Mine()
