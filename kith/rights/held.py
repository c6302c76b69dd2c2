"""Where agencies' rows about a person are: the snapshot, the loads, the rows turned away.

Invariant: a row is theirs if it bears a key of theirs; where only names or numbers agree the item
says that it is not sure.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
from sqlalchemy.orm import Session

from governance import loads as ledger
from governance.loads import LoadEntry
from kith.home import Home
from kith.rights.items import Item, rows_of, told
from loaders.at_rest import AtRest
from loaders.findings import findings_file, read_findings
from loaders.snapshot import in_force
from records.codes import code_list
from records.schema import KEYS, TABLES
from records.snapshot import Snapshot

Row = dict[str, Any]
_LEAST = 4  # shorter values agree by chance
_PERSONAL = ("nhs_number", "upn", "uln", "nino", "phone", "email", "local_id")
_NAMES = ("given_name", "family_name", "full_name", "birth_date")


@dataclass(kw_only=True)
class Held:
    """Rows of the snapshot about a person, by table, and what ties others to them."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    others: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    roles: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    names: dict[str, str] = field(default_factory=dict)

    @property
    def contacts(self) -> set[str]:
        """The contacts in which they have a part."""
        return {row["contact_id"] for row in self.rows["involvement"]}

    def related(self) -> set[str]:
        """The records of others that a contact or a statement ties to them."""
        return set().union(*self.others.values()) if self.others else set()


def read_held(snapshot: Snapshot, records: frozenset[str]) -> Held:
    """Everything of the snapshot that is about some records."""
    read = _reader(snapshot.files)
    held = Held(rows=_tables(read, records))
    for part in read("involvement", "contact_id", held.contacts):
        if part["record_id"] in records:
            held.roles[part["contact_id"]].add(part["role"] or "")
        else:
            held.others[part["contact_id"]].add(part["record_id"])
    for row in held.rows["statement"]:
        other = row["other_id"] if row["record_id"] in records else row["record_id"]
        held.others[natural("statement", row)].add(other)
    for row in read("record", "record_id", held.related()):
        held.names[row["record_id"]] = _name(row)
    return held


def _reader(files: Callable[[str], list[Path]]) -> Callable[..., list[Row]]:
    return lambda table, column, values: rows_of(files(table), column, values)


def _staged(folder: Path, at_rest: AtRest) -> Callable[..., list[Row]]:
    """The rows of a load's tables, which may be encrypted."""

    def read(table: str, column: str, values: Iterable[str]) -> list[Row]:
        file, wanted = folder / f"{table}.parquet", sorted(values)
        if not wanted or not file.exists():
            return []
        found = at_rest.read(file)
        rows: list[Row] = found.filter(pc.field(column).isin(wanted)).to_pylist()
        return rows

    return read


def _tables(
    read: Callable[..., list[Row]],
    records: frozenset[str],
    contacts: set[str] | None = None,
) -> dict[str, list[Row]]:
    """The rows about records, table by table; also of contacts that are theirs elsewhere."""
    rows = {name: read(name, "record_id", records) for name in TABLES if name != "contact"}
    seen = {natural("statement", row) for row in rows["statement"]}
    for row in read("statement", "other_id", records):
        if natural("statement", row) not in seen:
            rows["statement"].append(row)
    keys = {row["contact_id"] for row in rows["involvement"]} | (contacts or set())
    return rows | {"contact": read("contact", "contact_id", keys)}


def natural(table: str, row: Row) -> str:
    """What a row is called in its table: its dataset and key."""
    parts = [row["agency"], row["dataset"], *(row[column] for column in KEYS[table])]
    return "\x1f".join("" if part is None else str(part) for part in parts)


def _name(row: Row) -> str:
    if row["full_name"]:
        return str(row["full_name"])
    return " ".join(filter(None, (row["given_name"], row["middle_names"], row["family_name"])))


def snapshot_items(home: Home, held: Held, records: frozenset[str]) -> Iterator[Item]:
    """One item of each row that counts now; a part in a contact is told with the contact."""
    for table in ("record", "residence", "contact", "indicator", "statement"):
        for row in held.rows[table]:
            key = natural(table, row)
            about = _about(table, row)
            ties = about if table == "contact" else key
            yield Item(
                item_id=home.keys.derived_id("f", "snapshot", table, key),
                place="snapshot",
                kind=table,
                about=about,
                agency=row["agency"],
                dataset=row["dataset"],
                load_id=row["load_id"],
                line=row["file_line"],
                values=_values(table, row, held, records),
                others=tuple(sorted(held.others.get(ties, ()))),
            )


def _about(table: str, row: Row) -> str:
    column = {"contact": "contact_id", "indicator": "indicator_id"}.get(table, "record_id")
    return str(row[column])


def _values(table: str, row: Row, held: Held, records: frozenset[str]) -> dict[str, str]:
    values = told(table, row)
    if table == "contact":
        parts = code_list("involvement").labels
        roles = sorted(parts.get(each, each) for each in held.roles[row["contact_id"]] if each)
        return values | ({"role": ", ".join(roles)} if roles else {})
    if table == "statement":
        about = row["record_id"] in records
        other = row["other_id"] if about else row["record_id"]
        name = held.names.get(other) or str(row["other_key"] if about else row["record_key"])
        return values | {"other_person": name, "said_of": "them" if about else "the other"}
    return values


def load_items(home: Home, session: Session, held: Held, records: frozenset[str]) -> Iterator[Item]:
    """Rows in load files, in force or not; with values where they say something else than now."""
    entries = ledger.loads(session)
    counting = {entry.load_id for entry in in_force(entries)}
    now = {
        (table, natural(table, row)): told(table, row)
        for table, rows in held.rows.items()
        for row in rows
    }
    for entry in entries:
        folder = home.folder / "staging" / entry.agency / entry.dataset / entry.load_id
        if entry.state != "staged" or not folder.is_dir():
            continue

        for table, rows in _tables(_staged(folder, home.at_rest), records, held.contacts).items():
            if rows:
                yield from _load_items(home, entry, table, rows, now, entry.load_id in counting)


def _load_items(
    home: Home,
    entry: LoadEntry,
    table: str,
    rows: list[Row],
    now: dict[tuple[str, str], dict[str, str]],
    counts: bool,
) -> Iterator[Item]:
    def item(key: str, row: Row, count: int, values: dict[str, str]) -> Item:
        return Item(
            item_id=home.keys.derived_id("f", "staging", entry.load_id, table, key),
            place="staging",
            kind=table,
            about=_about(table, row),
            agency=entry.agency,
            dataset=entry.dataset,
            load_id=entry.load_id,
            line=row["file_line"],
            count=count,
            in_force=counts,
            values=values,
        )

    yield item("", rows[0], len(rows), {})
    for row in rows:
        key = natural(table, row)
        says = told(table, row)
        if says and says != now.get((table, key)) and table != "involvement":
            yield item(key, row, 1, says)


@dataclass(frozen=True, kw_only=True)
class _Marks:
    """What a turned-away row may be known by."""

    keys: set[str]
    personal: set[str]
    names: set[str]


def quarantine_items(home: Home, session: Session, held: Held) -> Iterator[Item]:
    """Findings of loads: about rows of theirs, and turned-away rows that may be theirs."""
    marks = _marks(held)
    lines = {(row["load_id"], row["file_line"]) for rows in held.rows.values() for row in rows}
    for entry in ledger.loads(session):
        if not findings_file(home.folder, entry).exists():
            continue
        by_line: dict[int, list[Row]] = defaultdict(list)
        for finding in read_findings(home.folder, entry, home.at_rest).to_pylist():
            by_line[finding["line"]].append(finding)
        for line, findings in sorted(by_line.items()):
            own = (entry.load_id, line) in lines
            if own or _may_be(findings, marks):
                yield _finding(home, entry, line, findings, own)


def count_turned_away(home: Home, session: Session, personal: set[str], names: set[str]) -> int:
    """How many rows that were turned away hold a number, or two of names and date of birth.

    Args:
        personal: numbers that are somebody's alone.
        names: names and a date of birth.
    """
    marks = _Marks(
        keys=set(),
        personal={_plain(each) for each in personal},
        names={_plain(each) for each in names},
    )
    count = 0
    for entry in ledger.loads(session):
        if not findings_file(home.folder, entry).exists():
            continue
        by_line: dict[int, list[Row]] = defaultdict(list)
        for finding in read_findings(home.folder, entry, home.at_rest).to_pylist():
            if finding["rejected"]:
                by_line[finding["line"]].append(finding)
        count += sum(_may_be(findings, marks) for findings in by_line.values())
    return count


def _finding(home: Home, entry: LoadEntry, line: int, findings: list[Row], own: bool) -> Item:
    values = {row["field"] or "row": row["value"] for row in findings if row["value"]}
    rejected = any(row["rejected"] for row in findings)
    return Item(
        item_id=home.keys.derived_id("f", "quarantine", entry.load_id, str(line)),
        place="quarantine",
        kind="turned_away" if rejected else "finding",
        agency=entry.agency,
        dataset=entry.dataset,
        load_id=entry.load_id,
        line=line,
        count=len(findings),
        sure=own,
        values=values,
    )


def _marks(held: Held) -> _Marks:
    records = held.rows["record"]
    return _Marks(
        keys={row["source_key"] for row in records},
        personal=_said(records, _PERSONAL),
        names=_said(records, _NAMES),
    )


def _said(rows: list[Row], columns: tuple[str, ...]) -> set[str]:
    found = {_plain(row[name]) for row in rows for name in columns if row[name]}
    found |= {_plain(row[f"{name}_raw"]) for row in rows for name in columns if row[f"{name}_raw"]}
    return {value for value in found if len(value) >= _LEAST}


def _may_be(findings: list[Row], marks: _Marks) -> bool:
    """A key or number of theirs in the row, or two of names and date of birth."""
    values = {row["value"] for row in findings if row["value"]}
    plain = {_plain(value) for value in values}
    if values & marks.keys or plain & marks.personal:
        return True
    words = {word for value in plain for word in (value, *value.split())}
    return len(words & marks.names) > 1


def _plain(value: object) -> str:
    return re.sub(r"[^\w]+", " ", str(value).casefold()).strip().replace("_", " ")
