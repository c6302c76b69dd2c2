"""What an approver lets a request's asker read, and as which grants the graph is asked for it.

Invariant: an answer is the facts and fields that one approver chose out of what their own agency
holds and they may see; it is read by the asker alone, under grants that cover nothing else, until
it expires or is revoked. A fact is named by its id and the seal of the values approved, so a fact
that came later, or that has changed, is not told.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance.errors import NotPermitted
from governance.ids import is_opaque
from governance.permissions import acting_role
from governance.policy import london_date, viewer_for
from governance.request_tables import RequestFactRow, WorkRequestRow
from governance.requests import (
    MOST,
    OPEN,
    NoSuchRequest,
    RequestError,
    WorkRequest,
    move,
    own_request,
    request_of,
    request_to_answer,
    tell_asker,
)
from governance.sessions import SignedInUser
from governance.viewer import Grant, Level, Viewer

FIELDS = {
    "record": (
        *("given_name", "family_name", "full_name", "former_family_name", "birth_date", "sex"),
        *("nhs_number", "local_id", "phone", "email", "lead_worker", "updated_on"),
    ),
    "contact": (
        *("category", "service", "on_date", "status", "severity", "reference", "summary", "ring"),
    ),
    "indicator": ("kind", "code", "value", "severity", "valid_from", "valid_to", "ring"),
}
"""Kind of fact -> the fields that an answer may tell, in the order of the page."""
LASTS = {1: "A day", 7: "A week", 28: "Four weeks"}
_MOST_FACTS = 200
_SPARE = dt.timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class ToldFact:
    """One fact of an answer.

    Attributes:
        what: record, contact or indicator.
        via: the record by which it is the person's, or the address at which it is.
        via_key: the share key of that record; empty for an address.
        fields: the fields that may be told.
        restricted: somebody in it must not be traced, and the approver tells it knowing that.
        seal: of the values of those fields when they were approved.
    """

    fact_id: str
    what: str
    share_key: str
    via: str
    via_key: str
    fields: frozenset[str]
    restricted: bool
    seal: str


def approver_viewer(
    session: Session, user: SignedInUser, request_id: str, now: dt.datetime
) -> tuple[WorkRequest, Viewer]:
    """An approver at work on a request: its purpose and reference, their own agency's facts alone.

    Raises:
        NoSuchRequest: unless the user may answer it.
        RequestError: if it has been dealt with.
    """
    found = request_to_answer(session, user, request_id)
    if found.state not in OPEN:
        raise RequestError("This request has been dealt with.")
    viewer = viewer_for(session, _for_request(user, found, now), now)
    own = {key: grant for key, grant in viewer.grants.items() if key.split("|")[0] == user.agency}
    return found, _with_grants(viewer, own)


def approve(
    session: Session,
    user: SignedInUser,
    request_id: str,
    *,
    facts: Iterable[ToldFact],
    words: str,
    days: int,
    now: dt.datetime,
) -> WorkRequest:
    """Let the asker read some facts, and words of the approver's own, for some days.

    `facts` are what the caller offered to this approver, cut to what they chose.

    Raises:
        NoSuchRequest: unless the user may answer it.
        RequestError: if it has been dealt with, nothing is told, or a fact is not the agency's.
    """
    found = request_to_answer(session, user, request_id)
    chosen = list(facts)
    said = " ".join(words.split())
    if not chosen and not said:
        raise RequestError("Choose what is told, or say it in words.")
    if len(said) > MOST or len(chosen) > _MOST_FACTS or days not in LASTS:
        raise RequestError(f"An answer has at most {MOST} characters and {_MOST_FACTS} facts.")
    for fact in chosen:
        _check(fact, found)
    move(
        session,
        found,
        OPEN,
        state="told",
        decided_by=user.user_id,
        decided_at=now,
        answer=said or None,
        expires_at=now + dt.timedelta(days=days),
    )
    session.add_all(_row(found.request_id, fact) for fact in chosen)
    session.flush()
    tell_asker(session, found, now)
    row = session.get_one(WorkRequestRow, found.request_id)
    return request_of(row)


def revoke(session: Session, user: SignedInUser, request_id: str, now: dt.datetime) -> None:
    """An approver of the agency takes an answer back, at once."""
    found = request_to_answer(session, user, request_id)
    if not found.readable(now):
        raise RequestError("There is no answer that can be taken back.")
    row = session.get_one(WorkRequestRow, request_id)
    row.revoked_by, row.revoked_at = user.user_id, now
    session.flush()
    tell_asker(session, found, now)


def answer_of(
    session: Session, user: SignedInUser, request_id: str, now: dt.datetime
) -> tuple[WorkRequest, list[ToldFact]]:
    """What the asker, and nobody else, may read of their request now.

    Raises:
        NoSuchRequest: if it is not the user's own, or there is no answer that may be read.
        NotPermitted: if the user is no longer shown people.
    """
    found = own_request(session, user, request_id)
    if acting_role(user.roles) is None:
        raise NotPermitted("Your role does not allow you to see people's records.")
    if not found.readable(now):
        raise NoSuchRequest
    return found, told_facts(session, request_id)


def told_facts(session: Session, request_id: str) -> list[ToldFact]:
    """The facts of an answer."""
    query = (
        select(RequestFactRow)
        .where(RequestFactRow.request_id == request_id)
        .order_by(RequestFactRow.fact_id)
    )
    return [
        ToldFact(
            fact_id=row.fact_id,
            what=row.what,
            share_key=row.share_key,
            via=row.via,
            via_key=row.via_key,
            fields=frozenset(row.fields),
            restricted=row.restricted,
            seal=row.seal,
        )
        for row in session.scalars(query)
    ]


def answer_viewer(
    user: SignedInUser, request: WorkRequest, facts: Iterable[ToldFact], now: dt.datetime
) -> Viewer:
    """The asker with the grants of some facts of an answer and no others.

    A record that only ties a fact to its person is granted at level existence. Facts that are
    about restricted people are to be read apart from those that are not.
    """
    return Viewer(
        user_id=user.user_id,
        agency=user.agency,
        role=str(acting_role(user.roles)),
        purpose=request.purpose,
        reference=request.reference,
        legal_basis=request.asked.legal_basis,
        on=london_date(now),
        grants=_grants(list(facts)),
    )


def _grants(facts: list[ToldFact]) -> Mapping[str, Grant]:
    every = frozenset(name for names in FIELDS.values() for name in names)
    told: dict[str, set[str]] = {}
    ties: set[str] = set()
    for fact in facts:
        told.setdefault(fact.share_key, set()).update(fact.fields)
        ties.add(fact.via_key)
    restricted = bool(facts) and all(fact.restricted for fact in facts)
    grants = {
        key: Grant(level=Level.DETAIL, withheld=every - fields, restricted_allowed=restricted)
        for key, fields in told.items()
    }
    for key in ties - {""} - set(grants):
        grants[key] = Grant(level=Level.EXISTENCE, restricted_allowed=restricted)
    return grants


def _for_request(user: SignedInUser, request: WorkRequest, now: dt.datetime) -> SignedInUser:
    """The approver with the request's purpose: they look because somebody asked."""
    return dataclasses.replace(
        user,
        purpose=request.purpose,
        reference=request.reference,
        legal_basis=request.asked.legal_basis,
        purpose_until=now + _SPARE,
    )


def _with_grants(viewer: Viewer, grants: Mapping[str, Grant]) -> Viewer:
    allowed = bool(grants) and all(grant.restricted_allowed for grant in grants.values())
    return dataclasses.replace(viewer, grants=grants, restricted_allowed=allowed)


def _check(fact: ToldFact, request: WorkRequest) -> None:
    keys = [fact.share_key, *([fact.via_key] if fact.via_key else [])]
    own = all(key.split("|")[0] == request.asked.giving_agency for key in keys)
    known = fact.what in FIELDS and fact.fields <= set(FIELDS[fact.what]) and fact.fields
    if not (own and known and is_opaque(fact.fact_id) and is_opaque(fact.via)):
        raise RequestError("An answer tells facts and fields that the agency itself holds.")


def _row(request_id: str, fact: ToldFact) -> RequestFactRow:
    return RequestFactRow(
        request_id=request_id,
        fact_id=fact.fact_id,
        what=fact.what,
        share_key=fact.share_key,
        via=fact.via,
        via_key=fact.via_key,
        fields=sorted(fact.fields),
        restricted=fact.restricted,
        seal=fact.seal,
    )
