"""Erasure in a home: records, contacts and indicators go from everything, and stay away.

Invariant: what is to go is on record and in the audit before anything goes. From then on no load
brings it back, and an erasure that was interrupted is carried on by `resume`. It is whole when
staging, snapshots, resolutions, models, questions, words of requests and the graph are made anew
without it; what is left are its opaque keys, and in the ledger the digests of rewritten files.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy.orm import Session

import graph
import loaders
from governance import erasures, forgetting
from governance.erasure_events import ErasureBegun, ErasureDone
from governance.erasures import Gone
from kith import pipeline
from kith.home import Home
from kith.pipeline import Actor, NothingStagedError, Report, silent
from kith.rights.access import cases_about, drop_bundles
from loaders.files import locked

_TOLD = 1_000  # keys that one row of the audit names


@dataclass(frozen=True, kw_only=True)
class Erased:
    """What an erasure did.

    Attributes:
        rows: how many rows went, by table (`quarantine`: findings).
        loads: by load the SHA-256 of each file before and after.
    """

    erasure_id: str
    rows: dict[str, int]
    loads: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)


def erase(
    home: Home,
    *,
    records: Collection[str] = (),
    contacts: Collection[str] = (),
    indicators: Collection[str] = (),
    reason: str,
    actor: Actor,
    report: Report = silent,
) -> Erased:
    """Erase what these opaque keys stand for, and see that it does not come back.

    A record takes its residences, involvements, statements and the indicators about it. A contact
    goes only if it is named: others may have a part in it (see `of_nobody_else`).

    Args:
        reason: "request" or "retention".

    Raises:
        ErasureError: if there is nothing to erase, or the reason is not on the list.
        GraphBusyError: if another process has the embedded graph open.
    """
    gone = Gone(
        record=frozenset(records), contact=frozenset(contacts), indicator=frozenset(indicators)
    )
    _ = home.store  # so that nothing begins that could not end
    with home.register.session() as session:
        erasure_id = erasures.begin(session, gone, reason, actor.user_id, home.clock())
        keys = sorted(gone.everything)
        for start in range(0, len(keys), _TOLD):
            home.audit.record(
                ErasureBegun(
                    user_id=actor.user_id,
                    agency=actor.agency,
                    erasure_id=erasure_id,
                    reason=reason,
                    items=len(keys),
                    what=keys[start : start + _TOLD],
                )
            )
        session.commit()
    return _carry_out(home, erasure_id, actor, report)


def resume(home: Home, actor: Actor, report: Report = silent) -> list[Erased]:
    """Carry on with every erasure that was interrupted."""
    with home.register.session() as session:
        left = [entry.erasure_id for entry in erasures.unfinished(session)]
    return [_carry_out(home, erasure_id, actor, report) for erasure_id in left]


def of_nobody_else(home: Home, records: Collection[str]) -> list[str]:
    """The contacts in which these records alone have a part."""
    snapshot = loaders.take_snapshot(pipeline.load_context(home))
    parts = snapshot.read("involvement", ["contact_id", "record_id"])
    ours = pc.is_in(parts["record_id"], value_set=_texts(records))
    of_others = set(parts["contact_id"].filter(pc.invert(ours)).to_pylist())
    return sorted(set(parts["contact_id"].filter(ours).to_pylist()) - of_others)


def _carry_out(home: Home, erasure_id: str, actor: Actor, report: Report) -> Erased:
    with home.register.session() as session:
        gone = erasures.erased(session)
    people = _people_of(home, gone)
    context = pipeline.load_context(home, actor)
    for load in loaders.rewrite_loads(context, gone, progress=report):
        with home.register.session() as session:
            erasures.note_rewritten(session, erasure_id, load)
            session.commit()
    with home.register.session() as session:
        words = forgetting.forget_words(session, people | gone.record, gone.everything)
        session.commit()
        drop_bundles(home, cases_about(session, people, gone.record))
    _make_anew(home, actor, report)
    with home.register.session() as session:
        done = _told(session, erasure_id)
        home.audit.record(
            ErasureDone(
                user_id=actor.user_id,
                agency=actor.agency,
                erasure_id=erasure_id,
                rows=sum(done.rows.values()),
                loads=len(done.loads),
            )
        )
        counts = {"rows": done.rows, "loads": len(done.loads), "words": words}
        erasures.finish(session, erasure_id, home.clock(), counts)
        session.commit()
    home.register.scrub()
    home.store.scrub()
    return done


def _told(session: Session, erasure_id: str) -> Erased:
    """What the ledger says of an erasure."""
    rows: Counter[str] = Counter()
    loads = {}
    for load in erasures.rewritten(session, erasure_id):
        rows.update(load.rows)
        loads[load.load_id] = {
            name: {"before": before, "after": load.after[name]}
            for name, before in load.before.items()
        }
    return Erased(erasure_id=erasure_id, rows=dict(rows), loads=loads)


def _people_of(home: Home, gone: Gone) -> set[str]:
    """The people of the last resolution of whom nothing is left."""
    if pipeline.read_current(home) is None:
        return set()
    links = pipeline.current_result(home).read("link", ["record_id", "person_id"])
    ours = pc.is_in(links["record_id"], value_set=_texts(gone.record))
    left = set(links["person_id"].filter(pc.invert(ours)).to_pylist())
    return set(links["person_id"].filter(ours).to_pylist()) - left


def _make_anew(home: Home, actor: Actor, report: Report) -> None:
    """All that was derived, from what is staged now; what was derived before goes."""
    shutil.rmtree(home.folder / pipeline.MODELS, ignore_errors=True)
    shutil.rmtree(home.folder / "questions", ignore_errors=True)
    was_resolved = pipeline.read_current(home) is not None
    try:
        if was_resolved:
            pipeline.resolve(home, actor=actor, report=report, force=True)
            pipeline.project(home, actor=actor, report=report)
    except NothingStagedError:
        graph.forget(home.store, home.folder / "projection")
        shutil.rmtree(home.folder / "resolved")
    current = pipeline.read_current(home)
    keep = {current["run_id"], current["snapshot_id"]} if current else set()
    _keep_only(home.folder / "resolved", keep)
    with locked(home.folder / "snapshots"):
        _keep_only(home.folder / "snapshots", keep)


def _keep_only(root: Path, names: set[str]) -> None:
    for folder in root.glob("*"):
        if folder.is_dir() and folder.name not in names:
            shutil.rmtree(folder)


def _texts(keys: Collection[str]) -> pa.Array:
    return pa.array(sorted(keys), pa.string())
