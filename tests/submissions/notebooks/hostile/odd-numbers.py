# label: returns NaN, infinities and complex numbers
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed
# score: 75

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    return [float('nan'), float('inf'), complex('nan'), np.longdouble(1), np.datetime64('NaT')]
