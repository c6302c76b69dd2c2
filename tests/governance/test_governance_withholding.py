"""Whoever gives an account a way in does not thereby see people."""

from __future__ import annotations

import pyotp
import pytest
from cryptography.fernet import Fernet
from sqlalchemy.orm import Session

from governance import AccountError, accounts, second_factor
from governance.withholding import give_password, take_second_factor
from tests.governance.builders import NOW, make_user

GIVEN = "a heron on the lower pond"


def roles(session: Session, user_id: str) -> tuple[set[str], set[str]]:
    found = accounts.user(session, user_id)
    assert found is not None
    return set(found.roles), set(found.waiting)


def with_factor(session: Session, user_id: str) -> None:
    box = Fernet(Fernet.generate_key())
    secret = second_factor.enrol(session, box, user_id, "jo", "walsall", NOW).secret
    code = pyotp.TOTP(secret).at(NOW)
    assert second_factor.confirm(session, box, user_id, code, NOW) is not None


@pytest.mark.parametrize("role", ["practitioner", "analyst", "steward", "governance_officer"])
def test_a_given_password_alone_shows_nobody(session: Session, role: str) -> None:
    user = make_user(session, roles=(role,)).user_id
    assert give_password(session, user, GIVEN, "u_admin", NOW) == (role,)
    assert roles(session, user) == (set(), {role})
    (waits,) = accounts.waiting_roles(session)
    assert waits.given_by == "u_admin"
    with pytest.raises(AccountError, match="somebody else"):
        accounts.approve_role(session, user, role, "u_admin", NOW)
    accounts.approve_role(session, user, role, "u_officer", NOW)
    assert roles(session, user) == ({role}, set())


def test_who_has_a_second_factor_keeps_the_roles_until_it_is_taken(session: Session) -> None:
    user = make_user(session, roles=("practitioner",)).user_id
    with_factor(session, user)
    assert give_password(session, user, GIVEN, "u_admin", NOW) == ()
    assert roles(session, user) == ({"practitioner"}, set())
    assert take_second_factor(session, user, "u_admin", NOW) == ("practitioner",)
    assert roles(session, user) == (set(), {"practitioner"})
    with pytest.raises(AccountError, match="no second factor"):
        take_second_factor(session, user, "u_admin", NOW)


def test_roles_that_see_nobody_stay(session: Session) -> None:
    user = make_user(session, roles=("administrator",)).user_id
    assert give_password(session, user, GIVEN, "u_other", NOW) == ()
    assert roles(session, user) == ({"administrator"}, set())


def test_a_role_that_waits_goes_on_waiting(session: Session) -> None:
    made = accounts.create_user(
        session, "sam", "seven geese over kinver", "police", ["analyst"], NOW, created_by="u_admin"
    )
    assert give_password(session, made.user_id, GIVEN, "u_other", NOW) == ()
    assert roles(session, made.user_id) == (set(), {"analyst"})
