# label: a notebook without a cell of code
# compute_cost_with_regularization: missing
# backward_propagation_with_regularization: missing
# forward_propagation_with_dropout: missing
# backward_propagation_with_dropout: missing
# score: 0

# %% [markdown]
# # Regularization
# I will hand it in next week.

# %%
