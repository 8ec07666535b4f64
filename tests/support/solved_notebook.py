"""A solved notebook of three functions, as an author has it, with a helper module and all kinds of values."""

from __future__ import annotations

from pathlib import Path

from tests.submissions.corpus import Cell, notebook

HELPER = """
import numpy as np

def example_data():
    return np.array([[1.0], [2.0]]), 2.0, np.array([[1.0, 2.0, -1.0], [3.0, 4.0, -3.2]]), np.eye(3)[:1]
"""
CELLS = (
    Cell("# Logistic *regression*\n\nWrite three functions.", is_code=False),
    Cell("import numpy as np\n%matplotlib inline\nfrom lr_utils import *"),
    Cell(
        """def sigmoid(z):
    ### START CODE HERE ### (1 line)
    s = 1 / (1 + np.exp(-z))  # the answer
    ### END CODE HERE ###
    return s"""
    ),
    Cell('print("sigmoid = " + str(sigmoid(np.array([0.0, 2.0]))))'),
    Cell(
        """def propagate(w, b, X, Y=None):
    m = X.shape[1]
    # YOUR CODE STARTS HERE
    A = sigmoid(np.dot(w.T, X) + b)
    if m:
        cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dw, db = np.dot(X, (A - Y).T) / m, np.sum(A - Y) / m
    # YOUR CODE ENDS HERE
    return {"dw": dw, "db": db}, np.squeeze(cost)"""
    ),
    Cell("w, b, X, Y = example_data()\ngrads, cost = propagate(w, b, X, Y=Y)\ngrads"),
    Cell("def model(X):\n    while True:\n        sigmoid(X)"),
    Cell("w, b = model(X)"),
    Cell(
        """def steps(n, name):
    ### BEGIN SOLUTION
    return [0.5 * n for _ in range(n)]
    ### END SOLUTION"""
    ),
    Cell('steps(n=3, name="x")'),
)


def write(folder: Path) -> Path:
    """Write the solved notebook and its helper module, and return the notebook."""
    (folder / "lr_utils.py").write_text(HELPER, "utf-8")
    path = folder / "my solution.ipynb"
    path.write_bytes(notebook(CELLS))
    return path
