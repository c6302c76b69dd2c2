"""What a person's page says, block by block in its order.

Invariant: every value stands with the agency that says it; values that differ stand side by side.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from webapp.addresses.page import Alert, Concern, Elsewhere, Named


@dataclass(frozen=True, kw_only=True)
class Said:
    """A value that differs, and who says it."""

    value: str
    who: str


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A field of the identity."""

    label: str
    value: str
    who: str
    others: list[Said] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Event:
    """A line of the timeline."""

    on: dt.date | None
    what: str
    agency: str
    part: str = ""
    status: str = ""
    reference: str = ""
    line: str = ""
    address_id: str | None = None
    detail: str = ""
    ring: str | None = None


@dataclass(frozen=True, kw_only=True)
class Lived:
    """An address of the person, when, and with whom."""

    address_id: str
    line: str
    when: str
    who: str
    current: bool
    people: list[Named] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Relation:
    """Somebody else, what they are to the person, and whether it is stated or worked out."""

    name: str
    person_id: str | None
    what: str
    how: str
    part: str = ""


@dataclass(frozen=True, kw_only=True)
class System:
    """A system that shares with the viewer, and whether it knows the person."""

    label: str
    words: str
    touched: str


@dataclass(frozen=True, kw_only=True)
class PersonPage:
    """The page, block by block."""

    person_id: str
    name: str
    summary: str
    alerts: list[Alert]
    open_concerns: list[Concern]
    existence: list[Elsewhere]
    identity: list[Fact]
    timeline: list[Event]
    hidden: int
    agencies: list[tuple[str, str]]
    categories: list[tuple[str, str]]
    places: list[Lived]
    relations: list[Relation]
    systems: list[System]
    why: list[str]
    wrong: list[Elsewhere]
