"""The retention schedule: two officers, the closest rule, and the last of several."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from governance.register import Register
from governance.retention import (
    RetentionError,
    RuleTerms,
    add_default,
    applying,
    approve,
    period_words,
    propose,
    rule,
    rules,
    withdraw,
    without_rule,
)
from tests.governance.builders import NOW, later

TERMS = RuleTerms(
    agency="police",
    dataset="niche",
    event="last_contact",
    months=72,
    source="MoPI group 2 clear period",
)


def made(session: Session, **changes: Any) -> str:
    values = {name: getattr(TERMS, name) for name in TERMS.__dataclass_fields__}
    rule_id = propose(session, RuleTerms(**{**values, **changes}), "u_aaaa", NOW)
    approve(session, rule_id, "u_bbbb", later(hours=1))
    return rule_id


def test_one_proposes_and_another_approves(session: Session) -> None:
    rule_id = propose(session, TERMS, "u_aaaa", NOW)
    assert rule(session, rule_id).state == "waits for approval"
    with pytest.raises(RetentionError, match="somebody else"):
        approve(session, rule_id, "u_aaaa", NOW)
    approve(session, rule_id, "u_bbbb", later(hours=1))
    found = rule(session, rule_id)
    assert (found.terms, found.state, found.in_force) == (TERMS, "in force", True)
    with pytest.raises(RetentionError, match="not waiting"):
        approve(session, rule_id, "u_cccc", NOW)
    withdraw(session, rule_id, "u_aaaa", later(hours=2))
    assert rule(session, rule_id).state == "withdrawn"
    for act in (approve, withdraw):
        with pytest.raises(RetentionError):
            act(session, rule_id, "u_cccc", NOW)
    with pytest.raises(RetentionError, match="no such"):
        rule(session, "k_zzzz")


def test_every_fault_of_a_rule_is_named(session: Session) -> None:
    wrong = RuleTerms(
        agency="police",
        dataset="none",
        category="gossip",
        event="whim",
        months=-1,
        ends="sell",
        source=" ",
    )
    with pytest.raises(RetentionError) as refused:
        propose(session, wrong, "u_aaaa", NOW)
    for words in ("police/none", "gossip", "whim", "review, dispose", "200 years", "whose rule"):
        assert words in str(refused.value)
    with pytest.raises(RetentionError, match="'\\*' is not registered"):
        propose(
            session, RuleTerms(agency="*", event="death", months=1, source="Some rule"), "u_a", NOW
        )
    assert rules(session) == []


def test_the_rule_that_names_it_most_closely_counts(session: Session) -> None:
    everywhere = made(session, dataset="*")
    system = made(session)
    kind = made(session, dataset="*", category="noise")
    both = made(session, category="noise")
    second = made(session, category="noise", event="death")
    made(session, category="noise", agency="housing", dataset="nec")
    found = rules(session)

    def counting(*group: str) -> set[str]:
        return {each.rule_id for each in applying(found, *group)}

    assert counting("police", "niche", "noise") == {both, second}
    assert counting("police", "niche", "fire") == {system}
    assert counting("police", "athena", "noise") == {kind}
    assert counting("police", "athena", "person") == {everywhere}
    assert counting("housing", "nec", "person") == set()
    withdraw(session, both, "u_aaaa", later(hours=2))
    withdraw(session, second, "u_aaaa", later(hours=2))
    assert {r.rule_id for r in applying(rules(session), "police", "niche", "noise")} == {kind}


def test_what_has_no_rule_is_told(session: Session) -> None:
    made(session)
    made(session, agency="housing", dataset="nec", category="noise")
    assert without_rule(session) == [("housing", "nec"), ("police", "athena")]


def test_a_pack_s_dataset_begins_with_a_rule_that_is_reviewed(session: Session) -> None:
    add_default(session, "police", "niche", 7, NOW)
    [found] = rules(session)
    assert (found.terms.months, found.terms.category, found.terms.ends) == (84, "*", "review")
    assert (found.approved_by, found.in_force) == ("system", True)


def test_a_register_of_before_begins_with_the_years_of_its_datasets(register: Register) -> None:
    register.downgrade("0005")
    register.upgrade()
    with register.session() as session:
        found = [(r.terms.agency, r.terms.dataset, r.terms.months, r.state) for r in rules(session)]
        assert found == [
            ("housing", "nec", 84, "in force"),
            ("police", "athena", 84, "in force"),
            ("police", "niche", 84, "in force"),
        ]
        assert without_rule(session) == []
        assert session.execute(text("select count(*) from disposal")).scalar() == 0


@pytest.mark.parametrize(
    ("months", "words"),
    [(0, "at once"), (1, "1 month"), (12, "1 year"), (90, "7 years and 6 months")],
)
def test_a_period_is_read_in_years_and_months(months: int, words: str) -> None:
    assert period_words(months) == words
