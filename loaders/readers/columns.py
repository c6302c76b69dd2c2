"""Whether a file has the columns that its mapping reads.

Invariant: a column that is read and not there stops the load; it never becomes empty values.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from loaders.errors import DriftError, ReadError
from loaders.readers.guard import MAX_COLUMNS


def column_places(
    file_name: str, header: Sequence[str], needed: Iterable[str], known: Iterable[str]
) -> list[int]:
    """Where in the header each needed column stands.

    Args:
        known: the columns that the mapping reads anywhere; the others are new.

    Raises:
        DriftError: naming each missing column and the nearest new one.
        ReadError: if a needed column stands twice.
    """
    needed = list(needed)
    missing = [name for name in needed if name not in header]
    if missing:
        raise DriftError(f"{file_name}: {drift_words(missing, header, known)}")
    twice = [name for name in needed if header.count(name) > 1]
    if twice:
        raise ReadError(f"{file_name}: column {quoted(twice)} stands there twice")
    return [header.index(name) for name in needed]


def drift_words(missing: Sequence[str], header: Sequence[str], known: Iterable[str]) -> str:
    """What is missing and which new column may have come in its place."""
    taken = set(known)
    # A file without a header would have values here: nothing long or with a number is repeated.
    new = [name for name in header if 0 < len(name) <= 60 and name not in taken]
    new = [name for name in new if sum(mark.isdigit() for mark in name) < 3]
    parts = []
    for name in missing:
        near = nearest_column(name, new)
        parts.append(f"'{name}'" + (f" (is it '{near}' now?)" if near else ""))
    word = "column" if len(parts) == 1 else "columns"
    return f"the layout has changed: {word} {', '.join(parts)} missing; nothing was loaded"


def nearest_column(name: str, new: Iterable[str]) -> str | None:
    """The new column most like a missing one, small differences of writing aside."""
    plain = {_plain(other): other for other in new}
    close = difflib.get_close_matches(_plain(name), list(plain), n=1, cutoff=0.5)
    return plain[close[0]] if close else None


def quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def check_header(file_name: str, header: Sequence[str]) -> None:
    """Refuse a header that cannot be one. Raises ReadError."""
    if not any(header):
        raise ReadError(f"{file_name}: the header row is empty")
    if len(header) > MAX_COLUMNS:
        raise ReadError(f"{file_name}: more than {MAX_COLUMNS:,} columns")


def _plain(name: str) -> str:
    return "".join(mark for mark in name.lower() if mark.isalnum())
