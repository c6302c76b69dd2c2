"""All emits of a file put together: quarantine applied, keys made, canonical tables given.

Invariant: in the tables of one load no key stands twice, and no row of a quarantined row is there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from governance.erasures import Gone
from loaders import findings
from loaders.emitting import Emitted, emit_rows
from loaders.erased import leave_out
from loaders.mapping import Mapping
from loaders.readers.rows import FileRows
from loaders.validation import check_rows
from records.keys import KeyMaker, share_key
from records.schema import TABLES, arrow_schema, key_columns, source_fields

_REPEATED = "the key stands in the file before, with other values"


@dataclass(frozen=True, kw_only=True)
class Assembled:
    """What a file comes to: canonical tables, findings, and its rows counted."""

    tables: dict[str, pa.Table]
    found: pa.Table
    rows_in: int
    rejected: int
    spoilt: int
    repeats: int
    erased: int = 0  # rows that told of somebody or something that was erased here


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where the rows of a load come from."""

    agency: str
    dataset: str
    load_id: str
    file_name: str
    keys: KeyMaker
    today: dt.date
    gone: Gone = field(default_factory=Gone)


def assemble(mapping: Mapping, rows: FileRows, origin: Origin) -> Assembled:
    """Standardise, validate and key every row of a file."""
    emitted = [
        emit_rows(
            emit,
            rows.of(emit.each),
            file_name=origin.file_name,
            last_year=origin.today.year,
        )
        for emit in mapping.emits
    ]
    for entry in emitted:
        check_rows(entry, origin.today)
    faults, erased = list(rows.faults), 0
    if origin.gone:
        faults, erased = leave_out(
            emitted, faults, origin.gone, lambda entry: _made(entry, origin, len(entry.lines))
        )
    _drop(emitted, _rejections(emitted))
    repeats = _drop_repeats(emitted)
    _drop(emitted, _rejections(emitted))
    tables = {name: _table(name, emitted, origin) for name in TABLES if _gives(emitted, name)}
    found = [findings.of_rows(origin.file_name, faults)]
    whole = findings.together(found + [table for entry in emitted for table in entry.found])
    rejected = whole.filter(whole["rejected"])
    of_rows = rejected.filter(pc.equal(rejected["number"], 0))
    return Assembled(
        tables=tables,
        found=whole,
        rows_in=rows.rows_in,
        rejected=pc.count_distinct(of_rows["line"]).as_py(),
        spoilt=pc.count_distinct(rejected["line"]).as_py(),
        repeats=repeats,
        erased=erased,
    )


def _gives(emitted: list[Emitted], table: str) -> bool:
    return any(entry.emit.table == table for entry in emitted)


Rejections = list[tuple[str | None, pa.Table]]
"""What of which `each` (None: the row itself) is quarantined: tables with line and number."""


def _rejections(emitted: list[Emitted]) -> Rejections:
    return [(entry.emit.each, _rejected(entry.found)) for entry in emitted]


def _rejected(found: list[pa.Table]) -> pa.Table:
    whole = findings.together(found)
    return whole.filter(whole["rejected"])


def _drop(emitted: list[Emitted], rejections: Rejections) -> None:
    """Take what is quarantined out of every emit: a row with all its parts, a part alone."""
    rows = [table["line"] for each, table in rejections if each is None]
    gone_rows = _concatenated(rows)
    for entry in emitted:
        gone = pc.is_in(entry.lines, value_set=gone_rows)
        if entry.emit.each is not None:
            parts = [
                _part_keys(table["line"], table["number"])
                for each, table in rejections
                if each == entry.emit.each
            ]
            mine = _part_keys(entry.lines, entry.numbers)
            gone = pc.or_(gone, pc.is_in(mine, value_set=_concatenated(parts)))
        entry.keep(pc.invert(gone))


def _concatenated(columns: list[pa.ChunkedArray]) -> pa.Array:
    chunks = [chunk for column in columns for chunk in column.chunks]
    return pa.concat_arrays(chunks) if chunks else pa.array([], pa.int64())


def _part_keys(lines: Any, numbers: Any) -> Any:
    return pc.add(pc.multiply(lines, pa.scalar(1_000_000, pa.int64())), numbers)


def _drop_repeats(emitted: list[Emitted]) -> int:
    """Keep the first row of each key: the same row again is merged, another one quarantined.

    Tables whose key is made of most of their columns (a residence, an involvement) have nothing
    to quarantine: a second one says the same.
    """
    merged = 0
    for name in TABLES:
        entries = [entry for entry in emitted if entry.emit.table == name]
        columns = key_columns(name)
        keys = pa.chunked_array([_key(entry, columns) for entry in entries], pa.string())
        if pc.count_distinct(keys).as_py() == len(keys):
            continue
        for entry, (again, differs) in zip(entries, list(_repeats(entries, keys)), strict=True):
            if "source_key" in columns:
                entry.note_where("source_key", differs, _REPEATED, rejected=True)
            merged += pc.sum(again).as_py() or 0
            entry.keep(pc.invert(again))
    return merged


def _key(entry: Emitted, columns: tuple[str, ...]) -> pa.Array:
    return _joined([entry.values[column] for column in columns])


def _said(entry: Emitted) -> pa.Array:
    """All that a row says, to compare rows by."""
    return _joined([entry.raw[f.name] for f in source_fields(TABLES[entry.emit.table])])


def _joined(columns: list[pa.Array]) -> pa.Array:
    texts = [pc.fill_null(pc.cast(column, pa.string()), "\x00") for column in columns]
    return pc.binary_join_element_wise(*texts, "\x1f")


def _repeats(entries: list[Emitted], keys: pa.ChunkedArray) -> Iterator[tuple[pa.Array, pa.Array]]:
    """For each entry two masks: keys that stood before, and those that say something else."""
    said = pa.chunked_array([_said(entry) for entry in entries], pa.string())
    frame = pa.table({"key": keys, "said": said}).to_pandas()
    again = frame["key"].duplicated()
    first_said = frame.groupby("key")["said"].transform("first")
    differs = again & (frame["said"] != first_said)
    start = 0
    for entry in entries:
        rows = slice(start, start + len(entry.lines))
        start = rows.stop
        yield pa.array(again.to_numpy()[rows]), pa.array(differs.to_numpy()[rows])


def _table(name: str, emitted: list[Emitted], origin: Origin) -> pa.Table:
    """One canonical table, in the order of the file."""
    entries = [entry for entry in emitted if entry.emit.table == name]
    schema = arrow_schema(TABLES[name])
    tables = [_canonical(entry, schema, origin) for entry in entries]
    whole = pa.concat_tables(tables).combine_chunks()
    return whole if len(tables) == 1 else whole.sort_by("file_line")


def _canonical(entry: Emitted, schema: pa.Schema, origin: Origin) -> pa.Table:
    count = len(entry.lines)
    columns: dict[str, pa.Array] = {
        "agency": _constant(origin.agency, count),
        "dataset": _constant(origin.dataset, count),
        "load_id": _constant(origin.load_id, count),
        "file_line": entry.lines,
        **entry.values,
        **{f"{name}_raw": column for name, column in entry.raw.items()},
        **_made(entry, origin, count),
    }
    return pa.table([columns[field.name] for field in schema], schema=schema)


def _made(entry: Emitted, origin: Origin, count: int) -> dict[str, pa.Array]:
    """The opaque keys and the share key of each row."""
    keys, values, table = origin.keys, entry.values, entry.emit.table
    rules = {rule.name: rule for rule in entry.emit.rules}

    def made(make: Callable[[str, str, str], str], column: str) -> pa.Array:
        rule = rules.get(column)
        named = rule.dataset if rule is not None else None
        system = named.partition("/")[2] if named else origin.dataset
        return _mapped(values[column], lambda key: make(origin.agency, system, key))

    def shared(column: str) -> pa.Array:
        return _mapped(values[column], lambda word: share_key(origin.agency, origin.dataset, word))

    person = share_key(origin.agency, origin.dataset, "person")
    makers: dict[str, Callable[[], dict[str, pa.Array]]] = {
        "record": lambda: {
            "record_id": made(keys.record_id, "source_key"),
            "share_key": _constant(person, count),
        },
        "residence": lambda: {"record_id": made(keys.record_id, "record_key")},
        "contact": lambda: {
            "contact_id": made(keys.contact_id, "source_key"),
            "share_key": shared("category"),
        },
        "involvement": lambda: {
            "contact_id": made(keys.contact_id, "contact_key"),
            "record_id": made(keys.record_id, "record_key"),
        },
        "indicator": lambda: {
            "indicator_id": made(keys.indicator_id, "source_key"),
            "share_key": shared("kind"),
            "record_id": made(keys.record_id, "record_key"),
        },
        "statement": lambda: {
            "record_id": made(keys.record_id, "record_key"),
            "other_id": made(keys.record_id, "other_key"),
        },
    }
    return makers[table]()


def _mapped(column: pa.Array, make: Callable[[str], str]) -> pa.Array:
    encoded = pc.dictionary_encode(column)
    made = pa.array([make(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return made.take(encoded.indices)


def _constant(text: str, count: int) -> pa.Array:
    return pa.array([text] * count, pa.string())
