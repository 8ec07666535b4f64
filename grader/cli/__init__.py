"""The command line: the only package that exits or reads the environment.

`check` and `batch` grade submissions. `gradebook` and `export` have the commands for a gradebook,
`author` those for an assignment's author, and `machine` those for the machine. Every failure becomes one
sentence on standard error and an exit status.
"""

from __future__ import annotations

import gc
import importlib
from collections import UserDict
from typing import Any, NamedTuple

import click

from grader.cli.console import ExitStatus, fail, interrupt, prepare_streams, show_failure
from grader.errors import DiskError, GraderError
from grader.version import VERSION

_EPILOG = """\
\b
Exit status:
  0    check: full score; batch: every submission has a result, whatever its score;
       with --fail-under POINTS both: no score is lower;
       report, adjust, diff, forget, export, new, release: done; verify, doctor: every check passed
  1    check: less than full score; with --fail-under POINTS check and batch: a score is
       lower; verify, doctor: a check failed
  2    usage error: no such file, or a wrong option
  3    the grader itself failed; batch: at least one submission has no score for this reason
  130  interrupted by Ctrl-C

Data goes to standard output, messages and progress go to standard error. Set NO_COLOR to turn
colours off.
"""


_UNIX_MODULES = ("fcntl", "resource")
_NO_UNIX = (
    "The grader needs Linux, macOS or WSL. Everywhere else, check your functions in the notebook of "
    "your course's folder: from grader import check."
)


class CommandEntry(NamedTuple):
    """A command's module in this package, and the first sentence of its help."""

    module: str
    help: str


COMMANDS = {
    "check": CommandEntry("check", "Grade one notebook and print the result."),
    "batch": CommandEntry("batch", "Grade every submission under PATHS into a gradebook."),
    "report": CommandEntry("gradebook", "Make the pages and tables of a gradebook again."),
    "adjust": CommandEntry(
        "gradebook", "Change the points of a submission, grant an extension, or comment."
    ),
    "diff": CommandEntry("gradebook", "Show whose points differ between two gradebooks, and why."),
    "forget": CommandEntry("gradebook", "Take submissions out of a gradebook."),
    "export": CommandEntry("export", "Write a gradebook in the form of a platform."),
    "new": CommandEntry(
        "author", "Write the files of the new assignment NAME into the course in FOLDER."
    ),
    "verify": CommandEntry("author", "Verify an assignment before a class is graded."),
    "release": CommandEntry("author", "Write the FOLDER for students."),
    "doctor": CommandEntry("machine", "Test the sandbox on this machine."),
}


class _Commands(UserDict[str, Any]):
    """The commands by name; each is imported when it is looked up."""

    def __getitem__(self, name: str) -> Any:
        gc.disable()  # an import creates many objects, and no garbage
        try:
            module = importlib.import_module(f"grader.cli.{self.data[name].module}")
        except ModuleNotFoundError as error:
            if error.name not in _UNIX_MODULES:
                raise
            fail(_NO_UNIX, ExitStatus.INTERNAL)
        finally:
            gc.enable()
        return getattr(module, f"{name}_command")


class _CommandGroup(click.Group):
    """Lists commands in the order of their definition, and turns exceptions into exit statuses."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands with their first sentences, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; if it raises a known error, print one sentence and exit."""
        debug = "--debug" in ctx.args
        try:
            return super().invoke(ctx)
        except DiskError as error:
            fail(_resumable(ctx, str(error), once="when that is fixed, "), error.exit_status)
        except GraderError as error:
            fail(str(error), error.exit_status)
        except OSError as error:
            sentence = f"{error.filename or 'A file'} could not be used: {error.strerror}."
            fail(_resumable(ctx, sentence, once="when that is fixed, "), ExitStatus.INTERNAL)
        except KeyboardInterrupt:
            interrupt(_resumable(ctx, "Stopped."))
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            from grader.model.failure import failure_of  # not needed otherwise

            failure = failure_of(error)
            sentence = f"The grader failed with {failure.kind} in {failure.frames[-1]}."
            if debug:
                show_failure(failure)
            fail(_resumable(ctx, sentence), ExitStatus.INTERNAL)


def _resumable(ctx: click.Context, sentence: str, *, once: str = "") -> str:
    """Add to the message of an interrupted batch how to resume it."""
    if ctx.invoked_subcommand != "batch":
        return sentence
    return f"{sentence.removesuffix('.')}; {once}run the same command again to resume."


@click.group(
    cls=_CommandGroup,
    commands=_Commands(COMMANDS),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EPILOG,
)
@click.version_option(VERSION, message="%(version)s")
def main() -> None:
    """Grade notebook assignments in a sandbox.

    \b
    Example:  grader check Regularization.ipynb
              grader batch submissions/ --out graded/
    """
    prepare_streams()
