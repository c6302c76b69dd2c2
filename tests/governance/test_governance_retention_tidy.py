"""Only what has ended goes, so many days after; what is open or unseen stays."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from governance.request_tables import RequestMessageRow, UserNoticeRow, WorkRequestRow
from governance.retention_tidy import (
    tidy_emergencies,
    tidy_notices,
    tidy_requests,
    tidy_sessions,
    tidy_tries,
)
from governance.tables import Base, EmergencyRow, SessionRow, SignInDayRow
from tests.governance.builders import NOW, later, make_user

AGO = later(days=-31)


def count(session: Session, row: type[Base]) -> int:
    return session.scalar(select(func.count()).select_from(row)) or 0


def request(user_id: str, number: int, **values: Any) -> WorkRequestRow:
    given: dict[str, Any] = {
        "request_id": f"q_{'abcdefgh'[number]}",
        "user_id": user_id,
        "agency": "police",
        "role": "practitioner",
        "giving_agency": "housing",
        "question": "known",
        "words": "who is meant",
        "purpose": "visit",
        "reference": "REF 1",
        "legal_basis": "public_task",
        "urgency": "week",
        "asked_at": later(days=-400),
        "state": "waiting",
        **values,
    }
    return WorkRequestRow(**given)


def test_requests_go_with_their_words_once_they_have_ended(session: Session) -> None:
    user = make_user(session).user_id
    session.add_all(
        [
            request(user, 0),
            request(user, 1, state="withdrawn"),
            request(user, 2, state="refused", decided_at=AGO),
            request(user, 3, state="nothing", decided_at=later(days=-29)),
            request(user, 4, state="told", decided_at=later(days=-90), expires_at=AGO),
            request(user, 5, state="told", decided_at=AGO, expires_at=later(days=-2)),
        ]
    )
    session.flush()
    for letter in "abce":
        session.add(
            RequestMessageRow(request_id=f"q_{letter}", user_id=user, at=AGO, words="which?")
        )
    session.flush()
    assert tidy_requests(session, 0, NOW) == 0
    assert tidy_requests(session, 30, NOW) == 3
    assert set(session.scalars(select(WorkRequestRow.request_id))) == {"q_a", "q_d", "q_f"}
    assert list(session.scalars(select(RequestMessageRow.request_id))) == ["q_a"]
    assert tidy_requests(session, 30, NOW) == 0


def test_only_notices_that_were_seen_go(session: Session) -> None:
    user = make_user(session).user_id
    for number, seen in enumerate((None, AGO, NOW)):
        session.add(
            UserNoticeRow(
                notice_id=f"n_{'abc'[number]}",
                to_user=user,
                kind="looked",
                at=later(days=-400),
                subject_id="p_a",
                by_user="u_b",
                agency="police",
                seen_at=seen,
            )
        )
    session.flush()
    assert tidy_notices(session, 30, NOW) == 1
    assert set(session.scalars(select(UserNoticeRow.notice_id))) == {"n_a", "n_c"}


def test_words_of_emergencies_go_once_reviewed_and_the_access_stays(session: Session) -> None:
    user = make_user(session).user_id
    for number, reviewed in enumerate((None, AGO, NOW)):
        session.add(
            EmergencyRow(
                emergency_id=f"e_{'abc'[number]}",
                user_id=user,
                agency="police",
                session_id="s_a",
                reference="REF 1",
                words="the child is not breathing",
                began_at=later(days=-400),
                until=later(days=-400),
                reviewed_at=reviewed,
            )
        )
    session.flush()
    assert tidy_emergencies(session, 30, NOW) == 1
    session.expire_all()
    words = dict(session.execute(select(EmergencyRow.emergency_id, EmergencyRow.words)).all())
    assert (words["e_b"], bool(words["e_a"]), bool(words["e_c"])) == ("", True, True)
    assert tidy_emergencies(session, 30, NOW) == 0


def session_row(user_id: str, letter: str, ended: dt.datetime | None, over: dt.datetime) -> Base:
    return SessionRow(
        session_id=f"s_{letter}",
        token_sha256=letter * 64,
        user_id=user_id,
        started_at=later(days=-400),
        last_seen_at=later(days=-400),
        idle_seconds=900,
        expires_at=over,
        ended_at=ended,
        purpose_seconds=900,
    )


def test_sessions_and_tries_go_after_their_days(session: Session) -> None:
    user = make_user(session).user_id
    session.add_all(
        [
            session_row(user, "a", None, later(hours=1)),
            session_row(user, "b", None, AGO),
            session_row(user, "c", AGO, later(hours=1)),
            session_row(user, "d", NOW, AGO),
            SignInDayRow(day=NOW.date(), tries=3),
            SignInDayRow(day=NOW.date() - dt.timedelta(days=30), tries=3),
            SignInDayRow(day=NOW.date() - dt.timedelta(days=31), tries=3),
        ]
    )
    session.flush()
    assert tidy_sessions(session, 30, NOW) == 2
    assert set(session.scalars(select(SessionRow.session_id))) == {"s_a", "s_d"}
    assert tidy_tries(session, 30, NOW) == 1
    assert count(session, SignInDayRow) == 2
