# label: raises an exception whose text never comes
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | timeout
# score: 75

# %%
class Mute(Exception):
    def __str__(self):
        while True:
            pass
    __repr__ = __str__

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    raise Mute()
