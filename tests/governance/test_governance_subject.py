"""Cases of people's rights in the register, on both databases: dates, two officers, decisions."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from governance import subject_cases, subject_items
from governance.subject_cases import CaseTerms, SubjectError, months_later
from governance.subject_items import Decision, Drawn

TODAY = dt.date(2026, 11, 23)
FIRST, SECOND, THIRD = "u_first", "u_second", "u_third"
KEEP = Decision(decision="withhold", exemption="crime")


def opened(session: Session, now: dt.datetime, **terms: Any) -> str:
    usual = {"kind": "access", "received_on": TODAY, "identity_check": "known"}
    made = CaseTerms(**{**usual, "record_ids": ("r_a",), **terms})
    return subject_cases.open_case(session, made, FIRST, now, TODAY).case_id


def drawn(*items: tuple[str, str]) -> list[Drawn]:
    return [Drawn(item_id=item, seal=mark * 64) for item, mark in items]


@pytest.mark.parametrize(
    ("day", "months", "due"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-11-30", 3, "2027-02-28"),
    ],
)
def test_a_month_is_a_calendar_month(day: str, months: int, due: str) -> None:
    assert months_later(dt.date.fromisoformat(day), months).isoformat() == due


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.integers(1, 3))
def test_a_later_month_is_the_next_and_its_day_no_later(day: dt.date, months: int) -> None:
    due = months_later(day, months)
    assert (due.year * 12 + due.month) - (day.year * 12 + day.month) == months
    assert due.day <= day.day


def test_nobody_approves_what_they_proposed_or_decided(session: Session, now: dt.datetime) -> None:
    case_id = opened(session, now)
    subject_items.draw(session, case_id, drawn(("f_a", "0"), ("f_b", "1")), now)
    subject_items.decide(session, case_id, ["f_a"], KEEP, SECOND, now)
    subject_items.decide(session, case_id, ["f_b"], Decision(decision="disclose"), FIRST, now)
    subject_cases.propose(session, case_id, "release", "0" * 64, FIRST, now)
    for officer in (FIRST, SECOND):
        with pytest.raises(SubjectError, match="decided none of it"):
            subject_cases.approve(session, case_id, officer, now)
    assert subject_cases.approve(session, case_id, THIRD, now).state == "approved"
    with pytest.raises(SubjectError, match="before another officer"):
        subject_items.decide(session, case_id, ["f_a"], KEEP, FIRST, now)
    back = subject_cases.send_back(session, case_id)
    assert (back.state, back.approved_by, back.proposal_sha256) == ("open", None, None)


def test_drawn_again_only_what_is_the_same_keeps_its_decision(
    session: Session, now: dt.datetime
) -> None:
    case_id = opened(session, now)
    subject_items.draw(session, case_id, drawn(("f_a", "0"), ("f_b", "1")), now)
    subject_items.decide(session, case_id, ["f_a", "f_b"], KEEP, FIRST, now)
    before = subject_items.decisions_sha256(subject_items.items(session, case_id))
    left = subject_items.draw(session, case_id, drawn(("f_b", "2"), ("f_a", "0")), now)
    assert left == 1
    found = {each.item_id: each.decision for each in subject_items.items(session, case_id)}
    assert found == {"f_b": None, "f_a": "withhold"}
    assert subject_items.decisions_sha256(subject_items.items(session, case_id)) != before
    with pytest.raises(SubjectError, match="items of this case"):
        subject_items.decide(session, case_id, ["f_a", "f_zz"], KEEP, FIRST, now)
    other = opened(session, now)
    with pytest.raises(SubjectError, match="items of this case"):
        subject_items.decide(session, other, ["f_a"], KEEP, FIRST, now)


def test_time_is_prolonged_once_and_in_time(session: Session, now: dt.datetime) -> None:
    case_id = opened(session, now)
    with pytest.raises(SubjectError, match="over"):
        subject_cases.extend(session, case_id, "Many agencies", dt.date(2026, 12, 24))
    made = subject_cases.extend(session, case_id, "Many agencies", TODAY)
    assert made.due_on == dt.date(2027, 2, 23)
    with pytest.raises(SubjectError, match="once"):
        subject_cases.extend(session, case_id, "Even more", TODAY)
    with pytest.raises(SubjectError, match="say why"):
        subject_cases.close(session, case_id, "refused", FIRST, now, reason=" ")
    subject_cases.close(session, case_id, "withdrawn", FIRST, now)
    with pytest.raises(SubjectError, match="closed"):
        subject_items.draw(session, case_id, [], now)
