"""No answer leaves without its row: every route that records, with an audit that takes none.

Invariant: a route that would have written a row answers with the page that says so and nothing
else, and changes nothing; what does not reach its row here is named below.
"""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from governance import accounts, policy, requests
from governance.audit import Audit
from governance.declared import recorded_by
from governance.errors import AuditError
from governance.events import Event, SignInFailed
from governance.policy import AgreementTerms
from governance.viewer import Level
from tests.security.test_security_others import real_ids
from tests.security.walking import Route, everything_stored, routes, token_of
from tests.webapp.client import Visitor
from tests.webapp.requested import SECRET, approve, asked, at_work
from tests.webapp.rooms import NOW, PASSWORD, PageHome
from tests.webapp.test_webapp_register import TERMS
from webapp import faults

FIELDS = {
    **TERMS,
    "reference": "24-1182",
    "address": "12 Alder Road",
    "words": "Somebody is on the roof of number 12 and cannot come down",
    "name": "Jo Hale",
    "given_name": "Ann",
    "family_name": "Alder",
    "tells": "yes",
    "outcome": "justified",
    "reason": "basis",
    "days": "7",
    "agency": "housing",
    "question": "known",
    "legal_basis": "public_task",
    "urgency": "today",
    "username": "officer",
    "password": "not the password",
    "current": "not the password",
    "new": "three otters near the weir",
    "again": "three otters near the weir",
}
ASKED = {"subject": "p_ann", "username": "officer", "purpose": "visit", "view": "all"}
NOT_REACHED = {
    # A step that is not under way here; each has tests of its own.
    *("signin.code", "signin.set_up", "signin.first_password", "approvers.forget_a_worker"),
    *("approvers.name", "approvers.name_a_worker"),
    *("labels.question", "labels.answer", "labels.undo"),
    # kith.retaining and kith.rights write the row, in the unit of work that it is about.
    *("disposals", "holds", "retention", "rights", "rights_items", "corrections"),
}
CHANGES_ANYWAY = {
    *("user_session", "sign_in_day", "app_user", "trusted_device", "second_factor"),
    "user_notice",
}
"""When somebody was last seen, a secret that waits, tries, which are counted first, and that a
user has seen a notice of their own."""


class Unwritten:
    """An audit that takes no row, and keeps what it was to write."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event, *_given: Any, **_named: Any) -> None:
        self.events.append(event)
        raise AuditError("The audit cannot be written; nothing is shown without it.")


def people_at_work(app: Flask, home: PageHome) -> list[Visitor]:
    """One of each kind, one who has stated no purpose, and nobody."""
    visitors = []
    for name in ("officer", "manager", "governor", "admin", "warden"):
        visitor = Visitor(app)
        visitor.sign_in(name)
        if name in {"officer", "warden"}:
            visitor.state_purpose()
        visitors.append(visitor)
    hurried = Visitor(app)
    hurried.sign_in("officer")
    return [*visitors, hurried, Visitor(app)]


def things_that_wait(home: PageHome) -> list[dict[str, str]]:
    """Arguments of routes: a told answer, a role and an agreement that wait, an approver."""
    told, back = asked(home), asked(home)
    approve(home, told, {"c_noise": {"category"}})
    with home.register.session() as session:
        robin = accounts.create_user(
            session, "robin", PASSWORD, "housing", ["practitioner"], NOW, created_by="u_admin"
        )
        warden = accounts.user_named(session, "warden")
        assert warden is not None
        terms = AgreementTerms(
            giving_agency="nhs",
            receiving_agency="police",
            level=Level.DETAIL,
            starts=NOW.date(),
        )
        agreement_id = policy.propose(session, terms, "u_deputy", NOW)
        requests.ask_back(session, at_work(home, "warden", None), back, "Which of them?", NOW)
        session.commit()
    return [
        {"request_id": told},
        {"request_id": back},
        {"user_id": robin.user_id},
        {"user_id": warden.user_id},
        {"agreement_id": agreement_id},
    ]


def paths(route: Route, ids: dict[str, str], others: list[dict[str, str]]) -> list[str]:
    found = [route.path(**ids), *(route.path(**{**ids, **other}) for other in others)]
    return list(dict.fromkeys(found))


def _place(route: Route) -> tuple[bool, bool]:
    endpoint = route.rule.endpoint
    return endpoint.startswith("signin."), endpoint != "signin.sign_out"


def test_nothing_is_answered_and_nothing_changes_without_its_row(
    app: Flask, home: PageHome, graph: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = real_ids(home, app) | {"person_id": "p_dean", "address_id": "a_alder"}
    ids |= {"centre": "a_alder", "agency": "police", "dataset": "main"}
    others = things_that_wait(home)
    visitors = [(each, token_of(each)) for each in people_at_work(app, home)]
    searched = visitors[0][0].post("/check", address="12 Alder Road").headers["Location"]
    ids["search"] = searched.rpartition("/")[2]
    unwritten = Unwritten()
    monkeypatch.setattr(faults, "_log", lambda *_: None)  # a drawn traceback takes a while
    monkeypatch.setattr(Audit, "record", unwritten)
    before = everything_stored(home)
    reached = set()
    # Steps of signing in and out end a session, written or not: they come last.
    for route in sorted(routes(app), key=_place):
        recorded = recorded_by(app.view_functions[route.rule.endpoint])
        assert recorded is not None
        for visitor, token in visitors:
            for method in sorted(route.methods):
                data = {**FIELDS, "csrf_token": token} if method == "POST" else None
                query = ASKED if method == "GET" else None
                for path in paths(route, ids, others):
                    unwritten.events.clear()
                    response = visitor.client.open(
                        path, method=method, data=data, query_string=query
                    )
                    if not unwritten.events:
                        continue
                    if type(unwritten.events[0]) in recorded.events | {SignInFailed}:
                        reached.add(route.rule.endpoint)
                    assert response.status_code == 503, f"{method} {route.rule}"
                    assert "cannot be written" in response.text
                    assert SECRET not in response.text
    after = everything_stored(home)
    assert {name for name in after if after[name] != before[name]} <= CHANGES_ANYWAY
    missing = {
        route.rule.endpoint
        for route in routes(app)
        if (declared := recorded_by(app.view_functions[route.rule.endpoint])) and declared.events
    } - reached
    assert {m for m in missing if not {m, m.partition(".")[0]} & NOT_REACHED} == set()
