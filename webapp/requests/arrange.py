"""Requests and answers in words.

Invariant: what is said of a request's end depends on the request alone, never on whether anybody
is known.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from governance.bases import BASES
from governance.requests import QUESTIONS, URGENCIES, Question, WorkRequest
from graph.requested import HeldFact
from records.codes import code_list
from webapp.fields import field_label, field_value
from webapp.shown import code, day

STATES = {
    "waiting": "Waits for an answer",
    "asked_back": "The agency asks back",
    "told": "Answered",
    "nothing": "Closed: nothing to tell",
    "refused": "Refused",
    "withdrawn": "Withdrawn",
    "expired": "Answered; the answer has expired",
    "revoked": "Answered; the answer was taken back",
}
SENDS = (
    "The agency has nothing that it can tell you. It says so whether or not it knows of anybody, "
    "and gives no reason. If you must go on, ring it."
)
_LABELS = {
    "on_date": "Day",
    "category": "About",
    "ring": "Ring",
    "updated_on": "Last touched",
    "valid_from": "From",
    "valid_to": "Until",
    "summary": "What happened",
    "reference": "Agency's reference",
    "code": "What",
}
_CODES = {"category": "contact_category", "status": "contact_status", "kind": "indicator_kind"}
_DAYS = frozenset({"on_date", "updated_on", "valid_from", "valid_to"})


@dataclass(frozen=True, kw_only=True)
class Line:
    """A request on a list: nothing of it that names anybody."""

    request_id: str
    asked_of: str
    asked_by: str
    question: str
    state: str
    stands: str
    urgency: str
    purpose: str
    reference: str
    basis: str
    asked_at: dt.datetime
    expires_at: dt.datetime | None
    readable: bool


@dataclass(frozen=True, kw_only=True)
class FactLine:
    """One fact: what it is, and its fields in words."""

    fact_id: str
    heading: str
    restricted: bool
    fields: tuple[tuple[str, str, str], ...]


def line_of(found: WorkRequest, labels: Mapping[str, str], now: dt.datetime) -> Line:
    """A request on a list."""
    asked = found.asked
    return Line(
        request_id=found.request_id,
        asked_of=labels.get(asked.giving_agency, asked.giving_agency),
        asked_by=labels.get(found.agency, found.agency),
        question=QUESTIONS[asked.question],
        state=found.stands(now),
        stands=STATES[found.stands(now)],
        urgency=URGENCIES[asked.urgency],
        purpose=code(found.purpose, "purpose"),
        reference=found.reference,
        basis=BASES[asked.legal_basis],
        asked_at=found.asked_at,
        expires_at=found.expires_at,
        readable=found.readable(now),
    )


def question_words(asked: Question) -> str:
    """What is asked, with the kind or the days."""
    if asked.question == "latest":
        return f"What was your latest involvement: {code(asked.category, 'contact_category')}?"
    if asked.question == "chronology":
        return f"What happened between {day(asked.from_date)} and {day(asked.to_date)}?"
    return QUESTIONS[asked.question]


def fact_lines(facts: Iterable[HeldFact]) -> list[FactLine]:
    """Facts with their fields in words, told apart by their headings."""
    made = []
    for number, fact in enumerate(facts, start=1):
        fields = tuple(
            (name, _LABELS.get(name, field_label(name)), _value(name, value))
            for name, value in fact.values.items()
        )
        made.append(
            FactLine(
                fact_id=fact.fact_id,
                heading=f"{number}. {_heading(fact)}",
                restricted=fact.restricted,
                fields=fields,
            )
        )
    return made


def _heading(fact: HeldFact) -> str:
    said = fact.values
    if fact.what == "record":
        return "Who they are, by the agency's record"
    if fact.what == "contact":
        what = code(said["category"], "contact_category") if "category" in said else "A contact"
        return f"{what}, {day(said['on_date'])}" if "on_date" in said else what
    return code(said.get("kind"), "indicator_kind", missing="An indicator")


def _value(name: str, value: str) -> str:
    if name in _CODES:
        return code(value, _CODES[name])
    if name in _DAYS:
        return day(value, value)
    if name == "code":
        for labels in (code_list("warning").labels, code_list("plan").labels):
            if value in labels:
                return labels[value]
    return field_value(name, value)
