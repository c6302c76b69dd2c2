"""Who has an account, and whose session it is: nothing tells, nothing planted counts."""

from __future__ import annotations

import base64
import re

import pyotp
from flask import Flask
from sqlalchemy import Engine, event

from governance import accounts
from tests.webapp.client import Visitor
from tests.webapp.rooms import NOW, PASSWORD, PageHome

_NEW = re.compile(r'name="csrf_token"[^>]*>|value="[^"]*"')
WRONG = "wrong-password-entirely"


def tried(app: Flask, name: str, password: str) -> tuple[object, ...]:
    """All that somebody sees who tries to sign in, and what the register was asked."""
    visitor = Visitor(app)
    visitor.get("/sign-in")
    statements: list[str] = []

    def note(*given: object) -> None:
        statements.append(str(given[2]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        response = visitor.post("/sign-in", username=name, password=password)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    told = sorted((k, v) for k, v in response.headers if k not in {"X-Request-Id", "Set-Cookie"})
    told = [(k, v) for k, v in told if k != "Content-Length"]
    return response.status_code, _NEW.sub("", response.text), told, len(statements)


def test_nobody_learns_who_has_an_account(app: Flask, home: PageHome) -> None:
    with home.register.session() as session:
        for name in ("gone", "locked"):
            made = accounts.create_user(session, name, PASSWORD, "police", ["analyst"], NOW)
            if name == "gone":
                accounts.disable_user(session, made.user_id, NOW)
        session.commit()
    for _ in range(6):
        tried(app, "locked", WRONG)
    seen = {
        "nobody": tried(app, "nobody-of-this-name", WRONG),
        "wrong": tried(app, "officer", WRONG),
        "disabled": tried(app, "gone", PASSWORD),
        "locked": tried(app, "locked", PASSWORD),
    }
    assert seen["nobody"][0] == 403
    for state, answer in seen.items():
        assert answer[:3] == seen["nobody"][:3], state
    assert seen["wrong"][3] == seen["nobody"][3], "the same number of statements"


def test_a_session_id_is_new_after_each_step(app: Flask, home: PageHome) -> None:
    """Session fixation: at the password, at the code, and when roles change."""
    visitor = Visitor(app)
    visitor.sign_in("officer")
    page = visitor.get("/sign-in/set-up")
    secret = re.search(r"\b[A-Z2-7]{32}\b", page.text)
    assert secret
    totp = pyotp.TOTP(secret[0])
    visitor.send("/sign-in/set-up", code=totp.at(home.clock.moment), password=PASSWORD)
    visitor.sign_out()
    seen = {visitor.cookie()}
    visitor.sign_in("officer")
    halfway = visitor.cookie()
    assert halfway not in seen
    home.clock.pass_time(minutes=1)
    visitor.send("/sign-in/code", code=totp.at(home.clock.moment))
    assert visitor.get("/check").status == 200
    assert visitor.cookie() not in {*seen, halfway}
    thief = Visitor(app)
    thief.client.set_cookie("kith", halfway)
    assert thief.get("/check").h1 == "Sign in"
    with home.register.session() as session:
        account = accounts.user_named(session, "officer")
        assert account is not None
        accounts.give_role(session, account.user_id, "analyst", "u_admin", NOW)
        accounts.approve_role(session, account.user_id, "analyst", "u_governor", NOW)
        session.commit()
    assert visitor.get("/check").h1 == "Sign in", "a role more: sign in again"


def test_a_cookie_that_was_tampered_with_is_nobody(app: Flask, officer: Visitor) -> None:
    good = officer.cookie()
    turned = good[:-9] + good[-9].swapcase() + good[-8:] if good[-9].isalpha() else good[:-9]
    for bad in (good[:-2], turned, "." + good, good * 2):
        thief = Visitor(app)
        thief.client.set_cookie("kith", bad)
        assert thief.get("/check").h1 == "Sign in"


def test_signatures_are_by_sha256(app: Flask, visitor: Visitor) -> None:
    """The libraries' default for cookies and form tokens is SHA-1."""
    token = visitor.get("/sign-in").token()
    for signed in (visitor.cookie(), token):
        signature = signed.rsplit(".", 1)[1]
        assert len(base64.urlsafe_b64decode(signature + "==")) == 32
