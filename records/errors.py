"""The one base of every error that Kith raises on purpose.

Invariant: the text of a `KithError` may be shown to a user and written to a log: it names
files, lines, fields and ids, never a person's values.
"""


class KithError(Exception):
    """Something a user can understand and act on; `exit_code` is the command line's."""

    exit_code = 1
