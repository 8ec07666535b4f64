"""The student's folder: the built notebook, the public tests, the helper modules and the data."""

import ast
import contextlib
import io
import json
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


def check(helpers, name: str, target) -> None:
    getattr(helpers.public_tests, f"{name}_test")(target)


def failure(helpers, name: str, target) -> str:
    """Return the message of a public test that must fail."""
    with pytest.raises(AssertionError) as caught:
        check(helpers, name, target)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value)


def returning(value):
    return lambda *arguments: value


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


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (COST, f"{COST} is not written yet. Replace each None with your code (TypeError: "),
        (BACKWARD, f"{BACKWARD} is not written yet. Replace each None with your code (TypeError: "),
        (
            DROPOUT_FORWARD,
            f"{DROPOUT_FORWARD} is not written yet. Replace each None with your code",
        ),
        (
            DROPOUT_BACKWARD,
            (
                f"{DROPOUT_BACKWARD} is not written yet: dA2 is the same as without dropout. "
                "Apply D2 in the backward pass, as in the forward pass."
            ),
        ),
    ],
)
def test_unsolved_functions_fail_with_a_hint(helpers, unsolved, name, message):
    assert failure(helpers, name, unsolved[name]).startswith(message)


@pytest.mark.parametrize("name", GRADED)
def test_the_solved_functions_pass(helpers, solved, capsys, name):
    check(helpers, name, solved[name])
    assert capsys.readouterr().out == "All tests passed.\n"


@pytest.mark.parametrize("name", GRADED)
def test_the_reference_passes(helpers, reference, name):
    check(helpers, name, getattr(reference, name))


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
    names: dict = {}
    for cell in jupytext.read(SOLVED).cells:
        if cell.cell_type == "code":
            source = cell.source.replace("%matplotlib inline", "")
            exec(source.replace("num_iterations=30000", "num_iterations=60"), names)
    assert capsys.readouterr().out.count("All tests passed.") == 4


# ------------------------------------------------------------------ the public tests


@pytest.mark.parametrize("value", [{}, (), [], None, "1.78", 1.5, float("nan"), (np.eye(1), ())])
@pytest.mark.parametrize("name", GRADED)
def test_no_public_test_is_fooled(helpers, name, value):
    assert failure(helpers, name, returning(value)).startswith(name)


def test_a_cost_may_be_a_number_or_a_0d_array(helpers):
    check(helpers, COST, returning(1.7864859451590758))
    check(helpers, COST, returning(np.array(1.7864859451590758)))


def test_a_wrong_cost(helpers):
    assert failure(helpers, COST, returning(1.97047)) == (
        f"{COST}: cost is 1.97047 instead of 1.7864859 (1 of 1 wrong)."
    )


def test_a_cost_of_shape_1_1(helpers):
    assert failure(helpers, COST, returning(np.array([[1.7864859451590758]]))) == (
        f"{COST}: cost has shape (1, 1), but should be a single number."
    )


def test_a_function_without_return(helpers):
    assert failure(helpers, COST, returning(None)) == (
        f"{COST} returns None. End the function with a return line."
    )


def test_a_misspelled_name(helpers):
    def target(A3, Y, parameters, lambd):
        return undefined_cost  # type: ignore[name-defined]  # noqa: F821

    assert failure(helpers, COST, target) == (
        f"{COST} is not written yet, or it contains a misspelled name "
        "(NameError: name 'undefined_cost' is not defined)."
    )


def test_any_other_exception(helpers):
    def target(A3, Y, parameters, lambd):
        return parameters["W4"]

    assert failure(helpers, COST, target) == (f"{COST} stopped with an error (KeyError: 'W4').")


def test_missing_gradients_are_listed(helpers, reference):
    def target(*arguments):
        gradients = getattr(reference, BACKWARD)(*arguments)
        gradients["dw3"] = gradients.pop("dW3")
        return gradients

    assert failure(helpers, BACKWARD, target) == (
        f"{BACKWARD} returns a dictionary without dW3. Its keys are: dZ3, db3, dA2, dZ2, dW2, db2, "
        "dA1, dZ1, dW1, db1, dw3. Capital letters matter."
    )


def test_the_first_wrong_gradient_is_reported(helpers, reference):
    def target(X, Y, cache, lambd):
        return getattr(reference, BACKWARD)(X, Y, cache, lambd / 2)

    assert failure(helpers, BACKWARD, target) == (
        f"{BACKWARD}: dW3[0, 0] is -1.7288114 instead of -1.7769135 (3 of 3 wrong). "
        "Right so far: dZ3."
    )


@pytest.mark.parametrize(("gradient", "mask"), [("dA2", "D2"), ("dA1", "D1")])
def test_a_missing_backward_mask_is_named(helpers, reference, gradient, mask):
    def target(X, Y, cache, keep_prob):
        cache = list(cache)
        place = {"D1": 1, "D2": 6}[mask]
        cache[place] = np.ones_like(cache[place]) * keep_prob
        return getattr(reference, DROPOUT_BACKWARD)(X, Y, tuple(cache), keep_prob)

    message = failure(helpers, DROPOUT_BACKWARD, target)
    assert f"{gradient} is the same as without dropout. Apply {mask}" in message


def test_a_short_cache(helpers, reference):
    def target(*arguments):
        A3, cache = getattr(reference, DROPOUT_FORWARD)(*arguments)
        return A3, cache[:12]

    assert failure(helpers, DROPOUT_FORWARD, target) == (
        f"{DROPOUT_FORWARD} should return a cache of 14 values (Z1, D1, A1, W1, b1, Z2, D2, A2, "
        "W2, b2, Z3, A3, W3, b3), but your cache is 12 values."
    )


def test_an_output_that_differs_from_the_cache(helpers, reference):
    def target(*arguments):
        A3, cache = getattr(reference, DROPOUT_FORWARD)(*arguments)
        return A3.T, cache

    assert "A3, the first returned value, has shape (5, 1)" in failure(
        helpers, DROPOUT_FORWARD, target
    )


def test_mask_is_none(helpers, reference):
    def target(*arguments):
        A3, cache = getattr(reference, DROPOUT_FORWARD)(*arguments)
        return A3, (cache[0], None, *cache[2:])

    assert failure(helpers, DROPOUT_FORWARD, target) == (
        f"{DROPOUT_FORWARD}: D1 is None: the line that computes it is not written yet. "
        "Right so far: Z1."
    )


def test_integer_masks_pass(helpers, reference):
    def target(*arguments):
        A3, cache = getattr(reference, DROPOUT_FORWARD)(*arguments)
        return A3, tuple(item.astype(int) if item.dtype == bool else item for item in cache)

    check(helpers, DROPOUT_FORWARD, target)


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
        printed, own = run_lines(snippet, in_the_notebook)
        assert printed.strip(), case
        if not case.public:
            used = (
                [own["X_try"], own["Y_try"]]
                if "backward" in case.function
                else [own["parameters_try"]["W1"]]
            )
            expected = [*case.args[:2]] if "backward" in case.function else [_first_weights(case)]
            assert [a.shape for a in used] == [a.shape for a in expected]


def _first_weights(case):
    return next(arg for arg in case.args if isinstance(arg, dict))["W1"]


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
            new = own.keys() - before.keys() - {"__builtins__"}
            assert all(name.endswith("_try") for name in new), new


def _named(arguments):
    return [argument.arg for argument in arguments.args]


def _bound_by(snippet):
    nodes = ast.walk(ast.parse("\n".join(snippet)))
    return [n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]


def test_snippets_use_the_student_s_random_numbers(lines, in_the_notebook):
    for snippet, case in lines:
        if not case.public:
            arrays = []
            for seed in (2, 3):
                np.random.seed(seed)
                arrays.append(run_lines(snippet, in_the_notebook)[1]["X_try"])
            assert (arrays[0] != arrays[1]).any()


def test_snippets_hold_for_the_solved_notebook(lines, in_the_notebook):
    for snippet, case in lines:
        if case.public:
            continue
        printed, own = run_lines(snippet, in_the_notebook)
        result, strength = own.get("result_try", {}), case.args[-1]
        W1, W2, W3 = (own["parameters_try"][f"W{i}"] for i in (1, 2, 3))
        if case.function == COST:
            squares = sum(float(np.sum(W * W)) for W in (W1, W2, W3))
            penalty = strength / (2 * own["Y_try"].shape[1]) * squares
            assert float(printed) == pytest.approx(penalty, abs=1e-12)
        elif case.function == BACKWARD:
            plain = own["backward_propagation"](own["X_try"], own["Y_try"], own["cache_try"])
            off = {k for k in plain if not np.allclose(result[k], plain[k])}
            assert off == ({"dW1", "dW2", "dW3"} if strength else set())
        elif case.function == DROPOUT_FORWARD:
            for Z, D, A in (own["cache_try"][:3], own["cache_try"][5:8]):
                assert_scaled(D, np.maximum(0, Z), A, 1 / strength)
        else:
            for D, plain, name in (
                (own["cache_try"][6], W3.T @ result["dZ3"], "dA2"),
                (own["cache_try"][1], W2.T @ result["dZ2"], "dA1"),
            ):
                assert_scaled(D, plain, result[name], 1 / strength)


def assert_scaled(D, plain, dropped, factor):
    """Require 0 where the mask D is 0, and `factor` times the plain values elsewhere."""
    mask = np.asarray(D, bool)
    np.testing.assert_array_equal(dropped[~mask], 0)
    np.testing.assert_allclose(dropped[mask], factor * plain[mask], atol=1e-12)


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


def test_public_tests_have_the_published_values(helpers):
    path = ROOT / "testcases" / "regularization_published.json"
    published = json.loads(path.read_text(encoding="utf-8"))
    for name, values in (
        (BACKWARD, helpers.public_tests._L2_GRADIENTS),
        (DROPOUT_FORWARD, helpers.public_tests._DROPOUT_PASS),
        (DROPOUT_BACKWARD, helpers.public_tests._DROPOUT_GRADIENTS),
    ):
        for quantity, value in values.items():
            expected = published[name]["published"][quantity]
            np.testing.assert_allclose(value, expected, rtol=1e-8, atol=0)
