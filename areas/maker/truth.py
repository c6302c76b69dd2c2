"""The truth beside the extracts: who is who, who lives with whom, and the stories.

Invariant: every person record of every extract stands in truth.csv once per source key.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from areas.maker.agencies.common import Extract, first_line
from areas.maker.columns import Array, Columns, date_texts, size, stack, texts
from areas.maker.files import write_csv
from areas.maker.population import Population
from areas.maker.stories import Cast
from areas.maker.told import Story, stories
from areas.pack import Pack


def person_ids(person: Array) -> Array:
    """How the truth names people."""
    return texts([f"P{number:07d}" for number in person.tolist()])


def truth_rows(agency: str, system: str, people: Columns) -> Columns:
    """The rows of truth.csv of one system."""
    return {
        "agency": texts([agency] * size(people)),
        "system": texts([system] * size(people)),
        "source_key": people["key"],
        "person": person_ids(people["person"]),
    }


def write_truth(folder: Path, parts: list[Columns]) -> int:
    """Write truth.csv; the answer is its number of rows."""
    table = stack(parts)
    write_csv(folder / "truth.csv", table)
    return size(table)


def write_households(folder: Path, population: Population, known: Array) -> int:
    """Write who lived where and when, for people of whom any agency has a record."""
    stays = population.stays
    places = population.places
    rows = np.flatnonzero(
        np.isin(stays["person"], known) & (places.kind[stays["dwelling"]] != "unknown")
    )
    dwelling = stays["dwelling"][rows]
    where = {name: values[dwelling] for name, values in places.columns.items()}
    table = {
        "address": texts([f"D{number:06d}" for number in dwelling.tolist()]),
        "address_line": first_line(where),
        "postcode": where["postcode"],
        "uprn": where["uprn"],
        "kind": places.kind[dwelling],
        "person": person_ids(stays["person"][rows]),
        "from": date_texts(stays["start"][rows]),
        "to": date_texts(stays["end"][rows]),
    }
    order = np.lexsort((stays["start"][rows], stays["person"][rows], dwelling))
    write_csv(
        folder / "truth_households.csv", {key: values[order] for key, values in table.items()}
    )
    return len(rows)


def write_stories(
    folder: Path, pack: Pack, population: Population, cast: Cast, agency_of: dict[str, str]
) -> None:
    """Write stories.json: what to ask, where, and what must appear."""
    (folder / "stories.json").write_text(
        json.dumps(told_stories(pack, population, cast, agency_of), indent=1, ensure_ascii=False)
        + "\n",
        encoding="utf-8",
        newline="\n",
    )


def told_stories(
    pack: Pack, population: Population, cast: Cast, agency_of: dict[str, str]
) -> dict[str, Any]:
    """The told stories of an area as data."""
    told = []
    for story in stories():
        dwelling = cast.dwelling[story.place]
        address = _address(population, dwelling)
        told.append(
            {
                "story": story.number,
                "title": story.title,
                "ask": story.ask,
                **address,
                "linked": [_address(population, cast.dwelling[name]) for name in story.places()],
                "people": [
                    {
                        "person": f"P{cast.person[one.who]:07d}",
                        "given_name": one.given,
                        "family_name": one.family,
                        "full_name": f"{one.given} {one.family}",
                        "birth_date": one.born,
                        "lives_at": _address(population, _home(cast, one.stays[-1]))[
                            "address_line"
                        ],
                    }
                    for one in story.people
                ],
                "must_appear": [
                    {"agency": _named(population, agency_of, agency, dwelling), "fact": fact}
                    for agency, fact in story.must
                ],
                "agencies": sorted(
                    {_agency(population, cast, agency_of, one) for one in _told(story)}
                ),
            }
        )
    return {
        "area": pack.area,
        "as_of": date_texts(np.array([population.until]))[0],
        "stories": told,
    }


_COUNCILS = {
    "W06000019": "bg_social",
    "W06000018": "caerphilly_social",
    "W06000020": "torfaen_social",
}


def _told(story: Story) -> list[Any]:
    return [*story.records, *story.contacts, *story.facts]


def _agency(population: Population, cast: Cast, agency_of: dict[str, str], told: Any) -> str:
    """Who holds what is told: the agency of its system, by council where there are several."""
    if hasattr(told, "at"):
        dwelling = cast.dwelling[told.at]
    else:
        person = np.array([cast.person[told.who]])
        dwelling = int(population.dwelling_at(person, np.array([cast.on(told.on)]))[0][0])
    return _named(population, agency_of, told.system, dwelling)


def _named(population: Population, agency_of: dict[str, str], system: str, dwelling: int) -> str:
    council = str(population.places.columns["authority"][dwelling])
    if system in {"children", "adults"} and council in _COUNCILS:
        return _COUNCILS[council]
    return agency_of.get(system, system)


def _home(cast: Cast, stay: tuple[str, str, str]) -> int:
    return cast.dwelling[stay[0]]


def _address(population: Population, dwelling: int) -> dict[str, str]:
    one = np.array([dwelling])
    where = {name: values[one] for name, values in population.places.columns.items()}
    line = first_line(where)[0]
    return {
        "address_line": line,
        "postcode": where["postcode"][0],
        "town": where["town"][0],
        "uprn": where["uprn"][0],
        "typed": f"{line} {where['postcode'][0]}",
    }


def write_readme(folder: Path, pack: Pack, extracts: list[Extract], lines: list[str]) -> None:
    """Write what is in the folder."""
    table = "\n".join(
        f"| {one.file} | {one.agency}/{one.dataset} | {one.layout} "
        f"| {one.rows} | {one.people or ''} |"
        for one in extracts
    )
    told = "\n".join(f"{story.number}. {story.title}. {story.ask}" for story in stories())
    text = (
        f"# Invented extracts of {pack.label}\n\n"
        "Every person here is invented; postcodes and their positions are real, streets and\n"
        "house numbers are not. NHS numbers come from the 999 range, telephone numbers from the\n"
        "ranges kept for drama, e-mail addresses from example.org.\n\n"
        + "\n".join(f"- {line}" for line in lines)
        + "\n\n| file | dataset | layout | rows | people |\n|---|---|---|---|---|\n"
        + table
        + "\n\n`truth.csv` says who is who (agency, system, source_key, person),\n"
        "`truth_households.csv` who lived where from when to when, `stories.json` what the six\n"
        f"told stories must show:\n\n{told}\n"
    )
    (folder / "README.md").write_text(text, encoding="utf-8", newline="\n")
