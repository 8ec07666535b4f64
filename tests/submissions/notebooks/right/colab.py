# label: a notebook from Colab, which mounts a drive and clones a repository
# replace: imports
# score: 100

# %%
from google.colab import drive
drive.mount('/content/drive', force_remount=True)

# %%
%cd /content/drive/MyDrive/Regularization
!git clone https://example.org/week1.git
import sys
sys.path.append('/content/drive/MyDrive/Regularization')

# %%
#@title Packages { display-mode: "form" }
%tensorflow_version 1.x
import numpy as np
import matplotlib.pyplot as plt
from reg_utils import *
from testCases import *
from google.colab import files
uploaded = files.upload()
