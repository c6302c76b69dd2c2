"""The snapshot: what all agencies hold now, out of every load that still counts.

Invariant: a snapshot is a function of the loads in force, their order, and what erasures left of
them; the same loads have the same id and the same rows. One row for each key: that of a record
touched last (`updated_on`), then of the latest load, then the first in its file.

In force are, for each layout of a dataset, its last full extract and the deltas after it; before
any full extract, all deltas.

A snapshot is made from one before where there is one: loads that came since are merged into the
leaves that hold their keys, the datasets of loads that no longer count are merged anew, and every
other leaf is linked.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from governance import erasures
from governance import loads as ledger
from governance.loads import LoadEntry
from loaders.at_rest import AtRest
from loaders.context import LoadContext, Progress, no_progress
from loaders.errors import StagingError
from loaders.files import locked, new_building, put_in_place, sweep_buildings, sync
from loaders.merging import merged, read_load
from records.leaves import link_table, replace_rows, write_leaves
from records.schema import ORDERS, TABLES
from records.snapshot import Snapshot

KEPT = 3
_FORM = "3"  # goes into the digest: raise it when the same loads would give other tables
_LOADS = "loads.json"
_AHEAD = ".ahead"  # holds the id of a snapshot that nobody has asked for yet
_MEMORY = "800MB"
_THREADS = 2


def take_snapshot(context: LoadContext, *, progress: Progress = no_progress) -> Snapshot:
    """Write the rows in force as a snapshot; if it is there already, it is only opened.

    Raises:
        StagingError: if the folder of a load in force is missing.
    """
    root = context.home / "snapshots"
    with locked(root):
        snapshot = _made(context, root, progress)
        snapshot.folder.touch()
        (root / _AHEAD).unlink(missing_ok=True)
        _drop_old(root, snapshot.snapshot_id)
        progress("Snapshot taken", 1.0)
        return snapshot


def take_ahead(context: LoadContext, *, progress: Progress = no_progress) -> None:
    """Write the snapshot before anybody asks, so that whoever asks first does not wait for it.

    One that was written ahead and that nobody asked for gives way; no other is dropped.

    Raises:
        StagingError: if the folder of a load in force is missing.
    """
    root = context.home / "snapshots"
    with locked(root):
        before = {entry.name for entry in root.iterdir()}
        snapshot_id = _made(context, root, progress).snapshot_id
        if snapshot_id in before:
            return
        mark = root / _AHEAD
        unasked = mark.read_text(encoding="utf-8") if mark.exists() else ""
        mark.write_text(snapshot_id, encoding="utf-8")
        if unasked.isalnum():
            shutil.rmtree(root / unasked, ignore_errors=True)


def _made(context: LoadContext, root: Path, progress: Progress) -> Snapshot:
    """The snapshot of the loads in force, written if it is not there."""
    with context.session() as session:
        entries = in_force(ledger.loads(session))
        versions = erasures.versions(session)
    snapshot_id = _digest(entries, versions)
    folder = root / snapshot_id
    if not folder.exists():
        sweep_buildings(root)
        building = new_building(root, snapshot_id)
        _write(context, entries, versions, building, progress)
        progress("Putting the snapshot in place", 0.95)
        put_in_place(building, folder)
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


def _digest(entries: Sequence[LoadEntry], versions: Mapping[str, str]) -> str:
    """Of the loads, and of what erasures made of them."""
    named = (entry.load_id + versions.get(entry.load_id, "") for entry in entries)
    text = "\n".join([_FORM, *named])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, kw_only=True)
class _Source:
    """One load, as far as a snapshot needs it: whose it is, and its table's files.

    `form` tells the load, and what erasures made of it: rewritten it is another.
    """

    form: str
    agency: str
    dataset: str
    files: dict[str, Path]

    @property
    def whose(self) -> tuple[str, str]:
        return self.agency, self.dataset


@dataclass(frozen=True, kw_only=True)
class _Base:
    """A snapshot to start from: what went into it, load by load (whose, and which tables)."""

    tables: Snapshot
    loads: dict[str, tuple[tuple[str, str], list[str]]]

    def replaced(self, name: str, sources: Sequence[_Source]) -> set[tuple[str, str]]:
        """The datasets whose rows in a table do not all count any more."""
        now = {source.form for source in sources}
        return {
            whose for load, (whose, has) in self.loads.items() if load not in now and name in has
        }


def _write(
    context: LoadContext,
    entries: Sequence[LoadEntry],
    versions: Mapping[str, str],
    folder: Path,
    progress: Progress,
) -> None:
    home = context.home
    sources = [_source(home, entry, versions.get(entry.load_id, "")) for entry in entries]
    base = _base(home / "snapshots", sources)
    spill = folder / "spill"
    con = duckdb.connect(
        config={"memory_limit": _MEMORY, "threads": _THREADS, "temp_directory": str(spill)}
    )
    try:
        for number, name in enumerate(TABLES):
            progress(f"Taking a snapshot: {name}", 0.9 * number / len(TABLES))
            if base is None:
                rows = merged(con, name, _read(name, sources, context.at_rest))
                write_leaves(rows, folder / name, ORDERS[name][0])
            else:
                _write_from(con, base, name, sources, folder / name, context.at_rest)
    finally:
        con.close()
        shutil.rmtree(spill, ignore_errors=True)
    _write_loads(sources, folder / _LOADS)
    _sync_new(folder)


def _source(home: Path, entry: LoadEntry, version: str) -> _Source:
    folder = home / "staging" / entry.agency / entry.dataset / entry.load_id
    if not folder.is_dir():
        raise StagingError(f"the staged files of load {entry.load_id} are missing")
    return _Source(
        form=entry.load_id + version,
        agency=entry.agency,
        dataset=entry.dataset,
        files={path.stem: path for path in folder.glob("*.parquet") if path.stem in TABLES},
    )


def _read(name: str, sources: Sequence[_Source], at_rest: AtRest) -> list[pa.Table]:
    files = [source.files[name] for source in sources if name in source.files]
    return [read_load(name, file, at_rest) for file in files]


def _write_from(
    con: duckdb.DuckDBPyConnection,
    base: _Base,
    name: str,
    sources: Sequence[_Source],
    folder: Path,
    at_rest: AtRest,
) -> None:
    """One table, from what it was: rows change only where loads came or no longer count."""
    anew = base.replaced(name, sources)
    taken = [s for s in sources if s.form not in base.loads or s.whose in anew]
    loads = _read(name, taken, at_rest)
    before, key = base.tables.folder / name, ORDERS[name][0]
    if not loads and not anew:
        link_table(before, folder)
        return
    touched = {value for load in loads for value in load[key].to_pylist()}
    if anew:
        whose = base.tables.read(name, [key, "agency", "dataset"])
        touched.update(whose.filter(_of(whose, anew))[key].to_pylist())
    held = base.tables.read_keys(name, key, touched)
    held = held.filter(pc.invert(_of(held, anew)))
    rows = merged(con, name, [held, *loads])
    replace_rows(before, folder, keys=touched, rows=rows, order=ORDERS[name])


def _of(rows: pa.Table, datasets: set[tuple[str, str]]) -> pa.ChunkedArray:
    """Which rows are of one of some datasets."""
    whose = pc.binary_join_element_wise(rows["agency"], rows["dataset"], "\x1f")
    wanted = pa.array(["\x1f".join(pair) for pair in sorted(datasets)], pa.string())
    return pc.is_in(whose, value_set=wanted)


def _base(root: Path, sources: Sequence[_Source]) -> _Base | None:
    """The snapshot that has most of the loads, if the others all came after those."""
    found: list[_Base] = []
    for file in root.glob(f"[!.]*/{_LOADS}"):
        content = json.loads(file.read_text(encoding="utf-8"))
        loads = {load: (tuple(whose), tables) for load, whose, tables in content["loads"]}
        here = [source.form in loads for source in sources]
        if content["form"] == _FORM and any(here) and here == sorted(here, reverse=True):
            folder = file.parent
            tables = Snapshot(folder=folder, snapshot_id=folder.name)
            found.append(_Base(tables=tables, loads=loads))
    now = {source.form for source in sources}
    return max(found, key=lambda base: len(now & set(base.loads)), default=None)


def _write_loads(sources: Sequence[_Source], file: Path) -> None:
    loads = [[source.form, source.whose, sorted(source.files)] for source in sources]
    file.write_text(json.dumps({"form": _FORM, "loads": loads}), encoding="utf-8")


def _sync_new(folder: Path) -> None:
    """See onto the disk what this snapshot brought; linked leaves are there already."""
    for file in folder.rglob("*"):
        if file.is_dir() or file.stat().st_nlink == 1:
            sync(file)


def _drop_old(root: Path, current: str) -> None:
    """Keep the last few snapshots: a projection may still read the one before."""
    folders = [entry for entry in root.iterdir() if entry.is_dir() and entry.name != current]
    folders.sort(key=lambda entry: entry.stat().st_mtime, reverse=True)
    for old in folders[KEPT - 1 :]:
        shutil.rmtree(old, ignore_errors=True)
