"""Invented streets and dwellings on real postcodes.

Invariant: a postcode and its position are real; the street, the number and the property number
are not. Dwelling 0 is no fixed abode, dwelling 1 stands for "outside the area".
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass

import numpy as np

from areas.geography import DATA, deprivation, geography
from areas.maker.columns import Array, Columns, Ints, stack, stream, texts
from areas.maker.numbers import uprns
from areas.pack import Pack

NO_FIXED_ABODE, OUTSIDE = 0, 1

_OBSOLETE = {"BS18", "BS19", "NPT", "NP1", "NP2", "NP3", "NP6", "NP9", "CF4", "CF8"}
_WORDS = tomllib.loads((DATA / "streets.toml").read_text(encoding="utf-8"))
_STEMS, _ENDS, _BLOCKS = (_WORDS[name].split() for name in ("stems", "ends", "blocks"))
_HOSTELS, _HOMES = _WORDS["hostels"], _WORDS["homes"]


@dataclass(frozen=True)
class Places:
    """The dwellings of an area; every column has one row for each dwelling."""

    columns: Columns
    kind: Array
    free: Ints
    hostels: Ints
    homes: Ints

    def __len__(self) -> int:
        return len(self.kind)


def make_places(pack: Pack, dwellings: int, seed: int, fixed: list[dict[str, str]]) -> Places:
    """Invent dwellings for an area.

    Args:
        pack: the area.
        dwellings: about how many ordinary dwellings.
        seed: of the area.
        fixed: dwellings that the told stories need, in front of the invented ones; nobody else
            lives there and no invented dwelling has the same number on the same street.
    """
    rng = stream(seed, "places")
    parts = [_pseudo(), _fixed(pack, fixed)]
    ordinary = _ordinary(pack, dwellings, rng)
    taken = {(place["street"], place["postcode"], place["number"]) for place in fixed}
    keep = [
        key not in taken
        for key in zip(ordinary["street"], ordinary["postcode"], ordinary["number"], strict=True)
    ]
    parts.append({key: values[np.array(keep)] for key, values in ordinary.items()})
    parts.append(_shared(ordinary, max(1, dwellings // 2500), rng))
    columns = stack(parts)
    kind = columns.pop("kind")
    first = len(parts[0]["kind"]) + len(parts[1]["kind"])
    columns["uprn"] = uprns(rng, len(kind))
    columns["uprn"][[NO_FIXED_ABODE, OUTSIDE]] = ""
    columns["decile"] = _deciles(columns["small_area"])
    numbers = np.arange(len(kind))
    ordinary_ones = numbers[(kind == "dwelling") & (numbers >= first)]
    return Places(
        columns,
        kind,
        ordinary_ones,
        numbers[kind == "hostel"],
        numbers[kind == "institution"],
    )


def _row(**given: str) -> dict[str, str]:
    empty = dict.fromkeys(
        ("flat", "building", "number", "street", "town", "postcode", "small_area", "authority"), ""
    )
    return {**empty, "kind": "dwelling", **given}


def _columns(rows: list[dict[str, str]]) -> Columns:
    keys = list(_row())
    return {key: texts([row[key] for row in rows]) for key in keys}


def _pseudo() -> Columns:
    return _columns(
        [
            _row(street="No Fixed Abode", postcode="ZZ99 3VZ", kind="no_fixed_abode"),
            _row(street="Not known", kind="unknown"),
        ]
    )


def _fixed(pack: Pack, fixed: list[dict[str, str]]) -> Columns:
    table = geography(pack.area).to_pandas().set_index("postcode")
    rows = []
    for place in fixed:
        found = table.loc[place["postcode"]]
        rows.append(
            _row(
                town=pack.towns.get(place["postcode"].split()[0], pack.label),
                small_area=found["small_area"],
                authority=found["authority"],
                **place,
            )
        )
    return _columns(rows)


def _ordinary(pack: Pack, dwellings: int, rng: np.random.Generator) -> Columns:
    table = geography(pack.area).to_pandas()
    district = table["postcode"].str.split().str[0]
    table = table[~district.isin(_OBSOLETE)].reset_index(drop=True)
    wanted = min(len(table), max(60, dwellings // 9))
    chosen = np.sort(rng.choice(len(table), wanted, replace=False))
    per = max(4, round(dwellings / wanted))
    rows: list[dict[str, str]] = []
    street, left = "", 0
    for index in chosen:
        if left == 0:
            street = f"{_STEMS[rng.integers(len(_STEMS))]} {_ENDS[rng.integers(len(_ENDS))]}"
            left, start = int(rng.integers(1, 4)), 1
        left -= 1
        place = table.iloc[index]
        base = {
            "street": street,
            "postcode": place["postcode"],
            "town": pack.towns.get(place["postcode"].split()[0], pack.label),
            "small_area": place["small_area"],
            "authority": place["authority"],
        }
        count = int(rng.integers(max(2, per // 2), per + per // 2 + 2))
        rows += _numbers(base, start, count, rng)
        start += 2 * count
    return _columns(rows)


def _numbers(
    base: dict[str, str], start: int, count: int, rng: np.random.Generator
) -> list[dict[str, str]]:
    """The dwellings of one postcode: a row of houses, or a block of flats."""
    style = rng.random()
    number = start + int(rng.integers(0, 2))
    if style < 0.08:
        name = f"{_STEMS[rng.integers(len(_STEMS))]} {_BLOCKS[rng.integers(len(_BLOCKS))]}"
        return [
            _row(flat=f"Flat {flat}", building=name, number=str(number), **base)
            for flat in range(1, 2 * count + 1)
        ]
    if style < 0.15:
        return [
            _row(flat=f"Flat {flat}", number=str(number + 2 * (house // 3)), **base)
            for house in range(count)
            for flat in [house % 3 + 1]
        ]
    if style < 0.2:
        return [
            _row(number=f"{number + 2 * (house // 2)}{'AB'[house % 2]}", **base)
            for house in range(count)
        ]
    step = 1 if style < 0.45 else 2
    return [_row(number=str(number + step * house), **base) for house in range(count)]


def _shared(ordinary: Columns, count: int, rng: np.random.Generator) -> Columns:
    rows = []
    at = rng.choice(len(ordinary["street"]), 2 * count, replace=False)
    for order, index in enumerate(at):
        names, kind = (_HOSTELS, "hostel") if order % 2 else (_HOMES, "institution")
        base = {key: str(ordinary[key][index]) for key in ("street", "town", "postcode")}
        base |= {key: str(ordinary[key][index]) for key in ("small_area", "authority")}
        building = names[(order // 2) % len(names)]
        rows.append(_row(building=building, number=str(200 + 2 * order), kind=kind, **base))
    return _columns(rows)


def _deciles(small_areas: Array) -> Ints:
    table = deprivation()
    return np.array([table.get(code, 5) for code in small_areas], dtype=np.int64)
