"""The officer's pages of retention: two officers, a list that says why, holds and certificates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import loaders
from governance import accounts, lawful, registration, retention, retention_disposal
from governance.errors import NoLawfulBasis
from governance.retention import Rule
from governance.sessions import SignedInUser
from kith import retaining
from tests.governance.retained import day, snapshot
from tests.webapp.client import Page, Visitor
from tests.webapp.rooms import NOW, PASSWORD, PageHome

OLD = day("2015-05-01")
WHOSE = {"agency": "police", "dataset": "main", "load_id": "l_a"}
RULE: dict[str, Any] = {
    "dataset": "police/main",
    "category": "*",
    "years": "7",
    "months": "6",
    "event": "last_contact",
    "ends": "review",
    "source": "MoPI group 2 clear period",
}
REASON = "A claim is likely"


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


@pytest.fixture
def staged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty contacts long ago, one of them of unknown day."""
    letters = [f"c_{a}{b}" for a in "abcdefghij" for b in "abcdef"]
    rows = [{**WHOSE, "contact_id": key, "category": "noise", "on_date": OLD} for key in letters]
    rows[-1]["on_date"] = None
    made = snapshot(tmp_path / "staged", contact=rows)
    monkeypatch.setattr(loaders, "take_snapshot", lambda _context: made)


def press(visitor: Visitor, path: str, **fields: Any) -> str:
    token = visitor.get("/retention/holds/new").token()
    given = {"csrf_token": token, **fields}
    return str(visitor.client.post(path, data=given, follow_redirects=True).get_data(as_text=True))


def rules(home: PageHome) -> list[Rule]:
    with home.register.session() as session:
        return retention.rules(session)


def in_force(home: PageHome, governor: Visitor, second: Visitor, **changes: str) -> str:
    governor.send("/retention/rules/new", **(RULE | changes))
    rule_id = rules(home)[-1].rule_id
    press(second, f"/retention/rules/{rule_id}/approval")
    return rule_id


def test_one_proposes_a_rule_and_another_approves_it(
    home: PageHome, governor: Visitor, second: Visitor
) -> None:
    assert "Without a rule" in governor.get("/retention").text
    page = governor.send("/retention/rules/new", **RULE)
    assert page.h1 == "A retention rule"
    assert "Waits for approval" in page.text
    assert "another governance officer has to approve it" in page.text
    [one] = rules(home)
    assert (one.terms.months, one.terms.ends) == (90, "review")
    path = f"/retention/rules/{one.rule_id}"
    assert "somebody else" in press(governor, f"{path}/approval")
    assert "The rule is in force" in press(second, f"{path}/approval")
    shown = governor.get("/retention").text
    assert "7 years and 6 months after last contact, then reviewed" in shown
    assert "MoPI group 2 clear period" in shown
    assert "The rule is withdrawn" in press(governor, f"{path}/withdrawal")
    changes = [row.payload["change"] for row in home.audit.rows(kind="retention_rule_changed")]
    assert changes == ["proposed", "approved", "withdrawn"]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("dataset", "", "Choose whose"),
        ("years", "900", "from 0 to 200"),
        ("event", "", "Choose after what"),
        ("source", "x", "Say whose rule it is"),
        ("category", "gossip", "Not a valid choice"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said(
    field: str, value: str, words: str, home: PageHome, governor: Visitor
) -> None:
    page = governor.send("/retention/rules/new", **(RULE | {field: value}))
    assert words.lower() in page.text.lower()
    assert rules(home) == []


@pytest.mark.usefixtures("staged")
def test_what_falls_due_says_why_and_is_on_record(
    home: PageHome, governor: Visitor, second: Visitor
) -> None:
    rule_id = in_force(home, governor, second)
    page = governor.get("/retention/due")
    assert "To be reviewed: 59" in page.text
    why = "Due 1 Nov 2022: 7 years and 6 months after last contact, 1 May 2015"
    assert page.text.count(why) == retaining.PAGE
    assert "Page 1 of 2" in page.text
    assert "c_jd" in governor.get("/retention/due?page=2").text
    last = governor.get("/retention/due?page=999999999999")
    assert "None." in last.text
    unknown = governor.get("/retention/due?status=unknown").text
    assert "never taken for old" in unknown
    assert "the day of the last contact is not known" in unknown
    assert "To be reviewed: 0" in governor.get("/retention/due?by=31/10/2022").text
    assert "To be reviewed: 59" in governor.get(f"/retention/due?rule={rule_id}").text
    assert "such as 23/11/2026" in governor.get("/retention/due?by=tomorrow").text
    shown = [row.payload["items"] for row in home.audit.rows(kind="retention_listed")]
    assert shown == [50, 9, 0, 1, 0, 50, 50]


def decide(visitor: Visitor, *items: str, **fields: str) -> Page:
    """Choose some on the page and decide."""
    token = visitor.get("/retention/due").token()
    given = {"csrf_token": token, "item": list(items), **fields}
    response = visitor.client.post("/retention/due", data=given, follow_redirects=True)
    return Page(response, visitor.app)


@pytest.mark.usefixtures("staged")
def test_what_is_chosen_is_kept_or_goes(home: PageHome, governor: Visitor, second: Visitor) -> None:
    in_force(home, governor, second)
    kept = {"outcome": "keep", "next_review": "31/12/2027", "reason": REASON}
    assert "Decided about 2" in decide(governor, "c_aa", "c_ab", **kept).text
    assert "Look again on 31 Dec 2027" in governor.get("/retention/due?status=kept").text
    assert "Decided about 1" in decide(governor, "c_ac", outcome="dispose", reason=REASON).text
    for wrong, words in (
        ({"outcome": "dispose"}, "Say why"),
        ({"reason": REASON}, "Choose keep or dispose of"),
        ({"outcome": "keep", "reason": REASON}, "looked at again"),
        ({"outcome": "keep", "reason": REASON, "next_review": "soon"}, "such as 23/11/2026"),
    ):
        assert words in decide(governor, "c_ad", **wrong).text
    assert "nothing was named" in decide(governor, outcome="dispose", reason=REASON).text
    assert "cannot be decided" in decide(governor, "c_jf", outcome="dispose", reason=REASON).text
    outcomes = [row.payload["outcome"] for row in home.audit.rows(kind="retention_reviewed")]
    assert outcomes == ["keep", "dispose"]


HOLD: dict[str, Any] = {
    "kind": "iicsa",
    "about": "c_aa",
    "dataset": "",
    "category": "*",
    "reason": "The inquiry asked",
    "owner": "County solicitor",
    "review_on": "31/12/2027",
}


@pytest.mark.usefixtures("staged")
def test_what_is_held_does_not_fall_due(home: PageHome, governor: Visitor, second: Visitor) -> None:
    in_force(home, governor, second)
    page = governor.send("/retention/holds/new", **HOLD)
    assert page.h1 == "Legal holds"
    assert "County solicitor" in page.text
    assert "To be reviewed: 58" in governor.get("/retention/due").text
    assert "c_aa" in governor.get("/retention/due?status=held").text
    both = governor.send("/retention/holds/new", **(HOLD | {"dataset": "police/main"}))
    assert "Enter an id, or choose a system" in both.text
    name = governor.send("/retention/holds/new", **(HOLD | {"about": "Dean Smith"}))
    assert "by its id" in name.text
    scope = governor.send("/retention/holds/new", **(HOLD | {"about": "", "dataset": "*/*"}))
    assert "All that there is: everything" in scope.text
    assert "Under a legal hold: 59" in governor.get("/retention/due?status=held").text
    for row in list(home.audit.rows(kind="legal_hold_changed")):
        words = press(second, f"/retention/holds/{row.payload['hold_id']}/lifting")
        assert "Lifted." in words
    assert "no such hold" in press(second, "/retention/holds/h_zzzz/lifting")
    assert "To be reviewed: 59" in governor.get("/retention/due").text


@pytest.mark.usefixtures("staged")
def test_a_disposal_of_two_officers_has_its_certificate(
    home: PageHome, governor: Visitor, second: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retaining, "_erase", lambda *_given: {"loads": []})
    rule_id = in_force(home, governor, second, ends="dispose")
    assert "59 may be disposed of today" in governor.get("/retention/disposals").text
    assert "has to approve it" in press(governor, "/retention/disposals")
    with home.register.session() as session:
        [one] = retention_disposal.disposals(session)
        officer = accounts.user_named(session, "governor")
    assert officer is not None
    path = f"/retention/disposals/{one.disposal_id}"
    assert "What would go" in governor.get(path).text
    assert "somebody else" in press(governor, f"{path}/approval")
    assert governor.get(f"{path}/certificate.json").status == 404
    assert "It can be carried out" in press(second, f"{path}/approval")
    user = SignedInUser(
        user_id=officer.user_id,
        username="governor",
        agency="police",
        roles=frozenset({"governance_officer"}),
        session_id="s_a",
        started_at=NOW,
        expires_at=NOW,
        purpose=None,
        reference=None,
        purpose_until=None,
    )
    retaining.carry_out(home.as_home(), user, one.disposal_id)
    page = governor.get(path)
    assert page.h1 == "Certificate of disposal"
    assert "Contact: Noise" in page.text
    saved = governor.raw(f"{path}/certificate.json")
    told = json.loads(saved.get_data(as_text=True))
    assert told["disposed_of"][0] == {
        "rule": rule_id,
        "share_key": "police|main|noise",
        "what": "contact",
        "count": 59,
    }
    assert told["certificate_sha256"] in page.text
    assert "attachment" in saved.headers["Content-Disposition"]
    assert "ended already" in press(governor, f"{path}/withdrawal")
    assert len(list(home.audit.rows(kind="certificate_read"))) >= 2


def test_the_basis_of_a_system_is_noted_on_the_register(home: PageHome, governor: Visitor) -> None:
    assert "Public task" in governor.get("/register").text
    page = governor.send("/retention/basis/police/main", basis="consent", until="22/11/2026")
    assert page.h1 == "Agencies and systems"
    assert "Its basis ended on 22 Nov 2026: files are refused" in page.text
    assert "It ended on 22 Nov 2026" in governor.get("/retention/basis/police/main").text
    governor.send("/retention/basis/police/main", basis="none", until="")
    assert "No basis of the list is known" in governor.get("/register").text
    with home.register.session() as session:
        assert lawful.basis_of(session, "police", "main").codes == ()
        with pytest.raises(NoLawfulBasis):
            registration.require_dataset(session, "police", "main", NOW.date())
    assert governor.get("/retention/basis/police/none").status == 404


def test_only_officers_change_anything_and_no_url_names_what_is_not_there(
    app: Flask, governor: Visitor
) -> None:
    for path in (
        "/retention/rules/k_zzzz",
        "/retention/rules/..%2f",
        "/retention/disposals/d_zzzz",
        "/retention/disposals/d_zzzz/certificate.json",
    ):
        assert governor.get(path).status == 404, path
    manager = Visitor(app)
    manager.sign_in("manager")
    assert manager.get("/retention").status == 200
    assert "Propose a rule" not in manager.get("/retention").text
    for path in ("/retention/due", "/retention/holds", "/retention/disposals"):
        assert manager.get(path).status == 403, path
    assert "Retention" in governor.get("/retention").links()
