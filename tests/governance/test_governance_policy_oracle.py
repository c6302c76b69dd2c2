"""Grants against an oracle that reads the rules word by word, over drawn agreements."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from governance import AgreementTerms, Grant, Level, policy, viewer_for
from tests.governance.builders import NOW, signed_in

TODAY = NOW.date()
DATASETS = {"police": ["athena", "niche"], "housing": ["nec"]}


@dataclass(frozen=True)
class Written:
    """An agreement and what became of it."""

    terms: AgreementTerms
    approved: bool
    withdrawn: bool


DAYS = st.sampled_from([TODAY + dt.timedelta(days=days) for days in (-400, -1, 0, 1)])
TERMS = st.builds(
    AgreementTerms,
    giving_agency=st.sampled_from(["police", "housing"]),
    receiving_agency=st.sampled_from(["*", "police", "housing"]),
    level=st.sampled_from(Level),
    starts=DAYS,
    dataset=st.just("*"),
    category=st.sampled_from(["*", "person", "noise", "warning"]),
    role=st.sampled_from(["*", "practitioner", "analyst"]),
    purpose=st.sampled_from(["*", "visit", "crime"]),
    withheld=st.frozensets(st.sampled_from(["birth_date", "phone", "ring"])),
    latest_only=st.booleans(),
    since=st.none() | DAYS,
    window_months=st.none() | st.sampled_from([6, 60]),
    expires=st.none() | DAYS,
    restricted_allowed=st.booleans(),
)


@st.composite
def written(draw: st.DrawFn) -> Written:
    one = draw(TERMS)
    one = replace(
        one,
        dataset=draw(st.sampled_from(["*", *DATASETS[one.giving_agency]])),
        expires=one.expires if one.expires is None else max(one.expires, one.starts),
    )
    return Written(one, draw(st.booleans() | st.just(True)), draw(st.booleans()))


def oracle_applies(one: Written, agency: str, role: str, purpose: str) -> bool:
    t = one.terms
    return (
        one.approved
        and not one.withdrawn
        and t.receiving_agency in ("*", agency)
        and t.role in ("*", role)
        and t.purpose in ("*", purpose)
        and t.starts <= TODAY
        and not (t.expires is not None and t.expires < TODAY)
    )


def oracle_grant(t: AgreementTerms) -> Grant:
    days = [dt.date(1, 1, 1)]
    if t.since:
        days.append(t.since)
    if t.window_months == 6:
        days.append(dt.date(2026, 5, 23))
    if t.window_months == 60:
        days.append(dt.date(2021, 11, 23))
    return Grant(
        level=t.level,
        since=max(days),
        latest_only=t.latest_only,
        withheld=t.withheld,
        restricted_allowed=t.restricted_allowed,
    )


def oracle_candidates(applying: list[Written], key: str) -> list[Grant]:
    agency, dataset, category = key.split("|")
    return [
        oracle_grant(one.terms)
        for one in applying
        if one.terms.giving_agency == agency
        and one.terms.dataset in ("*", dataset)
        and one.terms.category in ("*", category)
    ]


def oracle_beats(one: Grant, other: Grant) -> bool:
    """Whether one grant is chosen over another, said step by step."""
    if one.level != other.level:
        return one.level > other.level
    if len(one.withheld) != len(other.withheld):
        return len(one.withheld) < len(other.withheld)
    if one.since != other.since:
        return one.since < other.since
    if one.latest_only != other.latest_only:
        return other.latest_only
    return one.restricted_allowed and not other.restricted_allowed


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    several=st.lists(written(), max_size=7),
    agency=st.sampled_from(["police", "housing"]),
    role=st.sampled_from(["practitioner", "analyst", "steward"]),
    purpose=st.sampled_from(["visit", "crime", "data_quality"]),
    restricted=st.booleans(),
)
def test_every_grant_is_that_of_one_agreement_and_the_right_one(
    session: Session,
    several: list[Written],
    agency: str,
    role: str,
    purpose: str,
    restricted: bool,
) -> None:
    session.rollback()
    for one in several:
        agreement_id = policy.propose(session, one.terms, "u_aaaa", NOW)
        if one.approved:
            policy.approve(session, agreement_id, "u_bbbb", NOW)
        if one.withdrawn:
            policy.withdraw(session, agreement_id, "u_bbbb", NOW)
    user = signed_in(agency=agency, roles=frozenset({role}), purpose=purpose)
    viewer = viewer_for(session, user, NOW, restricted=restricted)

    applying = [
        one
        for one in several
        if oracle_applies(one, agency, role, purpose)
        and (one.terms.restricted_allowed or not restricted)
    ]
    keys = {
        f"{giving}|{dataset}|{category}"
        for giving, datasets in DATASETS.items()
        for dataset in datasets
        for category in policy.categories()
    }
    assert set(viewer.grants) == {key for key in keys if oracle_candidates(applying, key)}
    for key, grant in viewer.grants.items():
        candidates = oracle_candidates(applying, key)
        assert grant in candidates
        assert not any(oracle_beats(other, grant) for other in candidates)
    everything_allows = [grant.restricted_allowed for grant in viewer.grants.values()]
    assert viewer.restricted_allowed == (everything_allows != [] and all(everything_allows))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(several=st.lists(TERMS, min_size=1, max_size=6), order=st.randoms())
def test_the_order_in_which_agreements_come_does_not_matter(
    session: Session, several: list[AgreementTerms], order: Any
) -> None:
    made = [
        policy.Agreement(
            agreement_id=f"g_{letter}",
            terms=one,
            proposed_by="u_aaaa",
            proposed_at=NOW,
            approved_by="u_bbbb",
            approved_at=NOW,
            withdrawn_by=None,
            withdrawn_at=None,
        )
        for letter, one in zip("abcdef", several, strict=False)
    ]
    shuffled = list(made)
    order.shuffle(shuffled)
    first = policy.resolve_grants(made, DATASETS, TODAY)
    assert policy.resolve_grants(shuffled, DATASETS, TODAY) == first
