"""Questions to stewards: who may answer, what is sent, what comes back."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask

from governance import labels as leases
from governance.errors import AuditError
from kith.labelling import CurvePoint
from tests.webapp.answers import EVIL
from tests.webapp.client import Page, Visitor
from tests.webapp.labelling import FIRST, SECOND, ScriptedLabels, records
from tests.webapp.rooms import NOW, USERS, PageHome


def decide(steward: Visitor, question: str, verdict: str) -> Page:
    return steward.send("/label", question=question, verdict=verdict)


def undo(steward: Visitor, answers: str = "1") -> Page:
    token = steward.get("/label").token()
    sent = {"csrf_token": token, "answers": answers}
    return Page(steward.client.post("/label/undo", data=sent, follow_redirects=True), steward.app)


def row(page: Page, field: str) -> list[str]:
    """A field's cells, as read."""
    for found in page.all("tr"):
        cells = [" ".join("".join(map(str, cell.itertext())).split()) for cell in found]
        if cells and cells[0] == field:
            return cells
    raise AssertionError(f"no row {field}")


@pytest.mark.parametrize("name", sorted(USERS))
def test_stewards_alone_are_asked(app: Flask, labels: ScriptedLabels, name: str) -> None:
    visitor = Visitor(app)
    visitor.sign_in(name)
    visitor.state_purpose("record_linkage")
    page = visitor.get("/label")
    if name == "steward":
        assert page.h1 == "Same person?"
        return
    assert page.status == 403
    assert labels.viewers == []
    token = page.token()
    for path, fields in (
        ("/label", {"question": FIRST, "verdict": "same"}),
        ("/label/undo", {"answers": "1"}),
    ):
        sent = visitor.client.post(path, data={**fields, "csrf_token": token})
        assert sent.status_code == 403
    assert labels.ledger == []
    assert "Same person?" not in visitor.get("/").links()


def test_a_purpose_is_asked_first_and_then_the_question_comes(app: Flask) -> None:
    visitor = Visitor(app)
    visitor.sign_in("steward")
    assert visitor.get("/label").h1 == "Why are you looking?"
    page = visitor.send("/purpose", purpose="record_linkage", reference="DQ-7")
    assert page.h1 == "Same person?"


def test_the_start_page_of_a_steward_leads_to_the_questions(app: Flask) -> None:
    visitor = Visitor(app)
    links = visitor.sign_in("steward").links()
    assert links["Same person?"] == "/label"
    assert links["answer questions about who is who"] == "/label"


def test_the_desk_is_asked_as_a_steward(steward: Visitor, labels: ScriptedLabels) -> None:
    steward.get("/label")
    assert {(v.role, v.purpose) for v in labels.viewers} == {("steward", "record_linkage")}


def test_both_sides_stand_field_by_field_with_a_word_for_each(steward: Visitor) -> None:
    page = steward.get("/label")
    assert row(page, "Surname") == ["Surname", "Moss", "Moss", "=Same"]
    assert row(page, "NHS number") == [
        "NHS number",
        "999 000 0018",
        "nothing that you may see",
        "?Only one known",
    ]
    assert row(page, "Sex")[-1] == "≠Different"
    assert row(page, "Phone")[1] == "01922 555101"
    address = row(page, "Address")
    assert address[1].startswith("12 Alder Road, Walsall, WS1 1AA (since 3 Feb 2025)")
    assert "(Jan 2019 to 1 Mar 2020)" in address[2]
    assert "Agency" not in page.text, "it stands in the headings"
    assert row(page, "First name")[-1] == "≈Alike"
    assert row(page, "Field") == [
        "Field",
        "First recordHealth, PDS",
        "Second recordWest Midlands Police, Niche",
        "Compared",
    ]
    assert "Name and address are alike, the date of birth is not." in page.text
    assert "held for you until 09:15" in page.text


def test_what_differs_is_marked_and_told_to_those_who_do_not_see_it(steward: Visitor) -> None:
    page = steward.get("/label")
    marked = [str(node.text) for node in page.all("mark")]
    assert marked == ["K", "C", "Mar", "May", "12", "14"]
    for node in page.all("mark"):
        parent = node.getparent()
        assert parent is not None
        assert parent.get("aria-hidden") == "true"
    assert "Katherine, differs in “K”" in page.text
    assert "3 Mar 1985, differs in “Mar”" in page.text


def test_groups_show_the_values_of_all_their_records(steward: Visitor) -> None:
    page = decide(steward, FIRST, "unsure")
    assert "3 records on the first, 1 record on the second" in page.text
    name = row(page, "Name")
    assert name[1].startswith("Dean Moss")
    assert "Dene Moss" in name[1]
    head = row(page, "Field")
    assert head[1] == "First groupHealth, PDS (2 records)Walsall Housing, Northgate"


@pytest.mark.parametrize("verdict", ["same", "different", "unsure"])
def test_an_answer_is_kept_and_the_next_question_comes(
    steward: Visitor, labels: ScriptedLabels, verdict: str
) -> None:
    response = steward.post("/label", question=FIRST, verdict=verdict)
    assert response.status_code == 303
    assert response.headers["Location"] == "/label"
    assert labels.ledger == [(FIRST, verdict)]
    page = steward.get("/label")
    assert "Kept: " in page.text
    assert "Are both sides one and the same person?" in page.text
    assert "6 of 25 answers towards the next training" in page.text
    assert "Kept: " in page.text
    assert "31 answers in all, 1 of them yours" in page.text


def test_the_same_form_sent_twice_counts_once_and_frightens_nobody(
    steward: Visitor, labels: ScriptedLabels
) -> None:
    sent = {"question": FIRST, "verdict": "same", "csrf_token": steward.get("/label").token()}
    first = steward.client.post("/label", data=sent)
    second = steward.client.post("/label", data=sent)
    assert first.status_code == second.status_code == 303
    assert labels.ledger == [(FIRST, "same")]
    page = steward.get("/label")
    assert "no longer yours" not in page.text
    assert "Kept: same person." in page.text


def test_another_answer_to_an_answered_question_changes_nothing(
    steward: Visitor, labels: ScriptedLabels
) -> None:
    decide(steward, FIRST, "same")
    page = decide(steward, FIRST, "different")
    assert labels.ledger == [(FIRST, "same")]
    assert "no longer yours" in page.text


def test_a_lease_that_ran_out_is_said_and_the_next_question_comes(
    steward: Visitor, labels: ScriptedLabels, home: PageHome
) -> None:
    token = steward.get("/label").token()
    home.clock.pass_time(minutes=11)
    sent = {"question": FIRST, "verdict": "same", "csrf_token": token}
    page = Page(steward.client.post("/label", data=sent, follow_redirects=True), steward.app)
    assert page.status == 200
    assert "its ten minutes were over. Nothing was changed" in page.text
    assert page.h1 == "Same person?"
    assert labels.ledger == []


def test_undo_asks_the_question_again(steward: Visitor, labels: ScriptedLabels) -> None:
    decide(steward, FIRST, "same")
    page = undo(steward)
    assert labels.ledger == [(FIRST, "same"), (FIRST, "undone")]
    assert "Your last answer is taken back" in page.text
    assert row(page, "Surname")
    decide(steward, FIRST, "same")
    assert labels.ledger[-1] == (FIRST, "same")
    undo(steward)
    assert labels.ledger[-1] == (FIRST, "undone")


def test_undo_sent_twice_takes_back_one_answer(steward: Visitor, labels: ScriptedLabels) -> None:
    decide(steward, FIRST, "same")
    decide(steward, SECOND, "same")
    undo(steward, "2")
    page = undo(steward, "2")
    assert labels.ledger[2:] == [(SECOND, "undone")]
    assert page.h1 == "Same person?"
    undo(steward, "1")
    assert labels.ledger[3:] == [(FIRST, "undone")]


def test_there_is_no_undo_before_an_answer(steward: Visitor, labels: ScriptedLabels) -> None:
    assert "Undo my last answer" not in steward.get("/label").text
    assert "no answer of yours" in undo(steward).text
    assert labels.ledger == []


@pytest.mark.parametrize(
    "question",
    [
        "",
        "p_someone",
        "q_" + "a" * 500,
        "' or 1=1 --",
        "../../etc/passwd",
        "\x00",
        EVIL,
        SECOND,
    ],
)
def test_hostile_ids_are_refused_and_not_repeated(
    steward: Visitor, labels: ScriptedLabels, question: str
) -> None:
    page = decide(steward, question, "same")
    assert labels.ledger == []
    assert page.status in {200, 400}
    assert page.status == 400 or "Nothing was changed" in page.text
    assert len(page.all("script")) <= 3
    assert "passwd" not in page.text


@pytest.mark.parametrize("verdict", ["", "undone", "SAME", "same\x00", EVIL])
def test_there_are_three_answers(steward: Visitor, labels: ScriptedLabels, verdict: str) -> None:
    assert decide(steward, FIRST, verdict).status == 400
    assert labels.ledger == []


@pytest.mark.parametrize("path", ["/label", "/label/undo"])
def test_without_the_token_nothing_is_kept(
    steward: Visitor, labels: ScriptedLabels, path: str
) -> None:
    decide(steward, FIRST, "same")
    sent = {"question": SECOND, "verdict": "same", "answers": "1"}
    assert steward.client.post(path, data=sent).status_code == 400
    assert steward.client.post(path, data={**sent, "csrf_token": "x"}).status_code == 400
    assert labels.ledger == [(FIRST, "same")]


def test_nothing_of_the_question_stands_in_a_url(steward: Visitor) -> None:
    page = steward.get("/label")
    urls = [str(form.get("action")) for form in page.all("form")]
    urls += list(page.links().values())
    assert not any(FIRST in url or "Moss" in url or "?" in url for url in urls)
    assert steward.raw(f"/label/{FIRST}").status_code == 404
    assert steward.raw("/label/undo").status_code == 405


def test_hostile_values_are_text(steward: Visitor, labels: ScriptedLabels) -> None:
    labels.waiting = [records(evil=EVIL)]
    page = steward.get("/label")
    assert EVIL in page.text
    assert len(page.all("script")) == 3
    assert page.all("img")[1:] == []


def test_no_more_questions_is_a_page_with_undo(steward: Visitor) -> None:
    decide(steward, FIRST, "same")
    page = decide(steward, SECOND, "different")
    assert page.h1 == "No more questions"
    assert "Undo my last answer" in page.text
    assert "change the reason" not in page.text


def test_another_purpose_is_named_where_it_may_be_the_cause(
    steward: Visitor, labels: ScriptedLabels
) -> None:
    labels.waiting = []
    steward.state_purpose("visit")
    assert "share more with stewards for checking who is who" in steward.get("/label").text


def test_questions_before_other_stewards_are_told_apart(
    steward: Visitor, labels: ScriptedLabels, home: PageHome
) -> None:
    labels.waiting = []
    with home.register.session() as session:
        asked = leases.Asked(record_a="r_a", record_b="r_b", form="records", question={})
        leases.take(session, "q_theirs", asked, "u_other", NOW)
        session.commit()
    page = steward.get("/label")
    assert page.h1 == "The last questions are with others"
    assert "r_a" not in page.text
    home.clock.pass_time(minutes=10)
    assert steward.get("/label").h1 == "No more questions"


def test_before_the_first_resolution_the_page_says_what_comes_first(
    steward: Visitor, labels: ScriptedLabels
) -> None:
    labels.ready = False
    page = steward.get("/label")
    assert page.status == 200
    assert page.h1 == "No questions yet"
    assert "kith resolve" in page.text


def test_without_the_audit_nothing_is_shown(
    steward: Visitor, labels: ScriptedLabels, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unwritten(*_: object) -> None:
        raise AuditError("the audit cannot be written")

    monkeypatch.setattr(labels, "next", unwritten)
    page = steward.get("/label")
    assert page.status == 503
    assert "Moss" not in page.text


def test_the_curve_is_a_picture_and_the_same_points_a_table(
    steward: Visitor, labels: ScriptedLabels
) -> None:
    assert "After some more answers" in steward.get("/label").text
    labels.curve = tuple(
        CurvePoint(labels=number * 25, agreement=0.6 + number * 0.05) for number in range(1, 6)
    )
    page = steward.get("/label")
    source = page.response.get_data(as_text=True)
    assert source.count('class="app-curve__dot"') == 5
    assert [row(page, str(25 * n))[1] for n in range(1, 6)] == ["65%", "70%", "75%", "80%", "85%"]
    assert "After 25 answers 65% were foreseen; after 125 answers 85%." in page.text


def test_the_purpose_that_runs_out_before_the_answer_is_asked_again(
    steward: Visitor, labels: ScriptedLabels, home: PageHome
) -> None:
    token = steward.get("/label").token()
    for _ in range(20):
        home.clock.pass_time(minutes=14)
        steward.get("/purpose")
    labels.until = home.clock() + dt.timedelta(minutes=5)
    sent = {"question": FIRST, "verdict": "same", "csrf_token": token}
    answered = steward.client.post("/label", data=sent)
    assert answered.headers["Location"] == "/purpose"
    assert labels.ledger == []
