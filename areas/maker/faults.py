"""What goes wrong between a person and an agency's record of them.

Invariant: a fault changes what is written down, never who it is about. Each kind has a rate of
its own per agency, so that an extract is wrong in many ways and nowhere hopeless.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from areas.maker.columns import Array, Columns, Ints, size, texts
from areas.maker.names import nicknames, surname_spellings

_NEAR = {
    "a": "sq",
    "b": "vn",
    "c": "xv",
    "d": "sf",
    "e": "wr",
    "f": "dg",
    "g": "fh",
    "h": "gj",
    "i": "uo",
    "j": "hk",
    "k": "jl",
    "l": "k",
    "m": "n",
    "n": "bm",
    "o": "ip",
    "p": "o",
    "q": "w",
    "r": "et",
    "s": "ad",
    "t": "ry",
    "u": "yi",
    "v": "cb",
    "w": "qe",
    "x": "zc",
    "y": "tu",
    "z": "x",
}
_SOUNDS = (
    ("ph", "f"),
    ("ck", "k"),
    ("ie", "y"),
    ("y", "ie"),
    ("ee", "ea"),
    ("ea", "ee"),
    ("ai", "ay"),
    ("c", "k"),
    ("k", "c"),
    ("s", "z"),
    ("ll", "l"),
    ("l", "ll"),
    ("tt", "t"),
    ("nn", "n"),
    ("n", "nn"),
    ("ou", "oo"),
    ("er", "ar"),
    ("a", "e"),
    ("e", "a"),
    ("i", "y"),
    ("o", "u"),
    ("ss", "s"),
    ("h", ""),
)
_ROADS = {
    "Road": "Rd",
    "Street": "St",
    "Avenue": "Ave",
    "Close": "Cl",
    "Drive": "Dr",
    "Lane": "La",
    "Crescent": "Cres",
    "Gardens": "Gdns",
    "Terrace": "Terr",
    "Grove": "Gr",
    "Court": "Ct",
    "Place": "Pl",
}


@dataclass(frozen=True, kw_only=True)
class Faults:
    """Rates per record; the defaults are those of a system that is looked after."""

    typing: float = 0.022
    phonetic: float = 0.014
    nickname: float = 0.03
    swapped_names: float = 0.006
    initial: float = 0.008
    middle_missing: float = 0.5
    middle_initial: float = 0.2
    old_surname: float = 0.05
    other_surname: float = 0.006
    day_month: float = 0.008
    birth_typing: float = 0.014
    birth_default: float = 0.006
    birth_year_only: float = 0.004
    birth_missing: float = 0.02
    sex_missing: float = 0.02
    sex_wrong: float = 0.003
    postcode_missing: float = 0.03
    postcode_wrong: float = 0.015
    street_typing: float = 0.03
    street_short: float = 0.12
    number_wrong: float = 0.01
    flat_missing: float = 0.15
    address_missing: float = 0.02
    uprn_missing: float = 0.45
    nhs_missing: float = 1.0
    nhs_other: float = 0.002
    nhs_typing: float = 0.004
    upn_missing: float = 1.0
    phone_missing: float = 0.5
    email_missing: float = 0.8


_Change = Callable[[np.random.Generator, str], str]


def spoil(rng: np.random.Generator, seen: Columns, faults: Faults, pool: Array) -> None:
    """Apply an agency's faults to what it saw, in place.

    Args:
        rng: the agency's stream.
        seen: columns as `areas.maker.sightings.see` makes them.
        faults: the agency's rates.
        pool: NHS numbers of other people of the area.
    """
    _names(rng, seen, faults)
    _births(rng, seen, faults)
    _addresses(rng, seen, faults)
    _numbers(rng, seen, faults, pool)
    blanks = {
        "sex": faults.sex_missing,
        "phone": faults.phone_missing,
        "email": faults.email_missing,
        "upn": faults.upn_missing,
        "uprn": faults.uprn_missing,
    }
    for field, rate in blanks.items():
        seen[field][_some(rng, seen, rate)] = ""


def _some(rng: np.random.Generator, seen: Columns, rate: float) -> Ints:
    return np.flatnonzero(rng.random(size(seen)) < rate)


def _change(
    rng: np.random.Generator, seen: Columns, field: str, rate: float, change: _Change
) -> None:
    for at in _some(rng, seen, rate):
        if seen[field][at]:
            seen[field][at] = change(rng, seen[field][at])


def _names(rng: np.random.Generator, seen: Columns, faults: Faults) -> None:
    _change(rng, seen, "given", faults.nickname * 2.2, _nickname)
    for field in ("given", "family"):
        _change(rng, seen, field, faults.phonetic, _sound)
        _change(rng, seen, field, faults.typing, mistype)
    _change(rng, seen, "family", faults.other_surname, _similar_surname)
    _change(rng, seen, "given", faults.initial, lambda _, name: name[0])
    seen["middle"][_some(rng, seen, faults.middle_missing)] = ""
    _change(rng, seen, "middle", faults.middle_initial, lambda _, name: name[0])
    born = _some(rng, seen, faults.old_surname)
    seen["family"][born] = seen["born_family"][born]
    swap = _some(rng, seen, faults.swapped_names)
    seen["given"][swap], seen["family"][swap] = seen["family"][swap], seen["given"][swap]


def _nickname(rng: np.random.Generator, name: str) -> str:
    forms = nicknames().get(name)
    return forms[int(rng.integers(len(forms)))] if forms else name


def _similar_surname(rng: np.random.Generator, name: str) -> str:
    forms = surname_spellings().get(name)
    return forms[int(rng.integers(len(forms)))] if forms else mistype(rng, name)


def _sound(rng: np.random.Generator, name: str) -> str:
    lower = name.lower()
    options = [(old, new) for old, new in _SOUNDS if lower.find(old, 1) > 0]
    if not options:
        return name
    old, new = options[int(rng.integers(len(options)))]
    at = lower.find(old, 1)
    return name[:at] + new + name[at + len(old) :]


def mistype(rng: np.random.Generator, text: str) -> str:
    """One slip of the fingers: a letter left out, doubled, swapped or the one beside it."""
    if len(text) < 3:
        return text
    at = int(rng.integers(1, len(text) - 1))
    slip = int(rng.integers(4))
    if slip == 0:
        return text[:at] + text[at + 1 :]
    if slip == 1:
        return text[:at] + text[at] + text[at:]
    if slip == 2:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    near = _NEAR.get(text[at].lower(), "e")
    return text[:at] + near[int(rng.integers(len(near)))] + text[at + 1 :]


def _births(rng: np.random.Generator, seen: Columns, faults: Faults) -> None:
    _change(rng, seen, "birth", faults.day_month, lambda _, born: _swap(born))
    _change(rng, seen, "birth", faults.birth_typing, _slip_date)
    _change(rng, seen, "birth", faults.birth_default, _default_date)
    _change(rng, seen, "birth", faults.birth_year_only, lambda _, born: born[:4])
    seen["birth"][_some(rng, seen, faults.birth_missing)] = ""


def _swap(born: str) -> str:
    return f"{born[:5]}{born[8:]}-{born[5:7]}" if "01" <= born[8:] <= "12" else born


def _slip_date(rng: np.random.Generator, born: str) -> str:
    year, month, date = (int(part) for part in born.split("-"))
    part = int(rng.integers(5))
    if part == 0:
        year += int(rng.choice([-1, 1]))
    elif part == 1:
        year += int(rng.choice([-10, 10]))
    elif part == 2:
        month = month % 12 + 1
    elif part == 3:
        date = date % 28 + 1
    else:
        date = date + 10 if date <= 18 else date - 10
    return f"{min(year, 2026):04d}-{month:02d}-{min(date, 28):02d}"


def _default_date(rng: np.random.Generator, born: str) -> str:
    return "1900-01-01" if rng.random() < 0.5 else f"{born[:4]}-01-01"


def _addresses(rng: np.random.Generator, seen: Columns, faults: Faults) -> None:
    _change(rng, seen, "street", faults.street_short, _shorten)
    _change(rng, seen, "street", faults.street_typing, mistype)
    _change(rng, seen, "number", faults.number_wrong, _wrong_number)
    _change(rng, seen, "postcode", faults.postcode_wrong, _wrong_postcode)
    seen["postcode"][_some(rng, seen, faults.postcode_missing)] = ""
    flats = _some(rng, seen, faults.flat_missing)
    seen["flat"][flats] = ""
    seen["uprn"][flats] = ""
    none = _some(rng, seen, faults.address_missing)
    for field in ("flat", "building", "number", "street", "town", "postcode", "uprn", "from"):
        seen[field][none] = ""


def _shorten(_: np.random.Generator, street: str) -> str:
    stem, _blank, end = street.rpartition(" ")
    return f"{stem} {_ROADS.get(end, end)}" if stem else street


def _wrong_number(rng: np.random.Generator, number: str) -> str:
    digits = "".join(character for character in number if character.isdigit())
    return str(max(1, int(digits or "1") + int(rng.choice([-2, -1, 1, 2, 10]))))


def _wrong_postcode(rng: np.random.Generator, postcode: str) -> str:
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    return postcode[:-1] + letters[int(rng.integers(len(letters)))]


def _numbers(rng: np.random.Generator, seen: Columns, faults: Faults, pool: Array) -> None:
    other = _some(rng, seen, faults.nhs_other)
    seen["nhs"][other] = pool[rng.integers(0, len(pool), len(other))]
    _change(rng, seen, "nhs", faults.nhs_typing, _slip_digit)
    seen["nhs"][_some(rng, seen, faults.nhs_missing)] = ""
    wrong = _some(rng, seen, faults.sex_wrong)
    flipped = {"male": "female", "female": "male", "": ""}
    seen["sex"][wrong] = texts([flipped[sex] for sex in seen["sex"][wrong]])


def _slip_digit(rng: np.random.Generator, number: str) -> str:
    at = int(rng.integers(3, 10))
    return number[:at] + str((int(number[at]) + int(rng.integers(1, 10))) % 10) + number[at + 1 :]
