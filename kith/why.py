"""Why a user, or a role of an agency, can or cannot see the facts about something: for officers.

Invariant: that an officer asked is in the audit before they read the answer, and the answer holds
no value of any fact.
"""

from __future__ import annotations

from dataclasses import dataclass

from governance import registration
from governance.ids import is_opaque
from governance.permissions import Permission, require
from governance.policy import categories, london_date
from governance.request_events import WhyAsked
from governance.sessions import SignedInUser
from governance.viewer import Viewer
from governance.why import Onlooker, Why, WhyError, explain, onlooker, viewer_as
from graph.terms import terms_of
from kith.home import Home
from records.keys import share_key

_MOST = 300


@dataclass(frozen=True, kw_only=True)
class WhyLine:
    """One fact: what it is, of which system, and why it is shown or not."""

    fact_id: str
    what: str
    share_key: str
    why: Why


@dataclass(frozen=True, kw_only=True)
class WhyAnswer:
    """Every fact about what was asked; none if there is no such thing."""

    of: Onlooker
    lines: tuple[WhyLine, ...]
    more: int = 0


def why(
    home: Home,
    officer: SignedInUser,
    subject_id: str,
    *,
    purpose: str,
    username: str = "",
    agency: str = "",
    role: str = "",
) -> WhyAnswer:
    """Why a user, or any user of an agency and role, sees the facts about a subject.

    Args:
        subject_id: of a person, an address, a record or a contact.

    Raises:
        NotPermitted: unless the officer may read the audit.
        WhyError: if that cannot be asked, in words that may be the answer.
    """
    require(officer.roles, Permission.VIEW_AUDIT)
    if not is_opaque(subject_id) or subject_id[0] not in "parc":
        raise WhyError("Name a person, address, record or contact by its id: p_, a_, r_ or c_.")
    now = home.clock()
    with home.register.session() as session:
        of = onlooker(session, username=username, agency=agency, role=role, purpose=purpose)
        sees = viewer_as(session, of, now)
        keys = [
            share_key(each.agency, each.dataset_id, category)
            for each in registration.datasets(session)
            for category in categories()
        ]
        asks = Viewer(
            user_id=officer.user_id,
            agency=officer.agency,
            role="governance_officer",
            purpose=purpose,
            reference="why",
            on=london_date(now),
        )
        found = terms_of(home.store, asks, keys, sees, subject_id)
        lines = tuple(
            WhyLine(
                fact_id=each.fact_id,
                what=each.fact.what,
                share_key=each.fact.share_key,
                why=explain(session, of, sees, each.fact, now, fact_id=each.fact_id, tie=each.tie),
            )
            for each in found[:_MOST]
        )
    home.audit.record(
        WhyAsked(
            user_id=officer.user_id,
            agency=officer.agency,
            subject_id=of.user_id,
            for_agency=of.agency,
            for_role=of.role,
            for_purpose=purpose,
            what=[subject_id],
        ),
        now,
    )
    return WhyAnswer(of=of, lines=lines, more=max(0, len(found) - _MOST))
