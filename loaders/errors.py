"""What can be wrong with a mapping or a file, in words that a sender can act on.

Invariant: a text here names files, lines, columns and codes of the mapping, never a value that
an agency's file holds; values stand in the quarantine alone.
"""

from __future__ import annotations

from records.errors import KithError


class MappingError(KithError):
    """Mapping files that cannot be used; `faults` holds every fault of every file."""

    exit_code = 2

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("these mappings cannot be used:\n  " + "\n  ".join(faults))


class FileError(KithError):
    """A file that is refused; `ground` is the reason as the audit has it."""

    exit_code = 4
    ground = "unreadable"


class ReadError(FileError):
    """A file that cannot be read as what it should be."""


class DriftError(ReadError):
    """A file whose layout is not the mapping's any more."""

    ground = "drift"


class NotRecognisedError(FileError):
    """No mapping fits the file, or more than one does."""

    ground = "not_recognised"


class StagingError(KithError):
    """The staging folder or a snapshot is not as it should be."""
