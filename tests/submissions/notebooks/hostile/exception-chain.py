# label: raises an exception with a thousand causes, the last of which is the first
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error
# score: 75

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    first = last = ValueError('first')
    for number in range(1000):
        last.__cause__ = ValueError(str(number))
        last = last.__cause__
    last.__cause__ = first
    raise first
