"""Passwords that were in a breach: looked up in a list of their SHA-1 digests.

Invariant: neither a password nor its digest leaves this module. The list is tens of gigabytes in
life, so it is never read whole: a look reads some forty places of it.
"""

from __future__ import annotations

import hashlib
import mmap
import re
from dataclasses import dataclass
from pathlib import Path

from governance.errors import GovernanceError, PasswordRefused

_LINE = re.compile(rb"[0-9A-F]{40}:[0-9]+\r?")
_LONGEST = 64  # a digest, a count, the end of the line


class BreachedListError(GovernanceError):
    """The list cannot be read, or is not what it should be."""


@dataclass(frozen=True, kw_only=True)
class Breached:
    """A file as Have I Been Pwned gives it: `SHA1:COUNT` a line, sorted, upper case."""

    path: Path

    def check(self, password: str) -> None:
        """Refuse a password that is on the list.

        Raises:
            PasswordRefused: if it is.
            BreachedListError: if the list cannot be read or is not sorted lines of digests.
        """
        digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        if self._holds(digest.encode()):
            raise PasswordRefused("The password is on a list of those that were stolen elsewhere.")

    def _holds(self, digest: bytes) -> bool:
        try:
            with (
                self.path.open("rb") as file,
                mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text,
            ):
                return _found(text, digest)
        except (OSError, ValueError) as error:  # ValueError: an empty file
            raise BreachedListError("the list of breached passwords cannot be read") from error


def _found(text: mmap.mmap, digest: bytes) -> bool:
    low, high = 0, len(text)  # where a line may begin
    below, above = b"", b"~"
    while low < high:
        start = text.rfind(b"\n", 0, (low + high) // 2 + 1) + 1
        start = max(start, low)
        line = _line(text, start)
        here = line[:40]
        if not below <= here <= above:
            raise BreachedListError("the list of breached passwords is not sorted")
        if here == digest:
            return True
        if here < digest:
            low, below = start + len(line) + 1, here
        else:
            high, above = start, here
    return False


def _line(text: mmap.mmap, start: int) -> bytes:
    found = text[start : start + _LONGEST].partition(b"\n")[0]
    if not _LINE.fullmatch(found):
        raise BreachedListError("the list of breached passwords is not lines of SHA1:COUNT")
    return found
