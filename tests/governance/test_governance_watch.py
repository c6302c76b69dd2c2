"""How much one user looks at: officers are told once, and there is a most."""

from __future__ import annotations

import dataclasses

import pytest
from sqlalchemy.orm import Session

from governance.audit import Audit
from governance.events import PersonViewed, SignedIn
from governance.notices import NoticeKind, notices
from governance.viewer import Viewer
from governance.watch import Limits, watch
from tests.governance.builders import NOW, later

VIEWER = Viewer(
    user_id="u_aaaa",
    agency="police",
    role="practitioner",
    purpose="visit",
    reference="24-1182",
    on=NOW.date(),
)
LIMITS = Limits(unusual=3, most=5)


def look(session: Session, audit: Audit, viewer: Viewer = VIEWER, **after: float) -> bool:
    now = later(**after) if after else NOW
    if not watch(session, audit, viewer, now, LIMITS):
        return False
    audit.record(PersonViewed.by(viewer, what=["p_aaaa"]), now)
    return True


def kinds(session: Session) -> list[NoticeKind]:
    return sorted(notice.kind for notice in notices(session))


def test_officers_are_told_once_of_what_is_unusual_and_once_of_the_most(
    session: Session, audit: Audit
) -> None:
    assert [look(session, audit) for _ in range(3)] == [True] * 3
    assert kinds(session) == []
    assert [look(session, audit) for _ in range(4)] == [True, True, False, False]
    assert kinds(session) == [NoticeKind.BULK, NoticeKind.LIMIT]


def test_an_hour_later_the_count_begins_anew(session: Session, audit: Audit) -> None:
    for _ in range(6):
        look(session, audit)
    assert look(session, audit, hours=1, seconds=1)


@pytest.mark.parametrize("change", [{"user_id": "u_aaab"}, {"purpose": "crime"}])
def test_another_user_and_another_purpose_have_a_count_of_their_own(
    session: Session, audit: Audit, change: dict[str, str]
) -> None:
    for _ in range(6):
        look(session, audit)
    assert look(session, audit, dataclasses.replace(VIEWER, **change))  # type: ignore[arg-type]


def test_what_shows_nobody_does_not_count(session: Session, audit: Audit) -> None:
    for _ in range(9):
        audit.record(SignedIn(user_id="u_aaaa"), NOW)
    assert look(session, audit)
    assert kinds(session) == []
