"""What officers do with a case: open, prolong, put before another, approve, close.

Invariant: every act is in the audit before it counts; what is approved is what stands when it is
carried out, by its digest.
"""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy.orm import Session

from governance import subject_cases, subject_items
from governance.events import Event
from governance.policy import london_date
from governance.sessions import SignedInUser
from governance.subject_cases import CaseTerms, SubjectCase, SubjectError
from governance.subject_events import SubjectCaseChanged
from kith.home import Home
from kith.rights.finding import subject_of

RELEASE, ERASE = "release", "erase"


def open_case(home: Home, user: SignedInUser, terms: CaseTerms) -> SubjectCase:
    """Open a case."""
    now = home.clock()
    with home.register.session() as session:
        made = subject_cases.open_case(session, terms, user.user_id, now, london_date(now))
        _changed(home, user, made, "opened")
        session.commit()
    return made


def extend(home: Home, user: SignedInUser, case_id: str, reason: str) -> SubjectCase:
    """Prolong the time for the answer by two months."""
    with home.register.session() as session:
        made = subject_cases.extend(session, case_id, reason, london_date(home.clock()))
        _changed(home, user, made, "extended")
        session.commit()
    return made


def propose(home: Home, user: SignedInUser, case_id: str) -> SubjectCase:
    """Put a case before another officer: what is to be released, or that all is erased.

    Raises:
        SubjectError: if something is not decided, or the case needs no other officer.
    """
    with home.register.session() as session:
        case = subject_cases.working(session, case_id)
        what, digest = proposal(home, session, case)
        made = subject_cases.propose(session, case_id, what, digest, user.user_id, home.clock())
        _changed(home, user, made, "proposed", digest)
        session.commit()
    return made


def proposal(home: Home, session: Session, case: SubjectCase) -> tuple[str, str]:
    """What would be done in a case as it stands, and its digest."""
    if case.kind == "access":
        items = subject_items.items(session, case.case_id)
        if not items or subject_items.undecided(session, case.case_id):
            raise SubjectError("decide about every item first")
        return RELEASE, subject_items.decisions_sha256(items)
    if case.kind == "erasure":
        ids = sorted(subject_of(home, session, case).records)
        if not ids:
            raise SubjectError("nothing is held that could be erased")
        return ERASE, hashlib.sha256("\n".join(ids).encode()).hexdigest()
    raise SubjectError("only a release or an erasure is put before another officer")


def approve(home: Home, user: SignedInUser, case_id: str) -> SubjectCase:
    """Allow what another proposed."""
    with home.register.session() as session:
        made = subject_cases.approve(session, case_id, user.user_id, home.clock())
        _changed(home, user, made, "approved", made.proposal_sha256)
        session.commit()
    return made


def send_back(home: Home, user: SignedInUser, case_id: str) -> SubjectCase:
    """Back to who works on it."""
    with home.register.session() as session:
        made = subject_cases.send_back(session, case_id)
        _changed(home, user, made, "sent_back")
        session.commit()
    return made


def close(
    home: Home, user: SignedInUser, case_id: str, outcome: str, reason: str = ""
) -> SubjectCase:
    """End a case without more: refused, withdrawn, or nothing is held.

    Raises:
        SubjectError: if the outcome is one that has to be done.
    """
    with home.register.session() as session:
        case = subject_cases.working(session, case_id)
        done = {"rectification": "rectified", "restriction": "restricted"}.get(case.kind)
        if outcome not in {"refused", "withdrawn", "nothing", done}:
            raise SubjectError("a case cannot be closed so: carry it out")
        made = subject_cases.close(
            session, case_id, outcome, user.user_id, home.clock(), reason=reason
        )
        subject_items.forget_items(session, case_id)
        _changed(home, user, made, "closed")
        session.commit()
    return made


def _changed(
    home: Home, user: SignedInUser, case: SubjectCase, change: str, digest: str | None = None
) -> None:
    note(
        home,
        user,
        SubjectCaseChanged,
        case_id=case.case_id,
        request_kind=case.kind,
        change=change,
        digest=digest,
        what=sorted({*case.record_ids, *filter(None, [case.person_id])}),
    )


def note(home: Home, user: SignedInUser, event: type[Event], **fields: Any) -> None:
    """Write an event of a user to the audit."""
    home.audit.record(event(user_id=user.user_id, agency=user.agency, **fields), home.clock())
