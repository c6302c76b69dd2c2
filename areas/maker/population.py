"""An area's invented people: who they are, what they were called, where they lived and when.

Invariant: this is the truth that the agencies see in part; nothing here is wrong or missing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from areas.maker.columns import (
    NEVER,
    Array,
    Columns,
    Ints,
    date_texts,
    day,
    size,
    stack,
    stream,
    texts,
    years,
)
from areas.maker.lives import START, Lives
from areas.maker.names import NameBook, by_sex, name_book
from areas.maker.numbers import landlines, mobiles, nhs_numbers, upns
from areas.maker.places import Places
from areas.maker.years import simulate
from areas.pack import Pack

_KEY = 10_000_000


@dataclass(frozen=True)
class Population:
    """The truth. `people` has a row per person, `stays` one per person and dwelling lived at,
    `names` one per person and surname borne, `bonds` one per relation of two people.
    """

    places: Places
    people: Columns
    stays: Columns
    names: Columns
    bonds: Columns
    until: int

    def __len__(self) -> int:
        return size(self.people)

    def dwelling_at(self, person: Ints, on: Ints) -> tuple[Ints, Ints]:
        """Dwelling and first day there of people on days; the nearest one if they had none."""
        at = _lookup(self.stays["person"], self.stays["start"], person, on)
        return self.stays["dwelling"][at], self.stays["start"][at]

    def family_at(self, person: Ints, on: Ints) -> Array:
        """Surname of people on days."""
        at = _lookup(self.names["person"], self.names["start"], person, on)
        return self.names["family"][at]

    def age(self, on: int) -> Array:
        """Age in years on a day."""
        return (on - self.people["birth"]) / 365.25

    def alive(self, on: int) -> Array:
        """Born and not dead on a day."""
        return (self.people["birth"] <= on) & (self.people["death"] > on)


def _lookup(people: Ints, starts: Ints, person: Ints, on: Ints) -> Ints:
    """The last row of each person that starts by the day, else the person's first."""
    shift = 200_000
    key = people * _KEY + starts + shift
    at = np.searchsorted(key, person * _KEY + on + shift, side="right") - 1
    first = np.searchsorted(people, person, side="left")
    return np.maximum(at, first)


def make_population(
    pack: Pack, places: Places, people: int, seed: int, until: dt.date
) -> Population:
    """Invent the people of an area and their lives since 2012."""
    book = name_book()
    lives = Lives(
        rng=stream(seed, "lives"),
        places=places,
        capacity=people,
        shares=book.shares(pack.area),
    )
    simulate(lives, round(people * 0.86), day(until))
    return _describe(pack, lives, book, seed, day(until))


def _describe(pack: Pack, lives: Lives, book: NameBook, seed: int, until: int) -> Population:
    rng = stream(seed, "names")
    count = lives.count
    people: Columns = {
        key: lives[key].copy() for key in ("birth", "death", "mother", "father", "origin", "twin")
    }
    people["female"] = lives["female"].copy()
    people["partner"] = lives["partner"].copy()
    people["given"] = _given_names(rng, lives, book)
    people["middle"] = _middle_names(rng, lives, book, people["given"])
    born = _family_names(rng, lives, book)
    names = _name_history(rng, lives, book, born, until)
    people["born_family"] = by_sex(born, people["female"])
    people["ethnicity"] = book.ethnicity[people["origin"]]
    stays = stack(lives.stays)
    order = np.lexsort((stays["start"], stays["person"]))
    stays = {key: values[order] for key, values in stays.items()}
    _add_numbers(pack, rng, people, count)
    bonds = _bonds(lives, until)
    _add_need(rng, people, stays, lives.places)
    return Population(lives.places, people, stays, names, bonds, until)


def _given_names(rng: np.random.Generator, lives: Lives, book: NameBook) -> Array:
    year = years(lives["birth"])
    given = book.draw_given(rng, lives["origin"], lives["female"], year)
    for _ in range(3):
        # No two children of one mother share a forename; twins least of all.
        pair = np.array(
            [f"{mother}|{name}" for mother, name in zip(lives["mother"], given, strict=True)]
        )
        _, first = np.unique(pair, return_index=True)
        again = np.ones(len(given), dtype=bool)
        again[first] = False
        again &= lives["mother"] >= 0
        given[again] = book.draw_given(
            rng, lives["origin"][again], lives["female"][again], year[again]
        )
    father, mother = lives["father"], lives["mother"]
    sons = np.flatnonzero(~lives["female"] & (father >= 0) & (rng.random(lives.count) < 0.025))
    _, eldest = np.unique(father[sons], return_index=True)
    sons = sons[eldest]
    given[sons] = given[father[sons]]
    girls = np.flatnonzero(lives["female"] & (mother >= 0) & (rng.random(lives.count) < 0.004))
    given[girls] = given[mother[girls]]
    return given


def _middle_names(rng: np.random.Generator, lives: Lives, book: NameBook, given: Array) -> Array:
    middle = book.draw_given(rng, lives["origin"], lives["female"], years(lives["birth"]))
    second = book.draw_given(rng, lives["origin"], lives["female"], years(lives["birth"]))
    two = rng.random(lives.count) < 0.09
    middle = texts(
        [f"{a} {b}" if both else a for a, b, both in zip(middle, second, two, strict=True)]
    )
    none = rng.random(lives.count) < np.where(lives["origin"] == 0, 0.2, 0.55)
    middle[none | (middle == given)] = ""
    sikh = lives["origin"] == book.origins.index("sikh")
    middle[sikh] = np.where(lives["female"][sikh], "Kaur", "Singh")
    return middle


def _family_names(rng: np.random.Generator, lives: Lives, book: NameBook) -> Array:
    """Surnames at birth: a parent's, or drawn where no parent is known."""
    ids = np.arange(lives.count)
    father, mother = lives["father"], lives["mother"]
    source = np.where(
        (father >= 0) & ((mother < 0) | (rng.random(lives.count) < 0.86)), father, mother
    )
    source = np.where(source < ids, source, -1)
    # A grandparent was made after the child that they are the parent of and takes its name.
    for side in (father, mother):
        late = np.flatnonzero(side > ids)
        source[side[late]] = late
    family = book.draw_family(rng, lives["origin"])
    for _ in range(6):
        inherits = source >= 0
        family[inherits] = family[source[inherits]]
    both = (father >= 0) & (mother >= 0) & (source == father) & (rng.random(lives.count) < 0.03)
    at = np.flatnonzero(both)
    family[at] = texts(
        [
            name if "-" in name or "-" in other else f"{other}-{name}"
            for name, other in zip(family[at], family[mother[at]], strict=True)
        ]
    )
    return family


def _name_history(
    rng: np.random.Generator, lives: Lives, book: NameBook, born: Array, until: int
) -> Columns:
    """Every surname that a person bore, with its first day."""
    count = lives.count
    rows = [_named(np.arange(count), lives["birth"], born)]
    weddings = stack(lives.weddings)
    married_before = np.flatnonzero(
        lives["female"] & (lives["birth"] < START - 18 * 365) & lives["married"]
    )
    married_before = married_before[~np.isin(married_before, weddings["woman"])]
    husband = lives["partner"][married_before]
    earlier = START - rng.integers(30, 25 * 365, len(married_before))
    earlier = np.maximum(earlier, lives["birth"][married_before] + 18 * 365)
    women = np.concatenate([married_before, weddings["woman"]])
    men = np.concatenate([husband, weddings["man"]])
    on = np.concatenate([earlier, weddings["day"]])
    both = (men >= 0) & (on < until)
    women, men, on = women[both], men[both], on[both]
    changes = rng.random(len(women)) > book.keeps[lives["origin"][women]]
    women, men, on = women[changes], men[changes], on[changes]
    joined = rng.random(len(women)) < 0.05
    names = np.where(joined, born[women] + "-" + born[men], born[men])
    rows.append(_named(women, on, names))
    rows.append(_reverted(rng, lives, born, women, until))
    table = stack(rows)
    table["family"] = by_sex(table["family"], lives["female"][table["person"]])
    order = np.lexsort((table["start"], table["person"]))
    return {key: values[order] for key, values in table.items()}


def _named(person: Ints, start: Ints, family: Array) -> Columns:
    return {"person": person, "start": start, "family": family.astype(object)}


def _reverted(
    rng: np.random.Generator, lives: Lives, born: Array, women: Ints, until: int
) -> Columns:
    """Some who part take back the name they were born with."""
    partings = stack(lives.partings)
    back = np.isin(partings["other"], women) & (rng.random(size(partings)) < 0.35)
    on = partings["day"][back] + rng.integers(60, 700, back.sum())
    people = partings["other"][back]
    past = on < until
    return _named(people[past], on[past], born[people[past]])


def _add_numbers(pack: Pack, rng: np.random.Generator, people: Columns, count: int) -> None:
    people["nhs"] = nhs_numbers(rng, count)
    people["mobile"] = mobiles(rng, count)
    people["landline"] = landlines(rng, count)
    codes = texts(list(pack.school_authority.values()))
    council = codes[rng.integers(0, len(codes), count)]
    entry = years(people["birth"]) + 5
    upn = upns(council, entry, np.arange(count) + 20_000)
    people["upn"] = np.where(years(people["birth"]) >= 1996, upn, "").astype(object)
    suffix = rng.integers(1, 9999, count)
    people["email"] = texts(
        [
            f"{name.lower()}.{number}@example.org" if name.isascii() and name.isalpha() else ""
            for name, number in zip(people["given"], suffix, strict=True)
        ]
    )
    people["restricted"] = rng.random(count) < 0.003


def _bonds(lives: Lives, until: int) -> Columns:
    """`person` is the `relation` of `other`."""
    rows = []
    for side in ("mother", "father"):
        child = np.flatnonzero(lives[side] >= 0)
        rows.append(_bond(lives[side][child], child, "parent"))
    one = np.flatnonzero(lives["partner"] >= 0)
    rows.append(_bond(one, lives["partner"][one], "partner"))
    partings = stack(lives.partings)
    past = partings["day"] < until
    rows.append(_bond(partings["person"][past], partings["other"][past], "former_partner"))
    return stack(rows)


def _bond(person: Ints, other: Ints, relation: str) -> Columns:
    return {"person": person, "other": other, "relation": texts([relation] * len(person))}


def _add_need(rng: np.random.Generator, people: Columns, stays: Columns, places: Places) -> None:
    """How likely a person's household is to be known to services: one draw per household."""
    count = size(people)
    last = np.full(count, 1, dtype=np.int64)
    last[stays["person"]] = stays["dwelling"]
    luck = rng.gamma(0.6, 1.0, len(places))
    own = rng.gamma(1.0, 0.35, count)
    weight = 1.7 - 0.13 * places.columns["decile"][last]
    shared = np.isin(places.kind[last], ("hostel", "no_fixed_abode"))
    people["need"] = (luck[last] * weight + own + 1.5 * shared).clip(0, 6)


def birthdays(population: Population) -> Array:
    """Dates of birth as ISO text."""
    return date_texts(population.people["birth"])


def living(stays: Columns) -> Array:
    """Stays that have not ended."""
    return stays["end"] >= NEVER
