"""The command for the administrator of a machine: `doctor`."""

from __future__ import annotations

import sys

import click

from grader.cli.console import ExitStatus
from grader.sandbox.doctor import examine
from grader.views import terminal


@click.command("doctor")
def doctor_command() -> None:
    """Test the sandbox on this machine.

    Each failed check is printed with its remedy.

    \b
    Example:  grader doctor
    """
    claims = examine()
    terminal.show_proofs("Sandbox on this machine", claims)
    holds = all(claim.holds or not claim.required for claim in claims)
    sys.exit(ExitStatus.OK if holds else ExitStatus.LESS)
