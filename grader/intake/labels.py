"""Reasons why files cannot be read, and labels that stand for the names of such files."""

from grader.messages import gettext

_LINK_OUT = gettext("a link to a place outside the folder")
_UNLISTED = gettext("files that could not be listed")
LABELS = {label.plain: label for label in (_LINK_OUT, _UNLISTED)}
"""The translatable label for each plain text; a path keeps the plain text only."""

LINK_OUT, UNLISTED = LABELS
OUTSIDE = gettext("it is {what}; submit the file itself", what=_LINK_OUT)
NO_FILE = gettext("it is a pipe, a socket or a device; submit an ordinary file")
BARE_FOLDER = gettext("it is a folder without a notebook")
