"""The six told stories, read from data/stories.toml: fixed people and addresses of every area.

Invariant: what is told is all that any agency knows of these people and addresses; nobody else
lives there. The dates are those of an area made as of TOLD_ON and move with it.
"""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from dataclasses import dataclass
from typing import Any

from areas.geography import DATA

TOLD_ON = dt.date(2026, 11, 2)


@dataclass(frozen=True, kw_only=True)
class Someone:
    """A person of a story; `stays` are (place, first day, last day or "")."""

    who: str
    given: str
    family: str
    born: str
    sex: str
    stays: tuple[tuple[str, str, str], ...]
    middle: str = ""
    died: str = ""
    parents: tuple[str, ...] = ()
    partner: str = ""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A record that a system holds of a person, as it knew them on a day."""

    system: str
    who: str
    on: str
    without: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Happened:
    """A contact; `who` are (person, role)."""

    system: str
    category: str
    at: str
    on: str
    summary: str
    status: str
    severity: str = ""
    who: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Holds:
    """A warning, plan or other indicator."""

    system: str
    kind: str
    code: str
    since: str
    at: str
    who: str = ""
    until: str = ""
    severity: str = ""
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class Story:
    """A story: what a practitioner asks at `place`, and what must appear (agency, fact)."""

    number: int
    title: str
    ask: str
    place: str
    must: tuple[tuple[str, str], ...]
    people: tuple[Someone, ...] = ()
    records: tuple[Seen, ...] = ()
    contacts: tuple[Happened, ...] = ()
    facts: tuple[Holds, ...] = ()

    def places(self) -> list[str]:
        """The story's other addresses."""
        named = [place for one in self.people for place, _, _ in one.stays]
        named += [one.at for one in self.contacts]
        return [place for place in dict.fromkeys(named) if place != self.place]


@functools.cache
def _file() -> dict[str, Any]:
    return tomllib.loads((DATA / "stories.toml").read_text(encoding="utf-8"))


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def _read(kind: type, entry: dict[str, Any]) -> Any:
    return kind(**{key: _tuples(value) for key, value in entry.items()})


_PARTS: dict[str, type] = {
    "people": Someone,
    "records": Seen,
    "contacts": Happened,
    "facts": Holds,
}


@functools.cache
def stories() -> tuple[Story, ...]:
    """The stories in their order."""
    told = []
    for entry in _file()["stories"]:
        parts = {
            name: tuple(_read(kind, one) for one in entry.get(name, ()))
            for name, kind in _PARTS.items()
        }
        plain = {key: _tuples(value) for key, value in entry.items() if key not in _PARTS}
        told.append(Story(**{**plain, **parts}))
    return tuple(told)


def place_names() -> list[str]:
    """The stories' addresses in the order in which they stand among the dwellings."""
    return list(_file()["places"])


def fixed_dwellings(area: str) -> list[dict[str, str]]:
    """The stories' dwellings in an area, in the order of `place_names`."""
    content = _file()
    postcodes = content["postcodes"][area]
    return [{**place, "postcode": postcodes[name]} for name, place in content["places"].items()]
