"""Items in words: what a thing is, whose it is, what its fields and codes mean.

Invariant: a code that is on no list is shown as it is; nothing here decides what is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from governance import registration
from kith.rights.items import Item
from records.codes import code_list, code_lists
from records.schema import TABLES, source_fields

KINDS = {
    "record": "Person's record",
    "residence": "Address",
    "contact": "Contact",
    "involvement": "Part in a contact",
    "indicator": "Warning, plan or need",
    "statement": "Relation to somebody",
    "link": "Record taken to be the same person",
    "person": "What the records come to together",
    "lives_at": "Addresses worked out",
    "member": "Households worked out",
    "possible_pair": "Records that may be the same person",
    "record_address": "Addresses found",
    "turned_away": "Row that was turned away",
    "finding": "Finding about a row",
    "judgement": "Decisions whether records are one person",
    "question_lease": "Questions before a steward",
    "identity": "Ledger of lasting ids",
    "request_fact": "Facts told in answers",
    "request": "Request between agencies",
    "message": "Message of a request",
    "emergency": "Words of emergency access",
    "notice": "Notices to officers",
    "user_notice": "Notices to a user",
    "legal_hold": "Legal holds",
    "retention_review": "Retention reviews",
    "disposal": "Disposals proposed",
    "rectification": "Corrections asked for",
    "subject_case": "Cases of the person's rights",
    "restriction": "Restriction",
}
_LOOKS = "Looked at or asked about"


@dataclass(frozen=True, kw_only=True)
class Labels:
    """How agencies and systems are called."""

    agencies: dict[str, str]
    datasets: dict[tuple[str, str], str]

    @classmethod
    def of(cls, session: Session) -> Labels:
        """Those that are registered."""
        return cls(
            agencies={each.agency_id: each.label for each in registration.agencies(session)},
            datasets={
                (each.agency, each.dataset_id): each.label
                for each in registration.datasets(session)
            },
        )

    def source(self, item: Item) -> str:
        """`Police, Niche`; Kith itself for what no agency sent."""
        if item.agency is None:
            return "Kith"
        agency = self.agencies.get(item.agency, item.agency)
        if item.dataset is None:
            return agency
        return f"{agency}, {self.datasets.get((item.agency, item.dataset), item.dataset)}"


def kind_words(item: Item) -> str:
    """What an item is."""
    if item.place == "audit":
        return _LOOKS if item.values else f"{_LOOKS}: {item.kind.replace('_', ' ')}"
    words = KINDS.get(item.kind, item.kind)
    if item.place == "staging" and item.values:
        return f"{words}, as sent with another file"
    return words


def field_words(name: str) -> str:
    """A field's name as one reads it."""
    words = name.replace("_", " ")
    return {"nhs number": "NHS number", "upn": "UPN", "uln": "ULN", "nino": "NI number"}.get(
        words, words[:1].upper() + words[1:]
    )


def value_words(kind: str, name: str, values: Mapping[str, str]) -> str:
    """A value, a code in the words of its list."""
    value = values[name]
    table = TABLES.get(kind)
    fields = {each.name: each for each in source_fields(table)} if table else {}
    codes = fields[name].metadata["codes"] if name in fields else None
    if codes == "*kind":
        codes = values.get("kind")
    if codes is None or codes not in code_lists():
        return value
    return code_list(codes).labels.get(value, value)
