"""Labels in files: dedupe's training JSON.

Invariant: a file names records by agency, system and source key, and holds only what its
maker may see; whoever takes one in can only judge records that they may see. Each is audited
before it happens.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from governance import events, judgements, restrictions
from governance.permissions import Permission, require
from governance.sessions import SignedInUser
from governance.viewer import Level, Viewer
from kith.home import Home
from kith.labelling.basis import find_basis
from kith.labelling.comparing import Side
from kith.labelling.rows import Rows
from kith.labelling.sight import Sight


@dataclass(frozen=True, kw_only=True)
class ExportedLabels:
    """How many labels were written."""

    labels: int


@dataclass(frozen=True, kw_only=True)
class ImportedLabels:
    """How many labels were taken in, held already, or named a record that is not here."""

    labels: int
    held: int
    unknown: int


def export_labels(home: Home, viewer: Viewer, user: SignedInUser, file: Path) -> ExportedLabels:
    """Write the labels in force on records that the viewer may see in full enough to name them.

    Raises:
        QuestionsError: if the file cannot be written.
        AuditError: if the audit cannot be written; then no file is.
    """
    from resolution.learner import export_training  # heavy

    require(user.roles, Permission.LABEL)
    with home.register.session() as session:
        held = judgements.judgements(session)
    pairs = [(entry.record_a, entry.record_b, entry.verdict) for entry in held]
    shown = _shown(home, viewer, {record for pair in pairs for record in pair[:2]})
    written = [
        (left, right, verdict)
        for left, right, verdict in pairs
        if verdict != "unsure" and left in shown and right in shown
    ]
    what = sorted({record for pair in written for record in pair[:2]})
    home.audit.record(events.LabelsExported.by(viewer, what=what, labels=len(written)))
    done = export_training(file, {record: shown[record] for record in what}, written)
    return ExportedLabels(labels=done.written)


def import_labels(home: Home, viewer: Viewer, user: SignedInUser, file: Path) -> ImportedLabels:
    """Take in the labels of a file; all of them or, on a fault, none.

    A label that holds already is not written again. What is not here and what the viewer may
    not see count alike as unknown.

    Raises:
        QuestionsError: if the file cannot be used.
        AuditError: if the audit cannot be written; then nothing is taken in.
    """
    from resolution.learner import import_training, match_records  # heavy

    require(user.roles, Permission.LABEL)
    given = import_training(file)
    keys = {key: home.keys.record_id(*key) for pair in given for key in pair[:2]}
    shown = _shown(home, viewer, set(keys.values()))
    found = match_records(given, {key: made for key, made in keys.items() if made in shown})
    with home.register.session() as session:
        held = {(e.record_a, e.record_b): e.verdict for e in judgements.judgements(session)}
        wanted = {judgements.pair_of(left, right): verdict for left, right, verdict in found.labels}
        new = [(*pair, verdict) for pair, verdict in wanted.items() if held.get(pair) != verdict]
        judgements.add_judgements(
            session, new, user.user_id, home.clock(), question={"imported": True}
        )
        what = sorted({record for entry in new for record in entry[:2]})
        home.audit.record(
            events.LabelsImported.by(viewer, what=what, labels=len(new), unknown=found.unknown)
        )
        session.commit()
    return ImportedLabels(labels=len(new), held=len(wanted) - len(new), unknown=found.unknown)


def _shown(home: Home, viewer: Viewer, wanted: Collection[str]) -> dict[str, dict[str, Any]]:
    """The records that the viewer may see and name, cut to the grants."""
    with home.register.session() as session:
        basis = find_basis(home, session)
        decided = restrictions.restricted_subjects(session)
    sight = Sight(viewer, basis.restricted().records(decided), {})
    rows = Rows(basis.snapshot, wanted)
    sides = sight.sides(rows, sorted(wanted))
    return {
        record_id: _fields(row, side)
        for record_id, side in sides.items()
        if (row := rows.record(record_id)) and _may_name(viewer, row["share_key"])
    }


def _may_name(viewer: Viewer, share_key: str) -> bool:
    """Whether the viewer may have a record's source key, which may be its NHS number."""
    grant = viewer.grants[share_key]
    return grant.level >= Level.DETAIL and not {"source_key", "nhs_number"} & grant.withheld


def _fields(row: dict[str, Any], side: Side) -> dict[str, Any]:
    place = side.stays[0] if side.stays else None
    return {
        **side.values,
        **{name: row[name] for name in ("agency", "dataset", "source_key")},
        "address": place.address_line if place else None,
        "postcode": place.postcode if place else None,
    }
