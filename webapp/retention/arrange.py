"""Retention as an officer reads it.

Invariant: a day that is not known is said so; nobody's name is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from governance.retention import Rule, period_words
from governance.retention_due import STATUSES, Item, Tally
from records.codes import code_list
from webapp.register.arrange import category_words
from webapp.shown import day

WHATS = {"record": "Record", "contact": "Contact", "indicator": "Indicator"}
_UNKNOWN = {
    "last_contact": "the day of the last contact is not known",
    "end_of_involvement": "whether and when the involvement ended is not known",
    "birthday_18": "the date of birth is not known",
    "birthday_25": "the date of birth is not known",
    "death": "the date of death is not known",
    "loaded": "the day of loading is not known",
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing that is due, or whose day is not known."""

    item: Item
    whose: str
    about: str
    why: str


def kept_words(rule: Rule) -> str:
    """`7 years after last contact, then review`."""
    event = code_list("retention_event").label(rule.terms.event)
    event = event[:1].lower() + event[1:]
    then = "reviewed" if rule.terms.ends == "review" else "disposed of"
    return f"{period_words(rule.terms.months)} after {event}, then {then}"


def lines(
    items: Sequence[Item], rules: Mapping[str, Rule], systems: Mapping[tuple[str, str], str]
) -> list[Line]:
    """What is listed, in words."""
    return [
        Line(
            item=item,
            whose=systems.get((item.agency, item.dataset), f"{item.agency}/{item.dataset}"),
            about=category_words(item.category),
            why=_why(item, rules),
        )
        for item in items
    ]


def counted(
    tallies: Sequence[Tally], systems: Mapping[tuple[str, str], str]
) -> list[tuple[str, dict[str, int]]]:
    """How many of each status, system by system."""
    found: dict[str, dict[str, int]] = {}
    for each in tallies:
        name = systems.get((each.agency, each.dataset), f"{each.agency}/{each.dataset}")
        row = found.setdefault(name, dict.fromkeys(STATUSES, 0))
        row[each.status] += each.items
    return sorted(found.items())


def sentence(error: Exception) -> str:
    """What the register says, as a sentence."""
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."


def _why(item: Item, rules: Mapping[str, Rule]) -> str:
    if item.rule_id is None or item.event is None:
        return "no rule fits it"
    part = "with something that hangs on it: " if item.by_part else ""
    if item.status == "unknown":
        return part + _UNKNOWN[item.event]
    if item.status == "waiting":
        return part + "what the rule counts from has not happened yet"
    rule = rules.get(item.rule_id)
    period = period_words(rule.terms.months) if rule else "so long"
    event = code_list("retention_event").label(item.event).lower()
    return f"{part}{period} after {event}, {day(item.since)}"
