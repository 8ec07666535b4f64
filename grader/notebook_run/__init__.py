"""`--run-all`: plan a run of the whole notebook, judge its trainings, keep its outputs."""
