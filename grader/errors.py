"""What can go wrong on our side of the box, for us; what students do wrong is an outcome, never an exception.

GraderError                 one clear sentence for a person; the command line prints it and exits
├── UsageError              it was asked wrongly: no such file, no such assignment           (exit 2)
├── BoxError                a box could not be started or did not keep its side of the wire  (exit 3)
├── DiskError               a file or folder could not be written                            (exit 3)
└── AssignmentError            the assignment's own reference did not come back sound           (exit 3)
"""


class GraderError(Exception):
    """One clear sentence for a person."""


class UsageError(GraderError):
    """The grader was asked wrongly."""


class BoxError(GraderError):
    """A box could not be started, or died through no fault of the submission."""


class DiskError(GraderError):
    """A file or folder could not be written: which one, and what the system said."""


class AssignmentError(GraderError):
    """The assignment itself does not hold: its reference gives no sound expected values."""
