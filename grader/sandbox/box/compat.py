"""Let old notebooks run: supply names that NumPy has removed and helper modules under other names."""

from __future__ import annotations

import builtins
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import math
import os
import sys
import types
from typing import Any

import numpy as np

REPLACEMENTS = {
    "int": "int",
    "float": "float",
    "bool": "bool",
    "object": "object",
    "str": "str",
    "complex": "complex",
    "long": "int",
    "unicode": "str",
    "float_": "np.float64",
    "complex_": "np.complex128",
    "singlecomplex": "np.complex64",
    "longfloat": "np.longdouble",
    "bool8": "np.bool_",
    "unicode_": "np.str_",
    "string_": "np.bytes_",
    "Inf": "np.inf",
    "Infinity": "np.inf",
    "infty": "np.inf",
    "PINF": "np.inf",
    "NaN": "np.nan",
    "product": "np.prod",
    "cumproduct": "np.cumprod",
    "sometrue": "np.any",
    "alltrue": "np.all",
    "round_": "np.round",
    "row_stack": "np.vstack",
    "trapz": "np.trapezoid",
    "in1d": "np.isin",
    "mat": "np.asmatrix",
    "asscalar": ".item()",
    "NINF": "-np.inf",
    "alen": "len",
    "asfarray": "np.asarray(dtype=float)",
    "cfloat": "np.complex128",
    "math": "math",
    "msort": "np.sort(axis=0)",
}
"""Names that NumPy has removed, and the expression to write today: a builtin, `np.name` or another.

The sandbox supplies them, and the diagnosis of a notebook that uses one quotes this table.
"""

_OTHERS: dict[str, Any] = {
    ".item()": lambda array: array.item(),
    "-np.inf": -np.inf,
    "math": math,
    "np.asarray(dtype=float)": lambda a, dtype=float: np.asarray(a, dtype),
    "np.sort(axis=0)": lambda a: np.sort(a, axis=0),
}

SUM_OF_GENERATOR = "np.sum(generator)"
NUMBER_OF_ARRAY = "float(array)"
FORMAT_OF_ARRAY = "'%f' % array"
ARRAY_WITHOUT_COPY = "np.array(copy=False)"
ELEMENT_FROM_ARRAY = "array[i] = array"
NEW_SHAPE = "np.reshape(newshape=)"
REMOVED_METHOD = "array.ptp()"
OLD_BEHAVIOURS = {
    SUM_OF_GENERATOR: "Calling np.sum(generator)",
    NUMBER_OF_ARRAY: "only 0-dimensional arrays can be converted",
    FORMAT_OF_ARRAY: "a real number is required, not numpy.ndarray",
    REMOVED_METHOD: "'numpy.ndarray' object has no attribute",
    ARRAY_WITHOUT_COPY: "Unable to avoid copy",
    ELEMENT_FROM_ARRAY: "setting an array element with a sequence",
    NEW_SHAPE: "unexpected keyword argument 'newshape'",
}
"""A part of the error message of today's NumPy for each behaviour."""

NO_THREAD = "can't start new thread"
"""The error message of Python where a thread is refused."""

NUMPY_NAME_REPLACED = "numpy-name-replaced"
HELPER_MODULE_RENAMED = "helper-module-renamed"
DECORATOR_IGNORED = "decorator-ignored"
OLD_BEHAVIOUR = "numpy-behaviour-replaced"
FILES_IN_MEMORY = "files-in-memory"
MODULE_ABSENT = "module-absent"
MODULE_BESIDE = "module-beside"
DONE_IN_TURN = "done-in-turn"
NO_PROGRESS_BAR = "no-progress-bar"
"""The kinds of notes."""

notes: list[list[str]] = []
"""Every replacement that the program used, each as a kind and a name."""
_helpers: list[str] = []
_stand_ins: set[str] = set()
_absent: set[str] = set()
_PACKAGES = os.path.join(os.path.dirname(os.path.dirname(np.__file__)), "")
"""The folder of installed packages."""


def install(helpers: list[str]) -> None:
    """Supply removed NumPy names from now on, and import the helper modules."""
    _helpers.extend(helpers)
    original = np.__getattr__

    def supply(name: str) -> Any:
        replacement = _replacement(name)
        if replacement is None:
            return original(name)
        note = [NUMPY_NAME_REPLACED, name]
        if note not in notes:
            notes.append(note)
        return replacement

    vars(np)["__getattr__"] = supply
    sys.meta_path.append(_helper_importer)
    sys.meta_path.append(_AbsentImporter())
    for helper in helpers:
        importlib.import_module(helper)


def allow_stand_ins(names: list[str]) -> None:
    """Give a module with one of these names the helpers' contents, if Python cannot find the module."""
    _stand_ins.update(names)


def supply_modules(modules: list[Any]) -> None:
    """Let Python import the modules that the student handed in, if it finds no others of that name."""
    if modules:
        sources = {name: source.tobytes() for name, source in modules}
        place = sys.meta_path.index(_helper_importer)
        sys.meta_path.insert(place, _StudentsImporter(sources))


def allow_absent_modules() -> None:
    """Let imports of packages that notebooks import without need succeed where they are missing."""
    _absent.update(("sklearn", "h5py", "skimage", "pandas", "seaborn"))


def _replacement(name: str) -> Any:
    """Return the object for a name that NumPy has removed, or None if the table has no such object."""
    expression = REPLACEMENTS.get(name, "")
    if expression in _OTHERS:
        return _OTHERS[expression]
    package, _, attribute = expression.rpartition(".")
    return getattr(np if package else builtins, attribute, None)


class _HelperImporter(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the assignment's helper modules in place of a module that cannot be found.

    It is the last item of `sys.meta_path`, so Python calls it only for modules that do not exist.
    """

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return a spec for a module that the grader has listed, otherwise None.

        A helper module's name in other letters is listed, too: some disks ignore their case.
        """
        if name not in _stand_ins and name.lower() not in map(str.lower, _helpers):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Return an empty module, to be filled by `exec_module`."""
        return types.ModuleType(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Fill the module with every public name of the helper modules."""
        for helper in _helpers:
            names = vars(importlib.import_module(helper))
            module.__dict__.update({k: v for k, v in names.items() if not k.startswith("_")})
        notes.append([HELPER_MODULE_RENAMED, module.__name__])


_helper_importer = _HelperImporter()


class _StudentsImporter(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports the student's modules from memory, so that no folder has to be writable."""

    def __init__(self, sources: dict[str, bytes]) -> None:
        self._sources = sources

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return a spec for a module of the student's, otherwise None."""
        if name not in self._sources:
            return None
        return importlib.machinery.ModuleSpec(name, self, origin=f"{name}.py")

    def get_source(self, fullname: str) -> str:
        """Return the text of a module."""
        return importlib.util.decode_source(self._sources[fullname])

    def exec_module(self, module: types.ModuleType) -> None:
        """Run the module, and note it. If it fails, the helper modules may take its place."""
        try:
            super().exec_module(module)
        except BaseException:
            if module.__name__ not in _stand_ins:
                raise
            _helper_importer.exec_module(module)
        else:
            notes.append([MODULE_BESIDE, f"{module.__name__}.py"])


class _AbsentImporter(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports an empty package in place of one that is not installed. Only its use is an error."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return a spec for a package that was allowed and for its modules, otherwise None."""
        if name.partition(".")[0] not in _absent or _is_by_library(sys._getframe(1)):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Return a module all of whose names exist until they are used."""
        return _AbsentModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Note the package."""
        note = [MODULE_ABSENT, module.__name__.partition(".")[0]]
        if note not in notes:
            notes.append(note)


def _is_by_library(frame: types.FrameType | None) -> bool:
    """Return True if an import is in an installed package, which can do without the other one."""
    while frame and frame.f_globals.get("__name__", "").startswith("importlib"):
        frame = frame.f_back
    return frame is not None and frame.f_code.co_filename.startswith(_PACKAGES)


class _AbsentModule(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _AbsentName(self.__name__.partition(".")[0])


class _AbsentName:
    def __init__(self, package: str) -> None:
        self._package = package

    def _raise(self, *_: Any, **__: Any) -> Any:
        raise ModuleNotFoundError(f"No module named '{self._package}'", name=self._package)

    __call__ = __getitem__ = __iter__ = __mro_entries__ = _raise

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._raise()
