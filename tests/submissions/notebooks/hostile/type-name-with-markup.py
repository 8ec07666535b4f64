# label: returns an object whose type has a name for browsers, terminals and spreadsheets
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed
# score: 75

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    return type('=HYPERLINK("x")<script>alert(1)</script>\x1b[31m\u202e', (), {})()
