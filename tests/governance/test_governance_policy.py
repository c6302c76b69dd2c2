"""What agreements let a user see, agreement by agreement."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from governance import (
    AgreementError,
    AgreementTerms,
    Grant,
    Level,
    NotPermitted,
    PurposeNeeded,
    Role,
    accounts,
    add_agreement,
    policy,
    registration,
    viewer_for,
)
from records.codes import code_list
from tests.governance.builders import NOW, later, make_user, signed_in

TODAY = NOW.date()
DATASETS = {"police": ["athena", "niche"], "housing": ["nec"]}


def terms(**changes: Any) -> AgreementTerms:
    fields: dict[str, Any] = {
        "giving_agency": "housing",
        "receiving_agency": "police",
        "level": Level.DETAIL,
        "starts": dt.date(2026, 1, 1),
    }
    return AgreementTerms(**{**fields, **changes})


def grants(session: Session, now: dt.datetime = NOW, **user: Any) -> dict[str, Grant]:
    user = {"purpose_until": now + dt.timedelta(hours=1), **user}
    return dict(viewer_for(session, signed_in(**user), now).grants)


# What applies


def test_without_an_agreement_nothing_is_seen_not_even_ones_own(session: Session) -> None:
    assert grants(session) == {}


def test_a_star_is_every_dataset_and_category_of_the_giving_agency(session: Session) -> None:
    add_agreement(session, terms(giving_agency="police"))
    expected = {
        f"police|{dataset}|{category}"
        for dataset in ("athena", "niche")
        for category in policy.categories()
    }
    assert set(grants(session)) == expected


def test_categories_are_person_and_both_code_lists_without_overlap() -> None:
    contact = list(code_list("contact_category").labels)
    kinds = list(code_list("indicator_kind").labels)
    assert list(policy.categories()) == ["person", *contact, *kinds]
    assert len(set(policy.categories())) == len(policy.categories())


def test_an_agreement_about_one_thing_gives_that_thing(session: Session) -> None:
    add_agreement(session, terms(dataset="nec", category="noise", level=Level.HEADLINE))
    assert grants(session) == {"housing|nec|noise": Grant(level=Level.HEADLINE)}


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"receiving_agency": "housing"},
        {"role": "analyst"},
        {"purpose": "crime"},
        {"starts": TODAY + dt.timedelta(days=1)},
        {"expires": TODAY - dt.timedelta(days=1)},
    ],
)
def test_an_agreement_for_others_or_other_days_gives_nothing(
    session: Session, elsewhere: dict[str, Any]
) -> None:
    add_agreement(session, terms(**elsewhere))
    assert grants(session) == {}


def test_it_begins_and_ends_at_midnight_in_the_united_kingdom(session: Session) -> None:
    day = dt.date(2026, 7, 1)  # summer time: midnight is 23:00 UTC of the day before
    add_agreement(session, terms(starts=day, expires=day))
    begins = dt.datetime(2026, 6, 30, 23, tzinfo=dt.UTC)
    second = dt.timedelta(seconds=1)
    assert grants(session, begins - second) == {}
    assert grants(session, begins) != {}
    assert grants(session, begins + dt.timedelta(hours=24) - second) != {}
    assert grants(session, begins + dt.timedelta(hours=24)) == {}


def test_a_proposal_gives_nothing_until_another_approves_it(session: Session) -> None:
    agreement_id = policy.propose(session, terms(), "u_aaaa", NOW)
    assert grants(session) == {}
    with pytest.raises(AgreementError, match="somebody else"):
        policy.approve(session, agreement_id, "u_aaaa", NOW)
    policy.approve(session, agreement_id, "u_bbbb", later(minutes=1))
    assert grants(session) == {}
    assert grants(session, later(minutes=1)) != {}
    with pytest.raises(AgreementError, match="not waiting"):
        policy.approve(session, agreement_id, "u_cccc", NOW)


def test_a_withdrawn_agreement_hides_its_data_at_once(session: Session) -> None:
    agreement_id = add_agreement(session, terms(), at=NOW)
    policy.withdraw(session, agreement_id, "u_aaaa", later(minutes=5))
    assert grants(session, later(minutes=5, microseconds=-1)) != {}
    assert grants(session, later(minutes=5)) == {}
    with pytest.raises(AgreementError, match="already"):
        policy.withdraw(session, agreement_id, "u_aaaa", NOW)
    waiting = policy.propose(session, terms(), "u_aaaa", NOW)
    policy.withdraw(session, waiting, "u_aaaa", NOW)
    with pytest.raises(AgreementError, match="not waiting"):
        policy.approve(session, waiting, "u_bbbb", NOW)


def test_there_must_be_an_agreement_to_approve_or_withdraw(session: Session) -> None:
    for act in (policy.approve, policy.withdraw):
        with pytest.raises(AgreementError, match="no such"):
            act(session, "g_none", "u_aaaa", NOW)


def test_every_fault_of_the_terms_is_named_at_once(session: Session) -> None:
    wrong = terms(
        giving_agency="army",
        receiving_agency="navy",
        dataset="ships",
        category="weather",
        role="king",
        purpose="curiosity",
        withheld=frozenset({"birth_date", "shoe_size"}),
        expires=dt.date(2025, 1, 1),
        window_months=0,
    )
    with pytest.raises(AgreementError) as raised:
        add_agreement(session, wrong)
    words = str(raised.value)
    named = [
        "army",
        "navy",
        "ships",
        "weather",
        "king",
        "curiosity",
        "shoe_size",
        "expires",
        "window_months",
    ]
    assert all(word in words for word in named)
    assert "birth_date" not in words
    assert policy.agreements(session) == []


def test_an_agreement_comes_back_as_it_was_made(session: Session) -> None:
    full = terms(
        dataset="nec",
        category="person",
        role="analyst",
        purpose="crime",
        withheld=frozenset({"phone", "birth_date"}),
        latest_only=True,
        since=dt.date(2020, 2, 29),
        window_months=18,
        expires=dt.date(2027, 1, 1),
        restricted_allowed=True,
        title="Housing to police",
        legal_basis="Crime and Disorder Act 1998 s.115",
    )
    agreement_id = add_agreement(session, full, NOW)
    session.commit()
    session.expunge_all()
    [found] = policy.agreements(session)
    assert found.terms == full
    assert (found.agreement_id, found.approved_at) == (agreement_id, NOW)


# Who the viewer is


def test_nothing_is_disclosed_without_a_purpose(session: Session) -> None:
    add_agreement(session, terms())
    for missing in (
        {"purpose": None, "reference": None, "purpose_until": None},
        {"reference": None},
        {"purpose": None},
        {"purpose_until": None},
        {"purpose_until": NOW},
    ):
        with pytest.raises(PurposeNeeded):
            viewer_for(session, signed_in(**missing), NOW)


@pytest.mark.parametrize("role", ["data_manager", "governance_officer", "administrator", "king"])
def test_roles_that_see_no_cases_have_no_viewer(session: Session, role: str) -> None:
    add_agreement(session, terms())
    with pytest.raises(NotPermitted):
        viewer_for(session, signed_in(roles=frozenset({role})), NOW)


def test_only_the_role_acted_in_counts(session: Session) -> None:
    add_agreement(session, terms(role="practitioner", category="noise"))
    add_agreement(session, terms(role="steward", category="person"))
    both = signed_in(roles=frozenset({"steward", "practitioner"}))
    assert set(viewer_for(session, both, NOW).grants) == {"housing|nec|noise"}
    as_steward = viewer_for(session, both, NOW, Role.STEWARD)
    assert set(as_steward.grants) == {"housing|nec|person"}
    assert as_steward.role == "steward"
    with pytest.raises(NotPermitted):
        viewer_for(session, both, NOW, Role.ANALYST)
    with pytest.raises(NotPermitted):
        viewer_for(session, both, NOW, Role.ADMINISTRATOR)


def test_the_viewer_of_a_session_carries_its_purpose(session: Session) -> None:
    add_agreement(session, terms())
    token = accounts.start_session(session, make_user(session), NOW)
    user = accounts.state_purpose(session, token, "visit", "24-1182", NOW)
    late = dt.datetime(2026, 7, 1, 23, 30, tzinfo=dt.UTC)
    viewer = viewer_for(session, user, NOW)
    assert (viewer.user_id, viewer.agency, viewer.role) == (user.user_id, "police", "practitioner")
    assert (viewer.purpose, viewer.reference, viewer.on) == ("visit", "24-1182", TODAY)
    assert policy.london_date(late) == dt.date(2026, 7, 2)


def test_restricted_people_need_every_grant_to_allow_them(session: Session) -> None:
    add_agreement(session, terms(category="noise", restricted_allowed=True))
    assert viewer_for(session, signed_in(), NOW).restricted_allowed
    add_agreement(session, terms(category="person"))
    viewer = viewer_for(session, signed_in(), NOW)
    assert not viewer.restricted_allowed
    assert viewer.grants["housing|nec|noise"].restricted_allowed
    narrowed = viewer_for(session, signed_in(), NOW, restricted=True)
    assert narrowed.restricted_allowed
    assert set(narrowed.grants) == {"housing|nec|noise"}


def test_asking_for_restricted_people_without_an_agreement_gives_nothing(session: Session) -> None:
    add_agreement(session, terms())
    viewer = viewer_for(session, signed_in(), NOW, restricted=True)
    assert not viewer.restricted_allowed
    assert viewer.grants == {}


def test_a_viewer_gives_the_parameters_that_every_statement_takes(session: Session) -> None:
    add_agreement(
        session,
        terms(category="noise", since=dt.date(2024, 1, 1), withheld=frozenset({"ring", "flat"})),
    )
    assert viewer_for(session, signed_in(), NOW).parameters() == {
        "grants": {
            "housing|nec|noise": {
                "level": 3,
                "since": dt.date(2024, 1, 1),
                "latest_only": False,
                "withheld": ["flat", "ring"],
                "restricted": False,
            }
        },
        "today": TODAY,
    }


# Which one of several


def chosen(session: Session, *several: AgreementTerms) -> Grant:
    for one in several:
        add_agreement(session, replace(one, category="noise"))
    return grants(session)["housing|nec|noise"]


def test_the_highest_level_wins_with_its_own_conditions(session: Session) -> None:
    wide = terms(level=Level.HEADLINE)
    deep = terms(since=dt.date(2026, 6, 1), withheld=frozenset({"ring"}), latest_only=True)
    assert chosen(session, wide, deep) == Grant(
        level=Level.DETAIL,
        since=dt.date(2026, 6, 1),
        latest_only=True,
        withheld=frozenset({"ring"}),
    )


def test_then_the_fewest_fields_withheld(session: Session) -> None:
    less = terms(withheld=frozenset({"phone"}), since=dt.date(2026, 6, 1))
    more = terms(withheld=frozenset({"ring", "flat"}))
    assert chosen(session, more, less).withheld == {"phone"}


def test_then_the_earliest_since_then_all_contacts(session: Session) -> None:
    late = terms(since=dt.date(2026, 6, 1))
    early = terms(since=dt.date(2020, 6, 1), latest_only=True)
    assert chosen(session, late, early).since == dt.date(2020, 6, 1)
    assert not chosen(session, replace(early, latest_only=False)).latest_only


def test_the_window_and_since_both_cut(session: Session) -> None:
    both = terms(since=dt.date(2026, 6, 1), window_months=3)
    assert chosen(session, both).since == dt.date(2026, 8, 23)
    assert chosen(session, replace(both, window_months=12)).since == dt.date(2026, 6, 1)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (dt.date(2026, 3, 31), 1, dt.date(2026, 2, 28)),
        (dt.date(2024, 3, 30), 1, dt.date(2024, 2, 29)),
        (dt.date(2026, 1, 15), 1, dt.date(2025, 12, 15)),
        (dt.date(2026, 1, 15), 60, dt.date(2021, 1, 15)),
        (dt.date(2026, 1, 15), 12, dt.date(2025, 1, 15)),
        (dt.date(2026, 1, 15), 12 * 2025, dt.date(1, 1, 15)),
        (dt.date(2026, 1, 15), 12 * 2026, dt.date(1, 1, 1)),
        (dt.date(2026, 1, 15), 10**9, dt.date(1, 1, 1)),
    ],
)
def test_months_before(day: dt.date, months: int, expected: dt.date) -> None:
    assert policy.months_before(day, months) == expected


def test_a_dataset_registered_later_falls_under_the_star(session: Session) -> None:
    add_agreement(session, terms(category="person"))
    registration.add_dataset(session, "housing", "new", "New", "C", "B", "O", 7)
    assert set(grants(session)) == {"housing|nec|person", "housing|new|person"}
