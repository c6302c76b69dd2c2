"""Faults of the disk, told apart from faults of Kith.

Invariant: whichever library met the fault, the same one says the same; no value of a record or of
the library's own message is repeated.
"""

from __future__ import annotations

import errno
import re

_WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "a file may not grow any further",
    errno.EROFS: "the disk is read-only",
    errno.EIO: "the disk cannot be read or written",
}
# What DuckDB, Arrow and SQLite say where they carry no number.
_TOLD = (
    (re.compile(r"disk is full|No space left on device", re.IGNORECASE), errno.ENOSPC),
    (re.compile(r"File too large", re.IGNORECASE), errno.EFBIG),
    (re.compile(r"quota exceeded", re.IGNORECASE), errno.EDQUOT),
    (re.compile(r"readonly database|Read-only file system", re.IGNORECASE), errno.EROFS),
    (re.compile(r"disk I/O error|Input/output error", re.IGNORECASE), errno.EIO),
)


def disk_fault(error: BaseException) -> str | None:
    """What is wrong with the disk, in words; None if the error says nothing of one."""
    seen: BaseException | None = error
    while seen is not None:
        number = seen.errno if isinstance(seen, OSError) and seen.errno else _told(str(seen))
        if number in _WORDS:
            return _WORDS[number]
        seen = seen.__cause__ or seen.__context__
    return None


def _told(text: str) -> int | None:
    return next((number for pattern, number in _TOLD if pattern.search(text)), None)
