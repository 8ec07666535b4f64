# label: the cell of one function was turned to markdown
# replace: forward_propagation_with_dropout
# forward_propagation_with_dropout: missing
# diagnoses: missing-function
# score: 75

# %% [markdown]
# # GRADED FUNCTION: forward_propagation_with_dropout
#
# def forward_propagation_with_dropout(X, parameters, keep_prob = 0.5):
#     np.random.seed(1)
