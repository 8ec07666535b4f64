# label: the helper module moved into a package, and its names are imported one by one
# replace: imports
# score: 100

# %%
import numpy as np
import matplotlib.pyplot as plt
from utils.reg import sigmoid, relu, initialize_parameters, load_2D_dataset
from utils.reg import compute_cost, forward_propagation, backward_propagation, update_parameters
from utils.reg import predict, predict_dec, plot_decision_boundary
from utils.tests import (
    compute_cost_with_regularization_test_case, backward_propagation_with_regularization_test_case,
    forward_propagation_with_dropout_test_case, backward_propagation_with_dropout_test_case,
)
