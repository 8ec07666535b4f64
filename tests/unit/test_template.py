"""The student's folder: the built notebook, the public tests, the helper modules and the data."""

import ast
import contextlib
import io
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import jupytext
import nbformat
import numpy as np
import pytest

from tests import ROOT

TEMPLATE = ROOT / "student_template" / "regularization"
SOLVED = ROOT / "reference" / "regularization_solved.py"
GRADED = (
    "compute_cost_with_regularization",
    "backward_propagation_with_regularization",
    "forward_propagation_with_dropout",
    "backward_propagation_with_dropout",
)
COST, BACKWARD, DROPOUT_FORWARD, DROPOUT_BACKWARD = GRADED


@pytest.fixture(scope="module")
def build(load_module) -> ModuleType:
    return load_module("student_template/build.py")


@pytest.fixture(scope="module")
def reference(load_module) -> ModuleType:
    return load_module("reference/regularization.py")


@pytest.fixture(scope="module")
def helpers(load_module):
    """The modules next to the notebook, importable by name as in a student's notebook."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(TEMPLATE))
        names = ("reg_utils", "testCases", "public_tests")
        loaded = {}
        for name in names:
            loaded[name] = load_module(f"student_template/regularization/{name}.py")
            patch.setitem(sys.modules, name, loaded[name])
        yield SimpleNamespace(**loaded)


@pytest.fixture(scope="module")
def unsolved(helpers) -> dict:
    notebook = nbformat.read(TEMPLATE / "Regularization.ipynb", as_version=4)
    return run_graded_cells(notebook, helpers)


@pytest.fixture(scope="module")
def solved(helpers) -> dict:
    return run_graded_cells(jupytext.read(SOLVED), helpers)


def run_graded_cells(notebook, helpers) -> dict:
    """Run the graded cells of a notebook; return the names that they define."""
    names = {"np": np, **vars(helpers.reg_utils)}
    cells = [c.source for c in notebook.cells if c.source.startswith("# GRADED FUNCTION: ")]
    assert [cell.split()[3] for cell in cells] == list(GRADED)
    for cell in cells:
        exec(cell, names)
    return names


# ------------------------------------------------------------------ the built notebook


def test_the_notebook_is_up_to_date(build, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["build.py", "--check"])
    assert build.main() == 0
    assert capsys.readouterr() == ("", "")


def test_two_builds_give_the_same_bytes(build):
    solved = SOLVED.read_text(encoding="utf-8")
    assert build.build(solved) == build.build(solved)
    assert build.title(solved) == "Regularization"


def test_the_notebook_has_no_solution_and_no_output():
    text = (TEMPLATE / "Regularization.ipynb").read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    for word in (
        "SOLUTION",
        "PLACEHOLDER",
        "lambd / m",
        "np.square(W",
        "D1 < keep_prob",
        "dA1 * D",
    ):
        assert not any(word in cell.source for cell in code)


def test_every_graded_cell_has_its_markers():
    notebook = nbformat.read(TEMPLATE / "Regularization.ipynb", as_version=4)
    sources = [c.source for c in notebook.cells if c.source.startswith("# GRADED FUNCTION: ")]
    for source, regions in zip(sources, (1, 3, 2, 2), strict=True):
        assert source.count("    ### START CODE HERE ###\n") == regions
        assert source.count("    ### END CODE HERE ###\n") == regions


def test_placeholders_keep_the_indent(build):
    source = (
        "def f():\n    # Hint\n    ### BEGIN SOLUTION\n    x = 1\n"
        "    ### PLACEHOLDER: x = None  # one\n    ### END SOLUTION\n    return x"
    )
    assert build.hide_solutions(source) == (
        "def f():\n    # Hint\n    x = None  # one\n    return x"
    )


@pytest.mark.parametrize("marker", ["### BEGIN SOLUTION", "### END SOLUTION"])
def test_unpaired_markers_are_refused(build, marker):
    with pytest.raises(build.BuildError, match="BEGIN SOLUTION has no END SOLUTION"):
        build.hide_solutions(f"x = 1\n{marker}\n")


@pytest.fixture
def other_tree(build, tmp_path, monkeypatch) -> Path:
    """A folder with one solved notebook, which `build` now uses as its root."""
    monkeypatch.setattr(build, "ROOT", tmp_path)
    (tmp_path / "reference").mkdir()
    source = "# %% [markdown]\n# # Two words\n\n# %%\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n"
    (tmp_path / "reference" / "sums_solved.py").write_text(source, encoding="utf-8")
    return tmp_path


def test_a_notebook_is_named_after_its_heading(build, other_tree, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["build.py"])
    assert build.main() == 0
    assert capsys.readouterr().out == "student_template/sums/Two_words.ipynb\n"
    path = other_tree / "student_template" / "sums" / "Two_words.ipynb"
    assert [cell.source for cell in nbformat.read(path, as_version=4).cells] == ["# Two words", ""]
    assert build.main() == 0
    assert capsys.readouterr().out == ""


def test_check_prints_a_difference(build, other_tree, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["build.py", "--check"])
    assert build.main() == 1
    out, err = capsys.readouterr()
    assert "+++ student_template/sums/Two_words.ipynb (built)" in out
    assert '+    "# Two words"' in out
    assert err == (
        "student_template/sums/Two_words.ipynb is not up to date: "
        "run python student_template/build.py.\n"
    )


def test_an_unbuildable_notebook_is_named(build, other_tree, monkeypatch):
    (other_tree / "reference" / "bad_solved.py").write_text("# %%\nx = 1\n", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["build.py"])
    with pytest.raises(SystemExit, match=r"bad_solved\.py: it has no heading to name"):
        build.main()


# ------------------------------------------------------------------ running it


def test_every_test_cell_is_a_check():
    notebook = nbformat.read(TEMPLATE / "Regularization.ipynb", as_version=4)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    graded = [number for number, source in enumerate(code) if source.startswith("# GRADED")]
    assert [code[number + 1] for number in graded] == [f"check({name})" for name in GRADED]
    assert code[-1] == "check()"


@pytest.mark.parametrize("name", GRADED)
def test_solved_functions_agree_with_the_reference(load_module, reference, solved, name):
    assignment = load_module("testcases/regularization.py").ASSIGNMENT
    unpack = next(f.unpack for f in assignment.functions if f.name == name)
    for case in assignment.cases(assignment.seed, reference):
        if case.function == name:
            got, expected = (
                unpack(f(*case.args)) for f in (solved[name], getattr(reference, name))
            )
            for quantity, value in expected.items():
                np.testing.assert_allclose(got[quantity], value, rtol=1e-12, atol=1e-14)


def test_the_solved_notebook_runs(helpers, tmp_path, monkeypatch, capsys):
    matplotlib = pytest.importorskip("matplotlib", reason="the plots need Matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    monkeypatch.chdir(tmp_path)
    checked: list = []
    monkeypatch.setattr("grader.check", lambda *functions: checked.append(functions))
    names: dict = {}
    for cell in jupytext.read(SOLVED).cells:
        if cell.cell_type == "code":
            source = cell.source.replace("%matplotlib inline", "")
            exec(source.replace("num_iterations=30000", "num_iterations=60"), names)
    assert checked == [*((names[name],) for name in GRADED), ()]
    assert "Cost after" in capsys.readouterr().out


# ------------------------------------------------------------------ the tests of older notebooks


@pytest.mark.parametrize("name", GRADED)
def test_a_public_test_is_a_check(helpers, monkeypatch, name):
    checked: list = []
    monkeypatch.setattr(helpers.public_tests, "check", checked.append)
    assert getattr(helpers.public_tests, f"{name}_test")(len) is None
    assert checked == [len]


# ------------------------------------------------------------------ random cases


def test_try_case_takes_a_graded_function(helpers, capsys):
    helpers.testCases.try_case(len)
    assert capsys.readouterr().out.startswith(f"try_case takes one of your functions: {COST}, ")


# ------------------------------------------------------------------ snippets


@pytest.fixture(scope="module")
def in_the_notebook(helpers, solved) -> dict:
    """Return the names of the solved notebook: the imports of its first cell, and the graded functions."""
    notebook = nbformat.read(TEMPLATE / "Regularization.ipynb", as_version=4)
    first = next(cell.source for cell in notebook.cells if cell.cell_type == "code")
    names: dict[str, Any] = {}
    for node in ast.walk(ast.parse(first.partition("%matplotlib")[0])):
        match node:
            case ast.ImportFrom(module=("reg_utils" | "testCases") as module):
                own = vars(getattr(helpers, module))
                names |= {alias.name: own[alias.name] for alias in node.names}
            case ast.Import(names=[ast.alias(name="numpy", asname=str(name))]):
                names[name] = np
    return names | {name: solved[name] for name in GRADED}


def run_lines(lines, names: dict) -> tuple[str, dict]:
    """Run lines as a cell; return the printed text and the names."""
    own, printed = dict(names), io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec("\n".join(lines), own)
    return printed.getvalue(), own


@pytest.fixture(scope="module")
def lines(load_module, reference) -> list:
    """Return the snippet of each case, and the case."""
    assignment = load_module("testcases/regularization.py").ASSIGNMENT
    cases = assignment.cases(assignment.seed, reference)
    assert all(case.snippet for case in cases)
    return [(case.snippet, case) for case in cases]


def test_snippets_run_in_the_notebook(lines, in_the_notebook):
    for snippet, case in lines:
        printed, _ = run_lines(snippet, in_the_notebook)
        assert printed.strip(), case
        if not case.public:
            sizes = re.search(r"layers \((.+)\), m = (\d+), \w+ = (\S+)", printed)
            units, m, strength = sizes.groups() if sizes else ("", "", "")
            assert f"layers {units.replace(', ', '-')}, m = {m}" in case.about
            assert float(strength) == case.args[-1]


@pytest.mark.parametrize("name", GRADED)
def test_try_case_prints_results_and_what_to_look_for(load_module, in_the_notebook, name):
    look_for = load_module("testcases/regularization.py").LOOK_FOR[name]
    strength = "keep_prob = 0.7" if "dropout" in name else "lambd = 0.7"

    printed, _ = run_lines([f"try_case({name}, layers=(3, 8, 3, 1), m=9)"], in_the_notebook)

    first, *lines, last = printed.splitlines()
    assert first == f"{name} with layers (3, 8, 3, 1), m = 9, {strength}"
    assert last == look_for.removeprefix("# ")
    assert lines
    assert all(len(line) < 90 for line in lines)


def test_snippets_change_no_name_of_the_notebook(lines, in_the_notebook):
    notebook = nbformat.read(TEMPLATE / "Regularization.ipynb", as_version=4)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    trees = [ast.parse(source.partition("%matplotlib")[0]) for source in cells]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    bound = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    bound |= {name for node in nodes if isinstance(node, ast.arguments) for name in _named(node)}
    assert {"X", "Y", "parameters", "A3", "cache", "gradients", "Z1", "m", "train_X"} <= bound
    public = {name for snippet, case in lines if case.public for name in _bound_by(snippet)}
    before = {name: object() for name in bound | public} | in_the_notebook
    for snippet, case in lines:
        if not case.public:
            _, own = run_lines(snippet, before)
            assert {name for name in before if own[name] is not before[name]} == set()
            assert own.keys() - before.keys() - {"__builtins__"} <= {"try_case"}


def _named(arguments):
    return [argument.arg for argument in arguments.args]


def _bound_by(snippet):
    nodes = ast.walk(ast.parse("\n".join(snippet)))
    return [n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]


def test_snippets_use_the_student_s_random_numbers(lines, in_the_notebook):
    for snippet, case in lines:
        if not case.public:
            printed = set()
            for seed in (2, 3):
                np.random.seed(seed)
                printed.add(run_lines(snippet, in_the_notebook)[0])
            assert len(printed) == 2 or case.args[-1] == 0


# ------------------------------------------------------------------ helper modules and data


@pytest.mark.parametrize("name", GRADED)
def test_the_examples_are_the_public_cases(load_module, helpers, reference, name):
    assignment = load_module("testcases/regularization.py").ASSIGNMENT
    cases = assignment.cases(assignment.seed, reference)
    expected = next(case.args[:-1] for case in cases if case.public and case.function == name)
    arguments = getattr(helpers.testCases, f"{name}_test_case")()
    assert len(arguments) == len(expected)
    for got, value in zip(arguments, expected, strict=True):
        if isinstance(value, np.ndarray):
            got, value = {"": got}, {"": value}
        elif isinstance(value, tuple):
            assert isinstance(got, tuple)
            got, value = dict(enumerate(got)), dict(enumerate(value))
        assert list(got) == list(value)
        for key in value:
            np.testing.assert_array_equal(got[key], value[key], strict=True)


def test_the_helpers_agree_with_the_reference(helpers, reference):
    X, Y, _ = helpers.testCases.backward_propagation_with_regularization_test_case()
    student = helpers.reg_utils.initialize_parameters([3, 20, 3, 1])
    parameters = reference.initialize_parameters((3, 20, 3, 1))
    for _ in range(3):
        A3, cache = helpers.reg_utils.forward_propagation(X, student)
        expected, own_cache = reference.forward_propagation(X, parameters)
        np.testing.assert_allclose(A3, expected, rtol=1e-12)
        assert helpers.reg_utils.compute_cost(A3, Y) == pytest.approx(
            reference.compute_cost(A3, Y), rel=1e-12
        )
        grads = helpers.reg_utils.backward_propagation(X, Y, cache)
        own = reference.backward_propagation(X, Y, own_cache)
        assert set(grads) == set(own)
        for name, value in own.items():
            np.testing.assert_allclose(grads[name], value, rtol=1e-11, atol=1e-15)
        student = helpers.reg_utils.update_parameters(student, grads, 0.3)
        parameters = reference.update_parameters(parameters, own, 0.3)


def test_predictions_are_integers(helpers, capsys):
    parameters = helpers.reg_utils.initialize_parameters([2, 20, 3, 1])
    X = np.array([[1.0, -1.0, 0.5, 2.0], [0.0, 1.0, -0.5, 1.0]])
    labels = helpers.reg_utils.predict_dec(parameters, X)
    y = np.array([[0, 0, 0, 0]], dtype=np.uint8)
    predictions = helpers.reg_utils.predict(X, y, parameters)
    assert predictions.dtype == int
    np.testing.assert_array_equal(predictions, labels)
    assert capsys.readouterr().out == f"Accuracy: {np.mean(predictions == 0):.4f}\n"


def test_the_data_are_reproducible(load_module):
    data = load_module("student_template/make_regularization_data.py")
    assert data.make() == (TEMPLATE / "datasets" / "data.mat").read_bytes()


def test_the_data_have_the_form_of_the_course():
    from scipy.io import loadmat

    data = loadmat(str(TEMPLATE / "datasets" / "data.mat"))
    form = {name: (data[name].shape, str(data[name].dtype)) for name in ("X", "y", "Xval", "yval")}
    assert form == {
        "X": ((211, 2), "float64"),
        "y": ((211, 1), "uint8"),
        "Xval": ((200, 2), "float64"),
        "yval": ((200, 1), "uint8"),
    }
    assert set(np.unique(data["y"])) == set(np.unique(data["yval"])) == {0, 1}


def test_the_path_of_the_dataset(helpers, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert helpers.reg_utils._dataset_path() == TEMPLATE / "datasets" / "data.mat"
    monkeypatch.setattr(helpers.reg_utils, "__file__", str(tmp_path / "reg_utils.py"))
    assert helpers.reg_utils._dataset_path() == Path("datasets") / "data.mat"
