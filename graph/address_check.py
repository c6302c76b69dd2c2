"""The address check: what is known about an address, in the order of what hurts if missed.

Invariant: every line rests on records, contacts and indicators that the viewer may see; an
address of which they may see nothing is answered as one that nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from governance.viewer import Level, Viewer
from graph import lines
from graph.address_text import find, with_uprn
from graph.answers import (
    AddressCheck,
    Candidate,
    ContactLine,
    IndicatorLine,
    LinkedAddress,
    Occupant,
)
from graph.consistent import read_whole
from graph.disclosure import Desk, in_code_order
from graph.people import People
from graph.stays import Stay, card, derive
from graph.store import GraphStore, Row

_STILL_MATTERS = frozenset(
    [
        "domestic_abuse",
        "violence",
        "sexual_offence",
        "child_concern",
        "adult_concern",
        "exploitation",
    ]
)
_MOST_LINKED = 12
_FULL_HOUSE = 12  # more people at one address are no family: a hostel, a block without flats
_NO_HOME = frozenset({"institution", "hostel", "no_fixed_abode"})


def check_address(
    store: GraphStore,
    viewer: Viewer,
    *,
    text: str | None = None,
    uprn: str | None = None,
    address_id: str | None = None,
) -> AddressCheck:
    """What is known about one address: typed, or named by its UPRN or its id.

    Raises:
        ValueError: unless exactly one of the three is given.
        GraphError: if the graph cannot be read.
    """
    if sum(given is not None for given in (text, uprn, address_id)) != 1:
        raise ValueError("give one of text, uprn and address_id")
    return read_whole(store, lambda: _answer(store, viewer, text, uprn, address_id))


def _answer(
    store: GraphStore,
    viewer: Viewer,
    text: str | None,
    uprn: str | None,
    address_id: str | None,
) -> AddressCheck:
    desk = Desk(store=store, viewer=viewer)
    candidates: tuple[Candidate, ...] = ()
    if uprn is not None:
        address_id = with_uprn(desk, uprn)
    elif text is not None:
        address_id, candidates = find(desk, text)
    if candidates:
        ids = frozenset(candidate.address_id for candidate in candidates)
        return AddressCheck(candidates=candidates, disclosed=ids)
    if address_id is None:
        return AddressCheck(nothing_found=True)
    return _Check(desk, address_id).answer()


class _Check:
    """One address check under way."""

    def __init__(self, desk: Desk, address_id: str) -> None:
        self._desk = desk
        self._address_id = address_id
        self._people = People(desk)

    def answer(self) -> AddressCheck:
        # No answer before all was asked: an address that does not exist takes as long as a hidden.
        cards = self._desk.rows("address_cards", address_ids=[self._address_id])
        here, elsewhere = self._stays()
        now = [stay for stay in here if stay.current]
        before = [stay for stay in here if not stay.current]
        contacts = lines.contacts_at(self._desk, self._people, [self._address_id])
        facts = self._facts([stay.person_id for stay in now])
        occupants = [self._occupant(stay, facts=facts) for stay in now]
        former = [self._occupant(stay, contacts=contacts) for stay in before]
        contacts += self._contacts_elsewhere(now, contacts)
        linked = self._linked(now, before, former, elsewhere)
        existence = self._desk.existence()
        if not (here or contacts or facts or existence):
            return AddressCheck(nothing_found=True)
        self._desk.note(self._address_id)
        return AddressCheck(
            address=card(cards[0]),
            warnings=_in_force(facts, "warning"),
            plans=_in_force(facts, "plan"),
            other_indicators=tuple(
                fact for fact in facts if fact.in_force and fact.kind not in ("warning", "plan")
            ),
            open_contacts=lines.grouped(line for line in contacts if line.is_open),
            contacts=lines.grouped(line for line in contacts if not line.is_open),
            children_here=tuple(entry for entry in occupants if entry.is_child),
            occupants_now=tuple(occupants),
            occupants_before=tuple(former),
            living_alone=_alone(occupants, cards[0]),
            existence=existence,
            linked_addresses=linked,
            disclosed=frozenset(self._desk.disclosed),
        )

    def _stays(self) -> tuple[list[Stay], list[Stay]]:
        """The stays of everybody seen here: those here, oldest people first, and elsewhere."""
        rows = self._desk.shown("stay", "stays_at", address_ids=[self._address_id])
        ids = sorted({row["person_id"] for row in rows})
        told = set(self._desk.existing)
        every = self._desk.shown("stay", "stays_of", person_ids=ids)
        self._people.fetch(ids)
        stays = derive(
            every,
            kinds=self._desk.kinds,
            dead=self._people.dead,
            today=self._desk.viewer.on,
        )
        here = [stay for stay in stays if stay.address.address_id == self._address_id]
        # An agency that knows a former occupant only does not hold something about this address.
        self._desk.existing = told
        now = {stay.person_id for stay in here if stay.current}
        self._desk.existing |= self._people.existing_of(now)
        elsewhere = [stay for stay in stays if stay.address.address_id != self._address_id]
        return sorted(here, key=self._by_age), elsewhere

    def _contacts_elsewhere(
        self, now: Sequence[Stay], contacts: Iterable[ContactLine]
    ) -> list[ContactLine]:
        """What happened elsewhere to those who live here now; not asked for a full house."""
        residents = list(dict.fromkeys(stay.person_id for stay in now))
        if len(residents) > _FULL_HOUSE:
            return []
        told = [line.contact_id for line in contacts]
        return lines.contacts_elsewhere(self._desk, self._people, residents, told)

    def _by_age(self, stay: Stay) -> tuple[str, str]:
        born = self._people.best(stay.person_id, "birth_date")
        return (born or "9999", stay.person_id)

    def _facts(self, person_ids: Sequence[str]) -> list[IndicatorLine]:
        """Indicators of the address and of who lives there, newest first."""
        rows = self._desk.shown("indicator", "indicators_of", person_ids=list(person_ids))
        told = {
            row["indicator_id"]: lines.indicator_line(
                self._desk, row, self._people.ref(row["person_id"])
            )
            for row in rows
            if row["record_level"] > Level.EXISTENCE and self._people.known(row["person_id"])
        }
        for row in self._desk.shown("indicator", "indicators_at", address_ids=[self._address_id]):
            if row["indicator_id"] not in told:
                told[row["indicator_id"]] = lines.indicator_line(self._desk, row)
        return sorted(told.values(), key=_newest_fact)

    def _occupant(
        self,
        stay: Stay,
        *,
        facts: Iterable[IndicatorLine] = (),
        contacts: Iterable[ContactLine] = (),
    ) -> Occupant:
        person_id = stay.person_id
        self._desk.note(*stay.record_ids)
        return Occupant(
            person=self._people.ref(person_id),
            since=stay.since,
            until=stay.until,
            current=stay.current,
            sources=self._desk.sources(stay.agency_ids),
            confirmed_on=stay.confirmed_on,
            certainty=self._people.certainty(person_id),
            is_child=self._people.is_child(person_id),
            dead=self._people.dead(person_id),
            plans=tuple(
                fact
                for fact in facts
                if fact.in_force
                and fact.kind == "plan"
                and fact.person
                and fact.person.person_id == person_id
            ),
            reasons=tuple(line for line in contacts if _still_matters(line, person_id)),
        )

    def _linked(
        self,
        now: Sequence[Stay],
        before: Sequence[Stay],
        former: Sequence[Occupant],
        elsewhere: Iterable[Stay],
    ) -> tuple[LinkedAddress, ...]:
        """Where people from here are recorded too, or where those who still matter went."""
        here = {stay.person_id for stay in now}
        gone = {
            stay.person_id
            for stay, entry in zip(before, former, strict=True)
            if entry.still_matters
        }
        found: dict[str, LinkedAddress] = {}
        for stay in sorted(elsewhere, key=lambda stay: (not stay.current, stay.address.line)):
            resident = stay.person_id in here
            if not resident and not (stay.person_id in gone and stay.current):
                continue
            name = self._people.name(stay.person_id)
            said = "is recorded there too" if resident else "lives there now"
            why = f"{name} {said if stay.current else 'lived there'}"
            found.setdefault(
                stay.address.address_id,
                LinkedAddress(
                    address_id=stay.address.address_id,
                    line=stay.address.line,
                    postcode=stay.address.postcode,
                    why=why,
                ),
            )
        linked = tuple(list(found.values())[:_MOST_LINKED])
        self._desk.note(*(entry.address_id for entry in linked))
        return linked


def _in_force(facts: Iterable[IndicatorLine], kind: str) -> tuple[IndicatorLine, ...]:
    """Those of a kind, newest first; a child protection plan before all other plans."""
    found = [fact for fact in facts if fact.in_force and fact.kind == kind]
    if kind == "plan":
        found.sort(key=lambda fact: in_code_order("plan", fact.code))
    return tuple(found)


def _newest_fact(fact: IndicatorLine) -> tuple[int, str]:
    day = fact.valid_from.toordinal() if fact.valid_from else 0
    return (-day, fact.indicator_id)


def _still_matters(line: ContactLine, person_id: str) -> bool:
    grave = line.category in _STILL_MATTERS or line.severity in ("high", "critical")
    return grave and any(person.person_id == person_id for person in line.people)


def _alone(occupants: Sequence[Occupant], address: Row) -> str | None:
    """That one person lives here, with what it rests on; never said of a place that is no home."""
    if len(occupants) != 1 or address["kind"] in _NO_HOME:
        return None
    only = occupants[0]
    agencies = len(only.sources)
    subject = f"{agencies} agencies have" if agencies > 1 else f"{only.sources[0].label} has"
    since = f" since {only.since.year}" if only.since else ""
    return f"{subject} {only.name} here and nobody else{since}."
