"""Notebook runs in a box: the effects, outputs and values of cells, and hostile notebooks."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader import sandbox
from grader.model import Call, Cell, Ending, Limits, Observation, Returned, Tier
from grader.model.notebook_run import CellRun, CellStatus, NotebookRun, RunRequest
from grader.model.submission import Program
from grader.notebook import MAX_CELLS
from grader.sandbox import attack_suite, notebook_run
from grader.sandbox.box import wire
from tests.sandbox.programs import all_gone, processes_with

Run = Callable[..., NotebookRun]

FINISHED, RAISED, LATE = CellStatus.FINISHED, CellStatus.RAISED, CellStatus.LATE
FLOODED, DIED, NOT_RUN = CellStatus.FLOODED, CellStatus.DIED, CellStatus.NOT_RUN
HONEST = "def f(x):\n    return x + 1\n"
ASKED = Program("f", (), (Call((41,), 1),))
PACKAGES = ("numpy", "matplotlib")


def runner(tier: Tier) -> Run:
    def run(
        *sources: str,
        watched: dict[int, str] | None = None,
        answer_seconds: float = 10.0,
        helpers: Sequence[Path] = (),
        **limits: Any,
    ) -> NotebookRun:
        cells = tuple(Cell(number, source) for number, source in enumerate(sources, 1))
        helper_files = tuple((path.name, path) for path in helpers)
        contents = sandbox.BoxContents(helper_files, PACKAGES).for_notebook_run(())
        bounds = {"function_seconds": 60.0, "submission_seconds": 120.0, "memory_bytes": 2 << 30}
        request = RunRequest(cells, watched or {}, answer_seconds=answer_seconds)
        return sandbox.run_notebook(
            request, [ASKED], contents, Limits(**bounds | limits), tier=tier
        )

    return run


@pytest.fixture(scope="module")
def run(full: None) -> Run:
    return runner(Tier.FULL)


def statuses(result: NotebookRun) -> list[CellStatus]:
    return [cell.status for cell in result.cells]


def is_correct(result: NotebookRun) -> bool:
    """Return True if the notebook's function returned the expected value."""
    observation = result.answers.get("f")
    return observation is not None and observation.outcomes == (Returned(42),)


def text_of(cell: CellRun) -> str:
    return "".join(o.data["text/plain"].decode() for o in cell.outputs)


# ------------------------------------------------------------------ ordinary notebooks


def test_cells_and_calls_share_one_kernel(run: Run) -> None:
    result = run("one = 1", "def f(x):\n    return x + one", "print(one)\none + 1")
    assert statuses(result) == [FINISHED] * 3 and is_correct(result)
    assert [(o.kind, o.data["text/plain"]) for o in result.cells[2].outputs] == [
        ("stream", b"1\n"),
        ("execute_result", b"2"),
    ]


def test_error_is_located_and_later_cells_run(run: Run) -> None:
    result = run("def g():\n    return 1 / 0", "x = 1\n\ng()", HONEST)
    assert statuses(result) == [FINISHED, RAISED, FINISHED] and is_correct(result)
    raised = result.cells[1].raised
    assert raised and (raised.kind, raised.cell, raised.line) == ("ZeroDivisionError", 1, 2)
    assert result.cells[1].line == 3


def test_syntax_error_counts_as_raised(run: Run) -> None:
    result = run("x = 1\ny = = 2", HONEST)
    raised = result.cells[0].raised
    assert raised and (raised.kind, raised.cell, raised.line) == ("SyntaxError", 1, 2)
    assert is_correct(result)


def test_slow_cell_is_interrupted(run: Run) -> None:
    result = run("x = 1\nwhile True:\n    pass", HONEST, function_seconds=2.0)
    assert statuses(result) == [LATE, FINISHED] and is_correct(result)
    assert result.cells[0].line == 2


def test_uninterruptible_cell_is_killed(run: Run) -> None:
    stubborn = (
        "import time\nwhile True:\n    try:\n        time.sleep(60)\n"
        "    except KeyboardInterrupt:\n        pass\n"
    )
    result = run(HONEST, stubborn, "x = 1", function_seconds=2.0)
    assert statuses(result) == [FINISHED, LATE, NOT_RUN]
    assert result.cells[1].line == 2 and result.answers == {}


@pytest.mark.parametrize(
    "end",
    [
        "import os\nos._exit(0)",
        "import ctypes\nctypes.string_at(0)",
        "import os\nos.kill(os.getpid(), 9)",
    ],
)
def test_cell_that_ends_the_kernel_is_located(run: Run, end: str) -> None:
    result = run(HONEST, end, "x = 1")
    assert statuses(result) == [FINISHED, DIED, NOT_RUN]
    assert result.cells[1].line == 2
    assert (result.answers, result.detail) == ({}, "")


def test_exit_ends_the_kernel_as_in_jupyter(run: Run) -> None:
    result = run(HONEST, "exit()", "import time\ntime.sleep(5)", "x = 1")
    assert statuses(result) == [FINISHED, FINISHED, FINISHED, DIED] or result.answers == {}


def test_time_limit_of_the_notebook(run: Run) -> None:
    start = time.monotonic()
    result = run("import time", "time.sleep(60)", HONEST, submission_seconds=8.0)
    assert statuses(result) == [FINISHED, LATE, NOT_RUN]
    assert result.detail == "The notebook reached its time limit."
    assert time.monotonic() - start < 40


def test_magics_and_last_value(run: Run) -> None:
    result = run("%matplotlib inline\n%time x = 1", "%%capture\nprint('hidden')", "x", HONEST)
    assert statuses(result) == [FINISHED] * 4 and is_correct(result)
    assert text_of(result.cells[2]) == "1"


@pytest.mark.parametrize("magic", ["%%time", "\n\n%%capture", "%%time\n%%capture"])
def test_lines_below_a_cell_magic(run: Run, magic: str) -> None:
    """Lines are counted from the first line of the cell, not of the magic's body."""
    source = f"{magic}\nx = 1\n1 / 0"
    (cell,) = run(source).cells
    assert cell.status is RAISED and cell.raised
    last = source.count("\n") + 1
    assert (cell.line, cell.raised.cell, cell.raised.line) == (last, 1, last)


def test_figure_gives_picture_and_lines(run: Run) -> None:
    plot = "import matplotlib.pyplot as plt\nplt.plot([0, 1, 2], [3.5, 2.5, 1.5])\nplt.show()"
    result = run(plot, HONEST)
    (picture,) = [o for o in result.cells[0].outputs if o.kind == "display_data"]
    assert picture.data["image/png"].startswith(b"\x89PNG")
    assert [line.tolist() for line in result.cells[0].lines] == [[3.5, 2.5, 1.5]]


def test_watched_value_is_returned(run: Run) -> None:
    result = run("import numpy as np\nW = {'W1': np.eye(2)}", "W = None", watched={1: "W"})
    assert np.array_equal(result.cells[0].left["W1"], np.eye(2))
    assert result.cells[1].left is None


def test_written_files_do_not_stay(run: Run) -> None:
    write = "import os\nseen = os.listdir('.')\nopen('notes.txt', 'w').write('x')\nprint(seen)"
    assert [text_of(run(write).cells[0]) for _ in range(2)] == ["[]\n", "[]\n"]


def test_runs_without_isolation(run: Run) -> None:
    result = runner(Tier.NONE)("x = 1", HONEST)
    assert statuses(result) == [FINISHED, FINISHED] and is_correct(result)


def test_processor_time_is_for_all_cells(run: Run) -> None:
    look = "import resource\nprint(resource.getrlimit(resource.RLIMIT_CPU)[0])"
    result = run(look, HONEST, function_seconds=20.0, submission_seconds=60.0)
    assert int(text_of(result.cells[0])) >= 60


def test_largest_notebook_fits_into_one_frame() -> None:
    cells = tuple(Cell(number, "x = 1") for number in range(1, MAX_CELLS + 1))
    request = RunRequest((Cell(0, ""), *cells), {1: "x"}, tuple(map(str, range(20_000))))
    frame = wire.encode(notebook_run._encode_request(request, Limits()))
    _, header, _ = wire._PREFIX.unpack(frame[: wire._PREFIX.size])
    body = frame[wire._PREFIX.size :]
    request = wire.decode(body[:header], body[header:])
    assert request["numbers"].tolist() == list(range(MAX_CELLS + 1))
    assert len(request["sources"]) == MAX_CELLS + 1


# ------------------------------------------------------------------ hostile notebooks

COMM = "from comm import create_comm\nfor _ in range(200):\n    create_comm(target_name='x', data={'a': 1})"
IDLE = (
    "kernel = get_ipython().kernel\n"
    "parent = kernel.get_parent()\n"
    "for _ in range(3):\n"
    "    kernel.session.send(kernel.iopub_socket, 'status', {'execution_state': 'idle'}, parent=parent,\n"
    "                        ident=kernel.topic('status'))\n"
    "import time\ntime.sleep(1)\nprint('late words')"
)
REPLY = "kernel = get_ipython().kernel\nkernel.do_execute = None\nkernel.session.key = b'other'\n"
BLIND = "get_ipython().ast_transformers.clear()\nget_ipython().events.callbacks['post_run_cell'].clear()"
TRANSFORM = (
    "import ast\n"
    "class Spoil(ast.NodeTransformer):\n"
    "    def visit_Module(self, node):\n"
    "        raise ValueError('spoilt')\n"
    "get_ipython().ast_transformers.append(Spoil())"
)


@pytest.mark.parametrize(
    "source", [COMM, IDLE, BLIND, TRANSFORM], ids=["comm", "idle", "blind", "transform"]
)
def test_kernel_tricks_do_not_stop_later_cells(run: Run, source: str) -> None:
    result = run(source, HONEST)
    assert len(result.cells) == 2
    assert is_correct(result)


def test_messages_with_a_wrong_key_are_ignored(run: Run) -> None:
    result = run(HONEST, REPLY, "x = 1", function_seconds=3.0, submission_seconds=20.0)
    assert len(result.cells) == 3 and result.cells[2].status is not FINISHED


@pytest.mark.parametrize(
    "flood",
    [
        "from IPython.display import display\nfor i in range(10_000):\n    display(i)",
        "import sys\nfor i in range(1_000_000):\n    print(i)\n    sys.stdout.flush()",
    ],
    ids=["displays", "prints"],
)
def test_flood_of_messages_is_stopped(run: Run, flood: str) -> None:
    result = run(flood, HONEST, function_seconds=90.0)
    assert result.cells[0].status in (FLOODED, FINISHED)
    assert len(result.cells[0].outputs) <= 200
    assert statuses(result)[1] is FINISHED and is_correct(result)


def test_printed_text_is_cut(run: Run) -> None:
    result = run("print('x' * (50 << 20))", HONEST)
    assert sum(len(o.data["text/plain"]) for o in result.cells[0].outputs) < 1 << 20
    assert is_correct(result)


def test_memory_bomb_ends_only_the_kernel(run: Run) -> None:
    bomb = "import ctypes, numpy as np\nkept = []\nwhile True:\n    kept.append(np.ones(1 << 24))"
    result = run(HONEST, bomb, memory_bytes=1 << 30)
    assert statuses(result)[1] in (RAISED, DIED)


@pytest.mark.parametrize(
    "attack",
    [
        "import os\nos.kill(os.getppid(), 9)",
        "import os\nos.write(3, b'x' * 1000)",
        "import os\nos.close(3)",
        "import os\nos.closerange(3, 64)",
        "import signal, os\nos.kill(-1, signal.SIGKILL)",
    ],
    ids=["runner", "nonsense", "close-channel", "close-all", "all-processes"],
)
def test_attack_on_the_runner_ends_only_its_run(run: Run, attack: str) -> None:
    result = run(
        *(HONEST, attack, "x = 1"),
        answer_seconds=2.0,
        function_seconds=5.0,
        submission_seconds=20.0,
    )
    assert len(result.cells) == 3 and result.cells[0].status is FINISHED
    assert result.detail or result.cells[1].status is DIED or not result.answers
    assert is_correct(run(HONEST))


def test_forged_event_in_wrong_order_is_rejected(run: Run) -> None:
    forge = (
        "import os, sys\nsys.path.insert(0, '/box/lib')\nimport wire\n"
        "os.write(3, wire.encode({'event': 'ran', 'alive': True}))"
    )
    result = run(HONEST, forge, "x = 1")
    assert result.detail == "The kernel's messages were corrupted, so the run was stopped."
    assert statuses(result) == [FINISHED, DIED, NOT_RUN]


def event_with_long_names(number: int) -> dict[str, Any]:
    outputs = [{"kind": "stream", "name": "x" * 4000, "data": {}}] * 200
    return {"event": "cell", "number": number, "status": "finished", "outputs": outputs}


@pytest.mark.parametrize(
    "event",
    [event_with_long_names(1), {"event": "value", "value": ["x" * 4000] * 200}],
    ids=["names", "values"],
)
def test_all_text_counts_towards_the_limit(event: dict[str, Any]) -> None:
    record = notebook_run._Record(tuple(Cell(number, "") for number in range(1, 1001)))
    record.add({"event": "begun"})
    with pytest.raises(wire.WireError, match="more output than a notebook may have"):
        deque(map(record.add, [event] * 1000), 0)


def test_no_network_and_no_other_process(run: Run) -> None:
    look = (
        "import os, socket\n"
        "for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK):\n"
        "    try:\n        socket.socket(family)\n        print('open')\n"
        "    except OSError as error:\n        print('closed')\n"
        "print(os.listdir('/proc'), os.getppid() < 10)\n"
        "try:\n    print(os.fork())\nexcept OSError:\n    print('no fork')\n"
        "try:\n    os.execv('/bin/sh', ['sh'])\nexcept OSError:\n    print('no program')\n"
    )
    result = run(look)
    assert text_of(result.cells[0]).split("\n")[:3] == ["closed"] * 3
    assert "[] True\nno fork\nno program\n" in text_of(result.cells[0])


EXPECTED_SUCCESSES = {
    "helper files cannot be changed": "the attack succeeded",  # of a copy, which is deleted
    "abstract Unix sockets are blocked": "Connection refused",  # there is no such socket in its namespace
    "no file that was opened outside can be used": "the attack succeeded",  # the kernel's own sockets
}


def test_attacks_fail_in_a_notebook_run(full: None) -> None:
    def run(
        programs: Sequence[Program],
        contents: sandbox.BoxContents,
        limits: Limits,
        *,
        tier: Tier,
    ) -> tuple[Observation, ...]:
        (program,) = programs
        calls = [Program(program.function, (), program.calls)]
        request = RunRequest(program.cells)
        contents = contents.for_notebook_run(())
        result = sandbox.run_notebook(request, calls, contents, limits, tier=tier)
        return (result.answers[program.function],)

    outcomes = attack_suite.attack(run, sandbox.BoxContents((), PACKAGES), Tier.FULL)
    successes = {outcome.claim: outcome.detail for outcome in outcomes if not outcome.holds}
    assert successes == EXPECTED_SUCCESSES


def test_originals_and_sockets_are_out_of_reach(
    run: Run,
) -> None:
    """The originals of the copied helpers are read-only, and no socket but the kernel's is visible."""
    look = (
        "import os, stat\n"
        "for path in ('/box/assignment/x.py', '/box/lib/x.py', '/box/site/x.py'):\n"
        "    try:\n        open(path, 'w')\n        print('open')\n"
        "    except OSError:\n        pass\n"
        "for folder, _, names in os.walk('/'):\n"
        "    for name in names:\n"
        "        path = os.path.join(folder, name)\n"
        "        if stat.S_ISSOCK(os.lstat(path).st_mode):\n            print(folder)\n"
    )
    (cell,) = run(look).cells
    assert cell.status is FINISHED and set(text_of(cell).split()) == {"/tmp/.kernel"}


def test_run_leaves_nothing_behind(run: Run, marked: Path) -> None:
    thread = "import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()"
    run(thread, HONEST, helpers=(marked,))
    assert processes_with(marked.stem)
    assert all_gone(marked.stem)
    assert not list(Path("/tmp").glob(".kernel*"))


def test_hanging_function_has_no_answer(run: Run) -> None:
    """The grader then calls the remaining functions in another box."""
    result = run("def f(x):\n    while True:\n        pass", answer_seconds=0.5)
    assert statuses(result) == [FINISHED] and result.answers == {}


def test_answers_are_checked_like_others(run: Run) -> None:
    result = run("class Odd:\n    pass\ndef f(x):\n    return Odd()")
    observation = result.answers["f"]
    assert observation.ending is Ending.FINISHED and "Odd" in str(observation.outcomes)
