"""Whatever is typed anywhere: no fault, no markup, no request of the server, nothing lost."""

from __future__ import annotations

import itertools
import socket

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from governance import accounts, policy
from governance.tables import UserRow
from tests.security.walking import (
    HOSTILE,
    as_holder,
    everything_stored,
    field_names,
    routes,
    token_of,
)
from tests.webapp.client import Visitor
from tests.webapp.rooms import PASSWORD, USERS, PageHome
from tests.webapp.test_webapp_register import TERMS

_ANSWERS = {200, 303, 400, 403, 404}
_ROUNDS = 3


@pytest.fixture
def unhurried(app: Flask) -> None:
    """Without rate limits: this is about what is typed, not how often."""
    for limiter in app.extensions["limiter"]:
        limiter.enabled = False


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every attempt to reach something in the network."""
    found: list[object] = []
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, lambda *given: found.append(given))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **_: found.append(given))
    return found


@pytest.mark.parametrize("turn", range(_ROUNDS))
def test_hostile_typing_does_nothing_anywhere(
    app: Flask,
    home: PageHome,
    unhurried: None,
    visitors: dict[str, Visitor],
    reached: list[object],
    turn: int,
) -> None:
    """In fields and arguments of every route, another kind in each: nothing is obeyed."""
    kinds = list(HOSTILE.values())
    turned = kinds[turn * 4 :] + kinds[: turn * 4]
    fields = dict(zip(sorted(field_names()), itertools.cycle(turned), strict=False))
    tokens = {name: token_of(visitor) for name, visitor in visitors.items()}
    for place, route in enumerate(routes(app)):
        if route.rule.endpoint in {"static", "signin.sign_out"}:
            continue
        visitor, name = as_holder(route, app, visitors), route.holder()
        argument = turned[place % len(turned)].encode().decode("latin-1")
        answers = []
        if "GET" in route.methods:
            path = {"PATH_INFO": route.path(argument)}
            answers.append(visitor.client.get(route.path(), query_string=fields))
            answers.append(visitor.client.get("/", environ_overrides=path))
        if "POST" in route.methods:
            data = {**fields, "csrf_token": tokens[name] if name else token_of(visitor)}
            answers.append(visitor.client.post(route.path(), data=data))
        for response in answers:
            where = f"{response.request.method} {route.rule}"
            assert response.status_code in _ANSWERS, where
            for obeyed in ("<script>alert", "<svg onload", "kithssti", "root:x:", "<html>\r"):
                assert obeyed not in response.text, where
            assert "Evil-Header" not in response.headers, where
    assert reached == []
    with home.register.session() as session:
        assert session.scalar(select(func.count()).select_from(UserRow)) == len(USERS)
    assert not home.audit.verify()


def test_a_field_that_the_form_does_not_have_changes_nothing(app: Flask, home: PageHome) -> None:
    """Mass assignment: columns of the tables, sent along, are not written."""
    governor = Visitor(app)
    governor.sign_in("governor")
    extra = {
        "agreement_id": "g_aaaaaaaaaaaaaaaa",
        "proposed_by": "system",
        "proposed_at": "2020-01-01",
        "approved_by": "system",
        "approved_at": "2020-01-01",
        "withdrawn_at": "",
        "restricted": "1",
        "agency": "housing",
        "user_id": "u_aaaaaaaaaaaaaaaa",
        "role_held": "administrator",
    }
    governor.post("/agreements/new", follow=True, **{**TERMS, **extra})
    with home.register.session() as session:
        made = policy.agreements(session)[-1]
        by = accounts.user_named(session, "governor")
    assert by is not None
    assert made.agreement_id != extra["agreement_id"]
    assert (made.proposed_by, made.approved_by, made.approved_at) == (by.user_id, None, None)
    assert not made.terms.restricted_allowed


def test_whose_session_it_is_no_form_says(app: Flask, home: PageHome) -> None:
    visitor = Visitor(app)
    others = {"user_id": "u_x", "agency": "housing", "role": "administrator", "roles": "analyst"}
    visitor.post("/sign-in", follow=True, username="officer", password=PASSWORD, **others)
    stated = {"purpose": "visit", "reference": "24-1182", "session_id": "s_x"}
    visitor.post("/purpose", follow=True, **{**others, **stated})
    row = list(home.audit.rows(kind="purpose_stated"))[-1]
    assert row.payload["agency"] == "police"
    assert visitor.get("/roles").status == 403


def test_a_field_sent_twice_or_elsewhere_counts_as_on_the_form(app: Flask, home: PageHome) -> None:
    """Parameter pollution: the body's first value, never the address, a cookie or JSON."""
    visitor = Visitor(app)
    visitor.sign_in("officer")
    token = token_of(visitor)
    before = everything_stored(home)
    for sent in (
        {"query_string": {"purpose": "visit", "reference": "24-1"}, "data": {"csrf_token": token}},
        {"headers": {"Cookie": "purpose=visit; reference=24-1"}, "data": {"csrf_token": token}},
        {"json": {"purpose": "visit", "reference": "24-1", "csrf_token": token}},
    ):
        assert visitor.client.post("/purpose", **sent).status_code in {200, 303, 400}
    assert everything_stored(home)["audit"] == before["audit"]
    twice = MultiDict(
        [
            ("purpose", "visit"),
            ("purpose", "crime"),
            ("reference", "24-1"),
            ("reference", "9"),
            ("csrf_token", token),
        ]
    )
    visitor.sign_in("officer")
    twice["csrf_token"] = token_of(visitor)
    visitor.client.post("/purpose?purpose=crime&reference=8", data=twice)
    row = list(home.audit.rows(kind="purpose_stated"))[-1]
    assert (row.payload["purpose"], row.payload["reference"]) == ("visit", "24-1")
