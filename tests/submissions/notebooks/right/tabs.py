# label: indented with tabs, lines continued with backslashes, statements joined with semicolons
# replace: compute_cost_with_regularization
# score: 100

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
	m = Y.shape[1]; squares = 0
	for name in ("W1", "W2", "W3"):
		squares += \
			np.sum(parameters[name] ** 2)
	if True: penalty = lambd / (2 * m) * squares
	return compute_cost(A3, Y) + penalty
