"""Addresses told from the index: their rows, and the evidence that they are known again by.

Invariant: what is told of an address is what `resolve_addresses` tells of it among all.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pyarrow as pa

from resolution.address_index import AddressIndex, Code, Way
from resolution.address_matching import Entity, members
from resolution.addresses import address_rows, read_place


@dataclass(frozen=True, kw_only=True)
class Described:
    """Addresses as they are now: those with a place, one row each, in the same order."""

    codes: list[Code]
    rows: pa.Table
    evidence: list[set[str]]

    def __add__(self, other: Described) -> Described:
        """Both, if no address is in both."""
        rows = pa.concat_tables([self.rows, other.rows])
        numbers = pa.array(range(rows.num_rows), pa.int32())
        return Described(
            codes=self.codes + other.codes,
            rows=rows.set_column(0, rows.schema.field(0), numbers),
            evidence=self.evidence + other.evidence,
        )


def describe(index: AddressIndex, codes: Collection[Code]) -> Described:
    """Tell addresses; those without a place are left out."""
    ways = sorted(index.ways("address", codes), key=_order)
    places = [read_place(*way.written, way.uses) for way in ways]
    index.keys({way.key_no for way in ways} | _numbers(ways))
    rows = address_rows(
        places, [way.kind for way in ways], [index.entity(way.address) for way in ways]
    )
    found = list(dict.fromkeys(way.address for way in ways))
    evidence = _evidence(index, {way.key_no for way in ways})
    return Described(
        codes=found, rows=rows, evidence=[evidence[index.entity(code)] for code in found]
    )


def _evidence(index: AddressIndex, keys: Collection[int]) -> dict[Entity, set[str]]:
    """Of all addresses that have a place under one of some keys; whole for those of no other."""
    ways = index.ways("key_no", keys)
    index.keys(_numbers(ways))
    return members(
        [index.key(way.key_no) for way in ways],
        [index.entity(way.address) for way in ways],
        [read_place(*way.written, way.uses) for way in ways],
        elsewhere={index.entity(code) for code in index.leading(keys)},
    )


def _numbers(ways: Collection[Way]) -> set[int]:
    return {way.address for way in ways if isinstance(way.address, int)}


def _order(way: Way) -> tuple[tuple[bool, str], ...]:
    line, flat, uprn, postcode = way.written
    return tuple((part is None, part or "") for part in (postcode, line, flat, uprn))
