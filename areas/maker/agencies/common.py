"""What the writers of extracts share: keys of contacts and facts, and addresses as typed.

Invariant: writers only translate; every fact in an extract stands in its book.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from areas.maker.columns import Array, Columns, Ints, size, stack, texts
from areas.maker.faults import mistype
from areas.maker.files import write_csv
from areas.maker.population import Population
from areas.maker.sightings import PLACE, Book, place_columns
from areas.maker.stories import FIRST_DWELLING
from areas.maker.told import place_names


@dataclass(frozen=True, kw_only=True)
class Extract:
    """A file that was written: where it belongs and how many rows it has."""

    file: str
    agency: str
    dataset: str
    layout: str
    rows: int
    people: int = 0


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What a writer works with."""

    population: Population
    folder: Path
    rng: np.random.Generator
    as_of: str
    authority: str


Writer = Callable[[Path, Columns], None]


def write_tables(
    desk: Desk,
    tables: dict[str, Columns],
    *,
    agency: str,
    dataset: str,
    name: str,
    people: str,
    write: Writer = write_csv,
) -> list[Extract]:
    """Write a system's files.

    Args:
        desk: of the writer.
        tables: layout -> its columns under the system's headers.
        agency: whose they are.
        dataset: the system.
        name: file name with `{}` for the layout.
        people: the layout that holds person records.
        write: how; as plain CSV if not said.
    """
    extracts = []
    for layout, columns in tables.items():
        path = desk.folder / name.format(layout)
        write(path, columns)
        rows = size(columns)
        extracts.append(
            Extract(
                file=path.name,
                agency=agency,
                dataset=dataset,
                layout=layout,
                rows=rows,
                people=rows if layout == people else 0,
            )
        )
    return extracts


def coded(values: Array, codes: dict[str, str]) -> Array:
    """Kith's codes as the system's; an unknown one is an error of the maker."""
    return texts([codes[value] for value in values])


def joined(separator: str, *columns: Array) -> Array:
    """Columns joined row by row, empty parts left out."""
    return texts(
        [separator.join(part for part in row if part) for row in zip(*columns, strict=True)]
    )


def house(place: Columns) -> Array:
    """Building and number, as a `house` column has them."""
    return joined(" ", place["building"], place["number"])


def first_line(place: Columns) -> Array:
    """`Flat 3, Alder House, 18 Station Parade`."""
    road = joined(" ", place["number"], place["street"])
    return joined(", ", place["flat"], place["building"], road)


def typed_places(desk: Desk, dwelling: Ints, *, uprn: float, typing: float = 0.03) -> Columns:
    """Addresses of contacts and facts as somebody typed them; the stories' are typed right.

    Args:
        desk: of the writer.
        dwelling: where.
        uprn: share of them that carry the property number.
        typing: share of them with a slip in the street.
    """
    place = place_columns(desk.population, dwelling)
    last = FIRST_DWELLING + len(place_names())
    told = (dwelling >= FIRST_DWELLING) & (dwelling < last)
    lost = (desk.rng.random(len(dwelling)) > uprn) & ~(told & (uprn >= 0.5))
    place["uprn"][lost | (told & (uprn < 0.5))] = ""
    slips = np.flatnonzero((desk.rng.random(len(dwelling)) < typing) & ~told)
    place["street"][slips] = texts([mistype(desk.rng, street) for street in place["street"][slips]])
    unknown = desk.population.places.kind[dwelling] == "unknown"
    for name in PLACE:
        place[name][unknown] = ""
    return place


_CONTACT = ("category", "service", "status", "severity", "summary", "ring")
_FACT = ("record", "kind", "code", "value", "severity", "ring")


def _empty(words: Iterable[str], numbers: Iterable[str]) -> Columns:
    columns: Columns = {name: texts([]) for name in words}
    return columns | {name: np.zeros(0, dtype=np.int64) for name in numbers}


def contacts_of(book: Book, key: Callable[[int], str]) -> Columns:
    """All contacts of a book with their `key`, oldest first."""
    contacts = stack(book.contacts or [_empty(_CONTACT, ("on", "dwelling", "number"))])
    contacts["key"] = texts([key(int(number)) for number in contacts["number"]])
    order = np.lexsort((contacts["number"], contacts["on"]))
    return {name: values[order] for name, values in contacts.items()}


def parts_of(book: Book, key: Callable[[int], str]) -> Columns:
    """Who was involved in a book's contacts, with the contact's `key`; each once."""
    parts = stack(book.parts or [_empty(("record", "role"), ("number",))])
    parts["key"] = texts([key(int(number)) for number in parts["number"]])
    named = parts["record"] != ""
    once: dict[tuple[str, str], int] = {}
    for at in np.flatnonzero(named):
        once.setdefault((parts["key"][at], parts["record"][at]), int(at))
    rows = np.array(sorted(once.values()), dtype=np.int64)
    return {name: values[rows] for name, values in parts.items()}


def facts_of(book: Book, key: Callable[[int], str], kinds: Iterable[str] = ()) -> Columns:
    """Indicators of a book (of some kinds), with their `key`, oldest first."""
    facts = stack(book.indicators or [_empty(_FACT, ("start", "end", "dwelling"))])
    facts["key"] = texts([key(number) for number in range(size(facts))])
    wanted = list(kinds)
    keep = np.isin(facts["kind"], wanted) if wanted else np.ones(size(facts), dtype=bool)
    facts = {name: values[keep] for name, values in facts.items()}
    order = np.argsort(facts["start"], kind="stable")
    return {name: values[order] for name, values in facts.items()}


def subject_of(parts: Columns, contacts: Columns) -> Array:
    """The first person of each contact, for files that have a single column for them."""
    first: dict[str, str] = {}
    for contact, record in zip(parts["key"], parts["record"], strict=True):
        first.setdefault(contact, record)
    return texts([first.get(key, "") for key in contacts["key"]])


def written_date(birth: Array, pattern: str, year_only: str = "%Y") -> Array:
    """ISO dates (or years) as the system writes them."""
    table: dict[str, str] = {"": ""}
    for text in set(birth.tolist()) - {""}:
        if len(text) == 4:
            table[text] = year_only.replace("%Y", text)
        else:
            table[text] = dt.date.fromisoformat(text).strftime(pattern)
    return texts([table[text] for text in birth.tolist()])
