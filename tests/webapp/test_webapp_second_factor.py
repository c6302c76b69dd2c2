"""Signing in with a second factor: nobody is in before the code, and codes are shown once."""

from __future__ import annotations

import dataclasses
import re

import pyotp
import pytest
from flask import Flask

from tests.webapp.client import Visitor
from tests.webapp.rooms import PASSWORD, PageHome


@pytest.fixture
def home(home: PageHome) -> PageHome:
    home.settings = dataclasses.replace(home.settings, second_factor="privileged")
    return home


def code_now(home: PageHome, secret: str) -> str:
    return pyotp.TOTP(secret).at(home.clock())


def set_up(home: PageHome, visitor: Visitor) -> tuple[str, list[str]]:
    """An officer's first sign-in; the secret and the recovery codes."""
    page = visitor.sign_in("governor")
    assert page.h1 == "Set up a second factor"
    found = re.search(r"into the app: ([A-Z2-7]{32})", page.text)
    assert found is not None
    page = visitor.send("/sign-in/set-up", code=code_now(home, found[1]))
    assert page.h1 == "Keep these recovery codes"
    codes = re.findall(r"\b(?:[a-z2-9]{4}-){5}[a-z2-9]{4}\b", page.text)
    return found[1], codes


def test_an_officer_sets_up_a_factor_and_is_in(app: Flask, home: PageHome) -> None:
    visitor = Visitor(app)
    _, codes = set_up(home, visitor)
    assert len(codes) == 10
    assert visitor.get("/audit").h1 == "Audit"
    kinds = [row.kind for row in home.audit.rows()]
    assert kinds[:2] == ["user_changed", "signed_in"]
    assert visitor.get("/sign-in/set-up").h1 == "Loads", "it is set up once"


def test_nobody_is_in_before_the_code(app: Flask, home: PageHome) -> None:
    secret, codes = set_up(home, Visitor(app))
    visitor = Visitor(app)
    assert visitor.sign_in("governor").h1 == "Enter the code of your app"
    assert visitor.get("/audit").h1 == "Sign in"
    visitor = Visitor(app)
    visitor.sign_in("governor")
    page = visitor.send("/sign-in/code", code="000000")
    assert page.status == 403
    assert "not the code" in page.text
    home.clock.pass_time(minutes=1)
    page = visitor.send("/sign-in/code", code=code_now(home, secret))
    assert page.h1 == "Loads"
    visitor.sign_out()
    visitor.sign_in("governor")
    assert visitor.send("/sign-in/code", code=codes[0]).h1 == "Loads"
    visitor.sign_out()
    visitor.sign_in("governor")
    assert visitor.send("/sign-in/code", code=codes[0]).status == 403, "it counts once"


def test_a_failed_code_is_in_the_audit_and_counts_towards_the_lock(
    app: Flask, home: PageHome
) -> None:
    secret, _ = set_up(home, Visitor(app))
    stranger = Visitor(app)
    for _ in range(3):
        stranger.sign_in("governor")
        stranger.send("/sign-in/code", code="000000")
    steps = [row.payload["step"] for row in home.audit.rows(kind="sign_in_failed")]
    assert steps[:2] == ["code", "code"]
    home.clock.pass_time(minutes=1)
    assert stranger.sign_in("governor").status == 403, "guessing codes locks like passwords"
    assert secret


def test_a_stranger_does_not_lock_the_users_own_browser(app: Flask, home: PageHome) -> None:
    own = Visitor(app)
    own.sign_in("officer")
    own.sign_out()
    stranger = Visitor(app)
    for _ in range(8):
        stranger.sign_in("officer", "not-the-password")
    assert stranger.sign_in("officer").status == 403
    assert own.sign_in("officer").h1 == "Check an address"


def test_who_takes_too_long_begins_again(app: Flask, home: PageHome) -> None:
    set_up(home, Visitor(app))
    visitor = Visitor(app)
    visitor.sign_in("governor")
    home.clock.pass_time(minutes=11)
    page = visitor.send("/sign-in/code", code="123456")
    assert page.h1 == "Sign in"
    assert "It took too long" in page.text


def test_without_a_first_step_there_is_no_second(app: Flask) -> None:
    visitor = Visitor(app)
    assert visitor.get("/sign-in/code").h1 == "Sign in"
    assert visitor.get("/sign-in/set-up").h1 == "Sign in"


def test_a_practitioner_may_set_one_up_and_is_asked_from_then_on(
    app: Flask, home: PageHome
) -> None:
    visitor = Visitor(app)
    assert visitor.sign_in("officer").h1 == "Check an address"
    page = visitor.get("/sign-in/set-up")
    found = re.search(r"into the app: ([A-Z2-7]{32})", page.text)
    assert found is not None
    right = code_now(home, found[1])
    assert visitor.send("/sign-in/set-up", code="1", password=PASSWORD).status == 403
    assert visitor.send("/sign-in/set-up", code=right, password="not the one").status == 403
    assert "There is a problem" in visitor.send("/sign-in/set-up", code=right).text
    page = visitor.send("/sign-in/set-up", code=right, password=PASSWORD)
    assert page.h1 == "Keep these recovery codes"
    assert Visitor(app).sign_in("officer").h1 == "Enter the code of your app"


def test_the_session_is_new_and_the_cookies_are_closed(app: Flask, home: PageHome) -> None:
    secret, _ = set_up(home, Visitor(app))
    visitor = Visitor(app)
    visitor.sign_in("governor")
    before = visitor.client.get_cookie("kith")
    home.clock.pass_time(minutes=1)
    response = visitor.post("/sign-in/code", code=code_now(home, secret))
    cookies = "\n".join(response.headers.getlist("Set-Cookie"))
    assert before is not None
    assert before.value not in cookies
    assert re.search(r"kith-device=[^;]+;.*HttpOnly.*SameSite=Strict", cookies)
    assert secret not in cookies
    assert PASSWORD not in cookies
