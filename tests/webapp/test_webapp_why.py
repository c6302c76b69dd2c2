"""Why somebody can or cannot see a fact: the officer's page, and the worker's own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from governance import accounts, policy
from governance.policy import AgreementTerms, add_agreement
from governance.viewer import Level
from graph.embedded_store import EmbeddedStore
from tests.webapp.client import Visitor
from tests.webapp.requested import SECRET, approve, asked, fill
from tests.webapp.rooms import NOW, PageHome


@pytest.fixture(autouse=True)
def store(home: PageHome, tmp_path: Path) -> Iterator[EmbeddedStore]:
    opened = fill(home, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def governor(app: Flask) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in("governor")
    return visitor


def ask(
    governor: Visitor,
    subject: str,
    username: str = "officer",
    purpose: str = "visit",
    agency: str = "",
) -> str:
    query = f"subject={subject}&username={username}&purpose={purpose}&agency={agency}"
    return governor.get(f"/register/why?{query}&role=practitioner").text


def withdraw_and_agree(home: PageHome, **terms: object) -> None:
    """Housing's agreement with the police is replaced by another."""
    with home.register.session() as session:
        for each in policy.agreements(session):
            if each.terms.title == "housing to police":
                policy.withdraw(session, each.agreement_id, "u_a", home.clock())
        if terms:
            given = {
                "giving_agency": "housing",
                "receiving_agency": "police",
                "level": Level.DETAIL,
                "starts": NOW.date(),
                "title": "Narrow",
                **terms,
            }
            add_agreement(session, AgreementTerms(**given), NOW - dt.timedelta(days=1))  # type: ignore[arg-type]
        session.commit()


def test_each_fact_is_answered_for_without_its_values(home: PageHome, governor: Visitor) -> None:
    text = ask(governor, "p_ann")
    assert "Shown: Contact: Noise, Walsall Housing, Northgate" in text
    assert "An agreement in force shows it." in text
    assert "housing to police" in text
    for value in ("Ann", "1980", "6 May", SECRET, "Jo Hale"):
        assert value not in text
    (row,) = home.audit.rows(kind="why_asked")
    assert row.payload["what"] == ["p_ann"]
    assert (row.payload["for_agency"], row.payload["for_purpose"]) == ("police", "visit")


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({}, "No agreement in force shows this"),
        ({"purpose": "crime"}, "It is for another reason: Preventing or detecting crime."),
        ({"role": "analyst"}, "It is for the role analyst."),
        ({"since": dt.date(2025, 1, 1)}, "It is older than 1 January 2025"),
        ({"level": Level.EXISTENCE}, "holds something, and whom to ring"),
        ({"level": Level.HEADLINE}, "shows headlines, and this field is not among them"),
        ({"withheld": frozenset({"summary"})}, "withholds this field"),
        ({"expires": dt.date(2026, 12, 31)}, "Last day: 31 December 2026"),
        ({"legal_basis": "Children Act 2004, section 11"}, "Children Act 2004, section 11"),
    ],
)
def test_each_rule_is_named(
    home: PageHome, governor: Visitor, terms: dict[str, object], words: str
) -> None:
    withdraw_and_agree(home, **terms)
    assert words in ask(governor, "c_abuse")


def test_latest_only_and_restriction_are_named(home: PageHome, governor: Visitor) -> None:
    assert "must not be traced" in ask(governor, "p_hid")
    assert "Not shown: Record" in ask(governor, "p_hid")
    withdraw_and_agree(home, latest_only=True)
    assert "Shown: Contact: Noise" in ask(governor, "c_noise")
    # of another kind, so it is the latest of its own
    assert "Shown: Contact: Domestic abuse" in ask(governor, "c_abuse")


def test_who_can_see_nobody_is_told_in_words(home: PageHome, governor: Visitor) -> None:
    assert "no role of theirs is shown people" in ask(governor, "p_ann", "admin")
    with home.register.session() as session:
        found = accounts.user_named(session, "officer")
        assert found is not None
        accounts.disable_user(session, found.user_id, NOW)
        session.commit()
    assert "disabled" in ask(governor, "p_ann")
    assert "no user of that name" in ask(governor, "p_ann", "nobody")
    assert "by its id" in ask(governor, "Ann Other")
    assert "Choose a user" in ask(governor, "p_ann", "")
    assert "Choose a user" in governor.get("/register/why?subject=p_ann&purpose=visit").text
    assert "Nothing of this id" in ask(governor, "p_nobody", "", agency="police")


def test_an_answered_request_is_named(home: PageHome, governor: Visitor) -> None:
    approve(home, asked(home), {"c_noise": {"on_date"}})
    assert "An answered request shows them something of it (24-1182)" in ask(governor, "c_noise")
    assert "An answered request" not in ask(governor, "c_noise", "analyst")


@pytest.mark.parametrize("name", ["officer", "steward", "manager", "admin"])
def test_it_is_for_officers(app: Flask, name: str) -> None:
    visitor = Visitor(app)
    visitor.sign_in(name)
    assert visitor.get("/register/why?subject=p_ann").status == 403


def test_the_workers_own_page_follows_from_agreements_alone(
    home: PageHome, officer: Visitor
) -> None:
    withdraw_and_agree(home, level=Level.EXISTENCE, latest_only=True, withheld=frozenset({"phone"}))
    page = officer.get("/why")
    assert "that it holds something, and whom to ring; only the latest contact" in page.text
    assert "never: phone" in page.text
    assert "Nothing: no agreement in force shows it to you for this reason." in page.text
    for value in ("p_ann", "c_noise", "Ann"):
        assert value not in page.text
    links = officer.get("/people/p_dean").links()
    assert links["Why you see this much and no more"] == "/why"
