"""A stranger's guesses lock an account for strangers, not for the device its user signs in from."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from governance import SignInRefused, accounts
from governance.accounts import authenticate
from governance.register import Register
from governance.tries import DEVICE_KEPT, forget_devices, trust_device
from tests.governance.builders import NOW, PASSWORD, later, make_user

WRONG = "not-the-password"


def guess(session: Session, device: str | None = None, now: dt.datetime = NOW) -> None:
    with pytest.raises(SignInRefused):
        authenticate(session, "jo", WRONG, now, device=device)


def gets_in(session: Session, device: str | None = None, now: dt.datetime = NOW) -> bool:
    try:
        authenticate(session, "jo", PASSWORD, now, device=device)
    except SignInRefused:
        return False
    session.commit()
    return True


def test_a_stranger_does_not_lock_the_user_out(session: Session) -> None:
    user = make_user(session)
    device = trust_device(session, user.user_id, NOW, None)
    for _ in range(20):
        guess(session)
    assert not gets_in(session)
    assert gets_in(session, device)
    assert not gets_in(session), "the lock for strangers is as it was"


def test_a_stolen_device_is_locked_by_itself(session: Session) -> None:
    user = make_user(session)
    device = trust_device(session, user.user_id, NOW, None)
    for _ in range(5):
        guess(session, device)
    assert not gets_in(session, device)
    assert gets_in(session)
    assert gets_in(session, device, later(minutes=15))


def test_a_device_is_its_users_alone(session: Session) -> None:
    make_user(session)
    other = make_user(session, "sam")
    device = trust_device(session, other.user_id, NOW, None)
    for _ in range(5):
        guess(session, device)
    assert not gets_in(session, device)


def test_a_right_password_makes_the_count_of_its_own_place_nothing(session: Session) -> None:
    user = make_user(session)
    device = trust_device(session, user.user_id, NOW, None)
    for _ in range(4):
        guess(session, device)
    assert gets_in(session, device)
    for _ in range(4):
        guess(session, device)
    assert gets_in(session, device)


def test_a_device_that_is_known_keeps_its_token_and_only_a_digest_is_stored(
    session: Session,
) -> None:
    user = make_user(session)
    device = trust_device(session, user.user_id, NOW, None)
    assert trust_device(session, user.user_id, NOW, device) == device
    assert trust_device(session, user.user_id, NOW, "made up") not in {device, "made up"}
    rows = session.execute(text("select * from trusted_device")).all()
    assert len(rows) == 2
    assert not any(device in str(value) for row in rows for value in row)


def test_a_device_is_forgotten_in_time_and_with_the_password(session: Session) -> None:
    user = make_user(session)
    device = trust_device(session, user.user_id, NOW, None)
    for _ in range(5):
        guess(session, now=NOW + DEVICE_KEPT)
    assert not gets_in(session, device, NOW + DEVICE_KEPT)
    accounts.set_password(session, user.user_id, "another-harbour-43", NOW)
    assert session.execute(text("select count(*) from trusted_device")).scalar() == 0


def test_of_many_devices_the_oldest_are_forgotten(session: Session) -> None:
    user = make_user(session)
    devices = [trust_device(session, user.user_id, later(hours=n), None) for n in range(12)]
    for _ in range(5):
        guess(session)
    assert [gets_in(session, device) for device in devices] == [False] * 2 + [True] * 10


def test_no_device_is_known_after_all_are_forgotten(session: Session) -> None:
    user = make_user(session)
    device = trust_device(session, user.user_id, NOW, None)
    forget_devices(session, user.user_id)
    for _ in range(5):
        guess(session)
    assert not gets_in(session, device)


@pytest.mark.parametrize("device", ["", "\x00", "\ud800", "x" * 100_000])
def test_a_strange_token_is_a_strangers(session: Session, device: str) -> None:
    make_user(session)
    assert gets_in(session, device)
    for _ in range(5):
        guess(session, device)
    assert not gets_in(session)


def test_a_try_with_a_device_costs_the_same_whoever_it_is(
    session: Session, register: Register
) -> None:
    user = make_user(session)
    trust_device(session, user.user_id, NOW, None)
    authenticate(session, "jo", PASSWORD, NOW)
    session.commit()
    done: list[str] = []

    @event.listens_for(register.engine, "before_cursor_execute")
    def note(*arguments: object) -> None:
        done.append(str(arguments[2]).split("\n")[0].split(" WHERE")[0])

    traces = []
    for name in ("nobody", "jo", "\x00"):
        done.clear()
        with pytest.raises(SignInRefused):
            authenticate(session, name, WRONG, NOW, device="another")
        traces.append(list(done))
    assert all(trace == traces[0] for trace in traces)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.lists(st.sampled_from(["stranger", "own"]), max_size=14))
def test_each_place_locks_after_its_own_five(register: Register, tries: list[str]) -> None:
    with register.session() as session:
        user = make_user(session)
        device = trust_device(session, user.user_id, NOW, None)
        for place in tries:
            guess(session, device if place == "own" else None)
        locked = {place: tries.count(place) >= 5 for place in ("own", "stranger")}
        assert gets_in(session, device) is not locked["own"]
        assert gets_in(session) is not locked["stranger"]
        for table in ("trusted_device", "user_role", "app_user"):
            session.execute(text(f"delete from {table}"))
        session.commit()
