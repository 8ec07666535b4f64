"""The folder for students: it works alone, is reproducible, and contains no secrets."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import numpy as np
import pytest

from grader import assignments
from grader.assignments import oracle
from grader.errors import UsageError
from grader.handout.release import MODULES, PARTIAL, make_sheet, release
from grader.handout.sheet import decode, encode
from grader.model import Assignment, TestCase, Tier
from tests import ROOT
from tests.cli.conftest import Here, boxed, here

__all__ = ["boxed", "here"]

LONG = re.compile(r"-?\d+\.\d{9,}(?:e-?\d+)?")
WRONG_COST = """
import numpy as np
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    m = Y.shape[1]
    penalty = sum(np.sum(np.square(parameters[f"W{layer}"])) for layer in (1, 2, 3))
    entropy = -np.sum(np.log(A3) * Y + np.log(1 - A3) * (1 - Y)) / m
    return entropy + lambd / m * penalty
"""
FEEDBACK = """\
✘ compute_cost_with_regularization: not right yet
  Your penalty is twice as large as it should be, because the 1/2 is missing.
  cost is 1.9704703 instead of 1.7864859.
  Why, and what to do next: check(compute_cost_with_regularization, more=True)
  When your notebook is graded, 1 more check runs on other data.
"""


@pytest.fixture(scope="module")
def handout(
    regularization: Assignment, tier: Tier, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("handout") / "new" / "folder"
    release(regularization, folder, tier=tier)
    return folder


def test_grader_as_a_command_says_what_the_folder_is_for(handout: Path) -> None:
    """The folder's package hides an installed grader from `python -m grader`."""
    command = [sys.executable, "-m", "grader", "check", "Regularization.ipynb"]
    done = subprocess.run(command, cwd=handout, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "This folder has the grader's check for notebooks only. In your notebook, run: "
        "from grader import check. To grade a notebook, run the installed grader in another folder.\n"
    )


def test_pytest_starts_in_the_folder(handout: Path, tmp_path: Path) -> None:
    """The folder's package hides an installed grader from `python -m pytest`, which loads its plugin."""
    cache = ("-o", f"cache_dir={tmp_path}")
    command = [sys.executable, "-B", "-m", "pytest", *cache, "--collect-only", "-q"]
    done = subprocess.run(command, cwd=handout, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (5, "")  # no tests


def texts(folder: Path) -> dict[str, str]:
    """Return the files of a folder that hold text, by name."""
    return {
        str(path.relative_to(folder)): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".mat" and "__pycache__" not in path.parts
    }


# ------------------------------------------------------------------ what is in it


def test_the_files_of_the_folder(handout: Path) -> None:
    names = sorted(texts(handout))
    assert [name for name in names if not name.startswith("grader/")] == [
        "README.md",
        "Regularization.ipynb",
        "datasets/README.md",
        "public_tests.py",
        "reg_utils.py",
        "requirements.txt",
        "testCases.py",
    ]
    modules = [*map("grader/{}".format, MODULES)]
    packages = [f"grader/{package}/__init__.py" for package in PARTIAL]
    own = ("__init__.py", "__main__.py", "lines.py", "public_checks.json", "pytest_plugin.py")
    generated = [f"grader/{name}" for name in own]
    generated += packages
    assert [name for name in names if name.startswith("grader/")] == sorted(modules + generated)
    assert (handout / "datasets" / "data.mat").stat().st_size > 1000


def test_two_releases_have_the_same_bytes(handout: Path, tier: Tier, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "grader", "release", str(tmp_path / "again")]
    environment = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}
    process = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=300)
    again = tmp_path / "again"
    code = again / "grader"
    listed = {code if code in path.parents else path for path in again.rglob("*.*")}
    assert process.stdout.decode().splitlines() == [*map(str, sorted(listed))]
    names = [path.relative_to(again) for path in again.rglob("*") if path.is_file()]
    assert len(names) == len(texts(handout)) + 1  # the data file is not text
    for name in names:
        assert (again / name).read_bytes() == (handout / name).read_bytes(), name


def statements(source: str) -> set[str]:
    """Return the simple statements of Python source, unparsed; none if there is a syntax error."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()
    simple = (ast.Assign, ast.AugAssign, ast.Return, ast.Expr)
    return {
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, simple) and not isinstance(getattr(node, "value", None), ast.Constant)
    }


def code_of(name: str, text: str) -> Iterator[str]:
    if name.endswith(".ipynb"):
        yield from (c["source"] for c in nbformat.reads(text, 4).cells if c.cell_type == "code")
    elif name.endswith(".py"):
        yield text


def statements_of(name: str, text: str) -> set[str]:
    return set().union(*map(statements, code_of(name, text)))


def test_no_line_of_the_reference_is_in_it(regularization: Assignment, handout: Path) -> None:
    tree = ast.parse(regularization.files.reference.read_text("utf-8"))
    graded = {function.name for function in regularization.functions}
    bodies = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name in graded]
    template = regularization.files.template
    handed_out = statements_of(template.name, template.read_text("utf-8"))
    secret = set().union(*(statements(ast.unparse(body)) for body in bodies)) - handed_out
    assert len(bodies) == 4
    assert len(secret) >= 8
    assert any("keep_prob" in line for line in secret)
    assert any("lambd" in line for line in secret)
    for name, text in texts(handout).items():
        assert not secret & statements_of(name, text), name
        squeezed = re.sub(r"\s", "", text)
        assert not [s for s in secret if len(s) > 24 and re.sub(r"\s", "", s) in squeezed], name


def hidden(regularization: Assignment) -> list[TestCase]:
    cases = oracle.cases_by_function(regularization, regularization.seed)
    return [case for some in cases.values() for case in some if not case.public]


def long_numbers(text: str) -> set[str]:
    return set(LONG.findall(text))


def test_no_hidden_case_and_no_hidden_seed_is_in_it(
    regularization: Assignment, handout: Path
) -> None:
    cases = hidden(regularization)
    secret = long_numbers(json.dumps([encode(tuple(case.args)) for case in cases]))
    seeds = {str(case.seed) for case in cases} | {str(regularization.seed)}
    assert len(secret) > 1000
    assert len(seeds) == len(cases) + 1
    for name, text in texts(handout).items():
        assert not secret & long_numbers(text), name
        assert not seeds & set(re.findall(r"\d+", text)), name
    public = long_numbers((handout / "grader" / "public_checks.json").read_text("utf-8"))
    assert len(public) > 300  # so such numbers are found where there are any


def test_no_value_of_a_hidden_case_is_in_it(
    regularization: Assignment, handout: Path, tier: Tier
) -> None:
    expected = oracle.consult(regularization, regularization.seed, tier=tier)
    answers = set()
    for name, result in expected.reference.items():
        for case, outcome in zip(expected.cases[name], result.outcomes, strict=False):
            if not case.public:
                answers |= long_numbers(json.dumps(encode(getattr(outcome, "value", None))))
    assert len(answers) > 1000
    for name, text in texts(handout).items():
        assert not answers & long_numbers(text), name


# ------------------------------------------------------------------ it works alone


def alone(handout: Path, code: str) -> str:
    """Run code with nothing of ours on the path but the folder."""
    begin = f"import sys; sys.path.insert(0, {str(handout)!r})\n"
    end = (
        "\nours = [m.__file__ for n, m in sys.modules.items() if n.split('.')[0] == 'grader']\n"
        f"assert ours and all(file.startswith({str(handout)!r}) for file in ours), ours\n"
    )
    command = [sys.executable, "-I", "-c", begin + code + end]
    process = subprocess.run(command, capture_output=True, check=False, timeout=120, cwd="/")
    assert process.returncode == 0, process.stderr.decode()
    assert not process.stderr
    return process.stdout.decode()


WITHOUT_UNIX = """
import os, signal
for name in ("fcntl", "grp", "pwd", "resource", "termios"):
    sys.modules[name] = None
for module, names in (
    (os, ("fork", "forkpty", "register_at_fork", "getuid")),
    (signal, ("alarm", "getitimer", "setitimer", "SIGALRM", "SIGKILL", "SIGPROF", "ITIMER_PROF")),
):
    for name in names:
        delattr(module, name)
"""


def test_check_needs_only_the_folder_and_no_unix(handout: Path) -> None:
    slip = WRONG_COST.replace("lambd / m", "lambd / (2 * m)").replace("np.log", "np.Log", 1)
    code = (
        f"{WITHOUT_UNIX}sys.stdout.reconfigure(encoding='utf-8')\n"
        f"from grader import check\n{WRONG_COST}\ncheck(compute_cost_with_regularization)\n"
        f"import linecache\nlinecache.cache['cell'] = (1, None, {slip!r}.splitlines(True), 'cell')\n"
        f"exec(compile({slip!r}, 'cell', 'exec'))\n"
        "check(compute_cost_with_regularization)"
    )
    first, _, second = alone(handout, code).partition("other data.\n")
    assert f"{first}other data.\n" == FEEDBACK
    assert "Your function stops in line 6 of the cell with AttributeError: " in second
    assert "`np.Log` in line 6 of the cell does not exist." in " ".join(second.split())


IN_IPYTHON = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.colors = "NoColor"
for cell in {cells!r}:
    shell.run_cell(cell, store_history=True)
"""


def in_ipython(handout: Path, *cells: str) -> str:
    """Return the output of the cells of a notebook, after its first cell has imported `check`."""
    return alone(handout, IN_IPYTHON.format(cells=["from grader import check", *cells]))


def test_syntax_error_is_named_where_no_version_ran(handout: Path) -> None:
    """Python raises NameError before `check` is called."""
    broken = WRONG_COST.replace("lambd / m", "lambd / m)")
    calls = ("check({})", "check('{}')", "check(\n  {}, more=True)")
    for call in calls:
        output = in_ipython(handout, broken, call.format("compute_cost_with_regularization"))
        assert output.count("✔") + output.count("✘") == 0
        assert output.count("! compute_cost_with_regularization: the newest version did not") == 1
        words = " ".join(output.partition("! compute_cost")[2].split())
        assert "unmatched ')'. The line is `return entropy + lambd / m) * penalty`." in words
        assert "Run that cell again after you have fixed it." in words
        assert ("more=True" in words) == ("more" not in call)


def test_check_of_a_function_without_a_cell(handout: Path) -> None:
    name = "compute_cost_with_regularization"
    for call in (f"check({name})", f"check('{name}')"):
        output = in_ipython(handout, call)
        assert f"i {name} is not defined. Run the cell with its code first.\n" in output
    for cell in (f"print({name})", "check(np)", f"{name} = 1 / 0"):
        assert "Run the cell" not in in_ipython(handout, cell)


def test_output_of_a_function_appears_once(handout: Path) -> None:
    """It is called twice with the same arguments, to see whether it is deterministic."""
    cell = WRONG_COST.replace("    m = ", "    print('here')\n    m = ")
    output = in_ipython(handout, f"{cell}\ncheck('compute_cost_with_regularization')")
    assert output.count("here") == 1


@pytest.mark.parametrize("name", ["initialization", "gradient_checking"])
def test_untouched_notebook_of_a_sibling(name: str, tier: Tier, tmp_path: Path) -> None:
    """Its functions are checked without Unix, one by one and in the table."""
    assignment, folder = assignments.load(name), tmp_path / name
    release(assignment, folder, tier=tier)
    notebook = nbformat.read(folder / assignment.files.template.name, 4)
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    used = [text for text in sources if re.search(r"^(def|check\()", text, re.MULTILINE)]
    script = tmp_path / "notebook.py"
    script.write_text("\n\n".join(["from grader import check\nimport numpy as np", *used]), "utf-8")

    output = alone(
        folder,
        f"{WITHOUT_UNIX}import runpy\nsys.stdout.reconfigure(encoding='utf-8')\n"
        f"runpy.run_path({str(script)!r})",
    )

    assert output.count("not written yet") == 2 * len(assignment.functions)
    assert "✘" not in output


def test_the_guide_shows_the_feedback() -> None:
    guide = ROOT / "docs" / "guides" / "check-your-own-notebook.md"
    assert f"```text\n{FEEDBACK}```\n" in guide.read_text("utf-8")


FEEDBACK_IN_CHINESE = """\
✘ compute_cost_with_regularization：还不正确
  你的惩罚项是应有值的两倍，因为缺少 1/2。
  cost 是 1.9704703，应为 1.7864859。
  原因和下一步：check(compute_cost_with_regularization, more=True)
  评分时还会用其他数据做 1 项检查。
"""


README_IN_CHINESE = """\
# 正则化

你需要 Python 3.11 或更高版本。在这个文件夹中运行：

    python -m venv .venv
    .venv/bin/pip install -r requirements.txt
    .venv/bin/jupyter lab Regularization.ipynb

（在 Windows 上，这些程序位于 `.venv\\Scripts`。）

在 Google Colab 上，请打开 `Regularization.ipynb`，先在一个新的代码单元中运行\
下面的代码，并选择这个文件夹的 zip 文件。

    import io, os, zipfile
    from google.colab import files
    archive = zipfile.ZipFile(io.BytesIO(*files.upload().values()))
    archive.extractall()
    module = next(name for name in archive.namelist() if name.endswith("grader/__init__.py"))
    os.chdir(module.removesuffix("grader/__init__.py") or ".")

请写好这些函数：

- `compute_cost_with_regularization`
- `backward_propagation_with_regularization`
- `forward_propagation_with_dropout`
- `backward_propagation_with_dropout`

在 notebook 中，在一个函数的代码单元之后运行：

    from grader import check
    check(compute_cost_with_regularization)

它会指出公布的示例所显示的错误及其所在的行。`check()` 显示所有函数的结果。\
它不需要联网。评分时，每个函数还会用其他数据运行。

然后从头运行所有代码单元，保存，并提交文件 `Regularization.ipynb`。PDF 或网页形式的 notebook 无法评分。
"""


def test_the_readme(handout: Path) -> None:
    text = (handout / "README.md").read_text("utf-8")
    assert text.startswith(
        "# Regularization\n\nYou need Python 3.11 or later. In this folder, run:\n\n"
    )
    assert [line for line in text.splitlines() if line.startswith("    ")] == [
        line for line in README_IN_CHINESE.splitlines() if line.startswith("    ")
    ]
    assert (
        "Then run all cells from the top, save, and submit the file `Regularization.ipynb`." in text
    )
    requirements = (handout / "requirements.txt").read_text("utf-8").splitlines()
    assert [line.partition("==")[0] for line in requirements] == [
        *("numpy", "scipy", "matplotlib", "ipython", "jupyterlab")
    ]


def test_the_cell_for_colab(handout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It unpacks the zip file that is uploaded, and enters the folder; the notebook has the same."""
    archive = Path(shutil.make_archive(str(tmp_path / "course"), "zip", handout.parent, "folder"))
    upload = SimpleNamespace(upload=lambda: {"course.zip": archive.read_bytes()})
    monkeypatch.setitem(sys.modules, "google.colab", SimpleNamespace(files=upload))
    monkeypatch.chdir(tmp_path)
    readme = (handout / "README.md").read_text("utf-8")
    cell = textwrap.dedent(readme[readme.index("    import io") : readme.index("Write these")])

    exec(cell, {})

    assert (Path.cwd() / "Regularization.ipynb").is_file()
    cells = nbformat.read(handout / "Regularization.ipynb", 4).cells
    assert cell.strip() in cells[1].source


def test_a_folder_in_another_language(here: Here, tmp_path: Path, boxed: None) -> None:
    folder = tmp_path / "chinese"
    assert here("release", folder, "--lang", "zh").status == 0

    code = (
        f"from grader import check\n{WRONG_COST}\n"
        "sys.stdout.reconfigure(encoding='utf-8')\n"
        "result = check(compute_cost_with_regularization)\n"
        "print(result._repr_html_().replace('\\n', ' '))\ncheck(7)\n"
    )
    text, page, wrong = alone(folder, code).rsplit("\n", 3)[:3]
    assert f"{text}\n" == FEEDBACK_IN_CHINESE
    assert page.startswith("<div lang='zh-Hans' style=")
    assert "<strong>compute_cost_with_regularization：还不正确</strong>" in page
    assert wrong == "i check 需要函数本身。请写 check(compute_cost_with_regularization)。"
    assert (folder / "README.md").read_text("utf-8") == README_IN_CHINESE


def test_every_hint_is_translated(regularization: Assignment, tier: Tier) -> None:
    content = make_sheet(regularization, tier=tier, language="zh-Hans")

    messages = [words[0] for f in content["functions"] for words in f["hints"].values()]
    assert len(messages) > 80
    assert all(re.search("[\u3400-\u9fff]{2}", message) for message in messages)
    assert {case["about"][:4] for f in content["functions"] for case in f["cases"]} == {"各层单元"}


def test_the_folder_needs_only_numpy(handout: Path) -> None:
    code = (
        "import grader\n"
        "tops = {name.split('.')[0] for name, m in sys.modules.items()"
        " if 'site-packages' in str(getattr(m, '__file__', ''))}\n"
        "print(sorted(top for top in tops if top[0] != '_'))\n"
    )
    assert alone(handout, code) == "['numpy']\n"


SESSION = """
import json
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
shell = InteractiveShell.instance()
def run(cell):
    with capture_output() as captured:
        shell.run_cell(cell, store_history=True)
    return [captured.stdout, *(output.data for output in captured.outputs)]
"""


def test_feedback_is_one_output_of_html_and_text(handout: Path) -> None:
    """It is shown where `check` is called, once. The rest of the cell runs."""
    code = (
        f"{SESSION}run('from grader import check')\nrun({WRONG_COST!r})\n"
        "first = run('check(compute_cost_with_regularization)\\nprint(1)')\n"
        "last = run('feedback = check(compute_cost_with_regularization)\\nfeedback')\n"
        "print(json.dumps([first, last, run('feedback')]))\n"
    )
    (printed, forms), (_, *last), (_, *again) = json.loads(alone(handout, code).splitlines()[-1])
    assert printed == "1\n"
    assert forms.keys() == {"text/html", "text/plain"}
    assert "<strong>compute_cost_with_regularization: not right yet</strong>" in forms["text/html"]
    assert "<script" not in forms["text/html"]
    used = "The check used `def compute_cost_with_regularization(A3, Y, parameters, lambd):` in the"
    assert used in " ".join(forms["text/plain"].split())
    assert last == again == [{**forms}]


def test_an_old_function_is_not_judged_in_place_of_the_newest_cell(handout: Path) -> None:
    """Python keeps the old function if a newer cell has a syntax error, or an error above its `def`."""
    broken = WRONG_COST.replace("lambd / m", "lambda / m")
    stopped = f"# Try again\n1 / 0\n{WRONG_COST}"
    code = (
        f"{SESSION}run('from grader import check')\n"
        "def texts(cell):\n"
        "    run(cell)\n"
        "    return run('check(compute_cost_with_regularization)')[1]['text/plain']\n"
        f"print(json.dumps([texts(c) for c in ({WRONG_COST!r}, {broken!r}, {stopped!r}, {WRONG_COST!r})]))\n"
    )
    first, syntax, error, again = json.loads(alone(handout, code).splitlines()[-1])
    title, *lines = syntax.splitlines()
    assert title == "! compute_cost_with_regularization: the newest version did not run"
    assert "`lambda` is a Python keyword" in " ".join(" ".join(lines).split())
    assert "Python still has an earlier version of this function" in syntax
    assert "The newest cell stopped in line 2 with ZeroDivisionError: division by zero" in error
    assert "the cell that begins `# Try again`" in " ".join(error.split())
    assert again.splitlines()[:3] == first.splitlines()[:3]


def test_a_cell_may_call_check_above_a_definition(handout: Path) -> None:
    cell = f"check(compute_cost_with_regularization)\n{WRONG_COST}"
    code = (
        f"{SESSION}run('from grader import check')\nrun({WRONG_COST!r})\n"
        f"print(json.dumps(run({cell!r})[1]['text/plain']))\n"
    )
    assert "not right yet" in json.loads(alone(handout, code).splitlines()[-1])


def test_a_table_of_all_functions(handout: Path) -> None:
    code = f"from grader import check\nsys.stdout.reconfigure(encoding='utf-8')\n{WRONG_COST}\ncheck()\n"
    assert alone(handout, code) == TABLE


TABLE = """\
Your functions on the published examples
  ✘ compute_cost_with_regularization          0 of 5  not right yet
  i backward_propagation_with_regularization  0 of 5  not defined
  i forward_propagation_with_dropout          0 of 5  not defined
  i backward_propagation_with_dropout         0 of 5  not defined
  0 of 20 points on the published examples. The other 80 points are for checks on other
  data. They run when your notebook is graded and are not counted here.
"""


# ------------------------------------------------------------------ the sheet


@pytest.mark.parametrize(
    "item",
    [
        *(1.5, None, True, "text", (1, [2.5, "x"]), {"a": (1,), "b": {"c": None}}),
        *(np.arange(6.0).reshape(2, 3), np.zeros((0, 2)), np.array(3.0), np.array([True, False])),
    ],
)
def test_values_are_restored_from_json(item: Any) -> None:
    back = decode(json.loads(json.dumps(encode(item))))
    assert type(back) is type(item)
    if isinstance(item, np.ndarray):
        assert back.dtype == item.dtype
        assert back.shape == item.shape
    assert np.array_equal(back, item) if isinstance(item, np.ndarray) else back == item


def test_the_sheet_has_most_known_mistakes(regularization: Assignment, tier: Tier) -> None:
    content = make_sheet(regularization, tier=tier)
    mistakes = (mistake for function in content["functions"] for mistake in function["mistakes"])
    ids = {id for mistake in mistakes for id, *_ in mistake["causes"]}
    assert len(ids) >= 45
    assert {"l2-not-halved", "rescale-missing", "grad-l2-term-missing"} <= ids


# ------------------------------------------------------------------ usage errors


def test_a_folder_that_is_not_empty_is_refused(regularization: Assignment, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    for place in (tmp_path, tmp_path / "thesis.tex"):
        with pytest.raises(UsageError) as error:
            release(regularization, place)
        assert str(error.value) == (
            f"{place} already exists and is not an empty folder. Choose an empty or new folder."
        )
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_the_command_lists_its_files(here: Here, tmp_path: Path, boxed: None) -> None:
    result = here("release", tmp_path / "out")
    assert result.status == 0
    assert result.err == ""
    paths = [
        Path(line).relative_to(tmp_path / "out").as_posix() for line in result.out.splitlines()
    ]
    assert {"Regularization.ipynb", "README.md", "grader"} < {*paths}
    assert [path for path in paths if path.startswith("grader")] == ["grader"]
    again = here("release", tmp_path / "out")
    assert (again.status, again.out) == (2, "")
    assert again.err == (
        f"grader: {tmp_path / 'out'} already exists and is not an empty folder. "
        "Choose an empty or new folder.\n"
    )


def test_a_folder_that_cannot_be_created(here: Here, tmp_path: Path, boxed: None) -> None:
    (tmp_path / "file").write_text("")
    result = here("release", tmp_path / "file" / "out")
    assert (result.status, result.out) == (3, "")
    assert (
        result.err == f"grader: {tmp_path / 'file' / 'out'} cannot be written: Not a directory.\n"
    )
