"""One's own account: nothing is changed without the password, and only one's own."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from flask import Flask

from tests.webapp.client import Visitor
from tests.webapp.rooms import PASSWORD, PageHome

NEW = "copper-ladder-violin-42"
FIELDS = {"current": PASSWORD, "new": NEW, "again": NEW}


def change(visitor: Visitor, **fields: str) -> tuple[int, str]:
    token = visitor.get("/account").token()
    data = {**FIELDS, **fields, "csrf_token": token}
    response = visitor.client.post("/account/password", data=data, follow_redirects=True)
    return response.status_code, response.text


def test_a_user_changes_their_own_password(app: Flask, home: PageHome, officer: Visitor) -> None:
    elsewhere = Visitor(app)
    elsewhere.sign_in("officer")
    status, text = change(officer)
    assert (status, "The password is changed" in text) == (200, True)
    assert officer.get("/check").h1 == elsewhere.get("/check").h1 == "Sign in"
    assert Visitor(app).sign_in("officer", PASSWORD).status == 403
    assert Visitor(app).sign_in("officer", NEW).h1 == "Check an address"
    row = list(home.audit.rows(kind="user_changed"))[-1]
    assert row.payload["change"] == "password"
    assert row.payload["subject_id"] == row.payload["user_id"]


@pytest.mark.parametrize(
    ("wrong", "status", "words"),
    [
        ({"current": "not the password"}, 403, "This is not your password"),
        ({"current": ""}, 400, "Enter your password"),
        ({"again": "something else"}, 400, "not the same both times"),
        ({"new": "short", "again": "short"}, 400, "at least 12 characters"),
        ({"new": "officer-officer-1", "again": "officer-officer-1"}, 400, "user name"),
        ({"new": PASSWORD, "again": PASSWORD}, 400, "the password that you have"),
    ],
)
def test_a_password_that_cannot_be_is_refused_in_words(
    app: Flask, officer: Visitor, wrong: dict[str, str], status: int, words: str
) -> None:
    told = change(officer, **wrong)
    assert told[0] == status
    assert words in told[1]
    for typed in (NEW, PASSWORD, "not the password"):
        assert typed not in told[1]
    assert officer.get("/check").status == 200
    assert Visitor(app).sign_in("officer").h1 == "Check an address"


def test_a_password_that_was_stolen_elsewhere_is_refused_and_a_broken_list_lets_none_pass(
    app: Flask, home: PageHome, officer: Visitor, tmp_path: Path
) -> None:
    listed = tmp_path / "pwned.txt"
    object.__setattr__(home.settings, "breached_passwords", listed)
    status, text = change(officer)
    assert (status, "list of breached passwords" in text) == (400, True)
    digest = hashlib.sha1(NEW.encode(), usedforsecurity=False).hexdigest().upper()
    listed.write_text(f"{digest}:7\n", encoding="ascii")
    status, text = change(officer)
    assert (status, "stolen elsewhere" in text) == (400, True)
    listed.write_text(f"{'0' * 40}:7\n", encoding="ascii")
    assert change(officer)[0] == 200
    assert Visitor(app).sign_in("officer", NEW).h1 == "Check an address"


def test_guessing_from_within_is_counted_and_on_record(home: PageHome, officer: Visitor) -> None:
    for _ in range(5):
        change(officer, current="a wrong password")
    assert change(officer)[0] == 403, "the account rests"
    assert len(list(home.audit.rows(kind="sign_in_failed"))) == 6


def test_a_user_sees_and_ends_their_other_sessions(
    app: Flask, home: PageHome, officer: Visitor
) -> None:
    assert "Sign out everywhere else" not in officer.get("/account").text
    elsewhere, colleague = Visitor(app), Visitor(app)
    elsewhere.sign_in("officer")
    colleague.sign_in("analyst")
    page = officer.get("/account")
    assert page.text.count("(here)") == 1
    assert len(page.all("tr")) == 3
    fields = {"password": "wrong", "csrf_token": page.token()}
    assert officer.client.post("/account/sessions", data=fields).status_code == 403
    assert elsewhere.get("/check").status == 200
    fields["password"] = PASSWORD
    response = officer.client.post("/account/sessions", data=fields, follow_redirects=True)
    assert "Signed out in 1 other places" in response.text
    assert elsewhere.get("/check").h1 == "Sign in"
    assert officer.get("/check").status == colleague.get("/check").status == 200
    assert len(list(home.audit.rows(kind="signed_out"))) == 1


def test_everybody_finds_it(app: Flask) -> None:
    for name in ("officer", "admin", "governor"):
        visitor = Visitor(app)
        assert visitor.sign_in(name).links()["Your account"] == "/account"
    assert "Your account" not in Visitor(app).get("/sign-in").links()
