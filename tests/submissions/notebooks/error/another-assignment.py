# label: the notebook of another assignment
# compute_cost_with_regularization: missing
# backward_propagation_with_regularization: missing
# forward_propagation_with_dropout: missing
# backward_propagation_with_dropout: missing
# score: 0

# %%
import numpy as np

# %%
def initialize_parameters_he(layers_dims):
    np.random.seed(3)
    return {f"W{l}": np.random.randn(layers_dims[l], layers_dims[l - 1]) * np.sqrt(2 / layers_dims[l - 1])
            for l in range(1, len(layers_dims))}

# %%
print(initialize_parameters_he([2, 4, 1]))
