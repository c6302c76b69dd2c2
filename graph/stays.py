"""Who lives or lived where, from the residences that one viewer may see.

Invariant: only what a source says ends a stay. An open one is no longer current once a trusted
source puts the person elsewhere from a later day than anybody last confirmed it, or they died.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from graph.answers import AddressCard
from graph.store import Row

_TRUSTED = frozenset({"health", "adults", "children", "housing", "education"})


@dataclass(frozen=True, kw_only=True)
class Stay:
    """A person at an address. `seen_first` and `seen_until` bound what the evidence covers."""

    person_id: str
    address: AddressCard
    since: dt.date | None
    until: dt.date | None
    current: bool
    seen_first: dt.date | None
    seen_until: dt.date | None
    confirmed_on: dt.date | None
    agency_ids: frozenset[str]
    record_ids: frozenset[str]

    def overlaps(self, other: Stay) -> bool:
        """Whether both may have lived there on one day."""
        if self.current and other.current:
            return True
        begin = max(self.seen_first or dt.date.min, other.seen_first or dt.date.min)
        ends = [
            dt.date.max if stay.current else stay.seen_until or stay.seen_first or dt.date.min
            for stay in (self, other)
        ]
        return begin < min(ends)


@dataclass(kw_only=True)
class _Merged:
    rows: list[Row]
    begins: list[dt.date]
    confirmed: list[dt.date]
    trusted_start: dt.date | None
    until: dt.date | None


def card(row: Row) -> AddressCard:
    """The address of a row that has one."""
    return AddressCard(
        address_id=row["address_id"],
        line=row["line"] or "Address not known",
        postcode=row["postcode"],
        uprn=row["uprn"],
        kind=row["kind"] or "unknown",
    )


def derive(
    rows: Iterable[Row],
    *,
    kinds: Mapping[str, str | None],
    dead: Callable[[str], bool],
    today: dt.date,
) -> list[Stay]:
    """One stay for each person and address, in order of their ids.

    Args:
        rows: all that may be seen of where these people are recorded.
        kinds: agency -> its kind.
    """
    grouped: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        grouped[row["person_id"]][row["address_id"]].append(row)
    stays = []
    for person_id, by_address in grouped.items():
        merged = {key: _merge(given, kinds, today) for key, given in by_address.items()}
        gone = dead(person_id)
        for address_id, entry in merged.items():
            moved = _moved(entry, [m for key, m in merged.items() if key != address_id])
            stays.append(_stay(person_id, entry, current=not (entry.until or moved or gone)))
    return sorted(stays, key=lambda stay: (stay.person_id, stay.address.address_id))


def _merge(rows: list[Row], kinds: Mapping[str, str | None], today: dt.date) -> _Merged:
    begins, confirmed, trusted = [], [], []
    for row in rows:
        touched = row["updated_on"] or row["record_updated_on"]
        start = row["from_date"] or touched or row["to_date"]
        if start:
            begins.append(start)
            if kinds.get(row["agency_id"]) in _TRUSTED:
                trusted.append(start)
        seen = row["to_date"] or max(filter(None, (row["from_date"], touched)), default=None)
        if seen:
            confirmed.append(seen)
    ends = [row["to_date"] for row in rows]
    ended = all(end is not None and end <= today for end in ends)
    return _Merged(
        rows=rows,
        begins=begins,
        confirmed=confirmed,
        trusted_start=max(trusted, default=None),
        until=max(end for end in ends if end) if ended else None,
    )


def _moved(entry: _Merged, others: list[_Merged]) -> bool:
    last = max(entry.confirmed, default=None)
    return last is not None and any(
        other.until is None and other.trusted_start is not None and other.trusted_start > last
        for other in others
    )


def _stay(person_id: str, entry: _Merged, *, current: bool) -> Stay:
    told = [row["from_date"] for row in entry.rows if row["from_date"]]
    return Stay(
        person_id=person_id,
        address=card(entry.rows[0]),
        since=min(told, default=None),
        until=entry.until,
        current=current,
        seen_first=min(entry.begins, default=None),
        seen_until=entry.until or max(entry.confirmed, default=None),
        confirmed_on=max(entry.confirmed, default=None),
        agency_ids=frozenset(row["agency_id"] for row in entry.rows),
        record_ids=frozenset(row["record_id"] for row in entry.rows),
    )
