"""`check` in the student's notebook: run a function on its published example and give feedback.

It needs the sheet and NumPy only. The function runs in the student's own kernel, without a sandbox.
A function that is wrong gets the diagnoses of grading, as far as the published example shows them.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import inspect
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from gettext import GNUTranslations
from types import MappingProxyType, ModuleType
from typing import Any

from grader import judging
from grader.handout import cells, layout
from grader.handout.call import call_on_case, name_of
from grader.handout.cells import Definition
from grader.handout.layout import Feedback, FeedbackTable, Mark, TableRow
from grader.handout.sheet import PublicFunction, Sheet, read_function
from grader.messages import Translator, comma_list, gettext, join_sentences, ngettext
from grader.messages.sanitize import first_line, one_line
from grader.model import Observation
from grader.model.diagnoses import MISSING_KEYS
from grader.model.findings import CheckResult, CheckStatus, Diagnosis, Finding, finding_sentence

EMPTY: Mapping[str, object] = MappingProxyType({})
MAX_HINTS = 3
MAX_FINDINGS = 3


@dataclass(frozen=True)
class Checker:
    """Checks functions by the sheet of an assignment.

    `lines` is the file of the assignment with the mistakes that a line of the code shows.
    """

    sheet: Sheet
    lines: ModuleType | None = None
    say: Translator = field(init=False)

    def __post_init__(self) -> None:
        """Read the translations of the sheet."""
        compiled = base64.b64decode(self.sheet["catalogue"])
        catalogue = GNUTranslations(io.BytesIO(compiled)) if compiled else None
        object.__setattr__(self, "say", Translator(self.sheet["language"], catalogue))

    def feedback(self, function: object, names: Mapping[str, object] = EMPTY) -> Feedback:
        """Run a function on the public cases of the graded function with its name.

        If its own name is another one, it is the name that the notebook gives it in `names`. A graded
        name as text is the function of that name.
        """
        entries = self._entries
        if type(function) is str and function in entries:
            if not callable(names.get(function)):
                return self.undefined(function)
            function = names[function]
        assigned = (
            name for name in entries if function is not None and names.get(name) is function
        )
        name = next(assigned, None) or name_of(function, entries)
        if name is None or not callable(function):
            first = next(iter(entries))
            needs = gettext("check needs the function itself. Write check({name}).", name=first)
            return Feedback(needs, say=self.say)
        if name not in entries:
            title = _unknown_name(function, one_line(name, limit=80), self.sheet)
            return Feedback(title, say=self.say)
        return dataclasses.replace(self._checked(function, name, search=True), say=self.say)

    def undefined(self, name: str) -> Feedback:
        """Return the feedback on a graded function that the notebook has not defined."""
        public = read_function(self._entries[name], self.lines)
        if cells.newest_cell(name) is None:
            title = gettext("{name} is not defined. Run the cell with its code first.", name=name)
            return Feedback(title, name=name, say=self.say)
        return dataclasses.replace(_not_run(None, Definition(name, ""), public), say=self.say)

    def summary(self, names: Mapping[str, object]) -> FeedbackTable:
        """Run all graded functions that a notebook has defined; `names` are those of the notebook."""
        rows = tuple(self._row(name, names.get(name)) for name in self._entries)
        hidden = sum(entry["hidden_points"] for entry in self._entries.values())
        note = gettext(
            "{points} of {most} points on the published examples. The other {hidden} points are for "
            "checks on other data. They run when your notebook is graded and are not counted here.",
            points=f"{sum(row.points for row in rows):g}",
            most=f"{sum(row.max_points for row in rows):g}",
            hidden=f"{hidden:g}",
        )
        return FeedbackTable(rows, note, self.say)

    def _row(self, name: str, function: object) -> TableRow:
        points = float(self._entries[name]["points"])
        if callable(function):
            mark = self._checked(function, name, search=False).mark
        else:
            mark = Mark.NOTE if cells.newest_cell(name) is None else Mark.NOT_RUN
        return TableRow(name, mark, points if mark is Mark.RIGHT else 0.0, points)

    def _checked(self, function: Callable[..., Any], name: str, *, search: bool) -> Feedback:
        public = read_function(self._entries[name], self.lines)
        try:
            return _judge(function, cells.definition_of(function, name), public, search=search)
        except Exception as error:  # noqa: BLE001 - a student's object may raise anything
            return Feedback(_not_examined(name, error), Mark.WRONG)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the graded functions."""
        return tuple(self._entries)

    @property
    def _entries(self) -> dict[str, Any]:
        return {entry["name"]: entry for entry in self.sheet["functions"]}


def _not_examined(name: str, error: Exception) -> str:
    return gettext(
        "{name}: the returned value could not be examined ({kind}). Return "
        "only numbers, arrays, lists, tuples and dictionaries.",
        name=name,
        kind=one_line(type(error).__name__, limit=60),
    )


def _unknown_name(function: Callable[..., Any], name: str, sheet: Sheet) -> str:
    try:
        parameters = [*inspect.signature(function).parameters]
    except Exception:  # noqa: BLE001 - a student's object may raise anything
        parameters = None
    similar = [entry["name"] for entry in sheet["functions"] if entry["parameters"] == parameters]
    if similar:
        return gettext(
            "{name} is not a function of this assignment, but it has the same "
            "parameters as {alike}. Rename it to {alike}. If it has a decorator, use "
            "`functools.wraps` there.",
            name=name,
            alike=similar[0],
        )
    import difflib  # not needed otherwise

    names = [entry["name"] for entry in sheet["functions"]]
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return join_sentences(
        gettext("{name} is not a function of this assignment.", name=name),
        gettext("Did you mean {name}?", name=close[0])
        if close
        else gettext("The functions are: {names}.", names=comma_list(names)),
    )


# ------------------------------------------------------------------ one function


def _judge(
    function: Callable[..., Any],
    definition: Definition,
    public: PublicFunction,
    *,
    search: bool = True,
) -> Feedback:
    """Return the feedback on a function; without `search` no small change is looked for."""
    if definition.newer:
        return _not_run(function, definition, public)
    cases = public.cases
    # The first case is called twice: a difference means that the function is not deterministic.
    outcomes = [call_on_case(function, case, definition.place_of) for case in cases]
    with contextlib.redirect_stdout(io.StringIO()):  # it has printed the same before
        outcomes.append(call_on_case(function, cases[0], definition.place_of))
    actual = Observation(tuple(outcomes))
    judged = judging.judge(public.function, cases, public.expected, actual)
    is_right = judged.checks[0].status is CheckStatus.PASSED
    if is_right and not judged.diagnoses:
        return _feedback(Mark.RIGHT, definition, (), note=_note(public))
    from grader.handout import kernel  # a right function needs none of this

    run = kernel.run_of(definition, public, actual)
    if is_right:
        diagnoses = kernel.beside_values(run, judged.diagnoses)
        return _feedback(Mark.RIGHT, definition, diagnoses, note=_note(public))
    if unwritten := kernel.unwritten(run, public):
        return _feedback(Mark.UNWRITTEN, definition, [unwritten])
    diagnoses = kernel.diagnose(run, public, judged.diagnoses)
    if search and kernel.may_be_repaired(run):
        from grader.handout import versions

        diagnoses = versions.with_repair(run, function, diagnoses)
    diagnoses = kernel.with_cell_names(diagnoses)
    return dataclasses.replace(
        _feedback(Mark.WRONG, definition, diagnoses, note=_note(public)),
        findings=_findings(public, judged.checks[0], diagnoses),
        snippet=judged.checks[0].steps,
    )


def _note(public: PublicFunction) -> str:
    return ngettext(
        "When your notebook is graded, {count} more check runs on other data.",
        "When your notebook is graded, {count} more checks run on other data.",
        public.hidden_checks,
    )


def _findings(
    public: PublicFunction, check: CheckResult, diagnoses: Sequence[Diagnosis]
) -> tuple[Finding, ...]:
    """Return the wrong values in the order of the computation, without those in a hint."""
    order = public.function.checks[0].quantities
    sentences = {diagnosis.what for diagnosis in diagnoses}
    absent = {
        f.quantity
        for f in check.findings
        if f.structure == MISSING_KEYS.id and any(f.quantity in text for text in sentences)
    }
    wrong = sorted(
        (f for f in check.findings if f.quantity and f.quantity not in absent),
        key=lambda finding: order.index(finding.quantity),
    )
    return tuple(f for f in wrong if finding_sentence(f) not in sentences)[:MAX_FINDINGS]


def _not_run(
    function: Callable[..., Any] | None, definition: Definition, public: PublicFunction
) -> Feedback:
    """Return the feedback on a function whose newest cell stopped before it defined the function.

    `function` is the version that Python still has, or None.
    """
    from grader.handout import versions

    number = cells.newest_cell(definition.name) or 0
    newest = dataclasses.replace(definition, text=cells.executed()[number], number=number)
    old = (
        gettext("Run that cell again after you have fixed it.")
        if function is None
        else gettext(
            "Python still has an earlier version of this function, which was not checked. Run the "
            "newest cell again after you have fixed it."
        )
    )
    return _feedback(Mark.NOT_RUN, newest, [versions.fault_of(newest, public, function)], note=old)


def _feedback(
    mark: Mark, definition: Definition, diagnoses: Iterable[Diagnosis], *, note: str = ""
) -> Feedback:
    lines = definition.text.split("\n")
    shown = tuple(diagnoses)[:MAX_HINTS]
    numbers = [d.line or 0 for d in shown]
    marked = [lines[n - 1].strip() if 0 < n <= len(lines) else "" for n in numbers]
    quotes = ["" if line in d.what else line for line, d in zip(marked, shown, strict=True)]
    return Feedback(
        layout.title_of(mark, definition.name),
        mark,
        definition.name,
        shown,
        tuple(one_line(quote, limit=200) for quote in quotes),
        checked=_judged_cell(definition),
        note=note,
    )


def _judged_cell(definition: Definition) -> str:
    """Return a sentence with the cell of a function, by its first line, and the function's own."""
    begins = first_line(definition.text)
    if definition.number is None or not definition.head:
        return ""
    if begins == definition.head:
        return gettext(
            "The check used the cell that begins `{begins}` (cell [{number}]).",
            begins=begins,
            number=definition.number,
        )
    return gettext(
        "The check used `{head}` in the cell that begins `{begins}` (cell [{number}]).",
        head=definition.head,
        begins=begins,
        number=definition.number,
    )
