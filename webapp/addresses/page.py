"""What an address page says, in the order of what hurts if it is missed.

Invariant: these are words and dates of what the desk answered, nothing is added to it; what is not
known is said, never left out and never turned into "no".
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Alert:
    """A warning, plan or status in force. `tone` picks the colour, `tag` says it in a word."""

    tag: str
    tone: str
    what: str
    about: str = ""
    person_id: str | None = None
    agency: str
    since: dt.date | None = None
    detail: str = ""
    ring: str | None = None


@dataclass(frozen=True, kw_only=True)
class Concern:
    """A contact, or several alike folded into one line."""

    what: str
    agency: str
    on: dt.date | None
    since: dt.date | None = None
    times: int = 1
    status: str = ""
    severity: str = ""
    people: list[Named] = field(default_factory=list)
    detail: str = ""
    reference: str = ""
    ring: str | None = None
    nobody: bool = False


@dataclass(frozen=True, kw_only=True)
class Named:
    """A person by name, with a link if there is a page of theirs."""

    name: str
    person_id: str | None = None
    part: str = ""


@dataclass(frozen=True, kw_only=True)
class Occupant:
    """Who lives or lived there, who says so, and how sure it is."""

    person_id: str | None
    name: str
    age: str
    since: str
    until: str = ""
    agencies: list[str] = field(default_factory=list)
    certainty: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """An agency, and whom to ring there."""

    agency: str
    ring: str


@dataclass(frozen=True, kw_only=True)
class Linked:
    """Another address, and what links it to this one."""

    address_id: str
    line: str
    why: str


@dataclass(frozen=True, kw_only=True)
class AddressPage:
    """The page, block by block, in its order."""

    address_id: str
    line: str
    uprn: str | None
    kind: str
    alerts: list[Alert]
    open_concerns: list[Concern]
    now: list[Occupant]
    also: list[Alert]
    alone: str
    matters: list[Occupant]
    before: list[Occupant]
    closed_concerns: list[Concern]
    existence: list[Elsewhere]
    linked: list[Linked]
    silence: list[str]
    wrong: list[Elsewhere]
