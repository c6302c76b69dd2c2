"""The snapshot: what all agencies hold now, out of every load that still counts.

Invariant: a snapshot is a function of the loads in force and their order; the same loads have the
same id and the same rows. One row for each key: that of a record touched last (`updated_on`),
then of the latest load, then the first in its file.

In force are, for each layout of a dataset, its last full extract and the deltas after it; before
any full extract, all deltas.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from governance import loads as ledger
from governance.loads import LoadEntry
from loaders.context import LoadContext, Progress, no_progress
from loaders.errors import StagingError
from loaders.files import locked, new_building, put_in_place, sweep_buildings, sync
from records.schema import TABLES, arrow_schema, key_columns
from records.snapshot import Snapshot

KEPT = 3
_FORM = "2"  # goes into the digest: raise it when the same loads would give other tables
_MEMORY = "800MB"
_THREADS = 2


def take_snapshot(context: LoadContext, *, progress: Progress = no_progress) -> Snapshot:
    """Write the rows in force as a snapshot; if it is there already, it is only opened.

    Raises:
        StagingError: if the folder of a load in force is missing.
    """
    root = context.home / "snapshots"
    with locked(root):
        with context.session() as session:
            entries = in_force(ledger.loads(session))
        snapshot_id = _digest(entries)
        folder = root / snapshot_id
        if not folder.exists():
            sweep_buildings(root)
            building = new_building(root, snapshot_id)
            _write(context.home, entries, building, progress)
            progress("Putting the snapshot in place", 0.95)
            put_in_place(building, folder)
        folder.touch()
        _drop_old(root, snapshot_id)
        progress("Snapshot taken", 1.0)
        return Snapshot(folder=folder, snapshot_id=snapshot_id)


def open_snapshot(context: LoadContext, snapshot_id: str) -> Snapshot:
    """Open a snapshot that was taken. Raises StagingError if it is gone."""
    folder = context.home / "snapshots" / snapshot_id
    if not snapshot_id.isalnum() or not folder.is_dir():
        raise StagingError("that snapshot is not there any more; take a new one: kith resolve")
    return Snapshot(folder=folder, snapshot_id=snapshot_id)


def in_force(entries: Sequence[LoadEntry]) -> list[LoadEntry]:
    """The staged loads whose rows count, in the order of the ledger."""
    staged = [entry for entry in entries if entry.state == "staged"]
    last_full = {_layout(entry): at for at, entry in enumerate(staged) if entry.extract == "full"}
    return [entry for at, entry in enumerate(staged) if at >= last_full.get(_layout(entry), 0)]


def _layout(entry: LoadEntry) -> tuple[str, str, str]:
    return entry.agency, entry.dataset, entry.layout


def _digest(entries: Sequence[LoadEntry]) -> str:
    text = "\n".join([_FORM, *(entry.load_id for entry in entries)])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _write(home: Path, entries: Sequence[LoadEntry], folder: Path, progress: Progress) -> None:
    files = {entry.load_id: _files(home, entry) for entry in entries}
    spill = folder / "spill"
    con = duckdb.connect(
        config={"memory_limit": _MEMORY, "threads": _THREADS, "temp_directory": str(spill)}
    )
    try:
        for number, name in enumerate(TABLES):
            progress(f"Taking a snapshot: {name}", 0.9 * number / len(TABLES))
            sources = [
                (place, files[entry.load_id][name])
                for place, entry in enumerate(entries)
                if name in files[entry.load_id]
            ]
            _write_table(con, name, sources, folder / f"{name}.parquet")
    finally:
        con.close()
        shutil.rmtree(spill, ignore_errors=True)


def _files(home: Path, entry: LoadEntry) -> dict[str, Path]:
    folder = home / "staging" / entry.agency / entry.dataset / entry.load_id
    if not folder.is_dir():
        raise StagingError(f"the staged files of load {entry.load_id} are missing")
    return {path.stem: path for path in folder.glob("*.parquet") if path.stem in TABLES}


def _write_table(
    con: duckdb.DuckDBPyConnection, name: str, sources: list[tuple[int, Path]], path: Path
) -> None:
    schema = arrow_schema(TABLES[name])
    if not sources:
        pq.write_table(schema.empty_table(), path)
        sync(path)
        return
    con.execute("create or replace temp table loads (place integer, file varchar)")
    con.executemany("insert into loads values (?, ?)", [(p, str(f)) for p, f in sources])
    con.register("shape", schema.empty_table())  # a load staged before a field was lacks it
    touched = "updated_on desc nulls last," if "updated_on" in schema.names else ""
    keys = ", ".join(("agency", "dataset", *key_columns(name)))
    columns = ", ".join(f'"{column}"' for column in schema.names)
    rows = con.sql(
        f"""
        select {columns} from (
            from shape union all by name
            from read_parquet(?, filename = true, union_by_name = true)) r
        join loads l on l.file = r.filename
        qualify row_number() over (
            partition by {keys} order by {touched} l.place desc, file_line
        ) = 1
        order by {keys}
        """,
        params=[[str(file) for _, file in sources]],
    )
    reader = rows.to_arrow_reader(100_000)
    with pq.ParquetWriter(path, schema, compression="zstd", compression_level=1) as writer:
        for batch in reader:
            writer.write_batch(batch.cast(schema))
    sync(path)


def _drop_old(root: Path, current: str) -> None:
    """Keep the last few snapshots: a projection may still read the one before."""
    folders = [entry for entry in root.iterdir() if entry.is_dir() and entry.name != current]
    folders.sort(key=lambda entry: entry.stat().st_mtime, reverse=True)
    for old in folders[KEPT - 1 :]:
        shutil.rmtree(old, ignore_errors=True)
