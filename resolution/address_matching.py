"""Which typed addresses are one address.

Invariant: two different UPRNs are never one address, two flats of a building are never one, and
the answer does not depend on the order of the places given.

A place is one distinct way in which sources wrote an address. Places with one key (postcode,
settled street, number, flat) are one address; a place with a UPRN belongs to that UPRN unless
the sources' weight is against it; a key without UPRN joins the UPRN that most of its places
name. What is left without postcode, or with a postcode one slip away, joins the one address that
agrees in everything else, if there is just one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rapidfuzz.distance import OSA

from resolution.address_lines import ParsedLine
from resolution.streets import StreetAt, settle_streets

_DOMINANT = 0.7  # share of a key's uses that one UPRN must have for the key to stand for it
_SLIP_USES = 2  # an address used more often than this is no slip of the postcode


class AddressKey(NamedTuple):
    """What a typed address says, comparable; empty text where it says nothing."""

    postcode: str
    street: str
    number: str
    flat: str
    town: str  # only where there is no postcode

    @property
    def within(self) -> tuple[str, str, str]:
        """All but the place: what must agree when the postcode is missing or wrong."""
        return self.street, self.number, self.flat


@dataclass(frozen=True, kw_only=True)
class Place:
    """One distinct way of writing an address, and how often it was written."""

    parsed: ParsedLine
    uprn: str | None
    uses: int


Entity = str | AddressKey
"""An address while it is being matched: a UPRN, or the key that leads it."""


@dataclass(frozen=True, kw_only=True)
class Matched:
    """The key and the entity of each place, in the order given, and what they follow from."""

    keys: list[AddressKey]
    entities: list[Entity]
    told: Told
    owner: Owners


def match_places(places: Sequence[Place]) -> Matched:
    """Which address each place is."""
    spelling = settle_streets(
        (place.parsed.postcode, place.parsed.street, place.uses)
        for place in places
        if place.parsed.postcode and place.parsed.street
    )
    keys = [key_of(place.parsed, spelling) for place in places]
    told = tell_keys(places, keys)
    owner = complete(told)
    main_key = main_keys(places, keys)
    entities = [
        entity_of(key, place.uprn, owner, main_key) for key, place in zip(keys, places, strict=True)
    ]
    return Matched(keys=keys, entities=entities, told=told, owner=owner)


def members(
    keys: Iterable[AddressKey],
    entities: Iterable[Entity],
    places: Iterable[Place],
    elsewhere: Collection[Entity] = frozenset(),
) -> dict[Entity, set[str]]:
    """What tells an address again in a later run: its UPRN and the keys that it leads.

    No two addresses share one: a key is its own address's, or that of most of its places.

    Args:
        elsewhere: addresses of which no place is given.
    """
    found: dict[Entity, set[str]] = defaultdict(set)
    leader: dict[AddressKey, Counter[Entity]] = defaultdict(Counter)
    for key, entity, place in zip(keys, entities, places, strict=True):
        leader[key][entity] += place.uses
        found[entity].add(own_text(entity))
    for key, shares in leader.items():
        most = min(shares, key=lambda entity: (-shares[entity], str(entity)))
        if key not in found and key not in elsewhere and key.within != ("", "", ""):
            found[most].add(_text(key))
    return found


def own_text(entity: Entity) -> str:
    """The evidence that an address is known by first: its UPRN, or else its key."""
    return f"uprn|{entity}" if isinstance(entity, str) else _text(entity)


def _text(key: AddressKey) -> str:
    return "|".join(("key", key.postcode, key.street, key.number, key.flat, key.town))


def key_of(parsed: ParsedLine, spelling: Mapping[StreetAt, str]) -> AddressKey:
    """The key of a typed address, its street in the spelling of its postcode."""
    postcode, street = parsed.postcode or "", parsed.street or ""
    return AddressKey(
        postcode=postcode,
        street=spelling.get((postcode, street), street),
        number=parsed.number or parsed.building or "",
        flat=parsed.flat or "",
        town="" if postcode else parsed.town or "",
    )


Towns = dict[AddressKey, set[str]]
Owners = dict[AddressKey, Entity]


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the places of each key say.

    Attributes:
        uses: how often it was written.
        towns: the towns that it was written with.
        own: the UPRN that it stands for, or the key itself.
    """

    uses: Counter[AddressKey]
    towns: Towns
    own: Owners


def tell_keys(places: Sequence[Place], keys: Sequence[AddressKey]) -> Told:
    """What each key's places say."""
    uses: Counter[AddressKey] = Counter()
    towns: Towns = defaultdict(set)
    named: dict[AddressKey, Counter[str]] = defaultdict(Counter)
    for key, place in zip(keys, places, strict=True):
        uses[key] += place.uses
        if place.parsed.town:
            towns[key].add(place.parsed.town)
        if place.uprn:
            named[key][place.uprn] += place.uses
    own: Owners = {key: key for key in keys}
    for key, uprns in named.items():
        best = min(uprns, key=lambda uprn: (-uprns[uprn], uprn))
        if uprns[best] >= _DOMINANT * uprns.total() and key.number + key.flat:
            own[key] = best
    return Told(uses=uses, towns=towns, own=own)


def complete(told: Told) -> Owners:
    """The address that each key stands for, those with a gap or a slip completed.

    It follows from the keys that agree in street, number and flat, and for one without a street
    from those of its postcode that agree in number and flat.
    """
    index = _Index(told)
    owner = _follow(told.own, _completions(index, told.own, _slips))
    return _follow(owner, _completions(index, owner, _gaps))


def main_keys(places: Iterable[Place], keys: Iterable[AddressKey]) -> dict[str, AddressKey]:
    """The key under which each UPRN is written most."""
    written: dict[str, Counter[AddressKey]] = defaultdict(Counter)
    for key, place in zip(keys, places, strict=True):
        if place.uprn:
            written[place.uprn][key] += place.uses
    return {uprn: min(found, key=lambda key: (-found[key], key)) for uprn, found in written.items()}


def entity_of(
    key: AddressKey,
    uprn: str | None,
    owner: Mapping[AddressKey, Entity],
    main_key: Mapping[str, AddressKey],
) -> Entity:
    """The address of a place with a key and perhaps a UPRN."""
    if uprn is None:
        return owner[key]
    # A UPRN that is written elsewhere under an address that is its own, here beside an address
    # that has another one, was mistyped or taken from the wrong row.
    stolen = main_key[uprn] != key and owner[main_key[uprn]] == uprn
    if stolen and owner[key] != uprn and isinstance(owner[key], str):
        return owner[key]
    return uprn


class _Index:
    """Complete keys, found by what a key with a gap or a slip still says."""

    def __init__(self, told: Told) -> None:
        self.uses = told.uses
        self.towns = told.towns
        self.within: dict[tuple[str, str, str], list[AddressKey]] = defaultdict(list)
        self.at_number: dict[tuple[str, str, str], list[AddressKey]] = defaultdict(list)
        for key in sorted(told.uses):
            if key.postcode and key.street and key.number:
                self.within[key.within].append(key)
                self.at_number[key.postcode, key.number, key.flat].append(key)


def _completions(
    index: _Index,
    owner: Owners,
    candidates: Callable[[AddressKey, _Index], list[AddressKey]],
) -> Owners:
    """For keys that stand alone, the one entity that all their candidates belong to."""
    found = {}
    for key in index.uses:
        if isinstance(owner[key], str) or not (key.number or key.flat):
            continue
        meant = {owner[other] for other in candidates(key, index) if other != key}
        if len(meant) == 1:
            found[key] = meant.pop()
    return found


def _slips(key: AddressKey, index: _Index) -> list[AddressKey]:
    """More frequent addresses that differ by one slip in the postcode."""
    if not (key.postcode and key.street) or index.uses[key] > _SLIP_USES:
        return []
    return [
        other
        for other in index.within.get(key.within, [])
        if index.uses[other] > index.uses[key] and OSA.distance(other.postcode, key.postcode) == 1
    ]


def _gaps(key: AddressKey, index: _Index) -> list[AddressKey]:
    """Addresses that agree with one that lacks its postcode or its street."""
    if not key.postcode and key.street:
        found = index.within.get(key.within, [])
        return [other for other in found if not key.town or key.town in index.towns.get(other, ())]
    if key.postcode and not key.street:
        return index.at_number.get((key.postcode, key.number, key.flat), [])
    return []


def _follow(owner: Owners, completed: Owners) -> Owners:
    """Owners with the completions applied, through to the last one."""

    def last(entity: Entity) -> Entity:
        while isinstance(entity, AddressKey) and completed.get(entity, entity) != entity:
            entity = completed[entity]
        return entity

    return {key: last(completed.get(key, entity)) for key, entity in owner.items()}
