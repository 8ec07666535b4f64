"""Whole notebooks in a box: what their cells do, show and leave, and what hostile ones get out of it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader import sandbox
from grader.model import Call, Cell, Ending, Limits, Observation, Program, Returned, Tier
from grader.model.notebook_run import CellRun, CellStatus, NotebookRun, RunRequest
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
        named = tuple((path.name, path) for path in helpers)
        contents = sandbox.BoxContents(named, PACKAGES).for_whole_notebooks(())
        bounds = {"function_seconds": 60.0, "submission_seconds": 120.0, "memory_bytes": 2 << 30}
        errand = RunRequest(cells, watched or {}, answer_seconds=answer_seconds)
        return sandbox.run_whole(errand, [ASKED], contents, Limits(**bounds | limits), tier=tier)

    return run


@pytest.fixture(scope="module")
def run(full: None) -> Run:
    return runner(Tier.FULL)


def statuses(session: NotebookRun) -> list[CellStatus]:
    return [cell.status for cell in session.cells]


def is_honest(session: NotebookRun) -> bool:
    """Say whether the function that the notebook leaves has answered as it should."""
    seen = session.answers.get("f")
    return seen is not None and seen.outcomes == (Returned(42),)


def text_of(cell: CellRun) -> str:
    return "".join(o.data["text/plain"].decode() for o in cell.outputs)


# ------------------------------------------------------------------ what students do


def test_cells_share_their_names_and_the_function_is_asked_in_the_same_kernel(run: Run) -> None:
    session = run("one = 1", "def f(x):\n    return x + one", "print(one)\none + 1")
    assert statuses(session) == [FINISHED] * 3 and is_honest(session)
    assert [(o.kind, o.data["text/plain"]) for o in session.cells[2].outputs] == [
        ("stream", b"1\n"),
        ("execute_result", b"2"),
    ]


def test_a_cell_that_raises_costs_no_later_one_and_its_line_is_told(run: Run) -> None:
    session = run("def g():\n    return 1 / 0", "x = 1\n\ng()", HONEST)
    assert statuses(session) == [FINISHED, RAISED, FINISHED] and is_honest(session)
    raised = session.cells[1].raised
    assert raised and (raised.kind, raised.cell, raised.line) == ("ZeroDivisionError", 1, 2)
    assert session.cells[1].line == 3


def test_a_cell_that_cannot_be_parsed_is_one_that_raises(run: Run) -> None:
    session = run("x = 1\ny = = 2", HONEST)
    raised = session.cells[0].raised
    assert raised and (raised.kind, raised.cell, raised.line) == ("SyntaxError", 1, 2)
    assert is_honest(session)


def test_a_cell_that_takes_too_long_is_interrupted_and_later_ones_run(run: Run) -> None:
    session = run("x = 1\nwhile True:\n    pass", HONEST, function_seconds=2.0)
    assert statuses(session) == [LATE, FINISHED] and is_honest(session)
    assert session.cells[0].line == 2


def test_a_cell_that_will_not_be_interrupted_is_killed_with_its_kernel(run: Run) -> None:
    stubborn = (
        "import time\nwhile True:\n    try:\n        time.sleep(60)\n"
        "    except KeyboardInterrupt:\n        pass\n"
    )
    session = run(HONEST, stubborn, "x = 1", function_seconds=2.0)
    assert statuses(session) == [FINISHED, LATE, NOT_RUN]
    assert session.cells[1].line == 2 and session.answers == {}


@pytest.mark.parametrize(
    "end",
    [
        "import os\nos._exit(0)",
        "import ctypes\nctypes.string_at(0)",
        "import os\nos.kill(os.getpid(), 9)",
    ],
)
def test_a_cell_that_ends_the_kernel_is_told_by_number_and_line(run: Run, end: str) -> None:
    session = run(HONEST, end, "x = 1")
    assert statuses(session) == [FINISHED, DIED, NOT_RUN]
    assert session.cells[1].line == 2
    assert (session.answers, session.detail) == ({}, "")


def test_exit_in_a_cell_ends_the_kernel_soon_as_it_does_in_jupyter(run: Run) -> None:
    session = run(HONEST, "exit()", "import time\ntime.sleep(5)", "x = 1")
    assert statuses(session) == [FINISHED, FINISHED, FINISHED, DIED] or session.answers == {}


def test_the_time_for_all_of_it_ends_it(run: Run) -> None:
    began = time.monotonic()
    session = run("import time", "time.sleep(60)", HONEST, submission_seconds=8.0)
    assert statuses(session) == [FINISHED, LATE, NOT_RUN]
    assert session.detail == "The time for the whole notebook was used up."
    assert time.monotonic() - began < 40


def test_magics_and_the_last_value_work_as_in_jupyter(run: Run) -> None:
    session = run("%matplotlib inline\n%time x = 1", "%%capture\nprint('hidden')", "x", HONEST)
    assert statuses(session) == [FINISHED] * 4 and is_honest(session)
    assert text_of(session.cells[2]) == "1"


@pytest.mark.parametrize("magic", ["%%time", "\n\n%%capture", "%%time\n%%capture"])
def test_under_a_magic_lines_are_those_of_the_cell(run: Run, magic: str) -> None:
    source = f"{magic}\nx = 1\n1 / 0"
    (cell,) = run(source).cells
    assert cell.status is RAISED and cell.raised
    last = source.count("\n") + 1
    assert (cell.line, cell.raised.cell, cell.raised.line) == (last, 1, last)


def test_a_figure_is_a_picture_and_its_lines_are_told(run: Run) -> None:
    plot = "import matplotlib.pyplot as plt\nplt.plot([0, 1, 2], [3.5, 2.5, 1.5])\nplt.show()"
    session = run(plot, HONEST)
    (shown,) = [o for o in session.cells[0].outputs if o.kind == "display_data"]
    assert shown.data["image/png"].startswith(b"\x89PNG")
    assert [line.tolist() for line in session.cells[0].lines] == [[3.5, 2.5, 1.5]]


def test_a_value_that_is_waited_for_is_brought(run: Run) -> None:
    session = run("import numpy as np\nW = {'W1': np.eye(2)}", "W = None", watched={1: "W"})
    assert np.array_equal(session.cells[0].left["W1"], np.eye(2))
    assert session.cells[1].left is None


def test_a_notebook_may_write_where_it_stands_and_nothing_of_it_stays(run: Run) -> None:
    write = "import os\nseen = os.listdir('.')\nopen('notes.txt', 'w').write('x')\nprint(seen)"
    assert [text_of(run(write).cells[0]) for _ in range(2)] == ["[]\n", "[]\n"]


def test_without_a_wall_it_runs_too(run: Run) -> None:
    session = runner(Tier.NONE)("x = 1", HONEST)
    assert statuses(session) == [FINISHED, FINISHED] and is_honest(session)


def test_the_processor_time_is_that_of_all_cells(run: Run) -> None:
    look = "import resource\nprint(resource.getrlimit(resource.RLIMIT_CPU)[0])"
    session = run(look, HONEST, function_seconds=20.0, submission_seconds=60.0)
    assert int(text_of(session.cells[0])) >= 60


def test_a_notebook_of_as_many_cells_as_may_be_goes_into_one_frame() -> None:
    cells = tuple(Cell(number, "x = 1") for number in range(1, MAX_CELLS + 1))
    errand = RunRequest((Cell(0, ""), *cells), {1: "x"}, tuple(map(str, range(20_000))))
    frame = wire.encode(notebook_run._ask(errand, Limits()))
    _, header, _ = wire._PREFIX.unpack(frame[: wire._PREFIX.size])
    body = frame[wire._PREFIX.size :]
    asked = wire.decode(body[:header], body[header:])
    assert asked["numbers"].tolist() == list(range(MAX_CELLS + 1))
    assert len(asked["sources"]) == MAX_CELLS + 1


# ------------------------------------------------------------------ what hostile ones do

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
def test_tricks_with_the_kernel_cost_nothing_but_what_they_spoil(run: Run, source: str) -> None:
    session = run(source, HONEST)
    assert len(session.cells) == 2
    assert is_honest(session)


def test_a_kernel_that_speaks_with_another_key_is_not_believed(run: Run) -> None:
    session = run(HONEST, REPLY, "x = 1", function_seconds=3.0, submission_seconds=20.0)
    assert len(session.cells) == 3 and session.cells[2].status is not FINISHED


@pytest.mark.parametrize(
    "flood",
    [
        "from IPython.display import display\nfor i in range(1_000_000):\n    display(i)",
        "import sys\nfor i in range(1_000_000):\n    print(i)\n    sys.stdout.flush()",
    ],
    ids=["displays", "prints"],
)
def test_a_flood_of_messages_is_stopped_and_later_cells_run(run: Run, flood: str) -> None:
    session = run(flood, HONEST, function_seconds=90.0)
    assert session.cells[0].status in (FLOODED, FINISHED)
    assert len(session.cells[0].outputs) <= 200
    assert statuses(session)[1] is FINISHED and is_honest(session)


def test_what_a_cell_prints_is_cut_to_what_fits(run: Run) -> None:
    session = run("print('x' * (50 << 20))", HONEST)
    assert sum(len(o.data["text/plain"]) for o in session.cells[0].outputs) < 1 << 20
    assert is_honest(session)


def test_a_memory_bomb_ends_the_kernel_and_nothing_else(run: Run) -> None:
    bomb = "import ctypes, numpy as np\nkept = []\nwhile True:\n    kept.append(np.ones(1 << 24))"
    session = run(HONEST, bomb, memory_bytes=1 << 30)
    assert statuses(session)[1] in (RAISED, DIED)


@pytest.mark.parametrize(
    "attack",
    [
        "import os\nos.kill(os.getppid(), 9)",
        "import os\nos.write(3, b'x' * 1000)",
        "import os\nos.close(3)",
        "import os\nos.closerange(3, 64)",
        "import signal, os\nos.kill(-1, signal.SIGKILL)",
    ],
    ids=["conductor", "nonsense", "hang-up", "all-files", "everybody"],
)
def test_who_takes_down_what_runs_it_loses_its_own_run_only(run: Run, attack: str) -> None:
    session = run(
        *(HONEST, attack, "x = 1"),
        answer_seconds=2.0,
        function_seconds=5.0,
        submission_seconds=20.0,
    )
    assert len(session.cells) == 3 and session.cells[0].status is FINISHED
    assert session.detail or session.cells[1].status is DIED or not session.answers
    assert is_honest(run(HONEST))


def test_forged_events_are_believed_only_where_they_make_sense(run: Run) -> None:
    forge = (
        "import os, sys\nsys.path.insert(0, '/box/lib')\nimport wire\n"
        "os.write(3, wire.encode({'event': 'ran', 'alive': True}))"
    )
    session = run(HONEST, forge, "x = 1")
    assert session.detail == "The notebook made the program that runs it talk nonsense."
    assert statuses(session) == [FINISHED, DIED, NOT_RUN]


def shown_by_name(number: int) -> dict[str, Any]:
    outputs = [{"kind": "stream", "name": "x" * 4000, "data": {}}] * 200
    return {"event": "cell", "number": number, "status": "finished", "outputs": outputs}


@pytest.mark.parametrize(
    "event",
    [shown_by_name(1), {"event": "value", "value": ["x" * 4000] * 200}],
    ids=["names", "values"],
)
def test_words_that_are_no_outputs_are_counted_too(event: dict[str, Any]) -> None:
    record = notebook_run._Record(tuple(Cell(number, "") for number in range(1, 1001)))
    record.add({"event": "begun"})
    with pytest.raises(wire.WireError, match="more than a notebook may show"):
        deque(map(record.add, [event] * 1000), 0)


def test_there_is_no_network_and_no_other_process(run: Run) -> None:
    look = (
        "import os, socket\n"
        "for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK):\n"
        "    try:\n        socket.socket(family)\n        print('open')\n"
        "    except OSError as error:\n        print('closed')\n"
        "print(os.listdir('/proc'), os.getppid() < 10)\n"
        "try:\n    print(os.fork())\nexcept OSError:\n    print('no fork')\n"
        "try:\n    os.execv('/bin/sh', ['sh'])\nexcept OSError:\n    print('no program')\n"
    )
    session = run(look)
    assert text_of(session.cells[0]).split("\n")[:3] == ["closed"] * 3
    assert "[] True\nno fork\nno program\n" in text_of(session.cells[0])


OTHERWISE_THERE = {
    "helper files cannot be changed": "nothing kept it from that",  # of a copy, which goes
    "there is no way out by an abstract socket": "Connection refused",  # by nobody: it is alone
    "no open file is left to be used": "nothing kept it from that",  # those of the kernel
}


def test_the_attacks_that_every_box_withstands_fail_in_this_one_too(full: None) -> None:
    def run(
        programs: Sequence[Program],
        contents: sandbox.BoxContents,
        limits: Limits,
        *,
        tier: Tier,
    ) -> tuple[Observation, ...]:
        (program,) = programs
        asked = [Program(program.function, (), program.calls)]
        errand = RunRequest(program.cells)
        session = sandbox.run_whole(
            errand, asked, contents.for_whole_notebooks(()), limits, tier=tier
        )
        return (session.answers[program.function],)

    outcomes = attack_suite.attacked(run, sandbox.BoxContents((), PACKAGES), Tier.FULL)
    through = {outcome.claim: outcome.detail for outcome in outcomes if not outcome.holds}
    assert through == OTHERWISE_THERE


def test_what_helpers_are_copied_from_cannot_be_changed_nor_is_a_door_of_ours_open(
    run: Run,
) -> None:
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


def test_nothing_of_a_run_is_left_behind(run: Run, marked: Path) -> None:
    thread = "import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()"
    run(thread, HONEST, helpers=(marked,))
    assert processes_with(marked.stem)
    assert all_gone(marked.stem)
    assert not list(Path("/tmp").glob(".kernel*"))


def test_a_function_that_hangs_leaves_the_rest_to_be_asked_elsewhere(run: Run) -> None:
    session = run("def f(x):\n    while True:\n        pass", answer_seconds=2.0)
    assert statuses(session) == [FINISHED] and session.answers == {}


def test_what_the_functions_answer_is_checked_as_anywhere(run: Run) -> None:
    session = run("class Odd:\n    pass\ndef f(x):\n    return Odd()")
    seen = session.answers["f"]
    assert seen.ending is Ending.FINISHED and "Odd" in str(seen.outcomes)
