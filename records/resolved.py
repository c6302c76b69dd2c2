"""The tables that resolution derives from a snapshot, and the graph is projected from.

Invariant: every row can be rebuilt from the snapshot, the ledgers and the stored rules.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Link:
    """A record identifies a person."""

    record_id: str
    person_id: str
    probability: float
    decided_by: str  # "rule:NAME", "model:VERSION" or "steward:USER"; "alone" for a cluster of one
    decided_on: dt.date
    evidence: str  # JSON: the rules or comparisons that joined this record, in words


@dataclass(frozen=True, kw_only=True)
class PossiblePair:
    """Two records that may be one person, or whose merge a guard refused."""

    record_a: str
    record_b: str
    probability: float
    reason: str  # what refused the merge, or that they do not agree enough
    evidence: str  # JSON: what the model found for and against it; "{}" if rules alone decided


@dataclass(frozen=True, kw_only=True)
class GoldenPerson:
    """The golden record; `provenance` is JSON: field -> record_id it came from."""

    person_id: str
    given_name: str | None
    middle_names: str | None
    family_name: str | None
    full_name: str | None
    former_family_name: str | None
    other_names: str | None
    birth_date: str | None
    birth_date_status: str | None
    death_date: str | None
    dead: bool | None
    sex: str | None
    nhs_number: str | None
    upn: str | None
    phone: str | None
    restricted: bool
    record_count: int
    provenance: str


@dataclass(frozen=True, kw_only=True)
class Address:
    """A resolved address; `search_text` is what a typed address is compared with."""

    address_id: str
    line: str
    flat: str | None
    number: str | None
    street: str | None
    town: str | None
    postcode: str | None
    uprn: str | None
    latitude: float | None
    longitude: float | None
    small_area: str | None
    kind: str  # code list address_kind
    search_text: str


@dataclass(frozen=True, kw_only=True)
class RecordAddress:
    """A residence, resolved: a record is recorded at an address."""

    record_id: str
    address_id: str
    from_date: dt.date | None
    to_date: dt.date | None
    updated_on: dt.date | None  # the record's, or null: when the agency last confirmed it


@dataclass(frozen=True, kw_only=True)
class ContactAddress:
    contact_id: str
    address_id: str


@dataclass(frozen=True, kw_only=True)
class IndicatorAddress:
    indicator_id: str
    address_id: str


@dataclass(frozen=True, kw_only=True)
class LivesAt:
    """Derived residence of a person; `share_keys` are those of the records it rests on."""

    person_id: str
    address_id: str
    from_date: dt.date | None
    to_date: dt.date | None
    current: bool
    share_keys: list[str]


@dataclass(frozen=True, kw_only=True)
class Household:
    household_id: str
    address_id: str
    from_date: dt.date | None
    to_date: dt.date | None
    current: bool


@dataclass(frozen=True, kw_only=True)
class Member:
    household_id: str
    person_id: str
    from_date: dt.date | None
    to_date: dt.date | None
    share_keys: list[str]


RESOLVED_TABLES: dict[str, type] = {
    "link": Link,
    "possible_pair": PossiblePair,
    "person": GoldenPerson,
    "address": Address,
    "record_address": RecordAddress,
    "contact_address": ContactAddress,
    "indicator_address": IndicatorAddress,
    "lives_at": LivesAt,
    "household": Household,
    "member": Member,
}
"""Derived table name -> its dataclass."""

RESOLVED_ORDERS: dict[str, tuple[str, ...]] = {
    "link": ("record_id",),
    "possible_pair": ("record_a", "record_b"),
    "person": ("person_id",),
    "address": ("address_id",),
    "record_address": ("record_id", "address_id", "from_date", "to_date"),
    "contact_address": ("contact_id", "address_id"),
    "indicator_address": ("indicator_id", "address_id"),
    "lives_at": ("person_id", "address_id"),
    "household": ("address_id", "household_id"),
    "member": ("household_id", "person_id", "from_date", "to_date"),
}
"""What each table is in the order of; the first column is what its rows are found by."""
