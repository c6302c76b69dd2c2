"""The officer's page: who looked at whom, what was refused, and whether the audit is whole."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from flask import Flask

from governance import accounts, events
from tests.webapp.client import Visitor
from tests.webapp.rooms import PageHome

PERSON = "p_" + "a" * 24
OTHER = "p_" + "b" * 24


@pytest.fixture
def governor(app: Flask) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in("governor")
    return visitor


def looked(home: PageHome, name: str, what: str) -> str:
    with home.register.session() as session:
        user = accounts.user_named(session, name)
    assert user is not None
    viewed = events.PersonViewed(
        user_id=user.user_id,
        agency=user.agency,
        purpose="visit",
        reference="24-1182",
        role="practitioner",
        what=[what],
    )
    home.audit.record(viewed, home.clock())
    return user.user_id


def test_an_officer_sees_who_looked_at_a_person(home: PageHome, governor: Visitor) -> None:
    looked(home, "officer", PERSON)
    looked(home, "analyst", OTHER)
    page = governor.get(f"/audit?view=disclosures&about={PERSON}")
    assert "1 row" in page.text
    assert "officer, West Midlands Police (practitioner)" in page.text
    assert "24-1182" in page.text
    assert "analyst, West" not in page.text


def test_what_a_user_saw(home: PageHome, governor: Visitor) -> None:
    user = looked(home, "officer", PERSON)
    looked(home, "analyst", OTHER)
    page = governor.get(f"/audit?view=all&user={user}")
    assert PERSON in page.text
    assert OTHER not in page.text


def test_reading_is_in_the_audit_before_the_page_leaves(home: PageHome, governor: Visitor) -> None:
    looked(home, "officer", PERSON)
    governor.get(f"/audit?view=disclosures&about={PERSON}")
    (row,) = home.audit.search(kinds=["audit_read"])
    assert (row.payload["rows"], row.payload["what"]) == (1, [PERSON])


def test_days_narrow_what_is_shown(home: PageHome, governor: Visitor) -> None:
    looked(home, "officer", PERSON)
    for asked, count in (
        ("since=23/11/2026", 1),
        ("since=24/11/2026", 0),
        ("until=23/11/2026", 1),
        ("until=22/11/2026", 0),
    ):
        page = governor.get(f"/audit?view=disclosures&{asked}")
        assert f"{count} row" in page.text, asked


@pytest.mark.parametrize(
    "asked",
    ["view=disclosures&about=Sarah+Thomas", "view=disclosures&since=yesterday", "view=nothing"],
)
def test_what_cannot_be_asked_is_said_in_words(
    home: PageHome, governor: Visitor, asked: str
) -> None:
    looked(home, "officer", PERSON)
    page = governor.get(f"/audit?{asked}")
    assert "There is a problem" in page.text
    assert PERSON not in page.text


def test_refusals_are_shown(app: Flask, home: PageHome, governor: Visitor) -> None:
    curious = Visitor(app)
    curious.sign_in("officer")
    assert curious.get("/audit").status == 403
    page = governor.get("/audit?view=refusals")
    assert "Was refused: role" in page.text


@pytest.mark.parametrize("name", ["officer", "analyst", "steward", "manager", "admin"])
def test_nobody_else_reads_the_audit(app: Flask, home: PageHome, name: str) -> None:
    looked(home, "officer", PERSON)
    visitor = Visitor(app)
    visitor.sign_in(name)
    page = visitor.get("/audit")
    assert page.status == 403
    assert PERSON not in page.text
    assert "Audit" not in visitor.get("/").links()


def test_a_whole_audit_is_said_to_be_whole(home: PageHome, governor: Visitor) -> None:
    home.sealer.seal(home.clock())
    token = governor.get("/audit").token()
    response = governor.client.post("/audit/verification", data={"csrf_token": token})
    assert b"The audit is whole" in response.data
    assert home.sealer.key.public.text.encode() in response.data.replace(b"&#43;", b"+")
    assert home.audit.search(kinds=["audit_read"], last=1)[0].payload["faults"] == 0


def test_a_changed_row_is_told(home: PageHome, governor: Visitor) -> None:
    looked(home, "officer", PERSON)
    connection = sqlite3.connect(home.folder / "audit.sqlite")
    connection.execute("drop trigger audit_row_no_update")
    connection.execute("update audit_row set payload = replace(payload, 'visit', 'other')")
    connection.commit()
    connection.close()
    token = governor.get("/audit").token()
    response = governor.client.post("/audit/verification", data={"csrf_token": token})
    assert b"The audit is not whole" in response.data
    assert b"its content is not what was written" in response.data


def test_faults_are_told_though_no_row_can_be_added(home: PageHome, governor: Visitor) -> None:
    token = governor.get("/audit").token()
    with closing(sqlite3.connect(home.folder / "audit.sqlite")) as connection:
        connection.execute("drop trigger audit_row_next")
        connection.execute(
            "insert into audit_row select total + 1, at, audit_row.hash, audit_row.hash, kind, "
            "payload from audit_row, audit_head where sequence = 1"
        )
        connection.commit()
    response = governor.client.post("/audit/verification", data={"csrf_token": token})
    assert b"The audit is not whole" in response.data
    assert b"the last row is not the one the head names" in response.data
    assert b"that this was checked cannot be written" in response.data


def test_markup_in_a_row_is_shown_as_text(home: PageHome, governor: Visitor) -> None:
    page = governor.get("/audit?view=disclosures&about=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "There is a problem" in page.text
    assert not [node for node in page.all("script") if "alert" in (node.text or "")]
