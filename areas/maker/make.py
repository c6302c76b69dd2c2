"""Making an area: places, people, what agencies hold, their extracts, and the truth.

Invariant: the same area, size, seed and day give the same bytes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from areas.maker.agencies import adults, children, education, fire, housing, nhs, police, vip
from areas.maker.agencies.common import Desk, Extract
from areas.maker.agencies.vip_layouts import LAYOUTS
from areas.maker.books import write_books
from areas.maker.columns import Columns, stream
from areas.maker.places import make_places
from areas.maker.population import Population, make_population
from areas.maker.sightings import Book
from areas.maker.stories import with_cast
from areas.maker.systems_gwent import VIP_PEOPLE
from areas.maker.told import TOLD_ON, fixed_dwellings
from areas.maker.truth import (
    truth_rows,
    write_households,
    write_readme,
    write_stories,
    write_truth,
)
from areas.pack import Pack, PackError, read_pack

DEFAULT_PEOPLE = 10_200
DEFAULT_AREA = "walsall"

Progress = Callable[[str, float], None]


@dataclass(frozen=True, kw_only=True)
class AreaReport:
    """What was made: `records` are person records over all systems."""

    area: str
    folder: Path
    people: int
    records: int
    known_people: int
    extracts: tuple[Extract, ...]


_AGENCY_OF = {
    "seven": {"pds": "nhs", "emergency": "nhs"},
    "five": {
        "pds": "health_board",
        "emergency": "health_board",
        "nhs": "health_board",
        "police": "gwent_police",
    },
}
"""What the stories' systems and agencies are called in an area, where they differ."""


def make_area(
    area: str,
    *,
    out: Path,
    people: int | None = None,
    scale: str | None = None,
    seed: int = 1,
    as_of: dt.date = TOLD_ON,
    progress: Progress | None = None,
) -> AreaReport:
    """Invent the people of a place and write their agencies' extracts.

    Args:
        area: an area with a pack.
        out: folder to write to; made if it is not there.
        people: how many people (10,200 give about 20,000 records in seven agencies).
        scale: `demo` (the default) or `vip` (Gwent's five agencies, 233,084 records).
        seed: the same seed gives the same bytes.
        as_of: the day of the extracts.
        progress: is told what is being done and the share that is done.

    Raises:
        PackError: there is no such area or scale.
    """
    tell = progress or (lambda _message, _share: None)
    pack = read_pack(area)
    large = _is_large(pack, scale)
    size_of_area = VIP_PEOPLE if large else people or DEFAULT_PEOPLE
    out.mkdir(parents=True, exist_ok=True)
    tell("inventing streets", 0.0)
    places = make_places(pack, round(size_of_area * 0.62), seed, fixed_dwellings(area))
    tell("inventing people", 0.1)
    population = make_population(pack, places, size_of_area, seed, as_of)
    population, cast = with_cast(population, pack)
    tell("filling the agencies' systems", 0.4)
    books = write_books(pack, population, cast, size_of_area, seed, vip=large)
    tell("writing extracts", 0.6)
    extracts, truth = _write(pack, books, population, out, seed, as_of)
    tell("writing the truth", 0.9)
    records = write_truth(out, truth)
    known = np.unique(np.concatenate([book.people["person"] for book in books.values()]))
    write_households(out, population, known)
    write_stories(out, pack, population, cast, _AGENCY_OF[pack.systems["layout"]])
    lines = [
        f"{len(population)} people since 2012, {len(known)} of them known to an agency",
        f"{records} person records, as of {as_of.isoformat()}, seed {seed}",
    ]
    write_readme(out, pack, extracts, lines)
    tell("done", 1.0)
    return AreaReport(
        area=area,
        folder=out,
        people=len(population),
        records=records,
        known_people=len(known),
        extracts=tuple(extracts),
    )


def _is_large(pack: Pack, scale: str | None) -> bool:
    if scale not in {None, "demo", "vip"}:
        raise PackError("there is no such scale; there are: demo, vip")
    if scale == "vip" and pack.systems["layout"] != "five":
        raise PackError("the scale vip is that of gwent's five agencies: choose that area")
    return scale == "vip"


_WRITERS: dict[str, Callable[[Book, Desk], list[Extract]]] = {
    "police": police.write,
    "adults": adults.write,
    "education": education.write,
    "pds": nhs.write_demographics,
    "emergency": nhs.write_emergency,
    "housing": housing.write,
    "fire": fire.write,
    **dict.fromkeys(LAYOUTS, vip.write),
}


def _write(
    pack: Pack,
    books: dict[str, Book],
    population: Population,
    out: Path,
    seed: int,
    as_of: dt.date,
) -> tuple[list[Extract], list[Columns]]:
    extracts: list[Extract] = []
    truth: list[Columns] = []
    for name, book in books.items():
        desk = Desk(
            population=population,
            folder=out,
            rng=stream(seed, f"extract {name}"),
            as_of=as_of.isoformat(),
            authority=next(iter(pack.school_authority.values())),
        )
        if name == "children":
            written, census = children.write(book, desk)
            truth.append(truth_rows("children", "cin", census))
        else:
            written = _WRITERS[name](book, desk)
        first = written[0]
        for extract in written:
            # An agency with nothing to say of a kind sends no file, not an empty one.
            if extract.rows:
                extracts.append(extract)
            else:
                (out / extract.file).unlink()
        truth.append(truth_rows(first.agency, first.dataset, book.people))
    return extracts, truth
