# label: a class does the work; one function is a method of an object
# replace: compute_cost_with_regularization, forward_propagation_with_dropout
# score: 100

# %%
from dataclasses import dataclass

@dataclass
class Layer:
    W: np.ndarray
    b: np.ndarray

    @property
    def energy(self):
        return float(np.square(self.W).sum())

    def linear(self, A):
        return self.W @ A + self.b

class Network:
    seed = 1

    @staticmethod
    def layers(parameters):
        return [Layer(parameters[f"W{i}"], parameters[f"b{i}"]) for i in (1, 2, 3)]

    def forward(self, X, parameters, keep_prob = 0.5):
        np.random.seed(self.seed)
        *hidden, last = self.layers(parameters)
        cache, A = [], X
        for layer in hidden:
            Z = layer.linear(A)
            D = np.random.rand(*Z.shape) < keep_prob
            A = relu(Z) * D / keep_prob
            cache += [Z, D, A, layer.W, layer.b]
        Z = last.linear(A)
        return sigmoid(Z), tuple(cache + [Z, sigmoid(Z), last.W, last.b])

# %%
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    return compute_cost(A3, Y) + lambd / (2 * Y.shape[1]) * sum(l.energy for l in Network.layers(parameters))

# %%
forward_propagation_with_dropout = Network().forward
