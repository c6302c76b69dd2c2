"""Addresses matched again where ways of writing came, went or are used otherwise.

Invariant: afterwards the index holds what matching all places would give. Each stage of
`address_matching` groups again only what a difference in the stage before touches: streets by
postcode, keys by their places, completions by (street, number, flat) and by (postcode, number,
flat), UPRNs by their places; what a group gives as before is passed on to nobody.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from resolution.address_index import AddressIndex, Code, KeyRow, Way, Written, towns_text
from resolution.address_matching import (
    AddressKey,
    Place,
    Told,
    complete,
    entity_of,
    key_of,
    main_keys,
    tell_keys,
)
from resolution.addresses import read_place
from resolution.streets import settle_streets

Used = tuple[int, Mapping[str, int]]
"""How much more often a place is written so, and with which kinds; less often, if negative."""


@dataclass(kw_only=True)
class Regrouped:
    """What came of it: the places and the addresses that may be told otherwise.

    Attributes:
        moved: ways of writing that are another address than before; not those that are new.
        addresses: the codes of addresses whose places, or those of whose keys, differ; some of
            them may have no place any more.
    """

    moved: list[Written] = field(default_factory=list)
    addresses: set[Code] = field(default_factory=set)


class Regrouping:
    """One change on its way through the stages."""

    def __init__(self, index: AddressIndex) -> None:
        self._index = index
        self._was: dict[int, Way | None] = {}  # ways that changed, as they were; None: new
        self._new: dict[int, Place] = {}
        self._places: dict[int, Place] = {}

    def run(self, used: Mapping[Written, Used]) -> Regrouped:
        """Match again.

        Args:
            used: how places are written otherwise than the index knows.
        """
        self._change(used)
        if not self._was:
            return Regrouped()
        dirty = self._tell_keys(self._settle() | self._keys_before())
        return self._find_addresses(self._complete(dirty))

    def _keys_before(self) -> set[int]:
        return {way.key_no for way in self._was.values() if way}

    def _place(self, way: Way) -> Place:
        if way.no not in self._places:
            self._places[way.no] = read_place(*way.written, way.uses)
        return self._places[way.no]

    def _change(self, used: Mapping[Written, Used]) -> None:
        """Write which places there are, how often and of which kind."""
        index, otherwise, gone = self._index, [], []
        for written, (more, kinds) in used.items():
            way = index.find(written)
            uses, stated = _sum(way, more, kinds)
            if way is None and uses:
                place = read_place(*written, uses)
                number = index.add_way(written, uses, stated, place.parsed.street)
                self._was[number] = None
                self._new[number] = place
            elif way is not None and (uses, stated) != (way.uses, way.kinds):
                self._was[way.no] = way
                otherwise.append((uses, stated, way.no))
                if not uses:
                    gone.append(way.no)
        index.set_ways("uses", ((uses, number) for uses, _, number in otherwise))
        index.set_ways("kinds", ((stated, number) for _, stated, number in otherwise))
        index.drop_ways(gone)

    def _settle(self) -> set[int]:
        """Bring streets to one spelling where it may have changed; the keys that places get."""
        index = self._index
        postcodes = {row.key.postcode for row in index.keys(self._keys_before())}
        postcodes |= {place.parsed.postcode or "" for place in self._new.values()}
        stand = index.streets(postcodes - {""})
        typed = [(postcode, street, uses) for _, postcode, street, _, uses in stand]
        typed += [
            (place.parsed.postcode, place.parsed.street, place.uses)
            for place in self._new.values()
            if place.parsed.postcode and place.parsed.street
        ]
        spelling = settle_streets(typed)
        otherwise = [no for no, at, street, settled, _ in stand if spelling[at, street] != settled]
        keys = {number: key_of(place.parsed, spelling) for number, place in self._new.items()}
        for way in index.ways("no", otherwise):
            self._was.setdefault(way.no, way)
            keys[way.no] = key_of(self._place(way).parsed, spelling)
        numbers = {number: index.number(key) for number, key in keys.items()}
        index.set_ways("key_no", ((key, number) for number, key in numbers.items()))
        return set(numbers.values()) | self._keys_before()

    def _tell_keys(self, touched: Collection[int]) -> list[KeyRow]:
        """Tell keys by their places again; those that say something else now, as they were."""
        index = self._index
        before = index.keys(touched)
        ways = index.ways("key_no", touched)
        told = tell_keys(list(map(self._place, ways)), [index.key(way.key_no) for way in ways])
        changed = [row for row in before if row.key in told.own and _says(row) != _told(told, row)]
        index.set_keys((*_told(told, row), row.no) for row in changed)
        gone = [row for row in before if row.key not in told.own]
        index.drop_keys([row.no for row in gone])
        return changed + gone

    def _complete(self, dirty: Collection[KeyRow]) -> set[int]:
        """Complete keys with a slip or a gap, wherever what they may mean changed.

        Returns:
            The keys of another address than before.
        """
        index = self._index
        streets = {row.key.within: row.key for row in dirty if _in_street(row.key)}
        together = [row for key in streets.values() for row in index.within(key)]
        others = index.keys({row.no for row in dirty if not _in_street(row.key)})
        owned = self._own(together) | self._own(others)
        wavering = [row.key for row in dirty] + [row.key for row in together if row.no in owned]
        numbers = {(key.postcode, key.number, key.flat): key for key in wavering if key.postcode}
        for key in numbers.values():
            group = index.at_number(key) if key.number else []
            if not all(row.key.street for row in group):
                owned |= self._own(group, settled=True)
        return owned

    def _own(self, rows: Collection[KeyRow], *, settled: bool = False) -> set[int]:
        """Complete keys that may mean each other; those of another address than before.

        Args:
            settled: those with a street have the owner that they have.
        """
        index = self._index
        index.keys({row.owner for row in rows if isinstance(row.owner, int)})
        told = Told(uses=Counter(), towns={}, own={})
        for row in rows:
            told.uses[row.key] = row.uses
            told.towns[row.key] = set(row.towns.split("\n")) - {""}
            stands = settled and row.key.street
            told.own[row.key] = index.entity(row.owner) if stands else row.own or row.key
        owner = complete(told)
        changed = [(index.code(owner[row.key]), row) for row in rows]
        changed = [(code, row) for code, row in changed if code != row.owner]
        index.set_owners((code, row.no) for code, row in changed)
        return {row.no for _, row in changed}

    def _find_addresses(self, owned: Collection[int]) -> Regrouped:
        """Tell which address each place is, wherever that may have changed."""
        index = self._index
        at = index.ways("key_no", owned)
        now = [*index.ways("no", self._was), *at]
        uprns = {way.written[2] for way in [*self._was.values(), *now] if way}
        written = index.ways("uprn", [uprn for uprn in uprns if uprn])
        ways = {way.no: way for way in [*now, *written]}
        owner = self._owners({way.key_no for way in ways.values()})
        main_key = main_keys(map(self._place, written), [index.key(way.key_no) for way in written])
        moved = []
        for way in ways.values():
            entity = entity_of(index.key(way.key_no), way.written[2], owner, main_key)
            code = index.code(entity)
            if code != way.address:
                self._was.setdefault(way.no, way)
                moved.append((code, way))
        index.set_ways("address", ((code, way.no) for code, way in moved))
        return Regrouped(
            moved=[way.written for _, way in moved if way.address], addresses=self._addresses_near()
        )

    def _owners(self, keys: Collection[int]) -> dict[AddressKey, str | AddressKey]:
        index = self._index
        rows = index.keys(keys)
        index.keys({row.owner for row in rows if isinstance(row.owner, int)})
        return {row.key: index.entity(row.owner) for row in rows}

    def _addresses_near(self) -> set[Code]:
        """The addresses of what changed, before and after, and those that share a key with it."""
        before = [way for way in self._was.values() if way]
        changed = [*before, *self._index.ways("no", self._was)]
        found = {way.address for way in changed} - {0}
        keys = {way.key_no for way in changed}
        keys |= {code for code in found if isinstance(code, int)}
        return found | {way.address for way in self._index.ways("key_no", keys)}


def _sum(way: Way | None, more: int, kinds: Mapping[str, int]) -> tuple[int, str | None]:
    """How often a place is written in the end, and how often with each kind."""
    counts = Counter(json.loads(way.kinds) if way and way.kinds else {})
    counts.update(kinds)
    left = {kind: count for kind, count in sorted(counts.items()) if count}
    uses = (way.uses if way else 0) + more
    return uses, json.dumps(left, separators=(",", ":")) if left else None


def _in_street(key: AddressKey) -> bool:
    """Whether a key may mean, or be meant by, others of its street's name and number."""
    return bool(key.street and (key.number or key.flat))


Says = tuple[int, str, str | None]


def _says(row: KeyRow) -> Says:
    return row.uses, row.towns, row.own


def _told(told: Told, row: KeyRow) -> Says:
    own = told.own[row.key]
    towns = towns_text(told.towns.get(row.key, ()))
    return told.uses[row.key], towns, own if isinstance(own, str) else None
