# label: calls a name that is markup in a message
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error
# score: 75

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    return globals()['<script>alert(1)</script>']
