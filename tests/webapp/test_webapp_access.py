"""Who may open which page."""

from __future__ import annotations

import pytest
from flask import Flask

from governance.declared import recorded_by
from governance.permissions import CASES, PERMISSIONS, Permission, Role
from tests.webapp.client import Visitor
from tests.webapp.rooms import NOW, PASSWORD, USERS, PageHome
from webapp.access import Access, Purpose, Undeclared, access_of, open_to_all

OPEN = {
    "static",
    "contact.security_txt",
    "health.healthz",
    "signin.home",
    "signin.sign_in",
    "signin.code",
    "signin.set_up",
    "signin.first_password",
}


def declared(app: Flask) -> dict[str, Access]:
    found = {}
    for rule in app.url_map.iter_rules():
        access = access_of(app.view_functions[rule.endpoint])
        assert access is not None, f"{rule.endpoint} declares no access"
        found[rule.endpoint] = access
    return found


def test_every_route_declares_its_permission_and_purpose_policy(app: Flask) -> None:
    for endpoint, access in declared(app).items():
        assert access.signed_in is (endpoint not in OPEN), endpoint
        assert access.rate
        if access.permission is None:
            assert access.purpose is Purpose.NOT_NEEDED


def test_every_route_declares_its_audit_event(app: Flask) -> None:
    silent = set()
    for endpoint, access in declared(app).items():
        recorded = recorded_by(app.view_functions[endpoint])
        assert recorded is not None, f"{endpoint} declares no audit event"
        assert recorded.events or recorded.why_none, endpoint
        if access.permission in CASES and not recorded.events:
            silent.add(endpoint)
    # They show no fact about anybody: requests as they stand, and one's own agreements.
    assert silent == {"requests.overview", "requests.own", "why.own"}


def test_pages_that_show_cases_need_a_purpose(app: Flask) -> None:
    without = {
        endpoint
        for endpoint, access in declared(app).items()
        if access.permission in CASES and access.purpose is Purpose.NOT_NEEDED
    }
    requests = {endpoint for endpoint in without if endpoint.startswith("requests.")}
    assert "requests.ask" not in requests, "a request is made for the purpose that is stated"
    # A request has its own purpose: it is considered and read for that one.
    # A correction shows the one value that a person objects to, to who answers for its agency.
    asking = {"addresses.ask", "emergencies.begin"}
    assert without - requests == asking | {"corrections.answer"}, "they ask and show nobody"


def test_a_page_that_declares_nothing_does_not_open(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    visitor = Visitor(app)
    visitor.sign_in("officer")
    page = visitor.get("/forgotten")
    assert page.status == 500
    assert "secret" not in page.text
    assert issubclass(Undeclared, RuntimeError)


def test_a_page_that_declares_no_event_does_not_open(app: Flask) -> None:
    app.add_url_rule("/silent", "silent", open_to_all()(lambda: "secret"))
    page = Visitor(app).get("/silent")
    assert page.status == 500
    assert "secret" not in page.text


def test_nothing_opens_to_somebody_who_has_not_signed_in(app: Flask, visitor: Visitor) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint in OPEN or "GET" not in (rule.methods or ()):
            continue
        path = rule.rule.replace("<", "").replace(">", "")
        response = visitor.raw(path)
        assert response.status_code == 303, path
        assert response.headers["Location"] == "/sign-in"


@pytest.mark.parametrize("name", sorted(USERS))
def test_each_role_gets_what_its_permissions_say(app: Flask, name: str) -> None:
    visitor = Visitor(app)
    visitor.sign_in(name)
    held = PERMISSIONS[Role(USERS[name][1])]
    for path, permission in (
        ("/check", Permission.CHECK_ADDRESS),
        ("/loads", Permission.VIEW_LOADS),
    ):
        page = visitor.get(path)
        assert page.status == (200 if permission in held else 403), path


def test_a_refusal_is_on_record(app: Flask, home: PageHome) -> None:
    visitor = Visitor(app)
    visitor.sign_in("manager")
    page = visitor.get("/check")
    assert page.status == 403
    assert "Your role does not allow this" in page.h1
    row = list(home.audit.rows(kind="refused"))[-1]
    assert row.payload["permission"] == "check_address"
    assert row.payload["reason"] == "role"


def test_a_role_taken_away_holds_at_once(app: Flask, home: PageHome, officer: Visitor) -> None:
    from governance import accounts

    with home.register.session() as session:
        account = accounts.user_named(session, "officer")
        assert account is not None
        accounts.take_role(session, account.user_id, "practitioner", NOW)
        session.commit()
    assert officer.get("/check").h1 == "Sign in"
    officer.sign_in("officer", PASSWORD)
    assert officer.get("/check").status == 403


def test_cases_wait_for_a_purpose_and_then_open(app: Flask) -> None:
    visitor = Visitor(app)
    visitor.sign_in("officer")
    assert visitor.get("/addresses/a_alder").h1 == "Why are you looking?"
    page = visitor.send("/purpose", purpose="visit", reference="24-1182")
    assert page.h1 == "12 Alder Road, Walsall"


def test_a_purpose_runs_out(home: PageHome, officer: Visitor) -> None:
    assert officer.get("/addresses/a_alder").status == 200
    for _ in range(20):
        home.clock.pass_time(minutes=14)
        page = officer.get("/check")
    assert "expires" not in page.text
    assert officer.get("/addresses/a_alder").h1 == "Why are you looking?"
