"""Notebooks with right functions and unusual code around them: every one earns full marks.

Each is a list of code cells. `COST` is the cell of the first function, in pieces that the notebooks
vary; `REST` has the other three as the reference writes them.
"""

from __future__ import annotations

import re

from tests import ROOT

IMPORTS = "import numpy as np\nfrom reg_utils import *\n"
_SOLVED = (ROOT / "reference" / "regularization_solved.py").read_text("utf-8")
REST = "\n".join(
    cell
    for cell in re.split(r"^# %%.*\n", _SOLVED, flags=re.MULTILINE)
    if re.search(r"^def (back|forward_propagation_with)", cell, re.MULTILINE)
)


def cost(
    *lines: str,
    squares: str = "sum(np.sum(np.square(parameters[f'W{l}'])) for l in (1, 2, 3))",
    head: str = "def compute_cost_with_regularization(A3, Y, parameters, lambd):",
    result: str = "penalty + compute_cost(A3, Y)",
) -> str:
    """Return the cell of the first function, with lines of its own before the penalty."""
    body = [*lines, f"penalty = lambd / (2 * Y.shape[1]) * {squares}", f"return {result}"]
    return "\n".join([head, *(f"    {line}" for line in body), ""])


TOTAL = "TOTAL(W1, W2, W3)"
OF_WEIGHTS = 'W1, W2, W3 = (parameters[name] for name in ("W1", "W2", "W3"))'


def through(registered: str, *, squares: str) -> list[str]:
    """Return a notebook whose penalty needs something that another statement sets up."""
    return [IMPORTS, registered, cost(OF_WEIGHTS, squares=squares), REST]


SUM_OF_SQUARES = "np.sum(np.square(w))"
ALL_SQUARES = "sum(np.sum(np.square(w)) for w in (W1, W2, W3))"

NOTEBOOKS: dict[str, list[str]] = {
    # ---- threads and processes
    "a pool of threads": through(
        "from concurrent.futures import ThreadPoolExecutor\nPOOL = ThreadPoolExecutor(2)",
        squares=f"sum(POOL.map(lambda w: {SUM_OF_SQUARES}, (W1, W2, W3)))",
    ),
    "threads that fill a list": through(
        (
            "import threading\n"
            "def total(ws):\n"
            "    sums = []\n"
            f"    work = [lambda w=w: sums.append({SUM_OF_SQUARES}) for w in ws]\n"
            "    threads = [threading.Thread(target=target) for target in work]\n"
            "    for thread in threads: thread.start()\n"
            "    for thread in threads: thread.join()\n"
            "    return sum(sums)"
        ),
        squares="total((W1, W2, W3))",
    ),
    "threads that wait for a queue": through(
        (
            "import queue, threading\n"
            "def total(ws):\n"
            "    first, second, sums = queue.Queue(maxsize=1), queue.Queue(), []\n"
            "    go, lock = threading.Event(), threading.Lock()\n"
            "    def add():\n"
            "        go.wait()\n"
            "        while (w := second.get()) is not None:\n"
            "            with lock: sums.append(np.sum(w))\n"
            "    def square():\n"
            "        while True:\n"
            "            second.put(np.square(first.get()))\n"
            "            first.task_done()\n"
            "    adder = threading.Thread(target=add)\n"
            "    adder.start()\n"
            "    threading.Thread(target=square, daemon=True).start()\n"
            "    for w in ws: first.put(w)\n"
            "    go.set()\n"
            "    first.join()\n"
            "    second.put(None)\n"
            "    adder.join()\n"
            "    return sum(sums)"
        ),
        squares="total((W1, W2, W3))",
    ),
    "processes that fill a queue": through(
        (
            "import multiprocessing as mp\n"
            f"def square(q, w): q.put({SUM_OF_SQUARES})\n"
            "def total(ws):\n"
            "    q = mp.Queue()\n"
            "    processes = [mp.Process(target=square, args=(q, w)) for w in ws]\n"
            "    for process in processes: process.start()\n"
            "    return sum(q.get() for _ in processes)"
        ),
        squares="total((W1, W2, W3))",
    ),
    "a pool of processes": through(
        (
            "from multiprocessing import Pool\n"
            f"def square(w): return {SUM_OF_SQUARES}\n"
            "def total(ws):\n"
            "    with Pool(2) as pool:\n"
            "        return sum(pool.apply_async(square, (w,)).get() for w in ws)"
        ),
        squares="total((W1, W2, W3))",
    ),
    # ---- effects that no name shows
    "a set-up function sets a global": through(
        f"def prepare():\n    global square\n    square = lambda w: {SUM_OF_SQUARES}\nprepare()",
        squares="sum(map(square, (W1, W2, W3)))",
    ),
    "a helper fills a dictionary": through(
        (
            f"TOOLS = {{}}\n"
            "def add(name, f):\n"
            "    TOOLS[name] = f\n"
            f"add('square', lambda w: {SUM_OF_SQUARES})"
        ),
        squares="sum(map(TOOLS['square'], (W1, W2, W3)))",
    ),
    "a helper sets a class attribute": through(
        (
            "class Tools:\n"
            "    square = None\n"
            "def set_up():\n"
            f"    Tools.square = staticmethod(lambda w: {SUM_OF_SQUARES})\n"
            "set_up()"
        ),
        squares="sum(map(Tools.square, (W1, W2, W3)))",
    ),
    "a decorator registers": through(
        (
            f"TOOLS = {{}}\n"
            "def register(f):\n"
            "    TOOLS[f.__name__] = f\n"
            "    return f\n"
            "@register\n"
            "def square(w):\n"
            f"    return {SUM_OF_SQUARES}"
        ),
        squares="sum(map(TOOLS['square'], (W1, W2, W3)))",
    ),
    "singledispatch": through(
        "import functools\n@functools.singledispatch\ndef square(w):\n    return w * w\n"
        f"@square.register\ndef _(w: np.ndarray):\n    return {SUM_OF_SQUARES}",
        squares="sum(map(square, (W1, W2, W3)))",
    ),
    "setattr": through(
        f"class Tools: pass\nsetattr(Tools, 'square', staticmethod(lambda w: {SUM_OF_SQUARES}))",
        squares="sum(map(Tools.square, (W1, W2, W3)))",
    ),
    "globals().update": through(
        f"globals().update(square=lambda w: {SUM_OF_SQUARES})",
        squares="sum(map(square, (W1, W2, W3)))",
    ),
    "setdefault on a dictionary": through(
        f"TOOLS = {{}}\nTOOLS.setdefault('square', lambda w: {SUM_OF_SQUARES})",
        squares="sum(map(TOOLS['square'], (W1, W2, W3)))",
    ),
    "setdefault on the environment": through(
        "import os\nos.environ.setdefault('POWER', '2')",
        squares="sum(np.sum(np.power(w, int(os.environ['POWER']))) for w in (W1, W2, W3))",
    ),
    "a loop that defines functions": through(
        "for name, power in (('square', 2), ('cube', 3)):\n"
        "    globals()[name] = lambda w, power=power: np.sum(w ** power)",
        squares="sum(map(square, (W1, W2, W3)))",
    ),
    "a module is given an attribute": through(
        (
            "import types\n"
            "tools = types.ModuleType('tools')\n"
            f"vars(tools)['square'] = lambda w: {SUM_OF_SQUARES}"
        ),
        squares="sum(map(tools.square, (W1, W2, W3)))",
    ),
    "a list gets its items by a comprehension": through(
        f"TOOLS = []\n[TOOLS.append(f) for f in (lambda w: {SUM_OF_SQUARES},)]",
        squares="sum(map(TOOLS[0], (W1, W2, W3)))",
    ),
    "functools.partial over a table": through(
        f"TABLE = dict()\nfill = TABLE.__setitem__\nfill('square', lambda w: {SUM_OF_SQUARES})",
        squares="sum(map(TABLE['square'], (W1, W2, W3)))",
    ),
    "numpy.save and numpy.load across cells": [
        IMPORTS,
        "np.save('halves.npy', np.array([2.0]))",
        "HALF = np.load('halves.npy')",
        cost(
            OF_WEIGHTS,
            squares=f"{ALL_SQUARES} * 2 / HALF[0]",
        ),
        REST,
    ],
    "a JSON file across cells": [
        IMPORTS,
        "import json\nwith open('setup.json', 'w') as f:\n    json.dump({'half': 2}, f)",
        "import json\nHALF = json.load(open('setup.json'))['half']",
        cost(OF_WEIGHTS, squares=f"{ALL_SQUARES} * 2 / HALF"),
        REST,
    ],
    "top-level await": [
        IMPORTS,
        (
            "import asyncio\n"
            "async def half():\n"
            "    await asyncio.sleep(0.01)\n"
            "    return 2\n"
            "HALF = await half()"
        ),
        cost(OF_WEIGHTS, squares=f"{ALL_SQUARES} * 2 / HALF"),
        REST,
    ],
    "exec of the helper file": [
        "import numpy as np\nexec(open('reg_utils.py').read())",
        cost(OF_WEIGHTS, squares=ALL_SQUARES),
        REST,
    ],
    "%run of the helper file": [
        "import numpy as np\n%run reg_utils.py",
        cost(OF_WEIGHTS, squares=ALL_SQUARES),
        REST,
    ],
    "%run without the suffix": [
        "from IPython import get_ipython\nshell = get_ipython()",
        "import numpy as np\nshell.run_line_magic('run', '-i reg_utils')",
        cost(OF_WEIGHTS, squares=ALL_SQUARES),
        REST,
    ],
    "a failing import in a try": [
        (
            "try:\n"
            "    import numpy as np\n"
            "    from public_test import *\n"
            "    from reg_utils import *\n"
            "except ImportError:\n"
            "    pass"
        ),
        cost(OF_WEIGHTS, squares=ALL_SQUARES),
        REST,
    ],
    "tensorflow first in a try": [
        (
            "try:\n"
            "    import tensorflow as tf\n"
            "    import numpy as np\n"
            "    from reg_utils import compute_cost, relu, sigmoid\n"
            "except Exception as e:\n"
            "    print(e)"
        ),
        cost(OF_WEIGHTS, squares=ALL_SQUARES),
        REST,
    ],
    "special methods and iterators": through(
        (
            "numbers = iter([2, 8])\nnext(numbers)\nH = []\nclass Tools:\n"
            "    def __len__(self): return H.append(next(numbers)) or 1\n"
            "    def __repr__(self):\n        global square\n"
            f"        square = lambda w: {SUM_OF_SQUARES}\n        return ''\n"
            "tools = Tools()\nn = len(tools)\ntools"
        ),
        squares="sum(map(square, (W1, W2, W3))) * 8 / H[0]",
    ),
    # ---- leftovers
    "display": [IMPORTS, cost(OF_WEIGHTS, "display(W1)", squares=ALL_SQUARES), REST],
    "breakpoint": [IMPORTS, cost(OF_WEIGHTS, "breakpoint()", squares=ALL_SQUARES), REST],
    "pdb.set_trace": [
        IMPORTS,
        cost(OF_WEIGHTS, "import pdb; pdb.set_trace()", squares=ALL_SQUARES),
        REST,
    ],
    "input in another cell": [
        IMPORTS,
        "name = input('Your name: ')",
        cost(OF_WEIGHTS, "print('Hello', name)", squares=ALL_SQUARES),
        REST,
    ],
    "a log file": [
        IMPORTS,
        cost(
            OF_WEIGHTS,
            "with open('log.txt', 'a') as log:",
            "    print(lambd, file=log)",
            squares=ALL_SQUARES,
        ),
        REST,
    ],
    "a logger with a file": [
        IMPORTS,
        (
            "import logging\n"
            "handler = logging.FileHandler('run.log')\n"
            "log = logging.getLogger('run')\n"
            "log.addHandler(handler)"
        ),
        cost(OF_WEIGHTS, "log.warning('cost')", squares=ALL_SQUARES),
        REST,
    ],
    "os.makedirs": [
        IMPORTS,
        cost(
            "import os",
            "os.makedirs('out/figures', exist_ok=True)",
            OF_WEIGHTS,
            "np.save('out/figures/w1.npy', W1)",
            squares=ALL_SQUARES,
        ),
        REST,
    ],
    "pathlib": [
        IMPORTS,
        cost(
            "from pathlib import Path",
            "Path('out').mkdir(exist_ok=True)",
            "Path('out/cost.txt').write_text('cost')",
            OF_WEIGHTS,
            squares=ALL_SQUARES,
        ),
        REST,
    ],
    "a shell line makes the folder": [
        IMPORTS,
        "!mkdir -p out",
        cost(OF_WEIGHTS, "np.savetxt('out/w1.csv', W1)", squares=ALL_SQUARES),
        REST,
    ],
    "a shell line in the function": [
        IMPORTS,
        cost(OF_WEIGHTS, "!ls", squares=ALL_SQUARES),
        REST,
    ],
    "a file is written and read in the function": [
        IMPORTS,
        cost(
            OF_WEIGHTS,
            "np.savez('weights.npz', W1=W1, W2=W2, W3=W3)",
            "saved = np.load('weights.npz')",
            squares="sum(np.sum(np.square(saved[name])) for name in ('W1', 'W2', 'W3'))",
        ),
        REST,
    ],
    "pickle": [
        IMPORTS,
        cost(
            "import pickle",
            "pickle.dump(parameters, open('p.pkl', 'wb'))",
            OF_WEIGHTS,
            squares=ALL_SQUARES,
        ),
        REST,
    ],
    "temporary and copied files": [
        IMPORTS,
        (
            "import os, shutil, tempfile\nfrom pathlib import Path\n"
            "folder, home = Path(tempfile.mkdtemp()), os.getcwd()"
        ),
        cost(
            OF_WEIGHTS,
            "with tempfile.NamedTemporaryFile('w+') as file:",
            "    file.write('4'), file.seek(0)",
            "    half = float(file.read())",
            "number, path = tempfile.mkstemp()",
            "with os.fdopen(number, 'wb') as file: np.save(file, W1)",
            "shutil.copytree('.', folder / 'all', dirs_exist_ok=True)",
            "shutil.move(shutil.copy(path, folder / 'all' / 'w.npy'), folder / 'v.npy')",
            "os.chdir(folder)",
            "(path,) = Path().glob('*.npy')",
            "W1 = np.load(path.rename('u.npy'))",
            "assert 'def relu' in open('all/reg_utils.py').read()",
            "shutil.rmtree('all')",
            "os.chdir(home)",
            "assert os.listdir(folder) == ['u.npy']",
            "os.remove(folder / 'u.npy')",
            squares=f"{ALL_SQUARES} * 4 / half",
        ),
        REST,
    ],
    # ---- an older NumPy
    "np.sum of a generator": [
        IMPORTS,
        cost(squares="np.sum(np.sum(np.square(parameters['W%d' % l])) for l in (1, 2, 3))"),
        REST,
    ],
    "float of a matrix with one element": [
        IMPORTS,
        cost(OF_WEIGHTS, squares=f"float(np.reshape({ALL_SQUARES}, (1, 1)))"),
        REST,
    ],
    "math.sqrt of an array with one element": [
        IMPORTS,
        "import math",
        cost(
            OF_WEIGHTS,
            "total = np.array([[0.0]])",
            "for w in (W1, W2, W3):",
            "    total += np.sum(w * w)",
            squares="math.pow(math.sqrt(total), 2)",
        ),
        REST,
    ],
    "percent format of an array": [
        IMPORTS,
        cost(
            OF_WEIGHTS,
            f"total = np.array([{ALL_SQUARES}])",
            "print('%.3f of %d' % (total, total))",
            squares=ALL_SQUARES,
        ),
        REST,
    ],
    "np.array without a copy": [
        IMPORTS,
        cost(OF_WEIGHTS, "W1 = np.array([*W1], copy=False)", squares=ALL_SQUARES),
        REST,
    ],
    "an element set from an array": [
        IMPORTS,
        cost(
            OF_WEIGHTS,
            "tables = {'totals': np.zeros((1, 3))}",
            "for i, w in enumerate((W1, W2, W3)):",
            "    tables['totals'][0][i] = np.sum(w * w).reshape(1, 1)",
            "    tables['totals'][0, i] += np.zeros(1)",
            squares="np.sum(tables['totals'])",
        ),
        REST,
    ],
    "a method that arrays no longer have": [
        IMPORTS,
        cost(OF_WEIGHTS, "print(W1.ptp())", squares=ALL_SQUARES),
        REST,
    ],
    # ---- the definition
    "a decorator of a missing package": [
        IMPORTS,
        "from numba import njit",
        "@njit\n" + cost(OF_WEIGHTS, squares=ALL_SQUARES),
        REST,
    ],
    "a decorator of a missing module, with arguments": [
        IMPORTS,
        "import numba as nb",
        "@nb.jit(nopython=True)\n" + cost(OF_WEIGHTS, squares=ALL_SQUARES),
        REST,
    ],
    "defaults from another cell": [
        IMPORTS,
        "LAMBD = 0.1",
        cost(
            OF_WEIGHTS,
            squares=ALL_SQUARES,
            head="def compute_cost_with_regularization(A3, Y, parameters, lambd=LAMBD):",
        ),
        REST,
    ],
    "a class that registers its subclasses": through(
        (
            "class Rule:\n    known = {}\n"
            "    def __init_subclass__(cls): Rule.known[cls.__name__] = cls\n"
            f"class Square(Rule):\n    def of(w): return {SUM_OF_SQUARES}"
        ),
        squares="sum(Rule.known['Square'].of(w) for w in (W1, W2, W3))",
    ),
    "a progress bar": through(
        "from tqdm.notebook import tqdm",
        squares=f"sum({SUM_OF_SQUARES} for w in tqdm([W1, W2, W3], desc='layers'))",
    ),
    "a class that is called": [
        IMPORTS,
        (
            "class Square:\n"
            "    def __call__(self, w):\n"
            "        return np.sum(w * w)\n"
            "square = Square()"
        ),
        cost(OF_WEIGHTS, squares="sum(map(square, (W1, W2, W3)))"),
        REST,
    ],
    # ---- where names come from
    "a star import in a try, and a helper that is wrapped": [
        (
            "import sys\nimport numpy as np\ntry:\n    from reg_utils import *\n"
            "    plain = compute_cost\n    def compute_cost(AL, y): return plain(AL, y)\n"
            "except ImportError: pass"
        ),
        "def timed(f): return lambda *a, **k: f(*a, **k)\ncompute_cost = timed(compute_cost)",
        cost(OF_WEIGHTS, squares=ALL_SQUARES, result="penalty + compute_cost(AL=A3, y=Y)"),
        REST,
    ],
    "a star import in another branch": [
        (
            "import sys\nimport numpy as np\n"
            "if 'google.colab' in sys.modules:\n    from google.colab import drive\n"
            "else:\n    from reg_utils import *"
        ),
        cost(OF_WEIGHTS, squares=ALL_SQUARES),
        REST,
    ],
    "a star import below a function of the same name": [
        "def compute_cost(A3, Y): return 0",
        IMPORTS,
        cost(OF_WEIGHTS, squares=ALL_SQUARES),
        REST,
    ],
    "pylab": [
        "from reg_utils import *\nimport numpy as np",
        "%pylab inline",
        cost(OF_WEIGHTS, squares="sum(dot(w.ravel(), w.ravel()) for w in (W1, W2, W3))"),
        REST,
    ],
    "a module that a cell writes": [
        IMPORTS,
        "%%writefile own.py\nimport numpy as np\n",
        f"%%writefile -a own.py\ndef square(w): return {SUM_OF_SQUARES}\n",
        "import own",
        cost(OF_WEIGHTS, squares="sum(map(own.square, (W1, W2, W3)))"),
        REST,
    ],
    "functions that change their arguments": through(
        (
            f"T, H = {{}}, [1]\ndef inner(t): t['square'] = lambda w: {SUM_OF_SQUARES}\n"
            "def fill(t): inner(t)\nfill(T)\n"
            "def double(h): h[:] = [2]\ndouble(H)"
        ),
        squares="sum(map(T['square'], (W1, W2, W3))) * 2 / H[0]",
    ),
    "a file that a function writes": through(
        (
            "from pathlib import Path\ndef save(text): Path('h.txt').write_text(text)\nsave('2')\n"
            "H = float(Path('h.txt').read_text())"
        ),
        squares=f"{ALL_SQUARES} * 2 / H",
    ),
}
