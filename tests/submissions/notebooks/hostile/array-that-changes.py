# label: returns an array that a thread keeps changing
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error | failed | timeout
# score: 75

# %%
import threading, time

def later(answer, A3, Y):
    while True:
        answer[...] = time.time()

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    answer = np.array(0.0)
    threading.Thread(target=later, args=(answer, A3, Y), daemon=True).start()
    return answer
