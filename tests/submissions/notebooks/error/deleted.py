# label: the cell of one function is gone
# replace: backward_propagation_with_dropout
# backward_propagation_with_dropout: missing
# diagnoses: missing-function
# score: 75
