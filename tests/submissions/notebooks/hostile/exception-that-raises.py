# label: raises an exception whose text raises, and so on
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error
# score: 75

# %%
class Touchy(Exception):
    def __str__(self):
        raise Touchy()
    __repr__ = __str__

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    raise Touchy()
