"""A table as a folder of leaves: small Parquet files in the order of the table's key.

Invariant: the leaves in the order of their names are the table in the order of its key, and all
rows of one key stand in one leaf. A leaf is never changed: the next form of a table links to the
leaves that stay as they are (hard links) and writes only those that differ, so a change of one
row costs one leaf and the form before is still whole.
"""

from __future__ import annotations

import json
import os
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

LEAF_ROWS = 4096
_LARGEST = 2 * LEAF_ROWS  # a leaf that grew beyond this is cut
_LIST = "leaves.json"
_THREADS = 2


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """One file of a table: the first key in it, and its rows."""

    file: Path
    first: str
    rows: int


@dataclass(frozen=True, kw_only=True)
class Replaced:
    """What a table's next form took: its rows, and how many leaves were written for it."""

    rows: int
    written: int


def has_leaves(folder: Path) -> bool:
    """Whether a table stands here in leaves."""
    return (folder / _LIST).is_file()


def leaves(folder: Path) -> list[Leaf]:
    """A table's leaves, in the order of the key. Raises FileNotFoundError if there are none."""
    listed = json.loads((folder / _LIST).read_text(encoding="utf-8"))
    return [
        Leaf(file=_file(folder, number), first=first, rows=rows)
        for number, (first, rows) in enumerate(listed)
    ]


def write_leaves(table: pa.Table, folder: Path, key: str) -> int:
    """Write a table, which must be in the order of `key`; how many rows it has."""
    folder.mkdir(parents=True)
    made = [_New(rows=part) for part in _cut(table.combine_chunks(), key, LEAF_ROWS)]
    _write(made, folder, key)
    return int(table.num_rows)


def replace_rows(
    before: Path, folder: Path, *, keys: Collection[str], rows: pa.Table, order: Sequence[str]
) -> Replaced:
    """Write the next form of a table: all rows of some keys give way to others.

    Args:
        before: the folder of the table as it is.
        keys: keys (values of `order[0]`) whose rows go; those of `rows` go in any case.
        rows: what comes in their place, in the table's schema, in any order.
        order: the columns that the table is sorted by, the key first.
    """
    key = order[0]
    old = leaves(before)
    firsts = [leaf.first for leaf in old]
    gone = set(keys).union(rows[key].to_pylist())
    dropped = _by_leaf(gone, firsts)
    coming = _rows_by_leaf(rows, key, firsts)
    folder.mkdir(parents=True)

    def next_form(place: int) -> list[Leaf | _New]:
        leaf = old[place]
        if place not in dropped:
            return [leaf]
        return _merged(leaf, dropped[place], coming.get(place, rows.slice(0, 0)), order)

    with ThreadPoolExecutor(_THREADS) as pool:
        parts = list(pool.map(next_form, range(len(old))))
    made = [part for several in parts for part in several]
    # One leaf stays even of a table without rows: it holds the columns.
    kept = [part for part in made if _count(part)] or made[:1]
    _write(kept, folder, key)
    return Replaced(
        rows=sum(_count(part) for part in kept),
        written=sum(isinstance(part, _New) for part in kept),
    )


def link_table(before: Path, folder: Path) -> None:
    """The same table again: links to all of its leaves."""
    folder.mkdir(parents=True)
    link_files(before, folder)


def link_files(before: Path, folder: Path) -> None:
    """Hard links in `folder` to every file of another folder, those in folders below it too."""
    for file in before.rglob("*"):
        target = folder / file.relative_to(before)
        if file.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(file, target)


def read_keys(
    folder: Path, key: str, keys: Collection[str], columns: Sequence[str] | None = None
) -> pa.Table:
    """The rows of some keys, from the leaves that may hold them."""
    found = leaves(folder)
    wanted = _by_leaf(keys, [leaf.first for leaf in found])
    taken = [found[place] for place in sorted(wanted)] or found[:1]
    names = None if columns is None else list(dict.fromkeys([*columns, key]))
    table = pa.concat_tables(
        table.filter(pc.is_in(table[key], value_set=pa.array(wanted.get(place, []), pa.string())))
        for place, table in zip(sorted(wanted) or [0], _read(taken, names), strict=True)
    )
    return table if columns is None else table.select(list(columns))


@dataclass(frozen=True, kw_only=True)
class _New:
    """A leaf that is to be written."""

    rows: pa.Table


def _read(taken: Sequence[Leaf], columns: list[str] | None) -> Iterable[pa.Table]:
    with ThreadPoolExecutor(_THREADS) as pool:
        yield from pool.map(lambda leaf: read_leaf(leaf.file, columns), taken)


def read_leaf(file: Path, columns: list[str] | None = None) -> pa.Table:
    """One leaf's rows."""
    with pq.ParquetFile(file) as opened:
        return opened.read(columns=columns, use_threads=False)


def _merged(
    leaf: Leaf, gone: list[str], coming: pa.Table, order: Sequence[str]
) -> list[Leaf | _New]:
    rows = read_leaf(leaf.file)
    stays = pc.invert(pc.is_in(rows[order[0]], value_set=pa.array(gone, pa.string())))
    whole = pa.concat_tables([rows.filter(stays), coming.cast(rows.schema)])
    whole = whole.sort_by([(name, "ascending") for name in order]).combine_chunks()
    if whole.equals(rows):
        return [leaf]
    most = LEAF_ROWS if whole.num_rows > _LARGEST else _LARGEST
    return [_New(rows=part) for part in _cut(whole, order[0], most)]


def _cut(table: pa.Table, key: str, most: int) -> Iterator[pa.Table]:
    """Slices of about `most` rows, none of them between two rows of one key; at least one."""
    column, begin = table[key], 0
    while True:
        end = min(begin + most, table.num_rows)
        while end < table.num_rows and column[end] == column[end - 1]:
            end += 1
        yield table.slice(begin, end - begin)
        if end >= table.num_rows:
            return
        begin = end


def _by_leaf(keys: Iterable[str], firsts: Sequence[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for key in keys:
        found.setdefault(_place(key, firsts), []).append(key)
    return found


def _rows_by_leaf(rows: pa.Table, key: str, firsts: Sequence[str]) -> dict[int, pa.Table]:
    places: dict[int, list[int]] = {}
    for number, value in enumerate(rows[key].to_pylist()):
        places.setdefault(_place(value, firsts), []).append(number)
    rows = rows.combine_chunks()
    return {place: rows.take(pa.array(numbers)) for place, numbers in places.items()}


def _place(key: str, firsts: Sequence[str]) -> int:
    return max(bisect_right(firsts, key) - 1, 0)


def _count(part: Leaf | _New) -> int:
    return part.rows if isinstance(part, Leaf) else part.rows.num_rows


def _write(parts: Sequence[Leaf | _New], folder: Path, key: str) -> None:
    def write(numbered: tuple[int, Leaf | _New]) -> tuple[str, int]:
        number, part = numbered
        file = _file(folder, number)
        if isinstance(part, Leaf):
            os.link(part.file, file)
            return part.first, part.rows
        pq.write_table(part.rows, file, compression="zstd", compression_level=1)
        first = part.rows[key][0].as_py() if part.rows.num_rows else ""
        return first, part.rows.num_rows

    with ThreadPoolExecutor(_THREADS) as pool:
        listed = list(pool.map(write, enumerate(parts)))
    (folder / _LIST).write_text(json.dumps(listed), encoding="utf-8")


def _file(folder: Path, number: int) -> Path:
    return folder / f"{number:06}.parquet"
