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
from areas.maker.told import STORIES
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
        json.dumps(stories(pack, population, cast, agency_of), indent=1, ensure_ascii=False) + "\n",
        encoding="utf-8",
        newline="\n",
    )


def stories(
    pack: Pack, population: Population, cast: Cast, agency_of: dict[str, str]
) -> dict[str, Any]:
    """The told stories of an area as data."""
    told = []
    for story in STORIES:
        address = _address(population, cast.dwelling[story.place])
        told.append(
            {
                "story": story.number,
                "title": story.title,
                "ask": story.ask,
                **address,
                "linked": [_address(population, cast.dwelling[name]) for name in _linked(story)],
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
                    {"agency": agency_of.get(agency, agency), "fact": fact}
                    for agency, fact in story.must
                ],
                "agencies": sorted({agency_of[one] for one in _systems(story)}),
            }
        )
    return {
        "area": pack.area,
        "as_of": date_texts(np.array([population.until]))[0],
        "stories": told,
    }


def _systems(story: Any) -> set[str]:
    return {one.system for one in (*story.records, *story.contacts, *story.facts)}


def _linked(story: Any) -> list[str]:
    places = [place for one in story.people for place, _, _ in one.stays]
    places += [one.at for one in story.contacts]
    return [place for place in dict.fromkeys(places) if place != story.place]


def _home(cast: Cast, stay: tuple[str, str, str | None]) -> int:
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
        f"| {one.file} | {one.agency}/{one.dataset} | {one.layout} | {one.rows} | {one.people or ''} |"
        for one in extracts
    )
    told = "\n".join(f"{story.number}. {story.title}. {story.ask}" for story in STORIES)
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
