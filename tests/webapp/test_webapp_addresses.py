"""The address check: purpose, what is typed, and the answer in the order that matters."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from flask import Flask

from governance.policy import AgreementTerms, add_agreement
from governance.viewer import Level
from graph import AddressCheck
from kith.desk import NO_ADDRESS, NoAddressError
from tests.webapp import answers
from tests.webapp.answers import EVIL
from tests.webapp.client import Page, Visitor
from tests.webapp.rooms import NOW, PageHome, ScriptedDesk


def test_purpose_and_address_stand_on_one_page(app: Flask, home: PageHome) -> None:
    visitor = Visitor(app)
    visitor.sign_in("officer")
    page = visitor.send("/check", purpose="visit", reference="24-1182", address="12  Alder   Road")
    assert page.h1 == "12 Alder Road, Walsall"
    assert (
        "Before a visit · 24-1182 · Public task (UK GDPR Article 6(1)(e)) · expires 13:05"
        in page.text
    )
    kinds = [row.kind for row in home.audit.rows()]
    assert kinds == ["signed_in", "purpose_stated", "address_checked"]


def test_the_basis_that_was_chosen_is_on_every_page_and_in_every_row(
    app: Flask, home: PageHome
) -> None:
    visitor = Visitor(app)
    visitor.sign_in("officer")

    def ask(basis: str) -> Page:
        where = "12 Alder Road"
        return visitor.send(
            "/check", purpose="visit", reference="24-1182", address=where, basis=basis
        )

    page = ask("whim")
    assert "There is a problem" in page.text
    assert home.audit.search(kinds=["purpose_stated"]) == []
    assert "Legal obligation" in ask("legal_obligation").text
    assert "Legal obligation (Article 6(1)(c))" in visitor.get("/account").text
    rows = list(home.audit.rows())[-2:]
    assert [(row.kind, row.payload["legal_basis"]) for row in rows] == [
        ("purpose_stated", "legal_obligation"),
        ("address_checked", "legal_obligation"),
    ]
    visitor.state_purpose("crime")
    assert "Law enforcement" in visitor.get("/account").text


def test_the_answer_stands_in_the_order_of_what_hurts(officer: Visitor) -> None:
    text = officer.get("/addresses/a_alder").text
    order = [
        "WARNING Violence towards staff: visit in pairs",
        "CHILD 1 child lives here: child protection plan",
        "Open concerns (2)",
        "Domestic abuse",
        "Noise",
        "Who lives here now",
        "Mia Carter, 34",
        "Adults' services holds something",
        "Used to live here and still matters",
        "Dean Moss, 40 or 41",
        "Linked addresses",
        "14 Beech Lane WS2 7PD",
        "Earlier concerns (1)",
        "Not known, not seen",
        "Where this comes from",
    ]
    place = 0
    for words in order:
        found = text.find(words, place)
        assert found >= place, words
        place = found


def test_whom_to_ring_is_a_number_to_touch(officer: Visitor) -> None:
    links = officer.get("/addresses/a_alder").links()
    assert links["01632 960101"] == "tel:+441632960101"
    assert links["01632 960303"] == "tel:+441632960303"


def test_calls_about_an_address_where_nobody_is_known(officer: Visitor) -> None:
    text = officer.get("/addresses/a_alder").text
    assert "Noise Walsall Housing · 9 times, 1 Jun 2026 to 12 Oct 2026 · Open" in text
    assert "Nobody named that you may see" in text


def test_what_is_not_known_is_said(officer: Visitor, desk: ScriptedDesk) -> None:
    desk.by_id["a_alder"] = AddressCheck(address=answers.ALDER)
    text = officer.get("/addresses/a_alder").text
    assert "No warning and no plan in force is in what you may see." in text
    assert "Open concerns (0) None is in what you may see." in text
    assert "No agency whose records you may see has anybody living here now. Somebody may." in text
    assert "No education data in this area." in text
    assert "Adults' services shares nothing with you for this reason." in text
    assert "Health, Main system: last sent 19 days ago." in text
    assert "Walsall Housing, Main system: nothing has been sent yet." in text


def test_a_dead_tenant_is_said_before_anybody_writes(officer: Visitor, desk: ScriptedDesk) -> None:
    dead = answers.resident(answers.MIA, answers.HOUSING, current=False, dead=True)
    desk.by_id["a_alder"] = AddressCheck(address=answers.ALDER, occupants_before=(dead,))
    text = officer.get("/addresses/a_alder").text
    assert "DIED Mia Carter is recorded as dead" in text
    assert "still recorded here by Walsall Housing" in text


def test_an_agency_that_tells_only_of_existence_is_named(
    officer: Visitor, home: PageHome, desk: ScriptedDesk
) -> None:
    with home.register.session() as session:
        terms = AgreementTerms(
            giving_agency="adults",
            receiving_agency="police",
            level=Level.EXISTENCE,
            starts=NOW.date(),
            title="adults to police",
            legal_basis="Task in the public interest",
        )
        add_agreement(session, terms, NOW - dt.timedelta(days=1))
        session.commit()
    text = officer.get("/addresses/a_alder").text
    assert "Adults' services tells you only whether it holds something, and whom to ring." in text


def test_unknown_ages_dates_and_codes_are_not_blank(officer: Visitor, desk: ScriptedDesk) -> None:
    nobody = dataclasses.replace(answers.MIA, age=None, age_to=None)
    bare = answers.resident(nobody, answers.POLICE, since=None, confirmed_on=None)
    headline = answers.indicator("i_head", "warning", None, answers.POLICE, is_headline=True)
    desk.by_id["a_alder"] = answers.alder(occupants_now=(bare,), warnings=(headline,))
    text = officer.get("/addresses/a_alder").text
    assert "age not known" in text
    assert "since when is not known" in text
    assert "WARNING A warning" in text
    assert "no more than this is shared with you" in text
    assert "date not known" in text


def test_being_updated_is_said(officer: Visitor, desk: ScriptedDesk) -> None:
    desk.being_updated_since = dt.datetime(2026, 11, 23, 8, 30, tzinfo=dt.UTC)
    assert "Being updated since today 08:30." in officer.get("/addresses/a_alder").text


def test_nothing_found_says_so_and_what_was_not_searched(officer: Visitor) -> None:
    page = officer.ask("99 Nowhere Street")
    assert page.h1 == "Nothing recorded at this address"
    assert "99 Nowhere Street" in page.text
    assert "It does not mean that nothing has happened there" in page.text
    for words in (
        "What was searched",
        "West Midlands Police, Main system (sent today 09:05)",
        "What was not searched",
    ):
        assert words in page.text


def test_what_is_no_address_is_asked_for_again(
    officer: Visitor, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_given: object, **_named: object) -> None:
        raise NoAddressError

    monkeypatch.setattr(desk, "check_address", refuse)
    page = officer.ask("12")
    assert NO_ADDRESS in page.text
    assert "Nothing recorded" not in page.text


def test_candidates_lead_to_their_addresses(officer: Visitor, desk: ScriptedDesk) -> None:
    page = officer.ask("alder")
    assert page.h1 == "Which address do you mean?"
    assert page.links()["Flat 2, 12 Alder Road WS1 1AA"] == "/addresses/a_flatb"


@pytest.mark.parametrize("typed", ["100071234567", "1000 7123 4567", "12 Alder Road", "12345"])
def test_the_desk_is_asked_what_was_typed_and_tells_a_uprn_itself(
    officer: Visitor, desk: ScriptedDesk, typed: str
) -> None:
    officer.ask(typed)
    assert desk.asked == [{"text": typed}]


def test_what_was_typed_stands_in_no_url(officer: Visitor) -> None:
    response = officer.post("/check", address="12 Alder Road")
    assert response.status_code == 303
    assert "lder" not in response.headers["Location"]
    assert response.headers["Location"].startswith("/check/")


def test_a_search_is_its_sessions_alone_and_runs_out(
    app: Flask, home: PageHome, officer: Visitor
) -> None:
    place = officer.post("/check", address="12 Alder Road").headers["Location"]
    other = Visitor(app)
    other.sign_in("analyst")
    other.state_purpose()
    assert other.get(place).status == 404
    assert officer.get(place).status == 200
    for _ in range(5):
        home.clock.pass_time(minutes=13)
        officer.get("/check")
    page = officer.get(place)
    assert page.status == 404
    assert "It does not mean that nothing is known" in page.text


@pytest.mark.parametrize(
    "path",
    ["/addresses/a_nobodys", "/addresses/1", "/addresses/a_alder'--", "/people/p_nobodys",
     "/people/..%2f..", "/links/a_nobodys", "/links/x", "/check/guess"],
)  # fmt: skip
def test_a_foreign_or_made_up_id_is_answered_like_none(officer: Visitor, path: str) -> None:
    page = officer.get(path)
    assert page.status == 404
    assert page.h1 == "There is nothing here that you can see"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"purpose": "", "reference": "24-1", "address": "x"}, "Choose why you are looking"),
        (
            {"purpose": "curiosity", "reference": "24-1", "address": "x"},
            "Choose why you are looking",
        ),
        ({"purpose": "visit", "reference": "", "address": "x"}, "Enter the number of the case"),
        ({"purpose": "visit", "reference": "Mia Carter", "address": "x"}, "It needs a digit"),
        ({"purpose": "visit", "reference": "24-1", "address": " "}, "Enter a number, street"),
        ({"purpose": "visit", "reference": "24-1", "address": "x" * 201}, "at most 200"),
        ({"purpose": "visit", "reference": "24-1", "address": "\x00\u200b"}, "Enter a number"),
    ],
)
def test_faults_of_the_form_are_named(
    app: Flask, home: PageHome, fields: dict[str, str], words: str
) -> None:
    visitor = Visitor(app)
    visitor.sign_in("officer")
    page = visitor.send("/check", follow=True, **fields)
    assert "There is a problem" in page.text
    assert words in page.text
    assert [row.kind for row in home.audit.rows()] == ["signed_in"]


def test_hostile_names_and_words_are_text(officer: Visitor, desk: ScriptedDesk) -> None:
    mean = dataclasses.replace(answers.MIA, name=EVIL)
    ring = dataclasses.replace(answers.POLICE, label=EVIL, ring=f"{EVIL} 01632 960101")
    desk.by_id["a_alder"] = answers.alder(
        address=dataclasses.replace(answers.ALDER, line=EVIL),
        warnings=(answers.indicator("i_x", "warning", "violent", ring, value=EVIL, person=mean),),
        occupants_now=(answers.resident(mean, ring, certainty=EVIL),),
        open_contacts=(answers.contact("c_x", "noise", ring, summary=EVIL, reference=EVIL),),
        living_alone=EVIL,
    )
    page = officer.get("/addresses/a_alder")
    assert page.h1 == EVIL
    assert "onerror=window" in page.text
    assert not page.all("img")[1:]
    assert len(page.all("script")) == 2


def test_hostile_typing_is_text(officer: Visitor) -> None:
    page = officer.ask(EVIL)
    assert EVIL in page.text
    assert len(page.all("script")) == 2


def test_no_answer_without_an_audit_row(
    officer: Visitor, home: PageHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    from governance.errors import AuditError

    def fail(*_: object) -> None:
        raise AuditError("the audit cannot be written")

    monkeypatch.setattr(home.audit, "record", fail)
    page = officer.get("/addresses/a_alder")
    assert page.status == 503
    assert "Mia" not in page.text
    assert "nothing is shown" in page.text
