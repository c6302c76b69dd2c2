"""The retention schedule: how long each category of each dataset is kept after what, and what then.

Invariant: a rule counts once approved by somebody else than who proposed it, and is never edited;
of the rules that fit, only those that name dataset and category most closely count, and of those
the one that lets go last. What no rule fits is kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance.errors import GovernanceError
from governance.ids import ANY, new_id
from governance.policy import categories
from governance.retention_tables import RetentionRuleRow
from governance.tables import SYSTEM, AgencyRow, DatasetRow
from records.codes import code_list

ENDS = {"review": "Review, then dispose", "dispose": "Dispose"}
LONGEST_MONTHS = 12 * 200
DEFAULT_SOURCE = "The years that the dataset was registered with"
_FEWEST = 5
_MOST = 1_000


class RetentionError(GovernanceError):
    """A rule, hold, review or disposal that cannot be made as asked."""

    exit_code = 4


@dataclass(frozen=True, kw_only=True)
class RuleTerms:
    """What is kept, how long after what (code list retention_event), and by whose rule."""

    agency: str
    event: str
    months: int
    source: str
    dataset: str = ANY
    category: str = ANY
    ends: str = "review"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Terms with their history."""

    rule_id: str
    terms: RuleTerms
    proposed_by: str
    proposed_at: dt.datetime
    approved_by: str | None
    approved_at: dt.datetime | None
    withdrawn_by: str | None
    withdrawn_at: dt.datetime | None

    @property
    def in_force(self) -> bool:
        """Whether anything falls due by it."""
        return self.approved_at is not None and self.withdrawn_at is None

    @property
    def state(self) -> str:
        """In words."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "in force" if self.approved_at is not None else "waits for approval"


def propose(session: Session, terms: RuleTerms, by: str, at: dt.datetime) -> str:
    """Write a rule that waits for approval; the answer is its id.

    Raises:
        RetentionError: naming every fault of the terms.
    """
    faults = list(_faults(session, terms))
    if faults:
        raise RetentionError(f"this rule cannot be made: {'; '.join(faults)}")
    row = RetentionRuleRow(
        rule_id=new_id("k"),
        agency=terms.agency,
        dataset=terms.dataset,
        category=terms.category,
        event=terms.event,
        months=terms.months,
        ends=terms.ends,
        source=terms.source,
        proposed_by=by,
        proposed_at=at,
    )
    session.add(row)
    session.flush()
    return row.rule_id


def approve(session: Session, rule_id: str, by: str, at: dt.datetime) -> None:
    """Put a proposed rule in force.

    Raises:
        RetentionError: if there is none that waits, or `by` proposed it.
    """
    row = _existing(session, rule_id)
    if row.approved_at is not None or row.withdrawn_at is not None:
        raise RetentionError("this rule is not waiting for approval")
    if row.proposed_by == by:
        raise RetentionError("a rule is approved by somebody else than who proposed it")
    row.approved_by, row.approved_at = by, at
    session.flush()


def withdraw(session: Session, rule_id: str, by: str, at: dt.datetime) -> None:
    """End a rule, or a proposal, at once. Raises RetentionError if it has ended."""
    row = _existing(session, rule_id)
    if row.withdrawn_at is not None:
        raise RetentionError("this rule has been withdrawn already")
    row.withdrawn_by, row.withdrawn_at = by, at
    session.flush()


def add_default(session: Session, agency: str, dataset: str, years: int, at: dt.datetime) -> str:
    """The rule that a dataset of an area pack begins with: so many years, then a review."""
    terms = RuleTerms(
        agency=agency,
        dataset=dataset,
        event="last_contact",
        months=12 * years,
        source=DEFAULT_SOURCE,
    )
    rule_id = propose(session, terms, SYSTEM, at)
    row = _existing(session, rule_id)
    row.approved_by, row.approved_at = SYSTEM, at
    session.flush()
    return rule_id


def rules(session: Session) -> list[Rule]:
    """Every rule, withdrawn ones included, by what it is about and when it was proposed."""
    query = select(RetentionRuleRow).order_by(
        RetentionRuleRow.agency,
        RetentionRuleRow.dataset,
        RetentionRuleRow.category,
        RetentionRuleRow.proposed_at,
        RetentionRuleRow.rule_id,
    )
    return [_rule(row) for row in session.scalars(query)]


def rule(session: Session, rule_id: str) -> Rule:
    """One rule. Raises RetentionError if there is none by this id."""
    return _rule(_existing(session, rule_id))


def applying(found: Iterable[Rule], agency: str, dataset: str, category: str) -> list[Rule]:
    """The rules in force that count for a category of a dataset: those that name it most closely.

    A rule that names the category counts before one that names the dataset alone.
    """
    fitting = [each for each in found if each.in_force and _fits(each, agency, dataset, category)]
    best = max(map(_closeness, fitting), default=0)
    return [each for each in fitting if _closeness(each) == best]


def without_rule(session: Session) -> list[tuple[str, str]]:
    """Datasets for which some category has no rule in force: it is kept until there is one."""
    found = rules(session)
    query = select(DatasetRow.agency, DatasetRow.dataset_id).order_by("agency", "dataset_id")
    return [
        (agency, dataset)
        for agency, dataset in session.execute(query)
        if not all(applying(found, agency, dataset, category) for category in categories())
    ]


def period_words(months: int) -> str:
    """How long, as it is read."""
    years, rest = divmod(months, 12)
    parts = [
        f"{count} {unit}{'' if count == 1 else 's'}"
        for count, unit in ((years, "year"), (rest, "month"))
        if count
    ]
    return " and ".join(parts) or "at once"


def _fits(rule: Rule, agency: str, dataset: str, category: str) -> bool:
    terms = rule.terms
    return (
        terms.agency == agency
        and terms.dataset in {ANY, dataset}
        and terms.category in {ANY, category}
    )


def _closeness(rule: Rule) -> int:
    return 1 + 2 * (rule.terms.category != ANY) + (rule.terms.dataset != ANY)


def _faults(session: Session, terms: RuleTerms) -> Iterator[str]:
    if session.get(AgencyRow, terms.agency) is None:
        yield f"agency '{terms.agency}' is not registered"
    elif terms.dataset != ANY and session.get(DatasetRow, (terms.agency, terms.dataset)) is None:
        yield f"dataset '{terms.agency}/{terms.dataset}' is not registered"
    if terms.category not in {ANY, *categories()}:
        yield f"category '{terms.category}' is not known"
    if terms.event not in code_list("retention_event"):
        yield f"event '{terms.event}' is not on the list"
    if terms.ends not in ENDS:
        yield f"what is done at the end is one of: {', '.join(ENDS)}"
    if not 0 <= terms.months <= LONGEST_MONTHS:
        yield "it is kept for none to 200 years"
    if not _FEWEST <= len(terms.source.strip()) <= _MOST:
        yield f"say whose rule it is, in {_FEWEST} to {_MOST} characters"


def _existing(session: Session, rule_id: str) -> RetentionRuleRow:
    row = session.get(RetentionRuleRow, rule_id)
    if row is None:
        raise RetentionError("there is no such retention rule")
    return row


def _rule(row: RetentionRuleRow) -> Rule:
    return Rule(
        rule_id=row.rule_id,
        terms=RuleTerms(
            agency=row.agency,
            dataset=row.dataset,
            category=row.category,
            event=row.event,
            months=row.months,
            ends=row.ends,
            source=row.source,
        ),
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        withdrawn_by=row.withdrawn_by,
        withdrawn_at=row.withdrawn_at,
    )
