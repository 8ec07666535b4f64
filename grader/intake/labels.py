"""What is said of files that cannot be had, and what stands in the place of their names."""

from grader.messages import said

_LINK_OUT = said("a link that leads out of the folder")
_UNLISTED = said("files that could not be listed")
LABELS = {label.plain: label for label in (_LINK_OUT, _UNLISTED)}
"""What stands in the place of names, by its text alone, which is all that a path keeps of it."""

LINK_OUT, UNLISTED = LABELS
OUTSIDE = said("it is {what}; put the file itself there", what=_LINK_OUT)
NO_FILE = said("it is a pipe, a socket or a device; put the file itself there")
BARE_FOLDER = said("it is a folder, and holds no notebook")
