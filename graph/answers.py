"""What the read models answer: plain values, made for one viewer.

Invariant: everything in an answer was computed from what that viewer may see; a value that is
withheld is null. `disclosed` names every record, contact, indicator, person and address that an
answer tells of, also those of which it tells only that an agency holds something.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class AddressCard:
    """An address as it is headed. `kind` is of code list address_kind."""

    address_id: str
    line: str
    postcode: str | None = None
    uprn: str | None = None
    kind: str = "unknown"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An address that may be the one typed; `why` says what fits, `score` is 0 to 100."""

    address_id: str
    line: str
    postcode: str | None = None
    uprn: str | None = None
    kind: str = "unknown"
    why: str = ""
    score: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Source:
    """An agency as it is named, and whom to ring there."""

    agency_id: str
    label: str
    ring: str | None = None


@dataclass(frozen=True, kw_only=True)
class PersonRef:
    """A person by name and age; `role` is their part in what they are listed under.

    `age` is the least they can be, `age_to` the most: they differ if the birthday is not known.
    """

    person_id: str
    name: str
    age: int | None = None
    age_to: int | None = None
    role: str | None = None


@dataclass(frozen=True, kw_only=True)
class IndicatorLine:
    """A dated fact. `kind` is of code list indicator_kind, `code` of the list of its kind."""

    indicator_id: str
    kind: str
    code: str | None
    value: str | None
    severity: str | None
    valid_from: dt.date | None
    valid_to: dt.date | None
    in_force: bool
    agency_id: str
    agency_label: str
    ring: str | None
    person: PersonRef | None = None  # None: it is about the address, or the page's person
    is_headline: bool = False  # only kind, dates and agency are shared


@dataclass(frozen=True, kw_only=True)
class ContactLine:
    """A contact, or `times` contacts alike, of which this is the latest.

    `first_on` is the day of the earliest of them. `people` is empty if none was recorded, or
    none may be seen: which of them is not told.
    """

    contact_id: str
    category: str
    on_date: dt.date | None
    first_on: dt.date | None
    times: int
    is_open: bool
    status: str | None
    service: str | None
    severity: str | None
    reference: str | None
    summary: str | None
    agency_id: str
    agency_label: str
    ring: str | None
    people: tuple[PersonRef, ...] = ()
    nobody_named: bool = False
    role: str | None = None  # on a person's timeline: their part
    address: AddressCard | None = None
    is_headline: bool = False
    contact_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Occupant:
    """Somebody at an address, as the visible records have it.

    `certainty` is a sentence on what joins the visible records, or on there being one only.
    `reasons` are the contacts at this address for which somebody who left still matters.
    """

    person: PersonRef
    since: dt.date | None
    until: dt.date | None
    current: bool
    sources: tuple[Source, ...]
    confirmed_on: dt.date | None
    certainty: str
    is_child: bool = False
    dead: bool = False
    plans: tuple[IndicatorLine, ...] = ()
    reasons: tuple[ContactLine, ...] = ()

    @property
    def person_id(self) -> str:
        return self.person.person_id

    @property
    def name(self) -> str:
        return self.person.name

    @property
    def still_matters(self) -> bool:
        return bool(self.reasons)


@dataclass(frozen=True, kw_only=True)
class LinkedAddress:
    """Another address of somebody here; `why` is a short sentence."""

    address_id: str
    line: str
    postcode: str | None
    why: str


@dataclass(frozen=True, kw_only=True)
class AddressCheck:
    """What is known about an address: `address`, or `candidates`, or `nothing_found`.

    `nothing_found` is true also for an address that exists but of which the viewer may see
    nothing. `living_alone` is a sentence with its basis, or null.
    """

    address: AddressCard | None = None
    candidates: tuple[Candidate, ...] = ()
    nothing_found: bool = False
    warnings: tuple[IndicatorLine, ...] = ()
    plans: tuple[IndicatorLine, ...] = ()
    other_indicators: tuple[IndicatorLine, ...] = ()
    open_contacts: tuple[ContactLine, ...] = ()
    contacts: tuple[ContactLine, ...] = ()
    children_here: tuple[Occupant, ...] = ()
    occupants_now: tuple[Occupant, ...] = ()
    occupants_before: tuple[Occupant, ...] = ()
    living_alone: str | None = None
    existence: tuple[Source, ...] = ()
    linked_addresses: tuple[LinkedAddress, ...] = ()
    disclosed: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class SaidValue:
    """One value of a field, and who says so; `since` is the day a source last touched it."""

    value: str
    sources: tuple[Source, ...]
    since: dt.date | None


@dataclass(frozen=True, kw_only=True)
class IdentityField:
    """A field of a person: the values said, the chosen first; they conflict if several."""

    field_name: str
    values: tuple[SaidValue, ...]

    @property
    def value(self) -> str:
        return self.values[0].value

    @property
    def conflict(self) -> bool:
        return len(self.values) > 1


@dataclass(frozen=True, kw_only=True)
class PersonAddress:
    """Where a person lives or lived, and with whom at the same time."""

    address: AddressCard
    since: dt.date | None
    until: dt.date | None
    current: bool
    sources: tuple[Source, ...]
    people: tuple[PersonRef, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Relationship:
    """How another is related to this person; `stated` by an agency, or derived."""

    person: PersonRef
    relation: str  # of code list relation, or "lives_with", "lived_with"
    stated: bool
    sources: tuple[Source, ...]


@dataclass(frozen=True, kw_only=True)
class SystemRow:
    """A system of the grid. `records` is what it holds of this person that may be seen."""

    agency_id: str
    agency_label: str
    dataset: str
    records: int
    last_updated: dt.date | None


@dataclass(frozen=True, kw_only=True)
class JoinedRecord:
    """One visible record of a person, and in words why it is this person's.

    `decided_by` and `probability` are null unless all that the link rests on may be seen.
    """

    record_id: str
    agency_id: str
    agency_label: str
    dataset: str
    words: str
    decided_by: str | None = None
    decided_on: dt.date | None = None
    probability: float | None = None


@dataclass(frozen=True, kw_only=True)
class PersonView:
    """One person, from the records that the viewer may see."""

    person_id: str
    heading: str
    person: PersonRef
    dead: bool = False
    restricted: bool = False
    identity: tuple[IdentityField, ...] = ()
    indicators: tuple[IndicatorLine, ...] = ()
    open_contacts: tuple[ContactLine, ...] = ()
    timeline: tuple[ContactLine, ...] = ()
    addresses: tuple[PersonAddress, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    systems: tuple[SystemRow, ...] = ()
    why: tuple[JoinedRecord, ...] = ()
    existence: tuple[Source, ...] = ()
    disclosed: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class EgoNode:
    """A node of a network. `kind` is person, address or contact."""

    key: str
    kind: str
    label: str
    step: int
    facts: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    is_hub: bool = False  # shown, and not walked through


@dataclass(frozen=True, kw_only=True)
class EgoLink:
    """A link of a network: lives_at, lived_at, involved_in, at, or a stated relation."""

    source: str
    target: str
    kind: str
    words: str
    since: dt.date | None
    until: dt.date | None
    agencies: tuple[str, ...]
    stated: bool = True


@dataclass(frozen=True, kw_only=True)
class EgoNetwork:
    """The neighbourhood of a person or an address, to `hops` steps.

    `truncated` says that more could be walked to than a picture holds; never that policy
    withheld anything.
    """

    centre: str
    hops: int
    nodes: tuple[EgoNode, ...] = ()
    links: tuple[EgoLink, ...] = ()
    truncated: bool = False
    disclosed: frozenset[str] = field(default_factory=frozenset)

    def to_networkx(self) -> nx.MultiDiGraph:
        """The network with each node's and link's values as attributes."""
        import networkx

        made = networkx.MultiDiGraph(centre=self.centre, hops=self.hops)
        for node in self.nodes:
            made.add_node(
                node.key,
                kind=node.kind,
                label=node.label,
                step=node.step,
                facts=node.facts,
                agencies=node.agencies,
                is_hub=node.is_hub,
            )
        for number, link in enumerate(self.links):
            made.add_edge(
                link.source,
                link.target,
                key=number,  # two links of one kind between the same two are two
                kind=link.kind,
                words=link.words,
                since=link.since,
                until=link.until,
                agencies=link.agencies,
                stated=link.stated,
            )
        return made

    def to_frame(self) -> pd.DataFrame:
        """One row a link, with the labels of both ends."""
        import pandas

        labels = {node.key: node.label for node in self.nodes}
        columns = [
            "source",
            "source_label",
            "link",
            "target",
            "target_label",
            "since",
            "until",
            "agencies",
            "stated",
        ]
        rows = [
            (
                link.source,
                labels[link.source],
                link.words,
                link.target,
                labels[link.target],
                link.since,
                link.until,
                ", ".join(link.agencies),
                link.stated,
            )
            for link in self.links
        ]
        return pandas.DataFrame(rows, columns=columns)
