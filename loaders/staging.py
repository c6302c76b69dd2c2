"""Staging: a file becomes immutable Parquet and a row in the ledger of loads, or nothing.

Invariant: a load exists when its ledger row does. Its folder is written beside, synced and renamed
before that row; so a crash at any moment leaves either the state before, and a folder without a
row that the next load sweeps, or the whole load.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from governance import erasures
from governance import loads as ledger
from governance.ids import new_id
from governance.loads import LoadEntry
from governance.registration import require_dataset
from loaders import findings
from loaders.assembling import Assembled, Origin, assemble
from loaders.context import LoadContext, LoadResult, Progress, no_progress
from loaders.errors import NotRecognisedError, ReadError
from loaders.files import (
    file_digest,
    locked,
    new_building,
    put_in_place,
    sweep_buildings,
)
from loaders.mapping import Mapping
from loaders.readers import read_rows
from loaders.readers.guard import check_file
from loaders.recognising import choose_mapping
from loaders.validation import threshold_fault

_LONGEST_NAME = 400


@dataclass(frozen=True, kw_only=True)
class _Load:
    """One file on its way in."""

    path: Path
    mapping: Mapping
    agency: str
    system: str
    digest: str
    load_id: str
    context: LoadContext

    @property
    def root(self) -> Path:
        return self.context.home / "staging"

    @property
    def folder(self) -> Path:
        return self.root / self.agency / self.system / self.load_id


def load_file(
    path: Path,
    *,
    mappings: Sequence[Mapping],
    context: LoadContext,
    dataset: str | None = None,
    progress: Progress = no_progress,
) -> LoadResult:
    """Stage one file.

    Args:
        path: the file as the agency sent it.
        mappings: those to choose from, by dataset and by the file's columns; or just one.
        dataset: `AGENCY/SYSTEM` that sent it; the mapping's own if None.
        progress: told each stage before it begins.

    Returns:
        A result that says `staged`, `unchanged` (this very file is what is staged) or `refused`
        (it is in the ledger with its reason, and nothing else changed).

    Raises:
        ReadError: if there is no such file, or no mapping can be chosen for what it is.
        NotRecognisedError: if no mapping fits, or more than one.
        governance.RegistrationError: if the dataset is not registered, not active or without a
            lawful basis.
    """
    check_file(path)
    if dataset is not None:
        _require(context, dataset)
    progress("Recognising the file", 0.0)
    mapping = choose_mapping(path, mappings, dataset)
    agency, _, system = (dataset or mapping.dataset).partition("/")
    _require(context, f"{agency}/{system}")
    with locked(context.home / "staging"):
        sweep_staging(context)
        load = _Load(
            path=path,
            mapping=mapping,
            agency=agency,
            system=system,
            digest=file_digest(path),
            load_id=new_id("l"),
            context=context,
        )
        found = _same_file(load)
        if found is not None:
            return LoadResult(state="unchanged", entry=found, quarantine=_quarantine(load, found))
        return _load(load, progress)


def sweep_staging(context: LoadContext) -> int:
    """Remove folders that no ledger row knows; how many. Call it under the staging lock."""
    root = context.home / "staging"
    with context.session() as session:
        known = {entry.load_id for entry in ledger.loads(session)}
    left = [folder for folder in root.glob("[!.]*/*/*") if folder.name not in known]
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    return len(left) + sweep_buildings(root)


def sweep(context: LoadContext) -> int:
    """Remove what a crash left behind, in staging and among the snapshots; how much it was."""
    with locked(context.home / "staging"):
        count = sweep_staging(context)
    with locked(context.home / "snapshots"):
        return count + sweep_buildings(context.home / "snapshots")


def _require(context: LoadContext, dataset: str) -> None:
    agency, _, system = dataset.partition("/")
    if not system:
        raise NotRecognisedError("a dataset is named AGENCY/SYSTEM")
    with context.session() as session:
        require_dataset(session, agency, system, context.clock().date())


def _same_file(load: _Load) -> LoadEntry | None:
    """The load of these very bytes, if staging them again would change nothing.

    An older full extract that was replaced since is news again.
    """
    with load.context.session() as session:
        found = ledger.find_load(
            session, load.agency, load.system, load.mapping.layout, load.digest
        )
        if found is None or _reading(found) != (load.mapping.mapping, load.mapping.version):
            return None
        if load.mapping.extract == "delta":
            return found
        later = [
            entry
            for entry in ledger.loads(session, load.agency)
            if (entry.dataset, entry.layout, entry.state)
            == (load.system, load.mapping.layout, "staged")
        ]
    return found if later[-1].load_id == found.load_id else None


def _reading(entry: LoadEntry) -> tuple[str, int]:
    return entry.mapping, entry.mapping_version


def _load(load: _Load, progress: Progress) -> LoadResult:
    today = load.context.clock().date()
    with load.context.session() as session:
        gone = erasures.erased(session)
    origin = Origin(
        agency=load.agency,
        dataset=load.system,
        load_id=load.load_id,
        file_name=load.path.name,
        keys=load.context.keys,
        today=today,
        gone=gone,
    )
    try:
        progress("Reading the file", 0.05)
        rows = read_rows(load.path, load.mapping)
    except ReadError as error:
        return _refuse(load, None, str(error), error.ground)
    progress("Standardising", 0.35)
    assembled = assemble(load.mapping, rows, origin)
    fault = threshold_fault(load.mapping.limits, rows_in=assembled.rows_in, spoilt=assembled.spoilt)
    if fault is not None:
        return _refuse(load, assembled, f"{load.path.name}: {fault}", "thresholds")
    if file_digest(load.path) != load.digest:
        raise ReadError(f"{load.path.name}: the file was changed while it was read")
    return _stage(load, assembled, progress)


def _stage(load: _Load, assembled: Assembled, progress: Progress) -> LoadResult:
    progress("Writing", 0.7)
    building = new_building(load.root, load.load_id)
    for name, table in assembled.tables.items():
        load.context.at_rest.write(table, building / f"{name}.parquet")
        progress(f"Written: {name}", 0.8)
    if assembled.found.num_rows:
        load.context.at_rest.write(assembled.found, building / findings.FILE_NAME)
    progress("Putting in place", 0.9)
    put_in_place(building, load.folder)
    progress("Writing the ledger", 0.95)
    entry = _enter(load, assembled, state="staged", reason=None)
    progress("Staged", 1.0)
    return LoadResult(state="staged", entry=entry, quarantine=_quarantine(load, entry))


def _refuse(load: _Load, assembled: Assembled | None, reason: str, ground: str) -> LoadResult:
    """A row in the ledger and, for the sender, the findings; no table."""
    if assembled is not None and assembled.found.num_rows:
        building = new_building(load.root, load.load_id)
        load.context.at_rest.write(assembled.found, building / findings.FILE_NAME)
        put_in_place(building, load.folder)
    entry = _enter(load, assembled, state="refused", reason=reason)
    quarantine = _quarantine(load, entry)
    return LoadResult(
        state="refused", entry=entry, reason=reason, ground=ground, quarantine=quarantine
    )


def _enter(
    load: _Load, assembled: Assembled | None, *, state: str, reason: str | None
) -> LoadEntry:
    mapping = load.mapping
    rows_in = assembled.rows_in if assembled else 0
    rejected = assembled.rejected if assembled else 0
    entry = LoadEntry(
        load_id=load.load_id,
        agency=load.agency,
        dataset=load.system,
        layout=mapping.layout,
        mapping=mapping.mapping,
        mapping_version=mapping.version,
        extract=mapping.extract,
        file_name=_safe_name(load.path),
        sha256=load.digest,
        rows_in=rows_in,
        accepted=rows_in - rejected if state == "staged" else 0,
        rejected=rejected,
        counts=_counts(assembled, staged=state == "staged"),
        state=state,
        reason=reason,
        loaded_by=load.context.user_id,
        loaded_on=load.context.clock(),
    )
    with load.context.session() as session:
        ledger.add_load(session, entry)
        session.commit()
    return entry


def _counts(assembled: Assembled | None, *, staged: bool) -> dict[str, object]:
    if assembled is None:
        return {}
    tables = {name: table.num_rows for name, table in assembled.tables.items()}
    counts: dict[str, object] = {
        "rows": tables if staged else {},
        "findings": findings.counted(assembled.found),
        "repeats": assembled.repeats,
    }
    return counts | ({"erased": assembled.erased} if assembled.erased else {})


def _safe_name(path: Path) -> str:
    name = path.name.encode("utf-8", "replace").decode("utf-8")
    return "".join(mark if mark.isprintable() else "?" for mark in name)[-_LONGEST_NAME:]


def _quarantine(load: _Load, entry: LoadEntry) -> Path | None:
    path = findings.findings_file(load.context.home, entry)
    return path if path.exists() else None
