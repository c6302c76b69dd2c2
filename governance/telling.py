"""Who is told that somebody looked: the practitioner who works with the person.

Invariant: a practitioner is told of a look only if the look was made under an agreement that says
so, and only of a person whom their own agency's agreements show them, for the purpose of the look;
they are told the agency, the role, the purpose and when, never who or what was seen.

Where nothing was decided, looks of the police to prevent or detect crime, looks about the data and
looks within an agency are not told: telling may tip somebody off, or is noise.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance import accounts, policy
from governance.approvers import worker_key, works
from governance.errors import AgreementError
from governance.notices import UserNoticeKind, tell_user, told_already
from governance.permissions import acting_role
from governance.request_tables import TellingRow, WorkerRow
from governance.sessions import SignedInUser
from governance.tables import AgencyRow, AgreementRow
from governance.viewer import Viewer

_INTELLIGENCE = "crime"  # of the police
_ABOUT_DATA = frozenset({"record_linkage", "data_quality"})
_AGAIN_AFTER = dt.timedelta(hours=1)
_SPARE = dt.timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Owned:
    """A record of the person that was looked at: whose, and who leads by it."""

    agency: str
    share_key: str
    lead_worker: str


@dataclass(frozen=True, kw_only=True)
class Practitioner:
    """Somebody who may be told, as the viewer that they would be for the look's purpose."""

    user_id: str
    agency: str
    viewer: Viewer


def decide_telling(
    session: Session, agreement_id: str, tells: bool, by: str, at: dt.datetime
) -> None:
    """Decide whether looks under an agreement are told. Raises AgreementError if there is none."""
    if session.get(AgreementRow, agreement_id) is None:
        raise AgreementError("there is no such agreement")
    session.add(TellingRow(agreement_id=agreement_id, tells=tells, decided_by=by, decided_at=at))
    session.flush()


def decided_telling(session: Session, agreement_id: str) -> bool | None:
    """What was decided last, None if nothing was."""
    query = (
        select(TellingRow.tells)
        .where(TellingRow.agreement_id == agreement_id)
        .order_by(TellingRow.sequence.desc())
    )
    return session.scalars(query).first()


def tells(session: Session, agreement_id: str, viewer: Viewer, giving_agency: str) -> bool:
    """Whether a look of this viewer under an agreement is told to the agency's practitioners."""
    decided = decided_telling(session, agreement_id)
    if decided is not None:
        return decided
    agency = session.get(AgencyRow, viewer.agency)
    police = agency is not None and agency.kind == "police"
    quiet = police and viewer.purpose == _INTELLIGENCE
    return giving_agency != viewer.agency and viewer.purpose not in _ABOUT_DATA and not quiet


def to_be_told(
    session: Session, looked: Viewer, owned: Iterable[Owned], now: dt.datetime
) -> list[Practitioner]:
    """Who leads by records that a look was about and may be told of it, once each.

    Whether they may see the person, and an open involvement, is for the graph under their viewer.
    """
    found: dict[str, Practitioner] = {}
    for each in owned:
        grant = looked.grants.get(each.share_key)
        if grant is None or grant.agreement_id is None:
            continue
        if not tells(session, grant.agreement_id, looked, each.agency):
            continue
        row = session.get(WorkerRow, (each.agency, worker_key(each.lead_worker)))
        user = accounts.user(session, row.user_id) if row is not None else None
        if user is None or user.user_id == looked.user_id or not works(user, each.agency):
            continue
        found[user.user_id] = Practitioner(
            user_id=user.user_id,
            agency=user.agency,
            viewer=_viewer(session, user, looked, now),
        )
    return list(found.values())


def tell(
    session: Session, practitioner: Practitioner, looked: Viewer, person_id: str, now: dt.datetime
) -> bool:
    """Write the notice, unless they were told of the same within the hour; whether it was."""
    since = now - _AGAIN_AFTER
    to, by = practitioner.user_id, looked.user_id
    if told_already(session, to, by, person_id, looked.purpose, since):
        return False
    tell_user(
        session,
        to,
        UserNoticeKind.LOOKED,
        subject_id=person_id,
        by_user=by,
        agency=looked.agency,
        role=looked.role,
        purpose=looked.purpose,
        at=now,
    )
    return True


def _viewer(session: Session, user: accounts.User, looked: Viewer, now: dt.datetime) -> Viewer:
    """The practitioner as if at work for the purpose of the look."""
    acting = SignedInUser(
        user_id=user.user_id,
        username=user.username,
        agency=user.agency,
        roles=frozenset({str(acting_role(user.roles))}),
        session_id="",
        started_at=now,
        expires_at=now + _SPARE,
        purpose=looked.purpose,
        reference=looked.reference,
        legal_basis=looked.legal_basis,
        purpose_until=now + _SPARE,
    )
    return policy.viewer_for(session, acting, now)
