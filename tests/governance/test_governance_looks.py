"""The officer's questions: who looked at this person, what did this user see."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from governance import accounts
from governance.audit import Audit
from governance.events import PersonViewed, Refused, SignInFailed
from governance.identities import IdentityEvent, append
from governance.looks import REFUSALS, Asked, ids_of_person, looks
from governance.permissions import Permission
from tests.governance.builders import NOW, later


def viewed(user: str, *what: str) -> PersonViewed:
    return PersonViewed(
        user_id=user,
        agency="police",
        purpose="visit",
        reference="CASE 12",
        role="practitioner",
        what=what,
    )


def assign(session: Session, *pairs: tuple[str, str]) -> None:
    events = [
        IdentityEvent(
            kind="person", action="assign", identity_id=person, member_key=record, run_id="x_aaaa"
        )
        for record, person in pairs
    ]
    append(session, events, NOW)


def test_a_look_has_the_names_of_user_and_agency(session: Session, audit: Audit) -> None:
    user = accounts.create_user(
        session, "wren", "correct horse battery", "police", ["practitioner"], NOW
    )
    audit.record(viewed(user.user_id, "p_aaaa", "r_aaaa"), NOW)
    (look,) = looks(session, audit, Asked(user_id=user.user_id))
    assert (look.user, look.agency, look.count) == ("wren", "Police", 2)


def test_rows_are_chosen_by_all_that_is_asked_and_come_newest_first(
    session: Session, audit: Audit
) -> None:
    audit.record(viewed("u_aaaa", "p_aaaa"), NOW)
    audit.record(viewed("u_bbbb", "p_aaaa"), later(hours=1))
    audit.record(viewed("u_aaaa", "p_bbbb"), later(hours=2))
    audit.record(viewed("u_aaaa", "p_aaaa"), later(hours=3))

    def rows(**asked: object) -> list[int]:
        return [look.row.sequence for look in looks(session, audit, Asked(**asked))]  # type: ignore[arg-type]

    assert rows() == [4, 3, 2, 1]
    assert rows(user_id="u_aaaa") == [4, 3, 1]
    assert rows(about=frozenset({"p_aaaa"})) == [4, 2, 1]
    assert rows(about=frozenset({"p_aaaa"}), user_id="u_aaaa") == [4, 1]
    assert rows(since=later(hours=1), until=later(hours=3)) == [3, 2]
    assert rows(about=frozenset({"p_aaa"})) == []


def test_refusals_are_found_whoever_was_refused(session: Session, audit: Audit) -> None:
    audit.record(viewed("u_aaaa", "p_aaaa"))
    audit.record(SignInFailed())
    audit.record(
        Refused(user_id="u_bbbb", agency="police", permission=Permission.VIEW_AUDIT, reason="role")
    )
    found = looks(session, audit, Asked(kinds=REFUSALS))
    assert [(look.row.kind, look.user) for look in found] == [
        ("refused", "u_bbbb"),
        ("sign_in_failed", ""),
    ]


def test_a_merge_and_a_split_hide_no_look(session: Session) -> None:
    assign(session, ("r_aaaa", "p_aaaa"), ("r_bbbb", "p_bbbb"))
    assign(session, ("r_bbbb", "p_aaaa"))  # merged
    assert ids_of_person(session, "p_aaaa") == {"p_aaaa", "p_bbbb", "r_aaaa", "r_bbbb"}
    assign(session, ("r_bbbb", "p_cccc"))  # split off again
    assert ids_of_person(session, "p_aaaa") == {"p_aaaa", "r_aaaa"}
    assert ids_of_person(session, "p_cccc") == {"p_cccc", "p_aaaa", "p_bbbb", "r_bbbb"}


def test_a_record_stands_for_its_person(session: Session) -> None:
    assign(session, ("r_aaaa", "p_aaaa"), ("r_bbbb", "p_aaaa"), ("r_cccc", "p_cccc"))
    assert ids_of_person(session, "r_bbbb") == {"p_aaaa", "r_aaaa", "r_bbbb"}


def test_somebody_whom_the_ledger_does_not_know_is_themselves(session: Session) -> None:
    assert ids_of_person(session, "p_zzzz") == {"p_zzzz"}


@pytest.mark.parametrize("days", [0, 1])
def test_a_day_is_whole(session: Session, audit: Audit, days: int) -> None:
    instant = dt.datetime(2026, 11, 23, 23, 59, tzinfo=dt.UTC) + dt.timedelta(days=days)
    audit.record(viewed("u_aaaa", "p_aaaa"), instant)
    midnight = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
    assert len(looks(session, audit, Asked(until=midnight))) == 1 - days
