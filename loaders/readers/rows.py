"""What every reader gives: columns of text beside the lines that they stand on.

Invariant: all columns of a `Rows` have the length of its `lines`; an empty cell is null, and
every other text is exactly the file's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True, kw_only=True)
class RowFault:
    """A row, or a part of one, that could not be read; `field` is its column or element.

    `keep` says that the row is there all the same, and this is only a finding.
    """

    line: int
    field: str
    value: str
    reason: str
    keep: bool = False


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rows of the file, or the parts of one kind that stand inside them.

    `lines` is the line, row or element number of each in the file, from 1; `numbers` the number
    of a part within its row, from 1.
    """

    columns: dict[str, pa.Array]
    lines: pa.Array
    numbers: pa.Array | None = None

    def __len__(self) -> int:
        return len(self.lines)


@dataclass(frozen=True, kw_only=True)
class FileRows:
    """A whole file: its rows, their parts by `each`, and the rows that could not be read."""

    rows: Rows
    parts: dict[str, Rows] = field(default_factory=dict)
    faults: list[RowFault] = field(default_factory=list)

    @property
    def rows_in(self) -> int:
        """Rows in the file, readable or not."""
        return len(self.rows) + len({fault.line for fault in self.faults if not fault.keep})

    def of(self, each: str | None) -> Rows:
        """The rows, or the parts of one kind."""
        return self.rows if each is None else self.parts[each]


class Gathering:
    """Collects rows chunk by chunk, so that Python holds few of them at a time."""

    def __init__(self, names: Sequence[str], *, numbered: bool = False) -> None:
        self._names = list(names)
        self._chunks: dict[str, list[pa.Array]] = {name: [] for name in names}
        self._lines: list[pa.Array] = []
        self._numbers: list[pa.Array] | None = [] if numbered else None

    def add(
        self,
        rows: Sequence[Sequence[str | None]],
        lines: Iterable[int],
        numbers: Iterable[int] | None = None,
    ) -> None:
        """Add rows, each as long as the names."""
        if not rows:
            return
        for name, values in zip(self._names, zip(*rows, strict=True), strict=True):
            self._chunks[name].append(_text_array(values))
        self._lines.append(pa.array(lines, pa.int64()))
        if self._numbers is not None:
            self._numbers.append(pa.array(numbers or (), pa.int64()))

    def rows(self) -> Rows:
        columns = {name: _joined(chunks, pa.string()) for name, chunks in self._chunks.items()}
        numbers = None if self._numbers is None else _joined(self._numbers, pa.int64())
        return Rows(columns=columns, lines=_joined(self._lines, pa.int64()), numbers=numbers)


def _text_array(values: Iterable[str | None]) -> pa.Array:
    found = pa.array(values, pa.string())
    return pc.if_else(pc.equal(found, ""), pa.scalar(None, pa.string()), found)


def _joined(chunks: list[pa.Array], kind: pa.DataType) -> pa.Array:
    return pa.concat_arrays(chunks) if chunks else pa.array([], kind)
