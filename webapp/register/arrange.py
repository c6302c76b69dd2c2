"""Agreements as an officer reads them: grouped, in words, with their states and last days.

Invariant: nothing is added up: a group holds agreements of one title, state and last day, and a
row of it is one agreement.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from governance.ids import ANY
from governance.matrix import Cell, state_of
from governance.policy import PERSON, Agreement
from governance.viewer import Level
from records.codes import code_list
from webapp.register.forms import LEVELS, purposes, roles

SHORT = {Level.EXISTENCE: "existence", Level.HEADLINE: "headline", Level.DETAIL: "detail"}


@dataclass(frozen=True, kw_only=True)
class Group:
    """Agreements of one title, state and last day; `first` stands for them in an address."""

    title: str
    state: str
    expires: dt.date | None
    givers: tuple[str, ...]
    receivers: tuple[str, ...]
    levels: tuple[str, ...]
    count: int
    first: str


def groups(
    agreements: Iterable[Agreement], labels: Mapping[str, str], now: dt.datetime
) -> list[Group]:
    """Every agreement in its group; those that wait first, then by last day."""
    found: dict[tuple[str, str, dt.date | None], list[Agreement]] = {}
    for each in agreements:
        key = (each.terms.title, state_of(each, now), each.terms.expires)
        found.setdefault(key, []).append(each)
    made = [
        Group(
            title=title or "without a title",
            state=state,
            expires=expires,
            givers=_names((e.terms.giving_agency for e in members), labels),
            receivers=_names((e.terms.receiving_agency for e in members), labels),
            levels=tuple(dict.fromkeys(SHORT[e.terms.level] for e in members)),
            count=len(members),
            first=members[0].agreement_id,
        )
        for (title, state, expires), members in found.items()
    ]
    return sorted(made, key=_order)


def calendar(found: Iterable[Group]) -> list[tuple[str, list[Group]]]:
    """What is in force, or will be, by the month in which it ends, the soonest first."""
    ending = [
        (group.expires, group)
        for group in found
        if group.expires is not None and group.state in {"in force", "begins later"}
    ]
    months: dict[str, list[Group]] = {}
    for day, group in sorted(ending, key=lambda entry: (entry[0], entry[1].title)):
        months.setdefault(f"{day:%B %Y}", []).append(group)
    return list(months.items())


def _order(group: Group) -> tuple[object, ...]:
    places = ["waits for approval", "in force", "begins later", "expired", "withdrawn"]
    return places.index(group.state), group.expires or dt.date.max, group.title


def same_group(
    first: Agreement, agreements: Iterable[Agreement], now: dt.datetime
) -> list[Agreement]:
    """The agreements of the group that one stands for."""
    wanted = (first.terms.title, state_of(first, now), first.terms.expires)
    return [e for e in agreements if (e.terms.title, state_of(e, now), e.terms.expires) == wanted]


def facts(agreement: Agreement, labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """One agreement in words."""
    terms = agreement.terms
    giver = labels.get(terms.giving_agency, terms.giving_agency)
    dataset = "every system" if terms.dataset == ANY else terms.dataset
    receiver = terms.receiving_agency
    withheld = ", ".join(name.replace("_", " ") for name in sorted(terms.withheld))
    return [
        ("Who gives", f"{giver}, {dataset}"),
        ("What", category_words(terms.category)),
        ("To whom", "every agency" if receiver == ANY else labels.get(receiver, receiver)),
        ("Acting as", "every role" if terms.role == ANY else roles().get(terms.role, terms.role)),
        ("Looking because", _purpose(terms.purpose)),
        ("How much", LEVELS[terms.level]),
        ("Never", withheld or "no field is withheld"),
        ("Contacts", "only the latest of each kind" if terms.latest_only else "all"),
        ("Nothing older than", _oldest(agreement)),
        ("People who must not be traced", "also" if terms.restricted_allowed else "not"),
        ("Legal basis", terms.legal_basis or "not given"),
    ]


def category_words(category: str) -> str:
    """What a category is called."""
    if category == ANY:
        return "everything"
    if category == PERSON:
        return "who a person is"
    for name in ("contact_category", "indicator_kind"):
        if category in code_list(name):
            return code_list(name).labels[category]
    return category


def cell_words(cell: Cell) -> str:
    """A cell of the matrix: a level, or how many kinds at each."""
    if not cell.levels:
        return "nothing"
    if cell.whole is not None:
        return SHORT[cell.whole]
    parts = [f"{SHORT[level]} {count}" for level, count in cell.levels.items()]
    hidden = cell.of - sum(cell.levels.values())
    return ", ".join([*parts, f"nothing {hidden}"] if hidden else parts)


def _purpose(purpose: str) -> str:
    return "every reason" if purpose == ANY else purposes().get(purpose, purpose)


def _oldest(agreement: Agreement) -> str:
    terms = agreement.terms
    parts = []
    if terms.since is not None:
        parts.append(f"{terms.since:%d/%m/%Y}")
    if terms.window_months is not None:
        parts.append(f"{terms.window_months} months")
    return " and ".join(parts) or "no limit"


def _names(codes: Iterable[str], labels: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(
        "every agency" if code == ANY else labels.get(code, code) for code in dict.fromkeys(codes)
    )
