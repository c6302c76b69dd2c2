"""One run of resolution: a snapshot in, every derived table out.

Invariant: the answer is a function of the snapshot, the rules, the judgements and the identity
ledger. A run that is killed leaves the last good result as it was: files appear by rename, and
the ledger is written in the caller's unit of work, after them.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from sqlalchemy.orm import Session

from governance.ids import new_id
from governance.judgements import Judgement, history, judgements
from governance.registration import agencies
from records.keys import KeyMaker
from records.snapshot import Resolved, Snapshot
from resolution import collector, libraries
from resolution.addresses import resolve_addresses
from resolution.blocking import read_blocking
from resolution.explaining import tell_links
from resolution.golden import golden_people, write_agency_kinds
from resolution.households import derive_households
from resolution.identities import Naming, name_clusters
from resolution.increments.match_keys import KEYS
from resolution.increments.places import INDEX, keep_index
from resolution.increments.state import (
    FOLDER,
    basis_of,
    records_of,
    write_state,
    write_tables,
)
from resolution.learned import automatic_counts, learning_counts
from resolution.linking.pools import cluster_pool, record_pool
from resolution.linking.second_pass import cluster_odds
from resolution.linking.settings import LinkingSettings, read_linking
from resolution.linking.trained import Trained
from resolution.matched import Matching
from resolution.matching import match_records
from resolution.prepare import open_workspace, prepare
from resolution.questions import write_pool
from resolution.residences import derive_residences
from resolution.rules import Ladder, read_ladder
from resolution.running import Progress, Running, silent
from resolution.survivorship import Survivorship, read_survivorship
from resolution.tables import (
    steward_pairs,
    write_address_ids,
    write_folder,
    write_links,
    write_members,
)
from resolution.whereabouts import find_whereabouts


def resolve(
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
    model: Trained | None = None,
    learned: Callable[[Trained], object] | None = None,
    run_id: str | None = None,
) -> Resolved:
    """Resolve a snapshot into people, addresses and households.

    Args:
        session: the register's unit of work; written at the end only, the caller commits.
        geography: postcode, latitude, longitude, small_area; None: no positions.
        out_folder: where the run's folder `<run_id>` is made.
        run_id: a run that the caller has started; None: one is started (and finished) here.
        ladder, survivorship, settings: None: those that ship with Kith.
        model: what was learned before, used as it is; None: learn anew.
        learned: told what was learned, before the run is whole.

    Raises:
        RulesError: if a file of rules cannot be used.
    """
    libraries.bring()
    run = _Run(
        ladder=ladder or read_ladder(),
        survivorship=survivorship or read_survivorship(),
        settings=settings or read_linking(),
        model=model,
        session=session,
        keys=keys,
        run_id=run_id or new_id("x"),
        started=clock(),
        progress=progress or silent,
    )
    out_folder.mkdir(parents=True, exist_ok=True)
    with (
        collector.at_rest(),
        tempfile.TemporaryDirectory(prefix=".work-", dir=out_folder) as temporary,
    ):
        counts = run.work(snapshot, geography, out_folder / run.run_id, Path(temporary))
    if learned is not None and run.trained is not None:
        learned(run.trained)
    run.record(clock(), snapshot.snapshot_id, counts, started_here=run_id is None)
    return Resolved(
        folder=out_folder / run.run_id, run_id=run.run_id, snapshot_id=snapshot.snapshot_id
    )


class _Run(Running):
    """The state of one run over all records, and its stages in order."""

    def __init__(
        self,
        *,
        ladder: Ladder,
        survivorship: Survivorship,
        settings: LinkingSettings,
        model: Trained | None,
        session: Session,
        keys: KeyMaker,
        run_id: str,
        started: dt.datetime,
        progress: Progress,
    ) -> None:
        super().__init__(session=session, run_id=run_id, started=started, progress=progress)
        self.ladder = ladder
        self.survivorship = survivorship
        self.settings, self.model = settings, model
        self.trained: Trained | None = None
        self.keys = keys

    def work(
        self, snapshot: Snapshot, geography: pa.Table | None, folder: Path, temporary: Path
    ) -> dict[str, Any]:
        """Every stage; the counts for the run's row."""
        with open_workspace(temporary) as con:
            with self.stage("preparing records"):
                known = self.model.statistics if self.model else None
                records = prepare(con, snapshot, known)
            with self.stage("resolving addresses"):
                found, evidence = resolve_addresses(
                    con, snapshot, geography, temporary / INDEX.name
                )
                find_whereabouts(con, snapshot)
            judged = judgements(self.session)
            matching = match_records(
                con,
                self.ladder,
                judged,
                settings=self.settings,
                model=self.model,
                stage=self.begin,
                keep_keys=temporary / KEYS,
            )
            self.end()
            self.trained = matching.trained
            present = set(_record_ids(con))
            with self.stage("giving ids"):
                people = self.name_people(con, matching)
                places = self.name_addresses(con, evidence)
            with self.stage("choosing golden values"):
                kinds = {agency.agency_id: agency.kind for agency in agencies(self.session)}
                write_agency_kinds(con, kinds)
                golden_people(con, self.survivorship)
            with self.stage("deriving households"):
                derive_residences(con, self.survivorship, self.started.date())
                derive_households(con, self.survivorship, self.keys)
            with self.stage("writing results"):
                same = steward_pairs(con, judged)
                # The sentences of all links take much room: nothing holds them any longer.
                told = tell_links(matching, self.ladder)
                write_links(con, matching, self.ladder, told, same)
                del told
                rows = write_folder(
                    con,
                    folder,
                    self.started.date(),
                    lambda beside: self.write_beside(
                        con, matching, beside, temporary, judged, places.ids
                    ),
                )
        self.done()
        return {
            "records": records,
            "candidate_pairs": matching.pairs,
            "links": len(matching.links.left),
            "refused_merges": matching.refused,
            "places": found.places,
            "rows": rows,
            "identities": {"person": people.counts, "address": places.counts},
            **learning_counts(matching, history(self.session), present),
            "automatic": automatic_counts(
                Resolved(folder=folder, run_id=self.run_id, snapshot_id=snapshot.snapshot_id)
            ),
            "rules": [asdict(entry) for entry in matching.yields],
            "rules_version": self.ladder.version,
            "survivorship_version": self.survivorship.version,
        }

    def name_people(self, con: duckdb.DuckDBPyConnection, matching: Matching) -> Naming:
        labels = matching.labels
        rows = con.execute("select record_id from person order by rid").fetchall()
        clusters: dict[int, list[str]] = {}
        for (record_id,), home in zip(rows, labels.tolist(), strict=True):
            clusters.setdefault(home, []).append(record_id)
        naming = self._name("person", list(clusters.values()))
        ids = dict(zip(clusters, naming.ids, strict=True))
        write_members(con, [ids[home] for home in labels.tolist()])
        return naming

    def name_addresses(
        self, con: duckdb.DuckDBPyConnection, evidence: Sequence[set[str]]
    ) -> Naming:
        # The ledger holds digests: an address in the clear would outlive an erasure.
        members = [sorted(self.keys.derived_id("e", text) for text in group) for group in evidence]
        naming = self._name("address", members)
        write_address_ids(con, naming.ids)
        return naming

    def write_beside(
        self,
        con: duckdb.DuckDBPyConnection,
        matching: Matching,
        folder: Path,
        temporary: Path,
        judged: Sequence[Judgement],
        address_ids: list[str],
    ) -> None:
        """What stewards may be asked about, and what a run over a change goes on from."""
        self.write_questions(con, matching, folder)
        if matching.trained is None:
            return
        keep_index(temporary / INDEX.name, folder, address_ids)
        state = folder / FOLDER
        write_tables(con, state, records_of(con, matching.candidates.life.spans))
        basis = basis_of(matching.trained.version, self.ladder, read_blocking(), self.settings)
        write_state(state, basis, matching, judged)
        shutil.move(temporary / KEYS, state / KEYS)

    def write_questions(
        self, con: duckdb.DuckDBPyConnection, matching: Matching, folder: Path
    ) -> None:
        """What stewards may be asked about."""
        ids = np.array(_record_ids(con), dtype=object)
        pool = record_pool(matching, ids, self.settings)
        if pool is not None:
            write_pool(folder / "questions", "records", pool)
        if matching.compared is not None and matching.trained is not None:
            odds = cluster_odds(matching.compared, matching.trained.across)
            pool = cluster_pool(matching.compared, odds, ids, self.settings)
            if pool is not None:
                write_pool(folder / "questions", "clusters", pool)

    def _name(self, kind: str, clusters: Sequence[Sequence[str]]) -> Naming:
        naming = name_clusters(self.session, self.keys, kind, clusters, self.run_id)
        self.events += naming.events
        return naming


def _record_ids(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Every record's id, by record number."""
    rows = con.execute("select record_id from person order by rid").fetchall()
    return [record_id for (record_id,) in rows]


def sweep(out_folder: Path) -> None:
    """Remove what killed runs left behind in the folder of results."""
    for leftover in (*out_folder.glob(".work-*"), *out_folder.glob(".*.building")):
        shutil.rmtree(leftover, ignore_errors=True)
