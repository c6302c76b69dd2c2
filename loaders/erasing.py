"""Staged loads are rewritten without what was erased.

Invariant: every file is replaced whole, by one rename; done again it changes nothing, so that an
erasure that was interrupted is carried out by carrying it out once more. The loads that count no
longer are rewritten too, and so are the findings of those that were refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from governance import loads as ledger
from governance.erasures import Gone, Rewritten
from governance.loads import LoadEntry
from loaders.at_rest import AtRest
from loaders.context import LoadContext, Progress, no_progress
from loaders.erased import KEYS, told_of
from loaders.files import file_digest, locked, sync
from loaders.findings import FILE_NAME
from records.schema import TABLES

TELLING = (
    "source_key",
    "record_key",
    "other_key",
    "contact_key",
    "nhs_number",
    "upn",
    "uln",
    "nino",
    "phone",
    "email",
)
"""Fields whose values name one person or one fact: a finding that holds one of them goes too."""

_LEAST = 4  # marks of a value that may be taken for one person's


@dataclass(kw_only=True)
class _Load:
    """One load while it is rewritten."""

    entry: LoadEntry
    folder: Path
    at_rest: AtRest
    rows: dict[str, int] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)

    def replace(self, file: Path, rows: pa.Table, gone: int) -> None:
        """Put a table in the place of a file."""
        before = file_digest(file)
        draft = file.with_name(f".{file.name}.draft")
        self.at_rest.write(rows, draft)
        draft.replace(file)
        sync(file.parent)
        self.rows[file.stem] = gone
        self.before[file.stem], self.after[file.stem] = before, file_digest(file)

    def told(self) -> Rewritten:
        return Rewritten(
            load_id=self.entry.load_id, rows=self.rows, before=self.before, after=self.after
        )


def rewrite_loads(
    context: LoadContext, gone: Gone, *, progress: Progress = no_progress
) -> Iterator[Rewritten]:
    """Take what is gone out of every load; each that changed, as soon as it has.

    Values that name one person in the rows that go also take the findings that hold them, in
    every load of the agency.
    """
    with context.session() as session:
        entries = ledger.loads(session)
    with locked(context.home / "staging"):
        folders = {entry.load_id: (entry, _folder(context, entry)) for entry in entries}
        found = [(entry, folder) for entry, folder in folders.values() if folder.is_dir()]
        named = _named(found, gone, context.at_rest)
        # Findings first: what tells which of them go stands in the tables.
        for number, (entry, folder) in enumerate(found):
            progress("Rewriting findings", number / len(found) / 2)
            for draft in folder.glob(".*.draft"):
                draft.unlink()
            load = _Load(entry=entry, folder=folder, at_rest=context.at_rest)
            _rewrite_findings(load, gone, named.get(entry.agency, set()))
            if load.rows:
                yield load.told()
        for number, (entry, folder) in enumerate(found):
            progress("Rewriting loads", 0.5 + number / len(found) / 2)
            load = _Load(entry=entry, folder=folder, at_rest=context.at_rest)
            _rewrite_tables(load, gone)
            if load.rows:
                yield load.told()


def _folder(context: LoadContext, entry: LoadEntry) -> Path:
    return context.home / "staging" / entry.agency / entry.dataset / entry.load_id


def _named(loads: list[tuple[LoadEntry, Path]], gone: Gone, at_rest: AtRest) -> dict[str, set[str]]:
    """By agency the values that name somebody or something of what goes."""
    found: dict[str, set[str]] = {}
    for entry, folder in loads:
        for name in ("record", "contact", "indicator"):
            file = folder / f"{name}.parquet"
            if not file.exists():
                continue
            rows = at_rest.read(file)
            raw = [f"{word}_raw" for word in TELLING if f"{word}_raw" in rows.column_names]
            keys = pa.array(sorted(getattr(gone, name)), pa.string())
            rows = rows.filter(pc.is_in(rows[f"{name}_id"], value_set=keys))
            values = found.setdefault(entry.agency, set())
            for column in raw:
                values |= {v for v in rows[column].to_pylist() if v and len(v) >= _LEAST}
    return found


def _rewrite_tables(load: _Load, gone: Gone) -> None:
    for file in _tables(load.folder):
        rows = load.at_rest.read(file)
        mask = told_of(file.stem, rows.column, gone)
        taken = pc.sum(mask).as_py() or 0
        if taken:
            load.replace(file, rows.filter(pc.invert(mask)), taken)


def _rewrite_findings(load: _Load, gone: Gone, named: set[str]) -> None:
    """Findings about rows that go, or that hold a value which names who or what goes.

    A finding about a part of a row does not tell which part: all of that table's in the row go.
    """
    file = load.folder / FILE_NAME
    if not file.exists():
        return
    rows = load.at_rest.read(file)
    value = pc.utf8_trim_whitespace(rows["value"])
    mask = pc.is_in(value, value_set=pa.array(sorted(named), pa.string()))
    for table, lines in _lines(load, gone).items():
        at = pc.is_in(rows["line"], value_set=pa.array(sorted(lines), pa.int64()))
        of_table = pc.equal(rows["table"], table)
        if table == "record":
            of_table = pc.or_(of_table, pc.equal(rows["table"], ""))
        mask = pc.or_(mask, pc.and_(at, of_table))
    mask = pc.fill_null(mask, False)
    taken = pc.sum(mask).as_py() or 0
    if taken:
        load.replace(file, rows.filter(pc.invert(mask)), taken)


def _lines(load: _Load, gone: Gone) -> dict[str, set[int]]:
    """The lines whose rows go, by table."""
    found: dict[str, set[int]] = {}
    for file in _tables(load.folder):
        columns = [name for name, _ in KEYS[file.stem]]
        keys = load.at_rest.read(file, [*columns, "file_line"])
        mask = told_of(file.stem, keys.column, gone)
        found[file.stem] = set(keys["file_line"].filter(mask).to_pylist())
    return found


def _tables(folder: Path) -> list[Path]:
    return sorted(file for file in folder.glob("*.parquet") if file.stem in TABLES)
