"""Emergency access and notices: told at once, reviewed by another; what was looked at as ids."""

from __future__ import annotations

import pytest
from flask import Flask

from governance import accounts, events
from governance.emergencies import emergencies
from governance.notices import NoticeKind, notices, notify
from tests.webapp.client import Visitor
from tests.webapp.rooms import PageHome

WORDS = "A child is alone with a man who threatened to kill them."


@pytest.fixture
def governor(app: Flask) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in("governor")
    return visitor


def take(app: Flask, name: str = "officer") -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(name)
    page = visitor.send("/emergency", words=WORDS, reference="24-1182")
    assert page.h1 == "Check an address"
    assert "Emergency: life in danger" in page.text
    return visitor


def test_officers_are_told_at_once(app: Flask, home: PageHome, governor: Visitor) -> None:
    assert "Notices" in governor.get("/audit").links()
    visitor = take(app)
    assert "Notices (1 new)" in governor.get("/audit").links()
    page = governor.get("/notices")
    assert "officer took emergency access" in page.text
    assert [row.kind for row in home.audit.rows(kind="emergency_begun")] == ["emergency_begun"]
    assert WORDS not in str([row.payload for row in home.audit.rows()])
    assert "12 Alder Road" in visitor.send("/check", address="12 Alder Road").text


def test_it_ends_by_itself_and_with_another_reason(app: Flask, home: PageHome) -> None:
    visitor = take(app)
    found = visitor.post("/check", address="12 Alder Road").headers["Location"]
    for _ in range(3):
        home.clock.pass_time(minutes=9)
        assert visitor.get("/people/p_dean").status == 200
    home.clock.pass_time(minutes=3)
    for path in ("/people/p_dean", "/addresses/a_alder", "/links/a_alder", found):
        assert visitor.get(path).h1 == "Why are you looking?"
    assert "Emergency" not in visitor.get("/account").text
    again = take(app)
    again.state_purpose("visit")
    assert "Emergency" not in again.get("/people/p_dean").text


def test_an_officer_reads_why_and_what_and_writes_what_was_found(
    app: Flask, home: PageHome, governor: Visitor
) -> None:
    visitor = take(app)
    visitor.send("/check", address="12 Alder Road")
    with home.register.session() as session:
        (begun,) = emergencies(session)
    path = f"/emergencies/{begun.emergency_id}"
    page = governor.get(path)
    assert WORDS in page.text
    assert "Checked an address" in page.text
    (looked,) = home.audit.rows(kind="address_checked")
    about = {**looked.payload, "what": ["p_dean"]}
    home.audit.record(events.PersonViewed(**about), home.clock())
    assert "p_dean" in governor.get(path).text
    assert governor.send(path).text.count("Choose what you found")
    governor.send(path, outcome="justified")
    assert "Justified, reviewed" in governor.get(path).text
    (row,) = home.audit.rows(kind="emergency_reviewed")
    assert row.payload["outcome"] == "justified"


def test_a_notice_is_seen_once(app: Flask, home: PageHome, governor: Visitor) -> None:
    take(app)
    token = governor.get("/notices").token()
    with home.register.session() as session:
        (notice,) = notices(session)
    path = f"/notices/{notice.notice_id}/seen"
    assert governor.client.post(path).status_code == 400, "without a token it is forged"
    governor.client.post(path, data={"csrf_token": token})
    assert "seen by governor" in governor.get("/notices").text
    assert [row.kind for row in home.audit.rows(kind="notice_seen")] == ["notice_seen"]


@pytest.mark.parametrize(
    "fields",
    [
        {"words": "", "reference": "24-1182"},
        {"words": "urgent", "reference": "24-1182"},
        {"words": WORDS, "reference": "Sarah Thomas"},
    ],
)
def test_what_is_not_told_is_not_taken(app: Flask, home: PageHome, fields: dict[str, str]) -> None:
    visitor = Visitor(app)
    visitor.sign_in("officer")
    page = visitor.send("/emergency", follow=True, **fields)
    assert "There is a problem" in page.text
    with home.register.session() as session:
        assert emergencies(session) == []


def test_the_purpose_is_on_no_list(app: Flask) -> None:
    visitor = Visitor(app)
    visitor.sign_in("officer")
    assert "Emergency: life" not in visitor.get("/purpose").text
    page = visitor.send("/purpose", purpose="emergency", reference="24-1182")
    assert "There is a problem" in page.text


@pytest.mark.parametrize("name", ["officer", "steward", "admin", "manager"])
def test_what_officers_are_told_is_for_officers(app: Flask, home: PageHome, name: str) -> None:
    take(app, "analyst")
    visitor = Visitor(app)
    visitor.sign_in(name)
    assert visitor.get("/emergencies/e_none").status == 403
    assert "Nothing has happened" in visitor.get("/notices").text
    assert "emergency access" not in visitor.get("/notices").text.replace("take emergency", "")


def test_bulk_is_shown_with_what_was_looked_at(home: PageHome, governor: Visitor) -> None:
    with home.register.session() as session:
        user = accounts.user_named(session, "analyst")
        assert user is not None
        notify(session, NoticeKind.BULK, user.user_id, user.agency, user.user_id, home.clock())
        session.commit()
    home.audit.record(
        events.PersonViewed(
            user_id=user.user_id,
            agency="police",
            purpose="crime",
            reference="24-1182",
            role="analyst",
            what=["p_" + "a" * 24],
        ),
        home.clock(),
    )
    page = governor.get("/notices")
    assert "looked far more often" in page.text
    link = next(path for words, path in page.links().items() if words.startswith("What they"))
    assert "p_" + "a" * 24 in governor.get(link).text


def test_strange_ids_find_nothing(governor: Visitor) -> None:
    assert governor.get("/emergencies/e_none").status == 404
    assert governor.get("/emergencies/..%2F").status == 404
