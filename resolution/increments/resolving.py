"""A run over what changed since the run before.

Invariant: its folder is what a run over all records with the same model would have written. Where
the run before left nothing to go on from, it says so before anything is done.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy.orm import Session

from governance.ids import new_id
from governance.judgements import history, judgements
from governance.registration import agencies
from records.keys import KeyMaker
from records.snapshot import Resolved, Snapshot
from resolution import collector
from resolution.blocking import read_blocking
from resolution.increments.changes import Changes, find_changes
from resolution.increments.derived import Derivation, Derived, Setting
from resolution.increments.linking import ChangedLinking, Difference, Given
from resolution.increments.places import INDEX, Placing, place_changed
from resolution.increments.rewriting import Rewriting
from resolution.increments.seen import write_seen
from resolution.increments.state import (
    FOLDER,
    LinkingState,
    basis_of,
    is_of,
    read_state,
    write_records,
    write_state,
)
from resolution.increments.telling import relink
from resolution.learned import automatic_counts, learning_counts
from resolution.linking.settings import LinkingSettings, read_linking
from resolution.linking.trained import Trained
from resolution.matched import Matching
from resolution.prepare import open_workspace
from resolution.rules import Ladder, read_ladder
from resolution.running import Progress, Running, silent
from resolution.survivorship import Survivorship, read_survivorship


@dataclass(frozen=True, kw_only=True)
class Before:
    """The run before: its folder, its snapshot, its model, and the day it was made."""

    resolved: Resolved
    snapshot: Snapshot
    model: Trained
    day: dt.date


def can_go_on(
    before: Before, ladder: Ladder | None = None, settings: LinkingSettings | None = None
) -> bool:
    """Whether the run before left what a run over a change goes on from."""
    folder = before.resolved.folder
    basis = _basis(before.model, ladder or read_ladder(), settings or read_linking())
    return (folder / INDEX).is_file() and is_of(folder / FOLDER, basis)


def resolve_changed(
    before: Before,
    snapshot: Snapshot,
    *,
    session: Session,
    keys: KeyMaker,
    geography: pa.Table | None,
    out_folder: Path,
    clock: Callable[[], dt.datetime],
    progress: Progress | None = None,
    ladder: Ladder | None = None,
    survivorship: Survivorship | None = None,
    settings: LinkingSettings | None = None,
    run_id: str | None = None,
) -> Resolved:
    """Resolve what changed; for the arguments see `resolution.run.resolve`.

    Raises:
        StateError: if the run before left nothing to go on from; see `can_go_on`.
    """
    run = _ChangedRun(
        before,
        snapshot,
        ladder=ladder or read_ladder(),
        survivorship=survivorship or read_survivorship(),
        settings=settings or read_linking(),
        geography=geography,
        keys=keys,
        session=session,
        run_id=run_id or new_id("x"),
        started=clock(),
        progress=progress or silent,
    )
    out_folder.mkdir(parents=True, exist_ok=True)
    with (
        collector.at_rest(),
        tempfile.TemporaryDirectory(prefix=".work-", dir=out_folder) as temporary,
    ):
        counts = run.work(out_folder / run.run_id, Path(temporary))
    run.record(clock(), snapshot.snapshot_id, counts, started_here=run_id is None)
    return Resolved(
        folder=out_folder / run.run_id, run_id=run.run_id, snapshot_id=snapshot.snapshot_id
    )


class _ChangedRun(Running):
    """One run over a change, and its stages in order."""

    def __init__(
        self,
        before: Before,
        snapshot: Snapshot,
        *,
        ladder: Ladder,
        survivorship: Survivorship,
        settings: LinkingSettings,
        geography: pa.Table | None,
        keys: KeyMaker,
        session: Session,
        run_id: str,
        started: dt.datetime,
        progress: Progress,
    ) -> None:
        super().__init__(session=session, run_id=run_id, started=started, progress=progress)
        self.before, self.snapshot = before, snapshot
        self.ladder, self.survivorship, self.settings = ladder, survivorship, settings
        self.geography, self.keys = geography, keys
        self.basis = _basis(before.model, ladder, settings)
        self.judged = judgements(session)

    def work(self, folder: Path, temporary: Path) -> dict[str, Any]:
        """Every stage; the counts for the run's row."""
        with self.stage("preparing records"):
            changes = find_changes(self.before.snapshot, self.snapshot)
            state = read_state(self.before.resolved.folder / FOLDER, self.basis)
        with self.stage("resolving addresses"):
            placing = self.place(changes, temporary)
        with open_workspace(temporary) as con:
            linking = ChangedLinking(
                con, self.given(), state, _difference(changes, placing), self.begin
            )
            matching = linking.match()
            self.end()
            with self.stage("giving ids"):
                derivation = self.derivation(folder, changes, placing, linking, matching, state)
                derivation.name()
            with self.stage("choosing golden values"):
                derivation.choose_golden()
            with self.stage("deriving households"):
                derivation.derive_stays()
                derivation.derive_households()
            with self.stage("writing results"):
                derivation.tell_links()
                derivation.put_places()
                made = derivation.finish(
                    lambda beside: self.write_beside(
                        beside, linking, matching, placing, derivation.addresses.ids
                    )
                )
        self.events += made.events
        self.done()
        return self.counts(folder, changes, linking, matching, made)

    def given(self) -> Given:
        return Given(
            snapshot=self.snapshot,
            ladder=self.ladder,
            blocking=read_blocking(),
            settings=self.settings,
            model=self.before.model,
            judgements=self.judged,
        )

    def place(self, changes: Changes, temporary: Path) -> Placing:
        """What addresses make of it."""
        return place_changed(
            self.before.resolved.folder,
            temporary,
            old=self.before.snapshot,
            new=self.snapshot,
            changes=changes,
            geography=self.geography,
            session=self.session,
            keys=self.keys,
        )

    def derivation(
        self,
        folder: Path,
        changes: Changes,
        placing: Placing,
        linking: ChangedLinking,
        matching: Matching,
        state: LinkingState,
    ) -> Derivation:
        """What follows, ready to be derived."""
        today = self.started.date()
        relinked = relink(linking, matching, state, self.judged, self.ladder, today)
        setting = Setting(
            snapshot=self.snapshot,
            rules=self.survivorship,
            kinds={agency.agency_id: agency.kind for agency in agencies(self.session)},
            session=self.session,
            keys=self.keys,
            run_id=self.run_id,
            today=today,
        )
        return Derivation(
            open_workspace(),
            setting,
            Rewriting(self.before.resolved, folder),
            relinked=relinked,
            placed=placing.placed,
            removed=changes["record"].removed,
            expired=_expired(self.snapshot, self.before.day, today),
        )

    def write_beside(
        self,
        folder: Path,
        linking: ChangedLinking,
        matching: Matching,
        placing: Placing,
        address_ids: list[str],
    ) -> None:
        """What the next run over a change goes on from."""
        state = folder / FOLDER
        state.mkdir(exist_ok=True)
        placing.keep(folder, address_ids)
        write_seen(linking.con, state)
        write_records(state, linking.write_keys(state))
        write_state(state, self.basis, matching, self.judged)

    def counts(
        self,
        folder: Path,
        changes: Changes,
        linking: ChangedLinking,
        matching: Matching,
        made: Derived,
    ) -> dict[str, Any]:
        """What the run's row tells."""
        record = changes["record"]
        resolved = Resolved(
            folder=folder, run_id=self.run_id, snapshot_id=self.snapshot.snapshot_id
        )
        return {
            "records": len(linking.numbering.ids),
            "changed": {
                "added": len(record.added),
                "changed": len(record.changed),
                "removed": len(record.removed),
                "compared_again": len(linking.touched),
                "people": made.touched_people,
                "addresses": made.touched_addresses,
                "since": self.before.resolved.run_id,
            },
            "candidate_pairs": matching.pairs,
            "links": len(matching.links.left),
            "refused_merges": matching.refused,
            "rows": made.rows,
            "identities": {"person": made.people.counts, "address": made.addresses.counts},
            **learning_counts(matching, history(self.session), set(linking.numbering.ids.tolist())),
            "automatic": automatic_counts(resolved),
            "rules": [],
            "rules_version": self.ladder.version,
            "survivorship_version": self.survivorship.version,
        }


def _basis(model: Trained, ladder: Ladder, settings: LinkingSettings) -> str:
    return basis_of(model.version, ladder, read_blocking(), settings)


def _difference(changes: Changes, placing: Placing) -> Difference:
    record = changes["record"]
    return Difference(
        changed=record.changed, added=record.added, removed=record.removed, seen=placing.seen
    )


def _expired(snapshot: Snapshot, before: dt.date, today: dt.date) -> set[str]:
    """Records with a residence whose last day passed since the run before."""
    with duckdb.connect() as con:
        residence = con.read_parquet([str(file) for file in snapshot.files("residence")])
        rows = residence.filter(
            f"to_date > date '{before.isoformat()}' and to_date <= date '{today.isoformat()}'"
        )
        return {record for (record,) in rows.select("record_id").fetchall()}
