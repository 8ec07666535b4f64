# label: annotations of every kind
# replace: compute_cost_with_regularization, forward_propagation_with_dropout
# score: 100

# %%
from typing import Dict, Optional, Tuple
from numpy.typing import NDArray

Array = NDArray[np.float64]
Parameters = Dict[str, Array]

def compute_cost_with_regularization(
    A3: Array, Y: "np.ndarray", parameters: Parameters, lambd: float = 0.1, /
) -> float:
    m: int = Y.shape[1]
    names: Tuple[str, ...] = ("W1", "W2", "W3")
    squares: float = sum(np.sum(parameters[name] ** 2) for name in names)
    return compute_cost(A3, Y) + lambd / (2 * m) * squares

# %%
def forward_propagation_with_dropout(
    X: Array, parameters: Parameters, keep_prob: float | None = 0.5, *, seed: Optional[int] = 1
) -> Tuple[Array, Tuple[Array, ...]]:
    np.random.seed(seed)
    W1, b1 = parameters["W1"], parameters["b1"]
    W2, b2 = parameters["W2"], parameters["b2"]
    W3, b3 = parameters["W3"], parameters["b3"]
    Z1 = np.dot(W1, X) + b1
    D1 = np.random.rand(*Z1.shape) < keep_prob
    A1 = relu(Z1) * D1 / keep_prob
    Z2 = np.dot(W2, A1) + b2
    D2 = np.random.rand(*Z2.shape) < keep_prob
    A2 = relu(Z2) * D2 / keep_prob
    Z3 = np.dot(W3, A2) + b3
    A3 = sigmoid(Z3)
    return A3, (Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3)
