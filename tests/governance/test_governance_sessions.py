from __future__ import annotations

import datetime as dt
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from governance import PurposeNeeded, SessionEnded, accounts, policy
from governance.sessions import REFERENCE, SessionLimits
from kith.settings import Settings
from tests.governance.builders import NOW, later, make_user


@pytest.fixture
def token(session: Session) -> str:
    token = accounts.start_session(session, make_user(session), NOW)
    session.commit()
    return token


def test_a_session_is_resumed_by_its_token_alone(session: Session, token: str) -> None:
    found = accounts.resume(session, token, NOW)
    assert found is not None
    assert (found.username, found.agency) == ("jo", "police")
    assert found.roles == {"practitioner"}
    assert (found.purpose, found.reference, found.purpose_until) == (None, None, None)
    for other in ("", token[:-1], token + "x", "\x00", "\ud800", found.session_id):
        assert accounts.resume(session, other, NOW) is None


def test_the_token_is_not_in_the_database(session: Session, token: str) -> None:
    row = session.execute(text("select * from user_session")).one()
    assert row.token_sha256 == hashlib.sha256(token.encode()).hexdigest()
    assert not any(token in str(value) for value in row)


def test_a_stored_digest_is_no_token(session: Session, token: str) -> None:
    digest = hashlib.sha256(token.encode()).hexdigest()
    assert accounts.resume(session, digest, NOW) is None


def test_tokens_are_long_and_differ(session: Session) -> None:
    user = make_user(session)
    tokens = {accounts.start_session(session, user, NOW) for _ in range(50)}
    assert len(tokens) == 50
    assert min(map(len, tokens)) >= 43


def test_an_idle_session_ends(session: Session, token: str) -> None:
    assert accounts.resume(session, token, later(minutes=14, seconds=59)) is not None
    assert accounts.resume(session, token, later(minutes=29, seconds=59)) is None


def test_a_busy_session_ends_at_its_absolute_limit(session: Session, token: str) -> None:
    minutes = 0
    while minutes < 12 * 60:
        assert accounts.resume(session, token, later(minutes=minutes)) is not None
        minutes += 10
    assert accounts.resume(session, token, later(hours=12)) is None


def test_limits_come_from_the_settings(session: Session) -> None:
    limits = SessionLimits.from_settings(Settings(idle_minutes=2, session_hours=1))
    token = accounts.start_session(session, make_user(session), NOW, limits)
    assert accounts.resume(session, token, later(seconds=119)) is not None
    assert accounts.resume(session, token, later(seconds=240)) is None


@pytest.mark.sqlite
def test_most_requests_write_nothing(session: Session, token: str) -> None:
    accounts.resume(session, token, later(seconds=29))
    assert not session.in_transaction() or not session.connection().connection.in_transaction
    accounts.resume(session, token, later(seconds=30))
    assert session.connection().connection.in_transaction


def test_signing_out_ends_one_session(session: Session, token: str) -> None:
    user = accounts.users(session)[0]
    other = accounts.start_session(session, user, NOW)
    accounts.end_session(session, token, NOW)
    accounts.end_session(session, token, NOW)
    accounts.end_session(session, "no such token", NOW)
    assert accounts.resume(session, token, NOW) is None
    assert accounts.resume(session, other, NOW) is not None


def test_all_sessions_of_a_user_are_revoked_at_once(session: Session, token: str) -> None:
    user = accounts.users(session)[0]
    accounts.start_session(session, user, NOW)
    other = accounts.start_session(session, make_user(session, "sam"), NOW)
    assert accounts.end_sessions_of(session, user.user_id, NOW) == 2
    assert accounts.resume(session, token, NOW) is None
    assert accounts.resume(session, other, NOW) is not None


def test_a_purpose_is_stated_and_runs_out(session: Session, token: str) -> None:
    stated = accounts.state_purpose(session, token, "visit", "  REF   24-1182 ", NOW)
    assert (stated.purpose, stated.reference) == ("visit", "REF 24-1182")
    assert stated.purpose_until == later(hours=4)
    for minutes in range(0, 240, 10):
        found = accounts.resume(session, token, later(minutes=minutes))
        assert found is not None
        assert found.purpose == "visit"
    found = accounts.resume(session, token, later(hours=4))
    assert found is not None
    assert (found.purpose, found.reference, found.purpose_until) == (None, None, None)


def test_a_purpose_does_not_outlive_its_session(session: Session) -> None:
    limits = SessionLimits(absolute=dt.timedelta(hours=1))
    token = accounts.start_session(session, make_user(session), NOW, limits)
    stated = accounts.state_purpose(session, token, "visit", "24-1182", NOW)
    assert stated.purpose_until == later(hours=1)


def test_a_new_purpose_replaces_the_old_one(session: Session, token: str) -> None:
    accounts.state_purpose(session, token, "visit", "24-1182", NOW)
    stated = accounts.state_purpose(session, token, "crime", "C/77", later(minutes=1))
    assert (stated.purpose, stated.reference) == ("crime", "C/77")


@pytest.mark.parametrize(
    ("purpose", "reference"),
    [
        ("", "24-1182"),
        ("curiosity", "24-1182"),
        ("*", "24-1182"),
        ("visit", ""),
        ("visit", "   "),
        ("visit", "Mia Carter"),
        ("visit", "24-1182\x00"),
        ("visit", "<b>24</b>"),
        ("visit", "24" * 21),
        ("visit", "٢٤"),
    ],
)
def test_a_purpose_that_is_none_is_refused(
    session: Session, token: str, purpose: str, reference: str
) -> None:
    with pytest.raises(PurposeNeeded) as raised:
        accounts.state_purpose(session, token, purpose, reference, NOW)
    assert "Carter" not in str(raised.value)
    found = accounts.resume(session, token, NOW)
    assert found is not None
    assert found.purpose is None


@pytest.mark.parametrize(
    ("purpose", "chosen", "basis"),
    [
        ("visit", "", "public_task"),
        ("crime", "", "law_enforcement"),
        ("safeguarding_child", "", "safeguarding"),
        ("safeguarding_child", "vital_interests", "vital_interests"),
    ],
)
def test_a_basis_is_stated_or_the_usual_one_of_the_purpose(
    session: Session, token: str, purpose: str, chosen: str, basis: str
) -> None:
    stated = accounts.state_purpose(session, token, purpose, "24-1182", NOW, basis=chosen)
    assert stated.legal_basis == basis
    assert accounts.resume(session, token, NOW) == stated
    assert policy.viewer_for(session, stated, NOW).legal_basis == basis


def test_a_basis_that_is_not_on_the_list_is_refused(session: Session, token: str) -> None:
    with pytest.raises(PurposeNeeded, match="legal basis"):
        accounts.state_purpose(session, token, "visit", "24-1182", NOW, basis="curiosity")


def test_nobody_states_a_purpose(session: Session, token: str) -> None:
    with pytest.raises(SessionEnded):
        accounts.state_purpose(session, token, "visit", "24-1182", later(hours=13))
    with pytest.raises(SessionEnded):
        accounts.state_purpose(session, "no such token", "visit", "24-1182", NOW)


@given(reference=st.text(max_size=60))
def test_a_reference_is_short_plain_and_has_a_digit(reference: str) -> None:
    if REFERENCE.fullmatch(reference):
        assert reference.isascii()
        assert reference.isprintable()
        assert len(reference) <= 40
        assert any(letter.isdigit() for letter in reference)
