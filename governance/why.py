"""Why somebody can, or cannot, see a fact: for governance officers, and for the worker herself.

Invariant: the answer is `governance.decisions.decide` over the grants that `governance.policy`
gives; nothing is decided a second time here. What a worker is told of herself follows from
agreements alone, so it is the same whatever is held.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance import accounts, registration
from governance.decisions import Decision, Fact, decide
from governance.errors import GovernanceError
from governance.ids import ANY
from governance.matrix import state_of
from governance.permissions import DISCLOSURE_ROLES, Role, acting_role
from governance.policy import Agreement, agreements, viewer_for
from governance.request_answers import FIELDS
from governance.request_tables import RequestFactRow, WorkRequestRow
from governance.requests import request_of
from governance.sessions import SignedInUser
from governance.viewer import Viewer
from records.codes import code_list

_SPARE = dt.timedelta(minutes=1)
_MOST = 10


class WhyError(GovernanceError):
    """Nobody who could be asked about, or nothing to ask about."""


@dataclass(frozen=True, kw_only=True)
class Onlooker:
    """Of whom it is asked: a user, or any user of an agency and role."""

    agency: str
    role: str
    purpose: str
    user_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Beside:
    """An agreement that covers the fact too and does not decide, and why not."""

    agreement: Agreement
    words: str


@dataclass(frozen=True, kw_only=True)
class Why:
    """One fact, and what decides it.

    Attributes:
        decision: of the fact itself.
        agreement: whose terms decide, None if there is none.
        tie: where the fact hangs on a person by a record, the decision on that record.
        shown, withheld: the fields of the fact that are shown, and those that are not with why.
        beside: other agreements that cover it, and why they do not decide.
        answers: references of answered requests of this user that tell something of it.
    """

    decision: Decision
    agreement: Agreement | None
    tie: Decision | None
    shown: tuple[str, ...]
    withheld: tuple[tuple[str, str], ...]
    beside: tuple[Beside, ...]
    answers: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether anything of it is shown by agreements."""
        return self.decision.allowed and (self.tie is None or self.tie.allowed)


def onlooker(
    session: Session, *, username: str = "", agency: str = "", role: str = "", purpose: str
) -> Onlooker:
    """Of whom it is asked.

    Raises:
        WhyError: if there is no such user, purpose or role, or the user is shown nobody, which
            then is the answer.
    """
    if purpose not in code_list("purpose"):
        raise WhyError("Choose why they look.")
    if username:
        user = accounts.user_named(session, username)
        if user is None:
            raise WhyError("There is no user of that name.")
        acting = acting_role(user.roles)
        if user.disabled:
            raise WhyError("They can see nothing: the account is disabled.")
        if acting is None:
            waits = " A role of theirs waits for approval." if user.waiting else ""
            raise WhyError(f"They can see nobody: no role of theirs is shown people.{waits}")
        return Onlooker(agency=user.agency, role=acting, purpose=purpose, user_id=user.user_id)
    known = {each.agency_id for each in registration.agencies(session)}
    if agency not in known or role not in {str(each) for each in DISCLOSURE_ROLES}:
        raise WhyError("Choose a user, or an agency and a role that is shown people.")
    return Onlooker(agency=agency, role=role, purpose=purpose)


def viewer_as(session: Session, of: Onlooker, now: dt.datetime) -> Viewer:
    """What the onlooker's grants are at this moment, for that purpose."""
    user = SignedInUser(
        user_id=of.user_id or "u_any",
        username="",
        agency=of.agency,
        roles=frozenset({of.role}),
        session_id="",
        started_at=now,
        expires_at=now + _SPARE,
        purpose=of.purpose,
        reference="why",
        purpose_until=now + _SPARE,
    )
    return viewer_for(session, user, now, Role(of.role))


def explain(
    session: Session,
    of: Onlooker,
    viewer: Viewer,
    fact: Fact,
    now: dt.datetime,
    *,
    fact_id: str = "",
    tie: Fact | None = None,
) -> Why:
    """Why the viewer, who is the onlooker, sees a fact or not.

    Args:
        tie: the record by which the fact is a person's.
    """
    decision = decide(viewer, fact)
    known = {each.agreement_id: each for each in agreements(session)}
    shown, withheld = _fields(viewer, fact) if decision.allowed else ((), ())
    return Why(
        decision=decision,
        agreement=known.get(decision.agreement_id or ""),
        tie=decide(viewer, tie) if tie else None,
        shown=shown,
        withheld=withheld,
        beside=_beside(of, fact.share_key, decision.agreement_id, known, now),
        answers=_answers(session, of.user_id, fact_id, now),
    )


def _fields(viewer: Viewer, fact: Fact) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    asked = {
        name: decide(viewer, Fact(what=fact.what, share_key=fact.share_key, field_name=name))
        for name in FIELDS.get(fact.what, ())
    }
    return (
        tuple(name for name, each in asked.items() if each.allowed),
        tuple((name, each.reason) for name, each in asked.items() if not each.allowed),
    )


def _beside(
    of: Onlooker,
    share_key: str,
    decides: str | None,
    known: Mapping[str, Agreement],
    now: dt.datetime,
) -> tuple[Beside, ...]:
    """Agreements on the fact and this agency that do not decide, the nearest first."""
    found = []
    for each in known.values():
        if each.agreement_id == decides or not _covers(each, share_key, of.agency):
            continue
        state = state_of(each, now)
        faults = [f"It is {state}." if state in ("withdrawn", "expired") else f"It {state}."]
        faults = [] if state == "in force" else faults
        if each.terms.role not in {ANY, of.role}:
            faults.append(f"It is for the role {each.terms.role.replace('_', ' ')}.")
        if each.terms.purpose not in {ANY, of.purpose}:
            purpose = code_list("purpose").labels.get(each.terms.purpose, each.terms.purpose)
            faults.append(f"It is for another reason: {purpose}.")
        rank = "It applies, but another shows more or comes first, and only one decides."
        found.append((len(faults), each.agreement_id, each, " ".join(faults) or rank))
    return tuple(Beside(agreement=each, words=words) for _, _, each, words in sorted(found)[:_MOST])


def _covers(agreement: Agreement, share_key: str, agency: str) -> bool:
    giver, dataset, category = share_key.split("|")
    terms = agreement.terms
    return (
        terms.giving_agency == giver
        and terms.dataset in {ANY, dataset}
        and terms.category in {ANY, category}
        and terms.receiving_agency in {ANY, agency}
    )


def _answers(
    session: Session, user_id: str | None, fact_id: str, now: dt.datetime
) -> tuple[str, ...]:
    if user_id is None:
        return ()
    query = (
        select(WorkRequestRow)
        .join(RequestFactRow, RequestFactRow.request_id == WorkRequestRow.request_id)
        .where(RequestFactRow.fact_id == fact_id, WorkRequestRow.user_id == user_id)
    )
    found = [request_of(row) for row in session.scalars(query)]
    return tuple(each.reference for each in found if each.readable(now))
