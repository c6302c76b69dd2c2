"""Signing in: sessions on the server, an opaque cookie, the same words for every failure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from governance import accounts
from governance.errors import AuditError
from governance.sessions import start_waiting
from tests.webapp.client import Visitor
from tests.webapp.rooms import PASSWORD, PageHome, make_home
from webapp import create_app


def kinds(home: PageHome) -> list[str]:
    return [row.kind for row in home.audit.rows()]


def test_signing_in_leads_to_the_first_page_of_the_role(app: Flask) -> None:
    assert Visitor(app).sign_in("officer").h1 == "Check an address"
    assert Visitor(app).sign_in("manager").h1 == "Loads"
    assert Visitor(app).sign_in("admin").h1 == "Loads"


@pytest.mark.parametrize(
    "name", ["officer", "nobody", "", "x" * 500, "<img src=x onerror=alert(1)>"]
)
def test_every_failure_has_the_same_words(home: PageHome, visitor: Visitor, name: str) -> None:
    page = visitor.sign_in(name, "wrong-password-entirely")
    if name in {"", "x" * 500}:
        assert page.status == 200
        return
    assert page.status == 403
    assert "The user name or password is not right" in page.text
    assert "wrong-password-entirely" not in page.response.text
    row = list(home.audit.rows(kind="sign_in_failed"))[-1]
    assert (row.payload["user_id"] is not None) is (name == "officer")


def test_a_locked_account_says_what_a_wrong_password_says(visitor: Visitor) -> None:
    for _ in range(6):
        wrong = visitor.sign_in("officer", "wrong-password-entirely")
    right = visitor.sign_in("officer")
    assert right.status == wrong.status == 403
    assert right.h1 == "Sign in"


def test_the_session_is_new_at_sign_in_whatever_the_cookie_held(
    app: Flask, home: PageHome, visitor: Visitor
) -> None:
    """Session fixation: a cookie planted before sign-in is worth nothing after it."""
    visitor.get("/sign-in")
    planted = visitor.cookie()
    visitor.sign_in("officer")
    assert visitor.cookie() != planted
    attacker = Visitor(app)
    attacker.client.set_cookie("kith", planted)
    assert attacker.get("/check").h1 == "Sign in"


def test_another_users_session_is_replaced_not_kept(app: Flask, home: PageHome) -> None:
    visitor = Visitor(app)
    visitor.sign_in("officer")
    visitor.state_purpose()
    first = visitor.cookie()
    visitor.sign_out()
    visitor.sign_in("analyst")
    assert "24-1182" not in visitor.get("/check").text
    visitor.client.set_cookie("kith", first)
    assert visitor.get("/check").h1 == "Sign in"


def test_the_cookie_holds_a_token_and_nothing_of_the_user(visitor: Visitor) -> None:
    visitor.sign_in("officer")
    interface = visitor.app.session_interface
    assert isinstance(interface, SecureCookieSessionInterface)
    signer = interface.get_signing_serializer(visitor.app)
    assert signer is not None
    held = signer.loads(visitor.cookie())
    assert set(held) <= {"_user_id", "_fresh", "_id", "csrf_token"}
    assert "officer" not in json.dumps(held)


def test_signing_out_ends_it_even_where_no_audit_can_be_written(
    home: PageHome, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AuditError("the audit cannot be written")

    visitor.sign_in("officer")
    kept = visitor.cookie()
    monkeypatch.setattr(home.audit, "record", fail)
    assert visitor.sign_out().status == 503
    monkeypatch.undo()
    visitor.client.set_cookie("kith", kept)
    assert visitor.get("/check").h1 == "Sign in"


def test_signing_out_ends_it_on_the_server(home: PageHome, visitor: Visitor) -> None:
    visitor.sign_in("officer")
    kept = visitor.cookie()
    assert visitor.sign_out().h1 == "Sign in"
    visitor.client.set_cookie("kith", kept)
    assert visitor.get("/check").h1 == "Sign in"
    assert kinds(home) == ["signed_in", "signed_out"]


def test_an_idle_session_ends_and_says_so(home: PageHome, visitor: Visitor) -> None:
    visitor.sign_in("officer")
    home.clock.pass_time(minutes=16)
    page = visitor.get("/check")
    assert page.h1 == "Sign in"
    assert "You have been signed out" in page.text


def test_a_disabled_user_is_out_at_once(home: PageHome, officer: Visitor) -> None:
    with home.register.session() as session:
        account = accounts.user_named(session, "officer")
        assert account is not None
        accounts.disable_user(session, account.user_id, home.clock())
        session.commit()
    assert officer.get("/check").h1 == "Sign in"


def test_cookies_are_strict_over_https(tmp_path: Path) -> None:
    home = make_home(tmp_path, plain_cookies=False)
    client = create_app(home.as_home()).test_client()
    cookie = client.get("/sign-in", base_url="https://localhost").headers["Set-Cookie"]
    home.close()
    assert cookie.startswith("__Host-kith=")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie


def test_no_address_of_ours_takes_where_to_go_next(visitor: Visitor) -> None:
    """Open redirect: nothing in a request decides where an answer leads."""
    response = visitor.post(
        "/sign-in?next=https://evil.example/", username="officer", password=PASSWORD
    )
    assert response.headers["Location"] == "/"
    visitor.get("/addresses/a_alder?next=https://evil.example/&//evil.example")
    response = visitor.post(
        "/purpose?next=//evil.example", purpose="visit", reference="24-1182", next="//evil.example"
    )
    assert response.headers["Location"].startswith("/addresses/a_alder?")


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "/%2f%2fevil.example"])
def test_paths_that_look_like_hosts_lead_nowhere(visitor: Visitor, path: str) -> None:
    visitor.sign_in("officer")
    response = visitor.raw("/", environ_overrides={"PATH_INFO": path.replace("%2f", "/")})
    location = response.headers.get("Location", "/")
    assert location.startswith(("/", "http://localhost/"))
    assert not location.startswith(("//", "/\\"))


def test_a_password_that_somebody_gave_opens_nothing_but_the_way_to_ones_own(
    home: PageHome, visitor: Visitor
) -> None:
    given, own = "a lamp beside the river", "three otters near the weir"
    with home.register.session() as session:
        user = accounts.user_named(session, "officer")
        assert user is not None
        accounts.set_password(session, user.user_id, given, home.clock(), given=True)
        session.commit()
    before = kinds(home)
    page = visitor.sign_in("officer", given)
    assert page.h1 == "Choose a password of your own"
    assert kinds(home) == before  # not signed in
    for path in ("/check", "/account", "/sign-in/code", "/sign-in/set-up"):
        assert visitor.get(path).h1 == "Sign in"
    page = visitor.sign_in("officer", given)
    for new, again in ((given, given), ("short", "short"), (own, own + "s"), ("", "")):
        page = visitor.send("/sign-in/password", new=new, again=again)
        assert page.status == 400
        assert page.h1 == "Choose a password of your own"
    page = visitor.send("/sign-in/password", new=own, again=own)
    assert page.h1 == "Check an address"
    assert kinds(home)[len(before) :][-2:] == ["user_changed", "signed_in"]
    visitor.sign_out()
    assert visitor.sign_in("officer", given).status == 403
    assert visitor.sign_in("officer", own).h1 == "Check an address"


def test_nobody_comes_to_the_last_step_without_those_before(
    home: PageHome, visitor: Visitor
) -> None:
    assert visitor.get("/sign-in/password").h1 == "Sign in"
    with home.register.session() as session:
        user = accounts.user_named(session, "officer")
        assert user is not None
        waiting = start_waiting(session, user.user_id, home.clock())
        session.commit()
    with visitor.client.session_transaction() as cookie:
        cookie["waiting"] = waiting  # of whom a code is asked
    page = visitor.get("/sign-in/password")
    assert page.h1 == "Sign in"
    assert "It took too long" in page.text
