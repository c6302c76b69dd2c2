"""The officer's register: one proposes, another approves; the matrix is what the policy decides."""

from __future__ import annotations

import pytest
from flask import Flask

from governance import accounts, policy
from governance.permissions import PERMISSIONS, Permission, Role
from tests.webapp.client import Visitor
from tests.webapp.rooms import NOW, PASSWORD, PageHome

TERMS = {
    "title": "Housing to police: tenancy",
    "giver": "housing/main",
    "category": "person",
    "receiver": "police",
    "role": "practitioner",
    "purpose": "visit",
    "level": "2",
    "withheld": "phone",
    "starts": "23/11/2026",
    "expires": "31/12/2026",
    "legal_basis": "Article 6(1)(e)",
}


@pytest.fixture
def governor(app: Flask) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in("governor")
    return visitor


@pytest.fixture
def second(app: Flask, home: PageHome) -> Visitor:
    """Another governance officer."""
    with home.register.session() as session:
        accounts.create_user(session, "deputy", PASSWORD, "housing", ["governance_officer"], NOW)
        session.commit()
    visitor = Visitor(app)
    visitor.sign_in("deputy")
    return visitor


def proposed(home: PageHome) -> str:
    with home.register.session() as session:
        return policy.agreements(session)[-1].agreement_id


def press(visitor: Visitor, path: str) -> str:
    token = visitor.get("/agreements").token()
    response = visitor.client.post(path, data={"csrf_token": token}, follow_redirects=True)
    return response.get_data(as_text=True)


def test_one_proposes_and_another_approves(
    home: PageHome, governor: Visitor, second: Visitor
) -> None:
    page = governor.send("/agreements/new", follow=True, **TERMS)
    assert page.h1 == TERMS["title"]
    assert "Waits for approval" in page.text
    assert "another governance officer has to approve it" in page.text
    one = proposed(home)
    assert "somebody else" in press(governor, f"/agreements/{one}/approval")
    assert "The agreement is approved" in press(second, f"/agreements/{one}/approval")
    assert "In force" in governor.get(f"/agreements/{one}").text
    assert "The agreement is withdrawn" in press(governor, f"/agreements/{one}/withdrawal")
    changes = [row.payload["change"] for row in home.audit.rows(kind="agreement_changed")]
    assert changes == ["proposed", "approved", "withdrawn"]


def test_what_is_proposed_is_what_was_filled_in(home: PageHome, governor: Visitor) -> None:
    governor.send("/agreements/new", follow=True, **TERMS)
    with home.register.session() as session:
        terms = policy.agreements(session)[-1].terms
    assert (terms.giving_agency, terms.dataset, terms.category) == ("housing", "main", "person")
    assert (terms.role, terms.purpose, terms.level) == ("practitioner", "visit", 2)
    assert terms.withheld == {"phone"}
    assert (str(terms.starts), str(terms.expires)) == ("2026-11-23", "2026-12-31")


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts": "tomorrow"},
        {"starts": ""},
        {"expires": "01/01/2020"},
        {"giver": "army"},
        {"receiver": "everybody"},
        {"level": "9"},
        {"receiver": ""},
        {"purpose": ""},
        {"withheld": "password_hash"},
        {"window_months": "-3"},
        {"title": ""},
        {"legal_basis": ""},
    ],
)
def test_terms_that_cannot_be_are_refused_in_words(
    home: PageHome, governor: Visitor, wrong: dict[str, str]
) -> None:
    before = proposed(home)
    page = governor.send("/agreements/new", follow=True, **{**TERMS, **wrong})
    assert "There is a problem" in page.text
    assert proposed(home) == before
    assert not list(home.audit.rows(kind="agreement_changed"))


def test_what_ends_soon_stands_first(governor: Visitor, second: Visitor, home: PageHome) -> None:
    governor.send("/agreements/new", follow=True, **TERMS)
    press(second, f"/agreements/{proposed(home)}/approval")
    text = governor.get("/agreements").text
    soon = text[text.index("Ending in the next 90 days") : text.index("Last days, by month")]
    assert "Housing to police: tenancy" in soon
    assert "31 Dec 2026" in soon


def test_last_days_stand_in_a_calendar(governor: Visitor, second: Visitor, home: PageHome) -> None:
    made = []
    for starts, expires in (
        ("23/11/2026", "30/6/2028"),
        ("1/1/2027", "31/12/2027"),
        ("23/11/2026", "31/12/2027"),
        ("23/11/2026", ""),
    ):
        home.clock.pass_time(seconds=1)
        fields = {**TERMS, "title": f"{starts} to {expires}", "starts": starts, "expires": expires}
        governor.send("/agreements/new", follow=True, **fields)
        made.append(proposed(home))
    for agreement_id in made[:3]:
        press(second, f"/agreements/{agreement_id}/approval")
    text = governor.get("/agreements").text
    months = text[text.index("Last days, by month") : text.index(" All ")]
    order = ["December 2027", "1/1/2027", "23/11/2026 to 31/12/2027", "June 2028", "30 Jun 2028"]
    assert [months.index(words) for words in order] == sorted(months.index(w) for w in order)
    assert months.count("December 2027") == 1
    press(governor, f"/agreements/{made[0]}/withdrawal")
    assert "June 2028" not in governor.get("/agreements").text


def test_the_matrix_shows_cells_and_what_decides_them(governor: Visitor) -> None:
    page = governor.get("/register/matrix?role=practitioner&purpose=visit")
    links = {words: href for words, href in page.links().items() if "to West Midlands" in words}
    assert len(links) == 3
    cell = governor.get(next(href for words, href in links.items() if "Housing" in words))
    assert cell.h1.startswith("What West Midlands Police may see of Walsall Housing")
    assert "housing to police" in cell.text
    assert "nothing" in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/register/matrix/housing/none/police?role=practitioner&purpose=visit",
        "/register/matrix/housing/main/police?role=king&purpose=visit",
        "/agreements/g_none",
    ],
)
def test_what_is_not_there_is_not_found(governor: Visitor, path: str) -> None:
    assert governor.get(path).status == 404


def test_agencies_and_systems_with_basis_and_owner(governor: Visitor) -> None:
    text = governor.get("/register").text
    for words in (
        "West Midlands Police",
        "Lawful basis: Article 6(1)(e)",
        "owner: Owner",
        "7 years",
    ):
        assert words in text


@pytest.mark.parametrize("name", ["officer", "steward", "analyst"])
def test_who_sees_people_does_not_see_the_register(app: Flask, name: str) -> None:
    visitor = Visitor(app)
    visitor.sign_in(name)
    for path in ("/register", "/register/matrix", "/agreements", "/agreements/new"):
        assert visitor.get(path).status == 403


def test_an_administrator_reads_and_changes_nothing(app: Flask, home: PageHome) -> None:
    visitor = Visitor(app)
    visitor.sign_in("admin")
    assert Permission.PROPOSE_AGREEMENT not in PERMISSIONS[Role.ADMINISTRATOR]
    page = visitor.get(f"/agreements/{proposed(home)}")
    assert page.status == 200
    assert "Withdraw" not in page.text
    assert visitor.get("/agreements/new").status == 403


def test_a_forged_request_changes_nothing(home: PageHome, governor: Visitor) -> None:
    one = proposed(home)
    assert governor.client.post(f"/agreements/{one}/withdrawal").status_code == 400
    assert "In force" in governor.get(f"/agreements/{one}").text


def waiting(home: PageHome, role: str = "analyst", by: str = "admin") -> str:
    with home.register.session() as session:
        giver = accounts.user_named(session, by)
        assert giver is not None
        made = accounts.create_user(
            session, "newcomer", PASSWORD, "police", [role], NOW, created_by=giver.user_id
        )
        session.commit()
    return made.user_id


def test_an_officer_approves_a_role_that_another_gave(
    app: Flask, home: PageHome, governor: Visitor
) -> None:
    user_id = waiting(home)
    newcomer = Visitor(app)
    newcomer.sign_in("newcomer")
    assert newcomer.get("/check").status == 403
    assert "newcomer: Analyst" in governor.get("/roles").text
    assert "in force" in press(governor, f"/roles/{user_id}/analyst/approval")
    newcomer = Visitor(app)
    assert newcomer.sign_in("newcomer").h1 == "Check an address"
    assert "None." in governor.get("/roles").text
    (row,) = home.audit.rows(kind="user_changed")
    assert row.payload["change"] == "role_approved"


def test_an_officer_refuses_a_role(app: Flask, home: PageHome, governor: Visitor) -> None:
    user_id = waiting(home)
    assert "refused" in press(governor, f"/roles/{user_id}/analyst/refusal")
    newcomer = Visitor(app)
    newcomer.sign_in("newcomer")
    assert newcomer.get("/check").status == 403


def test_nobody_approves_what_they_gave_and_nothing_else_is_taken_away(
    home: PageHome, governor: Visitor
) -> None:
    user_id = waiting(home, by="governor")
    assert "somebody else" in press(governor, f"/roles/{user_id}/analyst/approval")
    with home.register.session() as session:
        officer = accounts.user_named(session, "officer")
    assert officer is not None
    press(governor, f"/roles/{officer.user_id}/practitioner/refusal")
    with home.register.session() as session:
        assert accounts.user_named(session, "officer") == officer


@pytest.mark.parametrize("name", ["admin", "officer", "manager"])
def test_roles_are_approved_by_officers_alone(app: Flask, home: PageHome, name: str) -> None:
    user_id = waiting(home)
    visitor = Visitor(app)
    visitor.sign_in(name)
    assert visitor.get("/roles").status == 403
    assert visitor.client.post(f"/roles/{user_id}/analyst/approval").status_code in {400, 403}
