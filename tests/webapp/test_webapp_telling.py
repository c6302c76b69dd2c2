"""The practitioner is told that somebody looked: where the agreement says so and policy allows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from governance import accounts, policy
from governance.approvers import name_worker
from governance.errors import AgreementError
from governance.notices import UserNotice, own_notices
from governance.policy import AgreementTerms, add_agreement
from governance.telling import decide_telling
from governance.viewer import Level
from graph.embedded_store import EmbeddedStore
from kith.desk import Desk
from tests.webapp.client import Visitor
from tests.webapp.requested import at_work, bring, fill, small_world
from tests.webapp.rooms import NOW, PageHome


@pytest.fixture(autouse=True)
def store(home: PageHome, tmp_path: Path) -> Iterator[EmbeddedStore]:
    opened = fill(home, tmp_path)
    with home.register.session() as session:
        warden = at_work(home, "warden").user_id
        name_worker(session, warden, "Jo HALE", "u_governor", NOW)
        session.commit()
    yield opened
    opened.close()


def look(home: PageHome, name: str = "officer", purpose: str = "visit", who: str = "p_ann") -> None:
    with home.register.session() as session:
        viewer = policy.viewer_for(session, at_work(home, name, purpose), home.clock())
    Desk(home.as_home()).person(viewer, who)


def told(home: PageHome, name: str = "warden") -> list[UserNotice]:
    user_id = at_work(home, name).user_id
    with home.register.session() as session:
        return own_notices(session, user_id)


def decide(home: PageHome, tells: bool, giver: str = "housing") -> None:
    with home.register.session() as session:
        for each in policy.agreements(session):
            if each.terms.giving_agency == giver:
                decide_telling(session, each.agreement_id, tells, "u_governor", NOW)
        session.commit()


def test_who_works_with_them_is_told_which_agency_role_when_and_why(home: PageHome) -> None:
    look(home)
    (notice,) = told(home)
    assert (notice.subject_id, notice.agency, notice.role, notice.purpose) == (
        "p_ann",
        "police",
        "practitioner",
        "visit",
    )
    assert told(home, "deputy") == []
    kinds = [row.kind for row in home.audit.rows()]
    assert kinds.index("person_viewed") < kinds.index("practitioner_told")
    (row,) = home.audit.rows(kind="practitioner_told")
    assert (row.payload["told"], row.payload["what"]) == (
        [at_work(home, "warden").user_id],
        ["p_ann"],
    )


def test_the_notice_names_no_user_and_leads_to_a_page_with_its_own_policy(
    app: Flask, home: PageHome
) -> None:
    look(home)
    warden = Visitor(app)
    warden.sign_in("warden")
    page = warden.get("/notices")
    assert "West Midlands Police looked at somebody you work with" in page.text
    assert "practitioner · Before a visit" in page.text
    for hidden in ("officer", "Ann", "24-1182"):
        assert hidden not in page.text
    link = next(path for words, path in page.links().items() if words.startswith("Whom"))
    assert warden.get(link).h1 == "Why are you looking?"


def test_one_is_told_once_an_hour_of_the_same(home: PageHome) -> None:
    look(home)
    look(home)
    look(home, "steward", "safeguarding_adult")
    assert len(told(home)) == 2
    home.clock.pass_time(minutes=61)
    look(home)
    assert len(told(home)) == 3


@pytest.mark.parametrize("purpose", ["crime", "record_linkage", "data_quality"])
def test_police_intelligence_is_not_told_unless_decided_so(home: PageHome, purpose: str) -> None:
    look(home, purpose=purpose)
    assert told(home) == []
    decide(home, True)
    look(home, purpose=purpose)
    assert len(told(home)) == 1


def test_an_agreement_switches_it_off(home: PageHome) -> None:
    decide(home, True)
    decide(home, False)
    look(home)
    assert told(home) == []
    with home.register.session() as session, pytest.raises(AgreementError):
        decide_telling(session, "g_none", True, "u_governor", NOW)


def test_looks_of_colleagues_and_ones_own_are_not_told(home: PageHome) -> None:
    look(home, "deputy")
    look(home, "warden")
    assert told(home) == []
    decide(home, True)
    look(home, "warden")
    assert told(home) == []
    look(home, "deputy")
    assert len(told(home)) == 1


def test_telling_is_under_the_policy_of_whom_is_told(
    home: PageHome, store: EmbeddedStore, tmp_path: Path
) -> None:
    """The looker may see a restricted person; the practitioner may not, and hears nothing."""
    with home.register.session() as session:
        terms = AgreementTerms(
            giving_agency="housing",
            receiving_agency="police",
            level=Level.DETAIL,
            starts=NOW.date(),
            restricted_allowed=True,
        )
        add_agreement(session, terms, NOW - dt.timedelta(days=1))
        session.commit()
    world = small_world()
    next(row for row in world.rows["person"] if row["person_id"] == "p_ann")["restricted"] = True
    bring(store, world, tmp_path, "w2")
    look(home)
    assert told(home) == []
    bring(store, small_world(), tmp_path, "w3")
    home.clock.pass_time(hours=2)
    with home.register.session() as session:
        own = [
            each.agreement_id
            for each in policy.agreements(session)
            if each.terms.giving_agency == each.terms.receiving_agency == "housing"
        ]
        for agreement_id in own:
            policy.withdraw(session, agreement_id, "u_governor", home.clock())
        session.commit()
    look(home)
    assert told(home) == [], "their own agreement has ended: they are shown nobody"


def test_nobody_is_told_without_an_open_involvement_or_of_what_was_not_shown(
    home: PageHome, store: EmbeddedStore, tmp_path: Path
) -> None:
    look(home, who="p_hid")
    assert told(home) == [], "the looker was shown nobody"
    world = small_world()
    for row in world.rows["contact"]:
        row["status"] = "closed"
    bring(store, world, tmp_path, "w2")
    look(home)
    assert told(home) == []


def test_a_user_who_left_is_not_told(home: PageHome) -> None:
    with home.register.session() as session:
        accounts.disable_user(session, at_work(home, "warden").user_id, NOW)
        session.commit()
    look(home)
    assert told(home) == []


def test_an_officer_decides_on_the_agreements_page(app: Flask, home: PageHome) -> None:
    governor = Visitor(app)
    governor.sign_in("governor")
    with home.register.session() as session:
        ids = [
            e.agreement_id
            for e in policy.agreements(session)
            if e.terms.title == "housing to police"
        ]
    path = f"/agreements/{ids[0]}"
    assert "Nothing was decided" in governor.get(path).text
    token = governor.get(path).token()
    act = f"/register/telling/{ids[0]}"
    governor.client.post(act, data={"csrf_token": token, "tells": "no"})
    assert "Never tell them" not in governor.get(path).text
    look(home)
    assert told(home) == []
    assert len(list(home.audit.rows(kind="telling_changed"))) == 1
    answer = governor.client.post("/register/telling/g_none", data={"csrf_token": token})
    assert answer.status_code == 404
