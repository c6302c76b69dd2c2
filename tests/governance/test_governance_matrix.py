"""Who may see what of whom: every cell is what the policy decides."""

from __future__ import annotations

import dataclasses
import datetime as dt

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from governance import accounts, policy, sessions
from governance.matrix import expiring, matrix, state_of
from governance.permissions import Role
from governance.policy import AgreementTerms, add_agreement, categories
from governance.register import Register
from governance.viewer import Level
from tests.governance.builders import NOW, later, make_user

TERMS = AgreementTerms(
    giving_agency="housing",
    receiving_agency="police",
    level=Level.DETAIL,
    starts=NOW.date(),
)


def test_a_cell_tells_level_by_category_and_the_agreement_that_decides(session: Session) -> None:
    low = add_agreement(session, dataclasses.replace(TERMS, level=Level.EXISTENCE), NOW)
    high = add_agreement(session, dataclasses.replace(TERMS, category="person"), NOW)
    found = matrix(session, "practitioner", "visit", NOW)
    cell = found.cells["housing", "nec", "police"]
    assert cell.levels == {Level.DETAIL: 1, Level.EXISTENCE: len(categories()) - 1}
    assert cell.whole is None
    assert cell.agreements["person"].agreement_id == high
    assert {a.agreement_id for c, a in cell.agreements.items() if c != "person"} == {low}
    other = found.cells["police", "niche", "housing"]
    assert (other.levels, other.whole, other.agreements) == ({}, None, {})


def test_one_level_for_all_is_whole(session: Session) -> None:
    add_agreement(session, TERMS, NOW)
    cell = matrix(session, "analyst", "crime", NOW).cells["housing", "nec", "police"]
    assert cell.whole is Level.DETAIL


def test_an_agency_out_of_use_receives_nothing(session: Session) -> None:
    add_agreement(session, TERMS, NOW)
    session.execute(text("update agency set active = false where agency_id = 'police'"))
    assert matrix(session, "analyst", "crime", NOW).receivers == ("housing",)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(
    st.lists(
        st.builds(
            AgreementTerms,
            giving_agency=st.sampled_from(["housing", "police"]),
            receiving_agency=st.sampled_from(["police", "*"]),
            level=st.sampled_from(Level),
            starts=st.just(NOW.date()),
            category=st.sampled_from(["*", "person"]),
            role=st.sampled_from(["*", "practitioner", "analyst"]),
            purpose=st.sampled_from(["*", "visit", "crime"]),
            latest_only=st.booleans(),
        ),
        max_size=5,
    )
)
def test_the_matrix_shows_what_a_viewer_gets(
    register: Register, agreed: list[AgreementTerms]
) -> None:
    with register.session() as session:
        user = accounts.user_named(session, "jo") or make_user(session, "jo", ("practitioner",))
        for terms in agreed:
            add_agreement(session, terms, NOW)
        token = accounts.start_session(session, user, NOW)
        signed_in = sessions.state_purpose(session, token, "visit", "24-1182", NOW)
        grants = policy.viewer_for(session, signed_in, NOW, Role.PRACTITIONER).grants
        found = matrix(session, "practitioner", "visit", NOW)
        shown = {
            f"{agency}|{dataset}|{category}": agreement.terms.level
            for (agency, dataset, receiver), cell in found.cells.items()
            if receiver == "police"
            for category, agreement in cell.agreements.items()
        }
        assert shown == {key: grant.level for key, grant in grants.items()}
        session.rollback()


def test_what_expires_soon_comes_soonest_first(session: Session) -> None:
    days = {name: NOW.date() + dt.timedelta(days=n) for name, n in (("a", 10), ("b", 5), ("c", 99))}
    made = {
        name: add_agreement(session, dataclasses.replace(TERMS, expires=day), NOW)
        for name, day in days.items()
    }
    add_agreement(session, TERMS, NOW)
    found = expiring(policy.agreements(session), NOW, 30)
    assert [each.agreement_id for each in found] == [made["b"], made["a"]]


def test_the_state_of_an_agreement_in_words(session: Session) -> None:
    waits = policy.propose(session, TERMS, "u_one", NOW)
    gone = policy.propose(session, TERMS, "u_one", NOW)
    policy.withdraw(session, gone, "u_one", NOW)
    past = add_agreement(session, dataclasses.replace(TERMS, expires=NOW.date()), NOW)
    tomorrow = NOW.date() + dt.timedelta(days=1)
    to_come = add_agreement(session, dataclasses.replace(TERMS, starts=tomorrow), NOW)
    now = later(days=1)
    states = {each.agreement_id: state_of(each, now) for each in policy.agreements(session)}
    assert states == {
        waits: "waits for approval",
        gone: "withdrawn",
        past: "expired",
        to_come: "in force",
    }
    before = {each.agreement_id: state_of(each, NOW) for each in policy.agreements(session)}
    assert before[to_come] == "begins later"
