"""Names by origin, sex and year of birth.

Invariant: names are drawn from frequencies of whole populations, never from a list of people.
"""

from __future__ import annotations

import csv
import functools
import gzip
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np

from areas.geography import DATA
from areas.maker.columns import Array, Bools, Ints, texts, weighted

_ERAS = ((1945, "1930"), (1960, "1950"), (1975, "1965"), (1988, "1980"), (1996, "1990"))
_MEN_ONLY = {"Singh": "Kaur"}
_WOMEN_ONLY = {
    "Kaur": "Singh",
    "Begum": "Hussain",
    "Bibi": "Khan",
    "Parveen": "Ahmed",
    "Kausar": "Iqbal",
}


@dataclass(frozen=True)
class NameList:
    """Names with their weights."""

    names: Array
    weights: Array

    def draw(self, rng: np.random.Generator, count: int) -> Array:
        return self.names[weighted(rng, count, self.weights)]


def _zipf(line: str) -> NameList:
    names = list(dict.fromkeys(line.split()))
    return NameList(texts(names), 1.0 / (np.arange(len(names)) + 4.0))


def _rows(name: str) -> list[dict[str, str]]:
    with gzip.open(DATA / name, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def tidy(name: str) -> str:
    """A name of the frequency files as people write it: o'brien -> O'Brien, mcall -> McAll."""
    written = name.title()
    if written.startswith("Mc") and len(written) > 4:
        written = "Mc" + written[2:].capitalize()
    return written


@dataclass(frozen=True)
class NameBook:
    """All names that the maker draws from."""

    origins: tuple[str, ...]
    given: dict[tuple[str, bool, str], NameList]
    family: dict[str, NameList]
    keeps: Array
    ethnicity: Array

    def shares(self, area: str) -> Array:
        """How common each origin is in an area; the British are the rest."""
        table = _origin_file()
        shares = np.array([table[name]["share"].get(area, 0.0) for name in self.origins[1:]])
        return np.concatenate([[1 - shares.sum()], shares])

    def draw_given(
        self, rng: np.random.Generator, origin: Ints, female: Bools, year: Ints
    ) -> Array:
        """A forename for each; people born here since 1985 often have a British one."""
        drawn = texts([""] * len(origin))
        local = (year >= 1985) & (rng.random(len(origin)) < 0.2)
        code = np.where(local, 0, origin)
        era = np.select([year < limit for limit, _ in _ERAS], list(range(5)), 5)
        recent = np.clip(year, 1996, 2018)
        label = np.where(code > 0, 0, np.where(era < 5, era, recent))
        key = (code * 10_000 + label) * 2 + female
        for value in np.unique(key):
            at = np.flatnonzero(key == value)
            person = at[0]
            name = self.origins[code[person]]
            if code[person]:
                lists = self.given[name, bool(female[person]), ""]
            elif era[person] < 5:
                lists = self.given[name, bool(female[person]), _ERAS[era[person]][1]]
            else:
                lists = self.given[name, bool(female[person]), str(recent[person])]
            drawn[at] = lists.draw(rng, len(at))
        return drawn

    def draw_family(self, rng: np.random.Generator, origin: Ints) -> Array:
        """A surname for each, in its undeclined form."""
        drawn = texts([""] * len(origin))
        for code in np.unique(origin):
            at = np.flatnonzero(origin == code)
            drawn[at] = self.family[self.origins[code]].draw(rng, len(at))
        return drawn


def by_sex(family: Array, female: Bools) -> Array:
    """Surnames as each sex bears them: Singh and Kaur, Kowalski and Kowalska."""
    return texts([_one_by_sex(name, woman) for name, woman in zip(family, female, strict=True)])


def _one_by_sex(name: str, female: bool) -> str:
    if female:
        if name in _MEN_ONLY:
            return _MEN_ONLY[name]
        return name[:-1] + "a" if name.endswith(("ski", "cki")) else name
    if name in _WOMEN_ONLY:
        return _WOMEN_ONLY[name]
    return name[:-1] + "i" if name.endswith(("ska", "cka")) else name


@functools.cache
def _origin_file() -> dict[str, dict[str, Any]]:
    return tomllib.loads((DATA / "names_by_origin.toml").read_text(encoding="utf-8"))


@functools.cache
def name_book() -> NameBook:
    """The names that ship with Kith."""
    table = _origin_file()
    origins = ("british", *[name for name in table if name != "british"])
    given: dict[tuple[str, bool, str], NameList] = {}
    family: dict[str, NameList] = {}
    for sex in ("female", "male"):
        for era, line in table["british"][sex].items():
            given["british", sex == "female", era] = _zipf(str(line))
    for name in origins[1:]:
        given[name, True, ""] = _zipf(str(table[name]["female"]))
        given[name, False, ""] = _zipf(str(table[name]["male"]))
        family[name] = _zipf(str(table[name]["surnames"]))
    recent: dict[tuple[bool, str], list[tuple[str, float]]] = defaultdict(list)
    for row in _rows("forenames.csv.gz"):
        key = (row["sex"] == "female", row["birthyear"])
        recent[key].append((tidy(row["firstname"]), float(row["freq"])))
    for (female, year), entries in recent.items():
        names, weights = zip(*entries, strict=True)
        given["british", female, year] = NameList(texts(names), np.array(weights))
    rows = _rows("surnames.csv.gz")
    family["british"] = NameList(
        texts([tidy(row["surname"]) for row in rows]),
        np.array([float(row["freq"]) for row in rows]),
    )
    keeps = np.array([0.33] + [table[name]["keeps_surname"] for name in origins[1:]])
    ethnicity = texts(["WBRI"] + [table[name]["ethnicity"] for name in origins[1:]])
    return NameBook(origins, given, family, keeps, ethnicity)


@functools.cache
def nicknames() -> dict[str, list[str]]:
    """Forename -> how else it is written: short forms and spellings, of three letters or more."""
    table: dict[str, list[str]] = defaultdict(list)
    for row in _rows("forename_variants.csv.gz"):
        if len(row["forename2"]) > 2 and " " not in row["forename2"]:
            table[tidy(row["forename"])].append(tidy(row["forename2"]))
    return dict(table)


@functools.cache
def surname_spellings() -> dict[str, list[str]]:
    """Surname -> other surnames that are taken for it."""
    table: dict[str, list[str]] = defaultdict(list)
    for row in _rows("surname_variants.csv.gz"):
        table[tidy(row["lastname1"])].append(tidy(row["lastname2"]))
    return dict(table)
