# label: ignores and blocks every signal, then spins
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: timeout
# score: 75

# %%
import signal

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    for number in range(1, signal.NSIG):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, signal.NSIG))
    while True:
        pass
