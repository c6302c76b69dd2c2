"""The officer's pages of a person's rights: cases, redaction, two officers, corrections."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import loaders
from governance import accounts, approvers, subject_cases, subject_items
from governance.subject_cases import SubjectCase
from tests.webapp.client import Visitor
from tests.webapp.righted import DEAN, DEAN_TOO, OTHER, staged
from tests.webapp.rooms import NOW, PASSWORD, PageHome

OPENING: dict[str, Any] = {
    "kind": "access",
    "about": f"{DEAN} {DEAN_TOO}",
    "received_on": "20/11/2026",
    "identity_check": "document",
}


@pytest.fixture(autouse=True)
def snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = staged(tmp_path / "staged")
    monkeypatch.setattr(loaders, "take_snapshot", lambda _context: made)


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


def press(visitor: Visitor, path: str, **fields: Any) -> str:
    given = {"csrf_token": visitor.get("/rights/new").token(), **fields}
    return str(visitor.client.post(path, data=given, follow_redirects=True).get_data(as_text=True))


def opened(home: PageHome, visitor: Visitor, **changes: str) -> str:
    visitor.send("/rights/new", **(OPENING | changes))
    return f"/rights/{cases(home)[0].case_id}"


def cases(home: PageHome) -> list[SubjectCase]:
    with home.register.session() as session:
        return subject_cases.cases(session)


def items(home: PageHome) -> list[subject_items.Decided]:
    with home.register.session() as session:
        return subject_items.items(session, cases(home)[0].case_id)


def audited(home: PageHome, kind: str) -> list[dict[str, Any]]:
    return [row.payload for row in home.audit.rows(kind=kind)]


def test_a_case_is_opened_with_its_due_date(home: PageHome, governor: Visitor) -> None:
    page = governor.send("/rights/new", **OPENING)
    assert "Due 20 Dec 2026" in page.text
    assert "Due 20 Dec 2026" in governor.get("/rights").text
    path = f"/rights/{cases(home)[0].case_id}"
    assert "Say why it takes longer" in press(governor, f"{path}/extension")
    assert "Prolonged" in press(governor, f"{path}/extension", because="Many agencies hold some")
    assert "Due 20 Feb 2027" in governor.get(path).text
    assert "prolonged once" in press(governor, f"{path}/extension", because="Even more of them")
    home.clock.pass_time(days=100)
    governor.sign_in("governor")
    assert "LATE" in governor.get("/rights").text
    refused = press(governor, f"{path}/end", outcome="refused", reason="")
    assert "Say why" in refused
    assert "Closed" in press(governor, f"{path}/end", outcome="refused", reason="Not theirs to ask")
    changes = [row["change"] for row in audited(home, "subject_case_changed")]
    assert changes == ["opened", "extended", "closed"]


WRONG = (
    ("kind", "", "Choose what they ask for"),
    ("kind", "gossip", "Not a valid choice"),
    ("about", "Dean Ellis", "are named by ids"),
    ("about", f"{DEAN} p_dean", "are named by ids"),
    ("received_on", "soon", "such as 23/11/2026"),
    ("received_on", "01/01/2099", "day to come"),
    ("identity_check", "", "Choose how their identity was checked"),
)


def test_what_is_wrong_with_a_case_is_said(home: PageHome, governor: Visitor) -> None:
    for field, value, words in WRONG:
        page = governor.send("/rights/new", **(OPENING | {field: value}))
        assert words.lower() in page.text.lower()
    assert cases(home) == []


def test_where_it_is_held_is_told_without_values(home: PageHome, governor: Visitor) -> None:
    page = governor.get(f"{opened(home, governor)}/held")
    assert "2 records" in page.text
    for words in ("What agencies hold now", "c_row", "load l_b, row 7", "Walsall Housing"):
        assert words in page.text
    for value in ("Ellis", "Alder", "Tracy", "Rent late", OTHER):
        assert value not in page.text
    [row] = audited(home, "subject_found")
    assert row["what"] == [DEAN, DEAN_TOO]


def test_items_are_decided_approved_by_another_and_released(
    home: PageHome, governor: Visitor, second: Visitor
) -> None:
    path = opened(home, governor)
    first = press(governor, f"{path}/drawing")
    assert "Drawn" in first
    found = items(home)
    suggested = {tuple(each.suggested) for each in found if each.suggested}
    assert suggested == {("lead_worker",), ("summary",)}
    page = governor.get(f"{path}/items")
    assert "redaction suggested" in page.text
    assert "<b>at the door</b>" in page.text + governor.get(f"{path}/items?page=2").text
    alike = {"item": [each.item_id for each in found[:10]], "suggested": "1"}
    withheld = found[0].item_id
    chosen = {f"decision-{withheld}": "withhold", f"exemption-{withheld}": "crime"}
    assert "Decided about 10" in press(governor, f"{path}/items", **alike, **chosen)
    assert "Decide about every item first" in press(governor, f"{path}/proposal")
    rest = {"item": [each.item_id for each in found[10:]], "suggested": "1"}
    press(governor, f"{path}/items", **rest)
    assert all(each.decision for each in items(home)[:20])
    for n in range(20, len(found), 10):
        press(governor, f"{path}/items", item=[i.item_id for i in found[n : n + 10]], suggested="1")
    assert "Proposed" in press(governor, f"{path}/proposal")
    assert "decided none of it" in press(governor, f"{path}/approval")
    assert "did not approve" in press(governor, f"{path}/release")
    assert "before another officer" in press(governor, f"{path}/items", **alike, **chosen)
    assert "redacted" in second.get(f"{path}/items").text
    assert "Approved" in press(second, f"{path}/approval")
    assert "Released" in press(governor, f"{path}/release")
    data = governor.raw(f"{path}/bundle.json")
    assert data.headers["Content-Disposition"].startswith("attachment")
    told = json.loads(data.get_data())
    assert len(told["items"]) == len(found) - 1
    text = data.get_data(as_text=True)
    assert "Ann Carter" not in text
    assert "Tracy" not in text
    assert "Rent late" in text
    assert [entry["items"] for entry in told["kept_back"]] == [1, 2]
    html = governor.raw(f"{path}/bundle.html").get_data(as_text=True)
    assert re.search("<(script|b)>", html) is None
    [row] = audited(home, "bundle_released")
    assert (row["disclosed"], row["redacted"], row["withheld"]) == (len(found) - 3, 2, 1)
    assert len(audited(home, "bundle_read")) == 2


UNSOUND: tuple[tuple[dict[str, str], str], ...] = (
    ({"decision": "withhold"}, "names an exemption"),
    ({"decision": "redact", "exemption": "crime"}, "Name the fields"),
    ({"decision": "withhold", "exemption": "third_party", "silent": "1"}, "person is told"),
    ({"decision": "withhold", "exemption": "because"}, "names an exemption"),
)


def test_a_decision_that_does_not_hold_together_is_refused(
    home: PageHome, governor: Visitor
) -> None:
    path = opened(home, governor)
    press(governor, f"{path}/drawing")
    item = items(home)[0].item_id
    for decision, words in UNSOUND:
        given = {f"{name}-{item}": value for name, value in decision.items()}
        assert words in press(governor, f"{path}/items", item=item, **given)
    assert items(home)[0].decision is None


def test_another_role_and_unknown_cases_get_nothing(
    home: PageHome, governor: Visitor, app: Flask
) -> None:
    path = opened(home, governor)
    for name in ("officer", "admin", "manager"):
        other = Visitor(app)
        other.sign_in(name)
        for page in ("/rights", path, f"{path}/held", f"{path}/items", f"{path}/bundle.json"):
            assert other.raw(page).status_code == 403, (name, page)
    for page in ("/rights/j_zzzz", "/rights/..%2f..", f"{path}/bundle.html", f"{path}/bundle.exe"):
        assert governor.get(page).status == 404, page
    assert governor.get(f"{path}/items?page=999999999999").status == 200
    assert audited(home, "subject_found") == []


def test_an_agency_answers_a_correction_and_its_next_load_makes_it(
    home: PageHome,
    governor: Visitor,
    officer: Visitor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = opened(home, governor, kind="rectification")
    given: dict[str, Any] = {"fact": DEAN, "field": "family_name", "words": "It is spelt Elliss"}
    assert "nobody is named" in governor.send(f"{path}/correction", **given).text.lower()
    with home.register.session() as session:
        user = accounts.user_named(session, "officer")
        assert user is not None
        approvers.name_approver(session, user.user_id, "u_other", NOW)
        session.commit()
    assert "Asked" in governor.send(f"{path}/correction", **given).text
    assert (
        "of whom this case is about"
        in governor.send(f"{path}/correction", **(given | {"fact": OTHER})).text
    )
    notices = officer.get("/notices")
    link = notices.links()[next(w for w in notices.links() if w.startswith("Look and answer"))]
    page = officer.get(link)
    assert "Ellis" in page.text
    assert "It is spelt Elliss" in page.text
    assert "in 5 to" in officer.send(link, said="refused", reason="").text
    assert "Answered" in officer.send(link, said="accepted").text
    assert "the agency corrects it" in governor.get(path).text
    later = staged(tmp_path / "later", family_name="Elliss", load_id="l_c")
    monkeypatch.setattr(loaders, "take_snapshot", lambda _context: later)
    assert "a later load brought another value" in governor.get(path).text
    assert governor.get(link).status == 403
    changes = [row["change"] for row in audited(home, "rectification_changed")]
    assert [c for c in changes if c != "shown"] == ["asked", "accepted", "changed"]


def test_a_restriction_and_an_erasure_from_their_cases(
    home: PageHome, governor: Visitor, second: Visitor
) -> None:
    path = opened(home, governor, kind="restriction")
    assert "Restricted from now on" in press(governor, f"{path}/restriction", ground="article_18")
    assert "2 records were restricted" in governor.get(path).text
    assert "Lifted" in press(governor, f"{path}/lifting")
    press(governor, f"{path}/end", outcome="withdrawn")
    path = opened(home, governor, kind="erasure")
    press(governor, f"{path}/proposal")
    assert "another governance officer has to approve it" in governor.get(path).text
    assert "Approved" in press(second, f"{path}/approval")
    assert "kith rights erase" in governor.get(path).text
    assert "Sent back" in press(second, f"{path}/return")
