"""The second factor: a code counts once, a recovery code once for ever."""

from __future__ import annotations

import datetime as dt
import math
import threading

import pyotp
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text
from sqlalchemy.orm import Session

from governance import AccountError, accounts, second_factor, sessions
from governance.permissions import Role
from governance.register import Register
from governance.second_factor import Demand, check, confirm, demands, enrol, has_factor, remove
from tests.governance.builders import NOW, later, make_user


@pytest.fixture
def box() -> Fernet:
    return Fernet(Fernet.generate_key())


def code_of(secret: str, now: dt.datetime) -> str:
    return pyotp.TOTP(secret).at(now)


def enrolled(session: Session, box: Fernet, name: str = "jo") -> tuple[str, str, list[str]]:
    user = make_user(session, name)
    secret = enrol(session, box, user.user_id, name, "walsall", NOW).secret
    codes = confirm(session, box, user.user_id, code_of(secret, NOW), NOW)
    assert codes is not None
    return user.user_id, secret, codes


def test_a_factor_is_in_force_once_a_code_of_it_was_given(session: Session, box: Fernet) -> None:
    user = make_user(session)
    made = enrol(session, box, user.user_id, "jo", "walsall", NOW)
    assert made.uri.startswith("otpauth://totp/Kith%20walsall:jo?secret=")
    assert not has_factor(session, user.user_id)
    assert not check(session, box, user.user_id, code_of(made.secret, NOW), NOW)
    assert confirm(session, box, user.user_id, "000000", NOW) is None
    again = enrol(session, box, user.user_id, "jo", "walsall", later(minutes=1))
    assert again == made, "a page that is loaded again shows the same picture"
    codes = confirm(session, box, user.user_id, code_of(made.secret, NOW), NOW)
    assert codes is not None
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    assert has_factor(session, user.user_id)


def test_a_code_counts_once(session: Session, box: Fernet) -> None:
    user, secret, _ = enrolled(session, box)
    assert not check(session, box, user, code_of(secret, NOW), NOW), "it was used to confirm"
    then = later(minutes=1)
    assert check(session, box, user, code_of(secret, then), then)
    assert not check(session, box, user, code_of(secret, then), then)
    earlier = code_of(secret, later(seconds=30))
    assert not check(session, box, user, earlier, then), "nor does one before it"


def test_a_clock_may_be_off_by_one_step_and_no_more(session: Session, box: Fernet) -> None:
    user, secret, _ = enrolled(session, box)
    for off, right in ((-60, False), (60, False), (-30, True), (30, True)):
        then = later(hours=off + 100)
        code = code_of(secret, then + dt.timedelta(seconds=off))
        assert check(session, box, user, code, then) is right, off


def test_spaces_in_a_code_do_no_harm(session: Session, box: Fernet) -> None:
    user, secret, codes = enrolled(session, box)
    then = later(minutes=5)
    code = code_of(secret, then)
    assert check(session, box, user, f" {code[:3]} {code[3:]} ", then)
    assert check(session, box, user, codes[0].upper().replace("-", " "), then)


def test_a_recovery_code_is_long() -> None:
    """A digest of fewer than 112 random bits could be tried out by whoever has the register."""
    codes = {second_factor._recovery_code() for _ in range(50)}
    assert len(codes) == 50
    for code in codes:
        assert len(code.replace("-", "")) * math.log2(len(second_factor._ALPHABET)) > 112


def test_a_recovery_code_counts_once_for_ever(session: Session, box: Fernet) -> None:
    user, _, codes = enrolled(session, box)
    assert check(session, box, user, codes[3], NOW)
    assert not check(session, box, user, codes[3], later(days=400))
    assert second_factor.recovery_codes_left(session, user) == 9
    other, _, _ = enrolled(session, box, "sam")
    assert not check(session, box, other, codes[4], NOW), "it is its user's alone"


@pytest.mark.parametrize("code", ["", " ", "12345", "1234567", "abcdef", "\x00", "\ud800", "٣" * 6])
def test_what_is_no_code_is_wrong(session: Session, box: Fernet, code: str) -> None:
    user, _, _ = enrolled(session, box)
    assert not check(session, box, user, code, later(minutes=5))


def test_neither_secret_nor_codes_are_in_the_register(session: Session, box: Fernet) -> None:
    _, secret, codes = enrolled(session, box)
    stored = [
        str(value)
        for table in ("second_factor", "recovery_code")
        for row in session.execute(text(f"select * from {table}"))
        for value in row
    ]
    for hidden in (secret, *codes, *(code.replace("-", "") for code in codes)):
        assert not any(hidden in value for value in stored)


def test_another_homes_key_is_told(session: Session, box: Fernet) -> None:
    user, _, _ = enrolled(session, box)
    with pytest.raises(AccountError, match="another key"):
        check(session, Fernet(Fernet.generate_key()), user, "123456", NOW)


def test_who_has_one_gets_no_second(session: Session, box: Fernet) -> None:
    user, _, codes = enrolled(session, box)
    with pytest.raises(AccountError, match="already"):
        enrol(session, box, user, "jo", "walsall", NOW)
    assert confirm(session, box, user, "123456", NOW) is None
    assert remove(session, user)
    assert not remove(session, user)
    assert not has_factor(session, user)
    assert not check(session, box, user, codes[0], NOW)


def test_one_code_tried_at_the_same_time_lets_one_in(register: Register, box: Fernet) -> None:
    with register.session() as session:
        user, secret, codes = enrolled(session, box)
        session.commit()
    then = later(minutes=5)
    for code in (code_of(secret, then), codes[0]):
        found: list[bool] = []

        def attempt(code: str = code, found: list[bool] = found) -> None:
            with register.session() as session:
                found.append(check(session, box, user, code, then))
                session.commit()

        threads = [threading.Thread(target=attempt) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found.count(True) == 1


@pytest.mark.parametrize(
    ("demand", "roles", "must"),
    [
        (Demand.OFFERED, [Role.ADMINISTRATOR], False),
        (Demand.PRIVILEGED, [Role.ADMINISTRATOR], True),
        (Demand.PRIVILEGED, [Role.PRACTITIONER, Role.GOVERNANCE_OFFICER], True),
        (Demand.PRIVILEGED, [Role.PRACTITIONER], False),
        (Demand.REQUIRED, [Role.PRACTITIONER], True),
    ],
)
def test_who_must_have_one(demand: Demand, roles: list[str], must: bool) -> None:
    assert demands(demand, roles) is must


def test_who_waits_for_the_second_factor_is_not_signed_in(session: Session) -> None:
    user = make_user(session)
    token = sessions.start_waiting(session, user.user_id, NOW)
    assert accounts.resume(session, token, NOW) is None
    waiting = sessions.resume_waiting(session, token, NOW)
    assert waiting is not None
    assert waiting.user_id == user.user_id
    assert sessions.resume_waiting(session, token, later(minutes=10)) is None
    signed_in = accounts.start_session(session, user, NOW)
    assert sessions.resume_waiting(session, signed_in, NOW) is None
    accounts.end_sessions_of(session, user.user_id, NOW)
    assert sessions.resume_waiting(session, token, NOW) is None
