"""Code is confined if it can neither change nor keep anything outside its own names."""

from __future__ import annotations

import pytest

from grader.model import Cell
from grader.notebook.slicing.confined import HelperModule, helper_module, is_confined

HELPER = """
import os
import numpy as np

SCALE = -2.5
SHAPES = {}
_PAIR = (1, "x")

def sigmoid(x, places=3):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x)) * SCALE * _PAIR[0]

def twice(x):
    return 2 * sigmoid(x)

def remember(x):
    SHAPES[0] = x

def through(x):
    return remember(x)

def gather(x, kept=[]):
    kept.append(x)
    return kept

def count(x):
    global TOTAL
    TOTAL = x

def read(path):
    return os.listdir(path)

def again(x):
    return x

def again(x):
    return SHAPES
"""
MODULE = helper_module("utils", HELPER)


def confined(*sources: str, helper: HelperModule = MODULE) -> bool:
    cells = [Cell(number, source) for number, source in enumerate(sources, 1)]
    return is_confined(cells, [helper])


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\ndef f(x):\n    np.random.seed(1)\n    return np.dot(x, x.T) * (x > 0)",
        "from math import log, sqrt\nfrom numpy.random import rand\ndef f(x):\n    return log(x)",
        "from utils import sigmoid, twice as t\ndef f(x):\n    return sigmoid(x) + t(x)",
        "from utils import *\ndef f(x):\n    return twice(x) * np.sum(x)",
        "from utils import remember, sigmoid\ndef f(x):\n    return sigmoid(x)",
        "K = [1]\ndef f(x, kept={}):\n    global K\n    K.append(x)\n    kept[x] = K\n    return kept",
        "import numpy as np\ndef f(x):\n    with np.errstate(all='ignore'):\n        return np.log(x)",
        "from __future__ import division\nf = lambda *a, **k: f'{a[0]:.2f}' % sum(a)",
    ],
)
def test_ordinary_code_is_confined(source: str) -> None:
    assert confined(source)


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nnp.dot = max",
        "import numpy as np\ndel np.dot",
        "import numpy as np\nnp.seterr(all='raise')",
        "import numpy as np\nx = np.empty(3)",
        "import numpy as np\nx = np.ndarray(3)",
        "import numpy as np\nx = np.log(y, where=z)",
        "import numpy as np\nx = np.log(y, **z)",
        "import numpy as np\nwith np.errstate(all='call', call=f):\n    pass",
        "import numpy as np\nwith np.errstate(all='ignore') as state:\n    pass",
        "import numpy as np\ndef f():\n    with np.errstate(all='ignore'):\n        yield",
        "import numpy as np\nx = np.lib.stride_tricks",
        "import numpy as np\nx = '{0.f2py}'.format(np)",
        "import scipy.special as np\nwith np.errstate(domain='raise'):\n    pass",
        "def f(x):\n    try:\n        return x\n    except MemoryError:\n        return 0",
        "import numpy as np\nx = np.float",
        "import numpy as __builtins__\nseterr(all='raise')",
        "def __builtins__(): pass",
        "def f(__builtins__): pass",
        "try:\n    pass\nexcept Exception as __builtins__:\n    pass",
        "x = __builtins__",
        "x = f.__globals__",
        "match f:\n    case object(__globals__=g):\n        g.clear()",
        "class A:\n    pass",
        "@f\ndef g(): pass",
        "async def f(): pass",
        "with open('x'): pass",
        "import sys",
        "import os.path",
        "import numpy.ctypeslib",
        "from numpy import *",
        "from numpy import load",
        "from .utils import sigmoid",
        "from other import sigmoid",
        "import utils",
        "exec('x')",
        "setattr(f, 'x', 1)",
        "def g():\n    exec = 1\ndef f():\n    exec('x')",
        "get_ipython().system('ls')",
        "x = type('A', (), {})",
        "f.calls = 1",
        "from utils import remember\nremember(1)",
        "from utils import remember as r\nr(1)",
        "from utils import SHAPES\nSHAPES[0] = 1",
        "from utils import *\nSHAPES[0] = 1",
        "from utils import *\ndef g(SHAPES): pass\ndef f():\n    SHAPES[0] = 1",
        "x = '\ud800'",
        "f(",
    ],
)
def test_code_with_a_way_out_is_not_confined(source: str) -> None:
    assert not confined("def g(x):\n    return x\n", source)


def test_only_confined_names_of_a_helper_are_trusted() -> None:
    """A function is not confined if it changes a global, or calls a function that does."""
    assert MODULE.confined == {"np", "SCALE", "_PAIR", "sigmoid", "twice"}
    assert MODULE.others == {
        *("os", "SHAPES", "remember", "through", "gather", "count", "TOTAL", "read", "again"),
    }


def test_helper_with_a_star_import_is_not_trusted() -> None:
    helper = helper_module("utils", "from numpy import *\ndef sigmoid(x):\n    return 1 / x\n")
    assert helper.confined == frozenset()
    assert not confined("from utils import *\nx = 1", helper=helper)
    assert not confined("from utils import sigmoid\nsigmoid(1)", helper=helper)
