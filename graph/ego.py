"""The links around a person or an address, a step at a time.

Invariant: policy and the hub guard hold at every step, so a link is never walked over that the
viewer may not see; agencies are never nodes, and a hub is shown but not walked through.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from governance.viewer import Viewer
from graph import lines
from graph.answers import AddressCard, ContactLine, EgoLink, EgoNetwork, EgoNode
from graph.consistent import read_whole
from graph.disclosure import Desk
from graph.people import People
from graph.stays import Stay, card, derive
from graph.store import GraphStore
from records.codes import code_list

MOST_HOPS = 3
_MOST_NODES = 250
_HUB = 20
_NO_WALK = frozenset({"institution", "hostel", "no_fixed_abode"})


def ego_network(store: GraphStore, viewer: Viewer, centre: str, hops: int = 1) -> EgoNetwork:
    """The network around a person's or an address's id.

    A network without nodes is the answer for an id of which the viewer may see nothing. One step
    is from a person to an address or contact, or to a person whom an agency states to be related.

    Raises:
        ValueError: if `hops` is not 1 to 3.
    """
    if not 1 <= hops <= MOST_HOPS:
        raise ValueError(f"hops must be 1 to {MOST_HOPS}")
    return read_whole(
        store, lambda: _Walk(Desk(store=store, viewer=viewer), centre, hops).network()
    )


@dataclass(kw_only=True)
class _Found:
    kind: str
    step: int
    label: str
    facts: tuple[str, ...] = ()
    is_hub: bool = False
    agencies: set[str] = field(default_factory=set)


class _Walk:
    """One network under way."""

    def __init__(self, desk: Desk, centre: str, hops: int) -> None:
        self._desk = desk
        self._people = People(desk)
        self._centre = centre
        self._hops = hops
        self._nodes: dict[str, _Found] = {}
        self._links: dict[tuple[str, str, str], EgoLink] = {}
        self._lines: dict[str, ContactLine] = {}
        self._truncated = False

    def network(self) -> EgoNetwork:
        if not self._begin():
            return EgoNetwork(centre=self._centre, hops=self._hops)
        for step in range(1, self._hops + 1):
            layer = [key for key, node in self._nodes.items() if node.step == step - 1]
            self._from_people([key for key in layer if self._nodes[key].kind == "person"], step)
            self._from_addresses(self._walkable(layer), step)
            self._from_contacts([k for k in layer if self._nodes[k].kind == "contact"], step)
        nodes = tuple(self._node(key, found) for key, found in self._nodes.items())
        self._desk.note(*self._nodes)
        return EgoNetwork(
            centre=self._centre,
            hops=self._hops,
            nodes=nodes,
            links=tuple(self._links.values()),
            truncated=self._truncated,
            disclosed=frozenset(self._desk.disclosed),
        )

    def _begin(self) -> bool:
        if self._people.known(self._centre):
            return self._reach_person(self._centre, 0)
        cards = self._desk.rows("address_cards", address_ids=[self._centre])
        seen: Sequence[object] = self._desk.shown("stay", "stays_at", address_ids=[self._centre])
        # As lines: under latest-only an earlier contact alone does not tell that there is a place.
        seen = seen or lines.contacts_at(self._desk, self._people, [self._centre])
        return bool(cards and seen) and self._reach_address(card(cards[0]), 0)

    def _walkable(self, layer: Iterable[str]) -> list[str]:
        """Addresses to go on from; the centre is gone on from even if many live there."""
        homes = [
            key
            for key in layer
            if self._nodes[key].kind == "address" and not self._nodes[key].is_hub
        ]
        counts = self._desk.rows("people_at_count", address_ids=homes)
        full = {row["address_id"] for row in counts if row["people"] > _HUB}
        for key in full:
            self._nodes[key].is_hub = True
        return [key for key in homes if key not in full or key == self._centre]

    def _from_people(self, person_ids: list[str], step: int) -> None:
        for stay in self._stays("stays_of", person_ids):
            if self._reach_address(stay.address, step):
                self._link_stay(stay)
        self._stated(person_ids, step)
        for person_id in person_ids:
            for line in lines.contacts_of(self._desk, self._people, person_id):
                if self._reach_contact(line, step):
                    self._link_part(person_id, line, line.role)

    def _from_addresses(self, address_ids: list[str], step: int) -> None:
        rows = self._desk.shown("stay", "stays_at", address_ids=address_ids)
        people = sorted({row["person_id"] for row in rows})
        here = set(address_ids)
        for stay in self._stays("stays_of", people):
            if stay.address.address_id in here and self._reach_person(stay.person_id, step):
                self._link_stay(stay)
        for address_id in address_ids:
            for line in lines.contacts_at(self._desk, self._people, [address_id]):
                if self._reach_contact(line, step):
                    self._link_place(line, address_id)

    def _from_contacts(self, contact_ids: list[str], step: int) -> None:
        """On to the other people in a contact, and to where it was."""
        for contact_id in contact_ids:
            line = self._lines[contact_id]
            for person in line.people:
                if self._reach_person(person.person_id, step):
                    self._link_part(person.person_id, line, person.role)
            if line.address and self._reach_address(line.address, step):
                self._link_place(line, line.address.address_id)

    def _stated(self, person_ids: list[str], step: int) -> None:
        for name in ("stated_by", "stated_about"):
            rows = self._desk.rows(name, person_ids=person_ids)
            said: dict[tuple[str, str, str], set[str]] = defaultdict(set)
            for row in rows:
                ends = (row["person_id"], row["other_person_id"])
                source, target = ends if name == "stated_by" else ends[::-1]
                said[source, target, row["relation"]].add(row["agency_id"])
                self._desk.note(row["record_id"], row["other_record_id"])
            for (source, target, relation), agencies in sorted(said.items()):
                if self._reach_person(source, step) and self._reach_person(target, step):
                    label = code_list("relation").labels.get(relation, relation)
                    words = f"{label} of"
                    self._add_link(source, target, relation, words, agencies)

    def _stays(self, name: str, person_ids: list[str]) -> list[Stay]:
        self._people.fetch(person_ids)
        stays = derive(
            self._desk.shown("stay", name, person_ids=person_ids),
            kinds=self._desk.kinds,
            dead=self._people.dead,
            today=self._desk.viewer.on,
        )
        return sorted(stays, key=lambda stay: (stay.person_id, stay.address.address_id))

    def _reach(self, key: str, found: _Found) -> bool:
        if key in self._nodes:
            return True
        if len(self._nodes) >= _MOST_NODES:
            self._truncated = True
            return False
        self._nodes[key] = found
        return True

    def _reach_person(self, person_id: str, step: int) -> bool:
        if person_id in self._nodes:
            return True
        if not self._people.known(person_id):
            return False
        ref = self._people.ref(person_id)
        age = () if ref.age is None else (f"{ref.age} years old",)
        found = _Found(kind="person", step=step, label=ref.name, facts=age)
        found.agencies |= {row["agency_id"] for row in self._people.records(person_id)}
        return self._reach(person_id, found)

    def _reach_address(self, address: AddressCard, step: int) -> bool:
        facts = (address.postcode,) if address.postcode else ()
        hub = address.kind in _NO_WALK and address.address_id != self._centre
        found = _Found(kind="address", step=step, label=address.line, facts=facts, is_hub=hub)
        return self._reach(address.address_id, found)

    def _reach_contact(self, line: ContactLine, step: int) -> bool:
        label = code_list("contact_category").labels.get(line.category, line.category)
        facts = [line.agency_label, str(line.on_date or "date not known")]
        facts += [part for part in (line.status, line.severity) if part]
        found = _Found(kind="contact", step=step, label=label, facts=tuple(facts))
        found.agencies.add(line.agency_id)
        known = self._lines.get(line.contact_id)
        # The line met from the other side may know the place or the people: keep both.
        if known is None or len(line.people) > len(known.people) or line.address:
            self._lines[line.contact_id] = line
        return self._reach(line.contact_id, found)

    def _link_stay(self, stay: Stay) -> None:
        kind, words = ("lives_at", "lives at") if stay.current else ("lived_at", "lived at")
        self._desk.note(*stay.record_ids)
        self._add_link(
            stay.person_id,
            stay.address.address_id,
            kind,
            words,
            stay.agency_ids,
            stay=stay,
        )
        self._nodes[stay.address.address_id].agencies |= stay.agency_ids

    def _link_part(self, person_id: str, line: ContactLine, role: str | None) -> None:
        labels = code_list("involvement").labels
        words = labels.get(role or "", "has a part in").lower() if role else "has a part in"
        self._add_link(
            person_id, line.contact_id, "involved_in", words, {line.agency_id}, line=line
        )

    def _link_place(self, line: ContactLine, address_id: str) -> None:
        self._add_link(line.contact_id, address_id, "at", "was at", {line.agency_id}, line=line)
        self._nodes[address_id].agencies.add(line.agency_id)

    def _add_link(
        self,
        source: str,
        target: str,
        kind: str,
        words: str,
        agency_ids: Iterable[str],
        *,
        stay: Stay | None = None,
        line: ContactLine | None = None,
    ) -> None:
        self._links.setdefault(
            (source, target, kind),
            EgoLink(
                source=source,
                target=target,
                kind=kind,
                words=words,
                since=stay.since if stay else line.on_date if line else None,
                until=stay.until if stay else None,
                agencies=tuple(entry.label for entry in self._desk.sources(agency_ids)),
                stated=stay is None,
            ),
        )

    def _node(self, key: str, found: _Found) -> EgoNode:
        return EgoNode(
            key=key,
            kind=found.kind,
            label=found.label,
            step=found.step,
            facts=found.facts,
            agencies=tuple(entry.label for entry in self._desk.sources(found.agencies)),
            is_hub=found.is_hub,
        )
