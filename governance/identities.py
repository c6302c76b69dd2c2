"""The ledger of lasting ids: every assignment, merge, split and retirement.

Invariant: replaying the ledger in order gives the ids in force; nothing in it is ever changed, so
an id that was once given to somebody never comes to mean somebody else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import insert, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from governance.errors import RegistrationError
from governance.tables import Base, IdentityEventRow

_BATCH = 20_000
_ASKED_AT_ONCE = 500
_KINDS = frozenset({"person", "address"})
_ACTIONS = frozenset({"assign", "merge", "split", "retire"})
_REPLAYED = frozenset({"assign", "retire"})
_TABLE = Base.metadata.tables["identity_event"]  # plain: one statement a batch, order kept


@dataclass(frozen=True, kw_only=True, slots=True)
class IdentityEvent:
    """One change.

    `assign`: `member_key` (a record id, or an address's evidence key) belongs to `identity_id`.
    `merge`: `identity_id` took over `other_id`. `split`: `identity_id` was split off `other_id`.
    `retire`: `identity_id` is no longer in use; with a `member_key`, that member alone left it.
    """

    kind: str  # person | address
    action: str  # assign | merge | split | retire
    identity_id: str
    member_key: str | None = None
    other_id: str | None = None
    run_id: str


def append(session: Session, events: Iterable[IdentityEvent], at: dt.datetime | None = None) -> int:
    """Write events in the order given, in bulk; the answer is how many.

    Raises:
        RegistrationError: for an event that lacks what its action needs; nothing is lost of the
            caller's unit of work, but it should not be committed.
    """
    at = at or dt.datetime.now(dt.UTC)
    written = 0
    pending = iter(events)
    while batch := list(islice(pending, _BATCH)):
        session.execute(insert(_TABLE), [_values(event, at) for event in batch])
        written += len(batch)
    return written


def assignments(session: Session, kind: str) -> dict[str, str]:
    """Member key -> the identity it belongs to now."""
    columns = (
        IdentityEventRow.sequence,
        IdentityEventRow.action,
        IdentityEventRow.identity_id,
        IdentityEventRow.member_key,
    )
    query = (
        select(*columns)
        .where(
            IdentityEventRow.kind == kind,
            IdentityEventRow.action.in_(["assign", "retire"]),
            IdentityEventRow.member_key.is_not(None),
        )
        .order_by(IdentityEventRow.sequence)
    )
    return _replayed(session.execute(query))


@dataclass(frozen=True, kw_only=True)
class Touched:
    """What the ledger knows of some members, and of whoever ever shared an identity with them.

    `assigned` holds the identities in force of both; `ever` all that the members asked for bore.
    `ages` orders the identities, oldest first.
    """

    assigned: dict[str, str]
    ever: dict[str, set[str]]
    ages: dict[str, int]


def touched(session: Session, kind: str, members: Collection[str]) -> Touched:
    """The part of the ledger that naming these members again depends on."""
    own = _events_of(session, kind, IdentityEventRow.member_key, members)
    ever: dict[str, set[str]] = {}
    for _, action, identity_id, member_key in own:
        if action == "assign":
            ever.setdefault(member_key, set()).add(identity_id)
    borne = set().union(*ever.values()) if ever else set()
    sharing = _events_of(session, kind, IdentityEventRow.identity_id, borne)
    ages: dict[str, int] = {}
    for sequence, action, identity_id, _ in sharing:
        if action == "assign":
            ages[identity_id] = min(sequence, ages.get(identity_id, sequence))
    others = {member_key for _, _, _, member_key in sharing} - set(members)
    events = sorted(own + _events_of(session, kind, IdentityEventRow.member_key, others))
    return Touched(assigned=_replayed(events), ever=ever, ages=ages)


def is_given(session: Session, kind: str, identity_id: str) -> bool:
    """Whether an id was ever given to anybody."""
    # Asked by the id alone: see `_events_of`.
    query = select(IdentityEventRow.kind, IdentityEventRow.action).where(
        IdentityEventRow.identity_id == identity_id
    )
    return (kind, "assign") in {(row.kind, row.action) for row in session.execute(query)}


_Replay = tuple[int, str, str, str]


def _events_of(
    session: Session,
    kind: str,
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
    values: Collection[str],
) -> list[_Replay]:
    """Assignments of members and their ends, in order, where a column has one of the values."""
    found: list[_Replay] = []
    asked = iter(sorted(values))
    # No more conditions than the index has: with them SQLite reads every row of the kind.
    given = [IdentityEventRow.kind == kind] if column is IdentityEventRow.member_key else []
    while batch := list(islice(asked, _ASKED_AT_ONCE)):
        query = select(
            IdentityEventRow.kind,
            IdentityEventRow.sequence,
            IdentityEventRow.action,
            IdentityEventRow.identity_id,
            IdentityEventRow.member_key,
        ).where(column.in_(batch), *given)
        for whose, number, action, identity_id, member_key in session.execute(query):
            if whose == kind and action in _REPLAYED and member_key is not None:
                found.append((number, action, identity_id, member_key))
    return sorted(found)


def _replayed(events: Iterable[_Replay]) -> dict[str, str]:
    found: dict[str, str] = {}
    for _, action, identity_id, member_key in events:
        if action == "assign":
            found[member_key] = identity_id
        elif found.get(member_key) == identity_id:
            del found[member_key]
    return found


def history(session: Session, identity_id: str) -> list[IdentityEvent]:
    """Every event that names an identity, on either side, in order."""
    query = (
        select(IdentityEventRow)
        .where(
            (IdentityEventRow.identity_id == identity_id)
            | (IdentityEventRow.other_id == identity_id)
        )
        .order_by(IdentityEventRow.sequence)
    )
    return [_event(row) for row in session.scalars(query)]


def identity_ids(session: Session, kind: str) -> Iterator[str]:
    """Every id ever given, oldest first; none of them may be given again."""
    query = (
        select(IdentityEventRow.identity_id)
        .where(IdentityEventRow.kind == kind, IdentityEventRow.action == "assign")
        .order_by(IdentityEventRow.sequence)
    )
    yield from dict.fromkeys(session.scalars(query))


def _values(event: IdentityEvent, at: dt.datetime) -> dict[str, object]:
    needs_member = event.action == "assign" and event.member_key is None
    needs_other = event.action in {"merge", "split"} and event.other_id is None
    known = event.kind in _KINDS and event.action in _ACTIONS
    if not known or needs_member or needs_other:
        raise RegistrationError(f"identity event '{event.action}' of '{event.kind}' is incomplete")
    return {
        "kind": event.kind,
        "action": event.action,
        "identity_id": event.identity_id,
        "member_key": event.member_key,
        "other_id": event.other_id,
        "run_id": event.run_id,
        "at": at,
    }


def _event(row: IdentityEventRow) -> IdentityEvent:
    return IdentityEvent(
        kind=row.kind,
        action=row.action,
        identity_id=row.identity_id,
        member_key=row.member_key,
        other_id=row.other_id,
        run_id=row.run_id,
    )
