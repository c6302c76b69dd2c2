"""Requests on the pages: asking, deciding, reading, and what nobody else gets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from governance import requests
from graph.embedded_store import EmbeddedStore
from tests.webapp.client import Visitor
from tests.webapp.requested import SECRET, approve, asked, at_work, fill
from tests.webapp.rooms import PageHome

ASKED: dict[str, Any] = {
    "agency": "housing",
    "question": "free",
    "category": "",
    "words": "Ann Other, born in 1980: who works with her?",
    "legal_basis": "public_task",
    "urgency": "today",
}


@pytest.fixture(autouse=True)
def store(home: PageHome, tmp_path: Path) -> Iterator[EmbeddedStore]:
    opened = fill(home, tmp_path)
    yield opened
    opened.close()


def visit(app: Flask, name: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(name)
    return visitor


def the_request(home: PageHome) -> requests.WorkRequest:
    with home.register.session() as session:
        (found,) = requests.asked_by(session, at_work(home, "officer").user_id)
    return found


def test_a_request_from_a_persons_page_to_the_answer(
    app: Flask, home: PageHome, officer: Visitor
) -> None:
    page = officer.get("/people/p_dean")
    link = next(path for words, path in page.links().items() if words.startswith("Ask an agency"))
    assert link == "/requests/new?about=p_dean"
    page = officer.send("/requests/new?about=p_ann", **ASKED)
    assert page.h1 == "Your request to Walsall Housing"
    assert "Waits for an answer" in page.text
    made = the_request(home)
    assert (made.asked.subject_id, made.reference) == ("p_ann", "24-1182")
    warden = visit(app, "warden")
    assert "Notices (1 new)" in warden.get("/requests").links()
    assert "West Midlands Police asks your agency" in warden.get("/notices").text
    path = f"/requests/{made.request_id}/decision"
    page = warden.get(path)
    assert "By your own records this is Ann Other, born 1980-02-03" in page.text
    assert "officer, West Midlands Police, practitioner" in page.text
    assert "Notices" in warden.get("/requests").links(), (
        "the notice is seen by opening what it is about"
    )
    seen = next(f.get("value") for f in page.all("input") if f.get("name") == "seen")
    token = page.token()
    data = {
        "csrf_token": token,
        "seen": seen,
        "about": "p_ann",
        "tell": ["c_noise on_date", "c_noise ring"],
        "words": "Ask for Jo.",
        "days": "7",
    }
    warden.client.post(path, data=data)
    answer = officer.get(f"/requests/{made.request_id}/answer")
    assert answer.h1 == "Answer of Walsall Housing"
    assert "6 May 2026" in answer.text
    assert "Ask for Jo." in answer.text
    for hidden in (SECRET, "Tenancy", "1980"):
        assert hidden not in answer.text
    assert len(list(home.audit.rows(kind="answer_read"))) == 1
    kinds = [row.payload["change"] for row in home.audit.rows(kind="request_changed")]
    assert kinds == ["told"]
    text = str([row.payload for row in home.audit.rows()])
    assert "Ann" not in text
    assert "Jo" not in text


@pytest.mark.parametrize("about", ["p_hid", "p_nobody", None])
def test_the_asker_reads_the_same_whoever_is_meant(
    app: Flask, home: PageHome, officer: Visitor, about: str | None
) -> None:
    """Hidden, unknown, or named in words: the same page at every step."""
    officer.send(f"/requests/new?about={about}" if about else "/requests/new", **ASKED)
    made = the_request(home)
    warden = visit(app, "warden")
    page = warden.get(f"/requests/{made.request_id}/decision")
    assert "By your own records" not in page.text
    warden.client.post(f"/requests/{made.request_id}/nothing", data={"csrf_token": page.token()})
    page = officer.get(f"/requests/{made.request_id}")
    assert "Closed: nothing to tell" in page.text
    assert "whether or not it knows of anybody" in page.text
    assert officer.get(f"/requests/{made.request_id}/answer").status == 404


def test_nobody_else_sees_a_request_or_its_answer(app: Flask, home: PageHome) -> None:
    request_id = asked(home)
    approve(home, request_id, {"c_noise": {"on_date"}})
    waiting = asked(home)
    for name in ("analyst", "steward", "warden"):
        visitor = visit(app, name)
        visitor.state_purpose()
        for tail in ("", "/answer"):
            assert visitor.get(f"/requests/{request_id}{tail}").status == 404
    for name in ("officer", "analyst"):
        visitor = visit(app, name)
        assert visitor.get(f"/requests/{waiting}/decision").status == 404
        token = visitor.get("/requests").token()
        for act in ("nothing", "refusal", "question", "revocation", "decision"):
            answer = visitor.client.post(
                f"/requests/{waiting}/{act}",
                data={"csrf_token": token, "reason": "basis", "words": "Why?", "days": "7"},
            )
            assert answer.status_code == 404, act
    with home.register.session() as session:
        found = requests.own_request(session, at_work(home, "officer"), waiting)
    assert found.state == "waiting"
    for name in ("manager", "governor", "admin"):
        assert visit(app, name).get("/requests").status == 403


def test_asked_back_replied_refused_and_revoked(
    app: Flask, home: PageHome, officer: Visitor
) -> None:
    request_id = asked(home)
    warden = visit(app, "warden")
    path = f"/requests/{request_id}"

    def press(visitor: Visitor, act: str, **fields: str) -> None:
        token = visitor.get("/requests").token()
        visitor.client.post(f"{path}/{act}", data={"csrf_token": token, **fields})

    press(warden, "question", words="Why so far back?")
    assert "Why so far back?" in officer.get(path).text
    press(officer, "reply", words="A court asks.")
    assert "A court asks." in warden.get(f"{path}/decision").text
    press(warden, "refusal", reason="too_wide")
    assert "Ask for less" in officer.get(path).text
    assert warden.get(f"{path}/decision").h1 == "Requests"
    second = asked(home)
    approve(home, second, {"c_noise": {"on_date"}})
    assert officer.get(f"/requests/{second}/answer").status == 200
    path = f"/requests/{second}"
    press(warden, "revocation")
    assert officer.get(f"/requests/{second}/answer").status == 404
    assert "taken back" in officer.get("/requests").text


def test_what_does_not_hold_is_said_on_the_form(home: PageHome, officer: Visitor) -> None:
    page = officer.send("/requests/new", **{**ASKED, "words": "Ann"})
    assert "There is a problem" in page.text
    assert "Say who is meant" in page.text
    page = officer.send("/requests/new", **{**ASKED, "agency": "police"})
    assert "There is a problem" in page.text
    with home.register.session() as session:
        assert requests.asked_by(session, at_work(home, "officer").user_id) == []


def test_agencies_that_named_nobody_are_to_be_rung(officer: Visitor) -> None:
    page = officer.get("/requests/new")
    assert "Duty desk 01922 555102" in page.text
    assert [e.get("value") for e in page.all("option")][:2] == ["", "housing"]


def test_an_approver_finds_the_person_on_their_page(app: Flask, home: PageHome) -> None:
    asked(home)
    warden = visit(app, "warden")
    warden.state_purpose()
    page = warden.get("/people/p_dean")
    link = next(path for words, path in page.links().items() if words.startswith("Answer a"))
    page = warden.get(link)
    link = next(path for words, path in page.links().items() if words.startswith("Look and"))
    assert link.endswith("/decision?about=p_dean")
    assert "Answer a request" not in visit(app, "officer").get("/people/p_dean").text


def test_an_officer_names_who_answers(app: Flask, home: PageHome) -> None:
    governor = visit(app, "governor")
    page = governor.get("/register/approvers")
    options = [(str(option.text), str(option.get("value"))) for option in page.all("option")]
    chosen = next(value for words, value in options if words.startswith("officer"))
    governor.send("/register/approvers", user=chosen)
    assert "officer, West Midlands Police" in governor.get("/register/approvers").text
    data = {"csrf_token": governor.get("/register/approvers").token()}
    governor.client.post("/register/workers", data={**data, "user": chosen, "name": "HALE, Jo"})
    assert "hale jo" in governor.get("/register/approvers").text
    governor.client.post(f"/register/workers/{chosen}/end", data={**data, "name": "hale jo"})
    governor.client.post(f"/register/approvers/{chosen}/end", data=data)
    assert "hale jo" not in governor.get("/register/approvers").text
    changes = [row.payload["change"] for row in home.audit.rows(kind="approver_named")]
    assert changes == ["named", "ended"]
    assert len(list(home.audit.rows(kind="worker_named"))) == 2
    assert visit(app, "officer").get("/register/approvers").status == 403


def test_a_notice_of_ones_own_is_seen_by_oneself(
    app: Flask, home: PageHome, officer: Visitor
) -> None:
    asked(home)
    warden = visit(app, "warden")
    page = warden.get("/notices")
    action = next(
        str(form.get("action")) for form in page.all("form") if "/own/" in form.get("action", "")
    )
    assert officer.client.post(
        action, data={"csrf_token": officer.get("/notices").token()}
    ).status_code in {400, 404}
    warden.client.post(action, data={"csrf_token": page.token()})
    assert "NEW" not in warden.get("/notices").text
