"""Every exception class of the grader, and the exit status of the command that it ends.

An error in a student's code is not among them: the sandbox reports it as data. Exceptions are for
failures of the grader and for wrong commands; grading turns those below `SubmissionError` into a result.

Exception
├── GraderError                     one sentence for a person                           exit 3
│   ├── UsageError                  no such file, no such assignment, a bad option      exit 2
│   ├── BoxError                    a sandbox could not start, or broke its protocol    exit 3
│   │   ├── BoxLost                 a process of the sandbox died; a new one may work   exit 3
│   │   └── NestingRefused          the system forbids a sandbox in a sandbox           exit 3
│   ├── ReaderError                 the process that reads notebooks failed             exit 3
│   ├── DiskError                   a file or folder could not be written               exit 3
│   ├── AssignmentError             the assignment's own reference or data is wrong     exit 3
│   │   └── AuthorError             a file of an assignment has a mistake in a line     exit 2
│   └── SubmissionError             a submission cannot be graded as it is              exit 3
│       ├── NotANotebook            the bytes are not a notebook
│       ├── ReadingLimit            reading the notebook takes too much time or memory
│       ├── Unreadable              the file cannot be read
│       └── UnexpectedStructure     a returned value has the wrong type, shape or parts
└── ValueError
    ├── UnknownKind                 a value that no Python expression stands for
    └── WireError                   a message breaks the protocol, on either end

A class without an exit status is always caught. A test compares this drawing with the classes.
"""

from __future__ import annotations

from typing import ClassVar


class GraderError(Exception):
    """One clear sentence for a person; the command line prints it and exits."""

    exit_status: ClassVar[int] = 3


class UsageError(GraderError):
    """The command was used wrongly."""

    exit_status = 2


class BoxError(GraderError):
    """A sandbox could not start, or stopped through no fault of the submission."""


class DiskError(GraderError):
    """A file or folder could not be written; the sentence names it and the system's reason."""


class AssignmentError(GraderError):
    """The assignment is wrong: its reference gives no sound expected values."""


class AuthorError(AssignmentError):
    """A file of an assignment cannot be used; the sentence names the file and, if known, the line."""

    exit_status = 2


class SubmissionError(GraderError):
    """A submission cannot be graded as it is; the message names what to submit instead.

    A command ends with it only where the file is the assignment's own, such as its template.
    """


class UnknownKind(ValueError):
    """A value that cannot be written as a Python expression; the message is its type."""
