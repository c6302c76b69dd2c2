"""Disposals: proposed by one, approved by another, carried out, certified.

Invariant: what is disposed of was proposed by one officer and approved by another; the ids of what
went are kept no longer than until it went, and the certificate tells counts and digests.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from governance.erasure_tables import ErasedRow, ErasureRow
from governance.ids import new_id
from governance.retention import RetentionError
from governance.retention_tables import DisposalItemRow, DisposalRow
from governance.tables import Base

_ITEMS = Base.metadata.tables["disposal_item"]
WHATS = ("record", "contact", "indicator")


@dataclass(frozen=True, kw_only=True)
class Disposal:
    """A disposal with its history; `certificate` is empty until it is done."""

    disposal_id: str
    due_by: dt.date
    rule_id: str | None
    items: int
    items_sha256: str
    proposed_by: str
    proposed_at: dt.datetime
    approved_by: str | None
    approved_at: dt.datetime | None
    withdrawn_by: str | None
    withdrawn_at: dt.datetime | None
    done_at: dt.datetime | None
    certificate: dict[str, Any]

    @property
    def state(self) -> str:
        """In words."""
        if self.done_at is not None:
            return "carried out"
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "approved" if self.approved_at is not None else "waits for approval"


def propose(
    session: Session,
    rows: Sequence[Mapping[str, Any]],
    by: str,
    at: dt.datetime,
    *,
    due_by: dt.date,
    rule_id: str | None = None,
) -> str:
    """Propose to dispose of what a due list says may go; the answer is the disposal's id.

    Args:
        rows: as `DueList.disposable` gives them.

    Raises:
        RetentionError: if there is nothing.
    """
    if not rows:
        raise RetentionError("there is nothing that may be disposed of")
    row = DisposalRow(
        disposal_id=new_id("d"),
        due_by=due_by,
        rule_id=rule_id,
        items=len(rows),
        items_sha256=digest(each["item_id"] for each in rows),
        proposed_by=by,
        proposed_at=at,
        certificate={},
    )
    session.add(row)
    session.flush()
    session.execute(insert(_ITEMS), [{**each, "disposal_id": row.disposal_id} for each in rows])
    return row.disposal_id


def approve(session: Session, disposal_id: str, by: str, at: dt.datetime) -> None:
    """Allow a proposed disposal to be carried out.

    Raises:
        RetentionError: if there is none that waits, or `by` proposed it.
    """
    row = _existing(session, disposal_id)
    if row.approved_at is not None or row.withdrawn_at is not None:
        raise RetentionError("this disposal is not waiting for approval")
    if row.proposed_by == by:
        raise RetentionError("a disposal is approved by somebody else than who proposed it")
    row.approved_by, row.approved_at = by, at
    session.flush()


def withdraw(session: Session, disposal_id: str, by: str, at: dt.datetime) -> None:
    """Give a disposal up that was not carried out; its items are forgotten."""
    row = _existing(session, disposal_id)
    if row.withdrawn_at is not None or row.done_at is not None:
        raise RetentionError("this disposal has ended already")
    row.withdrawn_by, row.withdrawn_at = by, at
    _forget(session, disposal_id)


def disposals(session: Session) -> list[Disposal]:
    """Every disposal, the newest first."""
    query = select(DisposalRow).order_by(DisposalRow.proposed_at.desc(), DisposalRow.disposal_id)
    return [_disposal(row) for row in session.scalars(query)]


def disposal(session: Session, disposal_id: str) -> Disposal:
    """One disposal. Raises RetentionError if there is none by this id."""
    return _disposal(_existing(session, disposal_id))


def items_of(session: Session, disposal_id: str) -> list[dict[str, Any]]:
    """What a disposal that was not carried out yet is about, by id."""
    columns = [column for column in _ITEMS.columns if column.name != "disposal_id"]
    query = select(*columns).where(_ITEMS.c.disposal_id == disposal_id).order_by(_ITEMS.c.item_id)
    return [dict(row) for row in session.execute(query).mappings()]


def certify(
    session: Session,
    disposal_id: str,
    gone: Sequence[Mapping[str, Any]],
    spared: Mapping[str, int],
    erased: Mapping[str, Any],
    at: dt.datetime,
) -> Disposal:
    """Write the certificate of a disposal that was carried out, and forget what it was about.

    Args:
        gone: the rows of what was erased, as they were proposed.
        spared: why -> how many were left, because they are held or not due any more.
        erased: what the erasure says of itself: counts and digests.

    Raises:
        RetentionError: if it was not approved, or is done.
    """
    row = _existing(session, disposal_id)
    if row.approved_at is None or row.withdrawn_at is not None or row.done_at is not None:
        raise RetentionError("this disposal is not waiting to be carried out")
    counted = Counter((each["rule_id"], each["share_key"], each["what"]) for each in gone)
    row.done_at = at
    row.certificate = {
        "disposal": disposal_id,
        "due_by": row.due_by.isoformat(),
        "proposed": {"by": row.proposed_by, "at": row.proposed_at.isoformat()},
        "approved": {"by": row.approved_by, "at": row.approved_at.isoformat()},
        "carried_out_at": at.isoformat(),
        "disposed_of": [
            {"rule": rule, "share_key": key, "what": what, "count": count}
            for (rule, key, what), count in sorted(counted.items())
        ],
        "totals": {what: sum(each["what"] == what for each in gone) for what in WHATS},
        "spared": dict(sorted(spared.items())),
        "proposed_ids_sha256": row.items_sha256,
        "disposed_ids_sha256": digest(each["item_id"] for each in gone),
        "erasure": dict(erased),
    }
    _forget(session, disposal_id)
    return _disposal(row)


def erased_since(session: Session, at: dt.datetime) -> dict[str, str]:
    """What was erased for retention since an instant: id -> the erasure that took it."""
    query = (
        select(ErasedRow.item_id, ErasedRow.erasure_id)
        .join(ErasureRow, ErasureRow.erasure_id == ErasedRow.erasure_id)
        .where(ErasureRow.reason == "retention", ErasureRow.begun_at >= at)
    )
    return {row.item_id: row.erasure_id for row in session.execute(query)}


def certificate_digest(certificate: Mapping[str, Any]) -> str:
    """The SHA-256 of a certificate, as the audit has it."""
    text = json.dumps(certificate, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def digest(ids: Iterable[str]) -> str:
    """The SHA-256 of ids in order, one a line."""
    return hashlib.sha256("".join(f"{each}\n" for each in sorted(ids)).encode()).hexdigest()


def _forget(session: Session, disposal_id: str) -> None:
    session.execute(delete(DisposalItemRow).where(DisposalItemRow.disposal_id == disposal_id))
    session.flush()


def _existing(session: Session, disposal_id: str) -> DisposalRow:
    row = session.get(DisposalRow, disposal_id)
    if row is None:
        raise RetentionError("there is no such disposal")
    return row


def _disposal(row: DisposalRow) -> Disposal:
    return Disposal(**{name: getattr(row, name) for name in Disposal.__dataclass_fields__})
