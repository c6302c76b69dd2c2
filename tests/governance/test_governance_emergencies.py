"""Break-glass: short, told in words, told to the officers, reviewed by another."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from governance import accounts, emergencies, policy, sessions
from governance.emergencies import EmergencyError
from governance.errors import NotPermitted, PurposeNeeded, SessionEnded
from governance.notices import NoticeKind, mark_seen, notices, unseen
from governance.policy import AgreementTerms, add_agreement
from governance.viewer import Grant, Level
from tests.governance.builders import NOW, later, make_user

WORDS = "A child has been left alone with a man who threatened to kill them."


def signed_in(session: Session, role: str = "practitioner") -> tuple[str, str]:
    user = make_user(session, f"jo-{role}".replace("_", "-"), (role,))
    return user.user_id, accounts.start_session(session, user, NOW)


def test_an_emergency_shows_what_agreements_for_it_say_and_ends(session: Session) -> None:
    for purpose, level in (("visit", Level.EXISTENCE), ("emergency", Level.DETAIL)):
        terms = AgreementTerms(
            giving_agency="housing",
            receiving_agency="police",
            purpose=purpose,
            level=level,
            starts=NOW.date(),
        )
        add_agreement(session, terms, NOW)
    _, token = signed_in(session)
    usual = sessions.state_purpose(session, token, "visit", "24-1182", NOW)
    assert set(policy.viewer_for(session, usual, NOW).grants.values()) == {
        Grant(level=Level.EXISTENCE)
    }
    user, begun = emergencies.begin(session, token, "24-1182", WORDS, NOW)
    viewer = policy.viewer_for(session, user, NOW)
    assert viewer.purpose == "emergency"
    assert set(viewer.grants.values()) == {Grant(level=Level.DETAIL)}
    assert begun.until == later(minutes=30)
    after = accounts.resume(session, token, later(minutes=14))
    assert after is not None
    later_on = accounts.resume(session, token, later(minutes=28))
    assert later_on is not None
    with pytest.raises(PurposeNeeded):
        policy.viewer_for(session, later_on, later(minutes=30))


def test_officers_are_told_in_the_same_unit_of_work(session: Session) -> None:
    user_id, token = signed_in(session)
    _, begun = emergencies.begin(session, token, "24-1182", WORDS, NOW)
    (notice,) = notices(session)
    assert (notice.kind, notice.user_id) == (NoticeKind.EMERGENCY, user_id)
    assert notice.subject_id == begun.emergency_id
    assert unseen(session) == 1
    session.rollback()
    assert notices(session) == []


@pytest.mark.parametrize("words", ["", " " * 50, "urgent", "x" * 1001])
def test_a_reason_is_told_in_words(session: Session, words: str) -> None:
    _, token = signed_in(session)
    with pytest.raises(EmergencyError):
        emergencies.begin(session, token, "24-1182", words, NOW)
    assert notices(session) == []


def test_no_other_way_states_the_purpose(session: Session) -> None:
    _, token = signed_in(session)
    with pytest.raises(PurposeNeeded):
        sessions.state_purpose(session, token, "emergency", "24-1182", NOW)


def test_who_may_see_nobody_sees_nobody_in_an_emergency(session: Session) -> None:
    _, token = signed_in(session, "administrator")
    with pytest.raises(NotPermitted):
        emergencies.begin(session, token, "24-1182", WORDS, NOW)


def test_a_bad_reference_and_an_ended_session_are_refused(session: Session) -> None:
    _, token = signed_in(session)
    with pytest.raises(PurposeNeeded):
        emergencies.begin(session, token, "Sarah Thomas", WORDS, NOW)
    with pytest.raises(SessionEnded):
        emergencies.begin(session, "nobody's", "24-1182", WORDS, NOW)


def test_another_reviews_it_once(session: Session) -> None:
    user_id, token = signed_in(session)
    _, begun = emergencies.begin(session, token, "24-1182", WORDS, NOW)
    with pytest.raises(EmergencyError, match="somebody else"):
        emergencies.review(session, begun.emergency_id, "justified", user_id, NOW)
    with pytest.raises(EmergencyError, match="one of"):
        emergencies.review(session, begun.emergency_id, "fine", "u_officer", NOW)
    emergencies.review(session, begun.emergency_id, "justified", "u_officer", later(hours=1))
    found = emergencies.emergency(session, begun.emergency_id)
    assert found is not None
    assert (found.outcome, found.reviewed_by) == ("justified", "u_officer")
    with pytest.raises(EmergencyError, match="has been reviewed"):
        emergencies.review(session, begun.emergency_id, "training", "u_officer", NOW)
    with pytest.raises(EmergencyError, match="no such"):
        emergencies.review(session, "e_none", "training", "u_officer", NOW)
    assert emergencies.emergencies(session) == [found]


def test_a_notice_about_oneself_is_seen_by_another(session: Session) -> None:
    user_id, token = signed_in(session)
    emergencies.begin(session, token, "24-1182", WORDS, NOW)
    (notice,) = notices(session)
    with pytest.raises(Exception, match="another officer"):
        mark_seen(session, notice.notice_id, user_id, NOW)
    mark_seen(session, notice.notice_id, "u_one", NOW)
    mark_seen(session, notice.notice_id, "u_two", later(hours=1))
    (notice,) = notices(session)
    assert (notice.seen_by, unseen(session)) == ("u_one", 0)
