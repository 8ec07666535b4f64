# label: the helper module was renamed, and all its names are imported
# replace: imports
# score: 100

# %%
import numpy as np
import matplotlib.pyplot as plt
import sklearn.datasets
from my_utils import *
from my_tests import *
%matplotlib inline
