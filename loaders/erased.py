"""What was erased here and comes again in a file: it is left out, findings about it too.

Invariant: nothing that was erased is staged, be it told in a row of its own, in a part of a row,
or in a row that is quarantined; what else a row tells stays.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from governance.erasures import Gone
from loaders.emitting import Emitted
from loaders.readers.rows import RowFault

KEYS: dict[str, tuple[tuple[str, str], ...]] = {
    "record": (("record_id", "record"),),
    "residence": (("record_id", "record"),),
    "contact": (("contact_id", "contact"),),
    "involvement": (("contact_id", "contact"), ("record_id", "record")),
    "indicator": (("indicator_id", "indicator"), ("record_id", "record")),
    "statement": (("record_id", "record"), ("other_id", "record")),
}
"""Of each table the columns of opaque keys, and of what they are the keys."""

_PART = 1_000_000  # parts of a row, at most


def told_of(table: str, columns: Callable[[str], pa.Array], gone: Gone) -> pa.Array:
    """Which rows of a table tell of something that is gone.

    Args:
        columns: a column of opaque keys by its name.
    """
    found = None
    for name, what in KEYS[table]:
        keys = pa.array(sorted(getattr(gone, what)), pa.string())
        mask = pc.is_in(columns(name), value_set=keys)
        found = mask if found is None else pc.or_(found, mask)
    return pc.fill_null(found, False)


def leave_out(
    emitted: list[Emitted],
    faults: list[RowFault],
    gone: Gone,
    made: Callable[[Emitted], dict[str, pa.Array]],
) -> tuple[list[RowFault], int]:
    """Take what is gone out of every emit, with the findings about it.

    Args:
        faults: what the reader found, row by row.
        made: the opaque keys of an emit's rows.

    Returns:
        The faults that stay, and how many rows of the file told of something that is gone.
    """
    lines: set[int] = set()
    of_people: set[int] = set()
    for entry in emitted:
        keys = made(entry)
        mask = told_of(entry.emit.table, keys.__getitem__, gone)
        if not pc.any(mask).as_py():
            continue
        here = entry.lines.filter(mask).to_pylist()
        lines.update(here)
        if entry.emit.table == "record":
            of_people.update(here)
        parts = _parts(entry.lines.filter(mask), entry.numbers.filter(mask))
        entry.found = [
            table.filter(pc.invert(pc.is_in(_parts(table["line"], table["number"]), parts)))
            for table in entry.found
        ]
        entry.keep(pc.invert(mask))
    return [fault for fault in faults if fault.line not in of_people], len(lines)


def _parts(lines: pa.Array, numbers: pa.Array) -> pa.Array:
    found = pc.add(pc.multiply(lines, pa.scalar(_PART, pa.int64())), numbers)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
