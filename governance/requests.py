"""Work requests: a worker asks the agency that holds something, and a named person answers.

Invariant: nothing is looked up when a request is made, so it goes the same way whether the person
exists, is restricted or is unknown; what its asker is told of a refusal, or of there being nothing
to tell, are fixed words that depend on the request alone. Only an approver named for the agency
that was asked decides, never the asker.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from governance import registration
from governance.approvers import approvers, is_approver
from governance.bases import BASES
from governance.errors import GovernanceError
from governance.ids import is_opaque, new_id
from governance.notices import UserNoticeKind, tell_user
from governance.permissions import acting_role
from governance.request_tables import RequestMessageRow, WorkRequestRow
from governance.sessions import EMERGENCY, SignedInUser
from records.codes import code_list

QUESTIONS = {
    "known": "Is this person, or somebody at this address, known to you?",
    "worker": "Who is the worker, and how do I ring them?",
    "latest": "What was your latest involvement of one kind?",
    "chronology": "What happened between two days?",
    "free": "Another question",
}
URGENCIES = {"now": "Within the hour", "today": "Today", "week": "Within a week"}
REFUSALS = {
    "basis": "The legal basis given does not cover this question.",
    "purpose": "The reason given does not need this question to be answered.",
    "too_wide": "The question asks for more than its reason needs. Ask for less.",
    "other_route": "This has to be asked in another way. Ring the agency.",
}
"""Grounds that lie in the request itself: none depends on whether anybody is known."""
OPEN = ("waiting", "asked_back")
FEWEST, MOST = 10, 1000


class RequestError(GovernanceError):
    """A request cannot be made, answered or read so."""


class NoSuchRequest(RequestError):  # noqa: N818  (the name says what the asker is told)
    """None that this user may see: the same words whether it exists or not."""

    exit_code = 5

    def __init__(self) -> None:
        super().__init__("There is no such request.")


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of an agency.

    Attributes:
        words: who is meant and, of a free question, what is asked; personal, kept here alone.
        subject_id: the person or address from whose page the asker came; nobody checks it here.
    """

    giving_agency: str
    question: str
    words: str
    legal_basis: str
    urgency: str
    category: str | None = None
    from_date: dt.date | None = None
    to_date: dt.date | None = None
    subject_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Message:
    """Asked back, or replied."""

    user_id: str
    at: dt.datetime
    words: str


@dataclass(frozen=True, kw_only=True)
class WorkRequest:
    """One request as it stands."""

    request_id: str
    user_id: str
    agency: str
    role: str
    asked: Question
    purpose: str
    reference: str
    asked_at: dt.datetime
    state: str
    decided_by: str | None = None
    decided_at: dt.datetime | None = None
    reason: str | None = None
    answer: str | None = None
    expires_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None

    def readable(self, now: dt.datetime) -> bool:
        """Whether its answer may be read at this moment."""
        return (
            self.state == "told"
            and self.revoked_at is None
            and self.expires_at is not None
            and now < self.expires_at
        )

    def stands(self, now: dt.datetime) -> str:
        """Its state as a word; an answer that may no longer be read is `expired` or `revoked`."""
        if self.state != "told" or self.readable(now):
            return self.state
        return "revoked" if self.revoked_at is not None else "expired"


def ask(session: Session, user: SignedInUser, question: Question, now: dt.datetime) -> WorkRequest:
    """Ask an agency, for the purpose that the user has stated; its approvers have a notice.

    Raises:
        RequestError: naming every fault of the question.
    """
    faults = list(_faults(session, user, question))
    if faults:
        raise RequestError(" ".join(faults))
    row = WorkRequestRow(
        request_id=new_id("q"),
        user_id=user.user_id,
        agency=user.agency,
        role=str(acting_role(user.roles)),
        giving_agency=question.giving_agency,
        question=question.question,
        category=question.category if question.question == "latest" else None,
        from_date=question.from_date if question.question == "chronology" else None,
        to_date=question.to_date if question.question == "chronology" else None,
        subject_id=question.subject_id,
        words=" ".join(question.words.split()),
        purpose=user.purpose,
        reference=user.reference,
        legal_basis=question.legal_basis,
        urgency=question.urgency,
        asked_at=now,
        state="waiting",
    )
    session.add(row)
    session.flush()
    made = request_of(row)
    _tell_approvers(session, made, user.user_id, UserNoticeKind.REQUEST, now)
    return made


def asked_by(session: Session, user_id: str) -> list[WorkRequest]:
    """What one user has asked, the newest first."""
    query = select(WorkRequestRow).where(WorkRequestRow.user_id == user_id)
    return [request_of(row) for row in session.scalars(query.order_by(*_NEWEST))]


def to_answer(session: Session, user: SignedInUser) -> list[WorkRequest]:
    """What an approver's agency was asked, by others than themselves, the newest first."""
    if not is_approver(session, user):
        return []
    query = select(WorkRequestRow).where(
        WorkRequestRow.giving_agency == user.agency, WorkRequestRow.user_id != user.user_id
    )
    return [request_of(row) for row in session.scalars(query.order_by(*_NEWEST))]


def own_request(session: Session, user: SignedInUser, request_id: str) -> WorkRequest:
    """A request of the user's own. Raises NoSuchRequest for everybody else's too."""
    row = session.get(WorkRequestRow, request_id) if is_opaque(request_id) else None
    if row is None or row.user_id != user.user_id or row.agency != user.agency:
        raise NoSuchRequest
    return request_of(row)


def request_to_answer(session: Session, user: SignedInUser, request_id: str) -> WorkRequest:
    """A request that the user may answer. Raises NoSuchRequest unless they are its approver."""
    row = session.get(WorkRequestRow, request_id) if is_opaque(request_id) else None
    mine = row is not None and row.giving_agency == user.agency and row.user_id != user.user_id
    if row is None or not mine or not is_approver(session, user):
        raise NoSuchRequest
    return request_of(row)


def messages(session: Session, request_id: str) -> list[Message]:
    """What was asked back and replied, in order."""
    query = (
        select(RequestMessageRow)
        .where(RequestMessageRow.request_id == request_id)
        .order_by(RequestMessageRow.sequence)
    )
    return [
        Message(user_id=row.user_id, at=row.at, words=row.words) for row in session.scalars(query)
    ]


def ask_back(
    session: Session, user: SignedInUser, request_id: str, words: str, now: dt.datetime
) -> None:
    """An approver asks for more. Raises RequestError if the request is not waiting."""
    found = request_to_answer(session, user, request_id)
    _require_words(words)
    move(session, found, ("waiting",), state="asked_back")
    _say(session, found, user, words, now)
    tell_asker(session, found, now)


def reply(
    session: Session, user: SignedInUser, request_id: str, words: str, now: dt.datetime
) -> None:
    """The asker replies, and the request waits again."""
    found = own_request(session, user, request_id)
    _require_words(words)
    move(session, found, ("asked_back",), state="waiting")
    _say(session, found, user, words, now)
    _tell_approvers(session, found, user.user_id, UserNoticeKind.REQUEST, now)


def withdraw(session: Session, user: SignedInUser, request_id: str) -> None:
    """The asker takes a request back."""
    move(session, own_request(session, user, request_id), OPEN, state="withdrawn")


def refuse(
    session: Session, user: SignedInUser, request_id: str, reason: str, now: dt.datetime
) -> None:
    """An approver refuses, on a ground that lies in the request itself."""
    if reason not in REFUSALS:
        raise RequestError("Choose a reason from the list.")
    _close(session, user, request_id, now, state="refused", reason=reason)


def tell_nothing(session: Session, user: SignedInUser, request_id: str, now: dt.datetime) -> None:
    """An approver has nothing that may be told: not known, or not to be told, which looks alike."""
    _close(session, user, request_id, now, state="nothing")


def tell_asker(session: Session, request: WorkRequest, now: dt.datetime) -> None:
    """The asker has a notice that something happened to their request."""
    tell_user(
        session,
        request.user_id,
        UserNoticeKind.ANSWER,
        subject_id=request.request_id,
        by_user=request.user_id,
        agency=request.asked.giving_agency,
        at=now,
    )


def move(
    session: Session, request: WorkRequest, before: tuple[str, ...], **columns: object
) -> None:
    """Change a request if it is still in one of some states: of two approvers one is first."""
    changed = session.execute(
        update(WorkRequestRow)
        .where(WorkRequestRow.request_id == request.request_id, WorkRequestRow.state.in_(before))
        .values(**columns)
        .returning(WorkRequestRow.request_id)
        .execution_options(synchronize_session="fetch")
    ).all()
    if not changed:
        raise RequestError("This request has been dealt with, or waits for an answer elsewhere.")


def request_of(row: WorkRequestRow) -> WorkRequest:
    """A row as a value."""
    return WorkRequest(
        request_id=row.request_id,
        user_id=row.user_id,
        agency=row.agency,
        role=row.role,
        asked=Question(
            giving_agency=row.giving_agency,
            question=row.question,
            words=row.words,
            legal_basis=row.legal_basis,
            urgency=row.urgency,
            category=row.category,
            from_date=row.from_date,
            to_date=row.to_date,
            subject_id=row.subject_id,
        ),
        purpose=row.purpose,
        reference=row.reference,
        asked_at=row.asked_at,
        state=row.state,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
        answer=row.answer,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


_NEWEST = (WorkRequestRow.asked_at.desc(), WorkRequestRow.request_id)


def _close(
    session: Session, user: SignedInUser, request_id: str, now: dt.datetime, **columns: object
) -> None:
    found = request_to_answer(session, user, request_id)
    move(session, found, OPEN, decided_by=user.user_id, decided_at=now, **columns)
    tell_asker(session, found, now)


def _require_words(words: str) -> None:
    if not words.strip() or len(words) > MOST:
        raise RequestError(f"Say it in words, at most {MOST} characters.")


def _say(
    session: Session, request: WorkRequest, user: SignedInUser, words: str, now: dt.datetime
) -> None:
    told = " ".join(words.split())
    session.add(
        RequestMessageRow(request_id=request.request_id, user_id=user.user_id, at=now, words=told)
    )


def _tell_approvers(
    session: Session, request: WorkRequest, by: str, kind: UserNoticeKind, now: dt.datetime
) -> None:
    for approver in approvers(session, request.asked.giving_agency):
        if approver.user_id != request.user_id:
            tell_user(
                session,
                approver.user_id,
                kind,
                subject_id=request.request_id,
                by_user=by,
                agency=request.agency,
                role=request.role,
                purpose=request.purpose,
                at=now,
            )


def _faults(session: Session, user: SignedInUser, asked: Question) -> Iterator[str]:
    if acting_role(user.roles) is None:
        yield "Your role does not allow you to ask about people."
    if not (user.purpose and user.reference) or user.purpose == EMERGENCY:
        yield "Say why you are looking, with a reference, before you ask."
    known = {each.agency_id for each in registration.agencies(session) if each.active}
    if asked.giving_agency == user.agency:
        yield "You are of this agency: ask your colleagues."
    elif asked.giving_agency not in known:
        yield "Choose an agency of the area."
    elif not approvers(session, asked.giving_agency):
        yield "Nobody at this agency has been named to answer requests. Ring them."
    if asked.question not in QUESTIONS:
        yield "Choose what you ask."
    if asked.legal_basis not in BASES:
        yield "Choose the legal basis."
    if asked.urgency not in URGENCIES:
        yield "Choose by when you need the answer."
    if asked.subject_id is not None and not is_opaque(asked.subject_id):
        yield "A person or an address is named by its id."
    told = " ".join(asked.words.split())
    if len(told) > MOST or (len(told) < FEWEST and (asked.subject_id is None or told == "")):
        yield f"Say who is meant and what you need to know, in {FEWEST} to {MOST} characters."
    if asked.question == "latest" and (asked.category or "") not in code_list("contact_category"):
        yield "Choose the kind of involvement."
    if asked.question == "chronology" and not _days(asked):
        yield "Give two days, the first before the second."


def _days(asked: Question) -> bool:
    return (
        asked.from_date is not None
        and asked.to_date is not None
        and asked.from_date <= asked.to_date
    )
