"""Finding the address that somebody typed.

Invariant: an address answers by itself only if nothing typed contradicts it and no other address
fits as well; otherwise the user chooses from candidates. Addresses of which the check would tell
this viewer nothing are candidates of no search, and no search goes on or stops because of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from graph.answers import Candidate
from graph.disclosure import Desk, places_withheld
from graph.lines import rows_at
from graph.store import Row

_LOOKED_AT = 50
_SHOWN = 10
_STREETS = 8
LONGEST = 200
"""Characters of a typed address."""
_SHORTEST_STREET = 3
_SAME_STREET = 78.0
_EXACT_STREET = 95.0
_LIKE_STREET = 60.0
_POSTCODE = re.compile(r"\b([a-z]{1,2}\d[a-z\d]?)\s*(\d[a-z]{2})\b")
_OUTWARD = re.compile(r"\b([a-z]{1,2}\d[a-z\d]?)\s*$")
_FLAT = re.compile(r"\b(?:flat|apartment|apt|unit|room)\s+(\w+)\b|\b(\d+[a-z]?)/(?=\d)")
_NUMBER = re.compile(r"\b(\d+[a-z]?)\b")
_WORDS = {
    "rd": "road",
    "ave": "avenue",
    "av": "avenue",
    "cl": "close",
    "cres": "crescent",
    "ct": "court",
    "dr": "drive",
    "gdns": "gardens",
    "gr": "grove",
    "hse": "house",
    "ln": "lane",
    "pl": "place",
    "sq": "square",
    "ter": "terrace",
    "terr": "terrace",
    "wlk": "walk",
}


@dataclass(frozen=True, kw_only=True)
class Typed:
    """A typed address, taken apart as far as it can be."""

    flat: str | None
    number: str | None
    words: str
    postcode: str | None
    outward: str | None


@dataclass(frozen=True, kw_only=True)
class _Fit:
    row: Row
    score: float
    whole: bool
    why: str


def take_apart(text: str) -> Typed:
    """Flat, number, street words and postcode of what was typed."""
    rest = re.sub(r"[^\w\s/]", " ", text.casefold().replace("'", ""))
    postcode = outward = None
    if found := _POSTCODE.search(rest):
        postcode = f"{found[1]} {found[2]}".upper()
        rest = rest[: found.start()] + " " + rest[found.end() :]
    elif found := _OUTWARD.search(rest):
        outward = found[1].upper()
        rest = rest[: found.start()]
    flat = number = None
    if found := _FLAT.search(rest):
        flat = found[1] or found[2]
        rest = rest[: found.start()] + " " + rest[found.end() :]
    if found := _NUMBER.search(rest):
        number = found[1]
        rest = rest[: found.start()] + " " + rest[found.end() :]
    words = [_WORDS.get(word, word) for word in rest.replace("/", " ").split()]
    return Typed(
        flat=flat, number=number, words=" ".join(words), postcode=postcode, outward=outward
    )


def tells_a_place(text: str) -> bool:
    """Whether what was typed holds anything that an address could be looked for by.

    A search for nothing finds nothing, and that must not be taken for "nothing is known".
    """
    if len(text) > LONGEST:
        return False
    typed = take_apart(text)
    words = (word for word in typed.words.split() if word.isalpha())
    street = any(len(word) >= _SHORTEST_STREET for word in words)
    return bool(typed.postcode or typed.outward or street)


def find(desk: Desk, text: str) -> tuple[str | None, tuple[Candidate, ...]]:
    """The one address that was meant, or the addresses that may be."""
    typed = take_apart(text)
    found: dict[str, _Fit] = {}
    for rows in _searches(desk, typed):
        fits = _best(desk, (fit for row in rows if (fit := _fit(typed, row)) is not None))
        found |= {fit.row["address_id"]: fit for fit in fits}
        if any(fit.score >= _SAME_STREET for fit in fits):
            break
    whole = [fit for fit in found.values() if fit.whole]
    if len(whole) == 1:
        return str(whole[0].row["address_id"]), ()
    ranked = sorted(whole or found.values(), key=_rank)
    return None, tuple(_candidate(fit) for fit in ranked[:_SHOWN])


def with_uprn(desk: Desk, uprn: str) -> str | None:
    """The address with a UPRN; the first of several."""
    found = [row["address_id"] for row in desk.rows("addresses_by_uprn", uprn=uprn.lstrip("0"))]
    seen = _seen(desk, found)
    return next((address_id for address_id in found if address_id in seen), None)


def _best(desk: Desk, fits: Iterable[_Fit]) -> list[_Fit]:
    """The fits that come first of those that the viewer may be told of.

    The first few are looked at even if there are none: then no address takes as long as a hidden
    one.
    """
    ranked = sorted(fits, key=_rank)
    kept: list[_Fit] = []
    for begin in range(0, max(len(ranked), 1), _LOOKED_AT):
        some = ranked[begin : begin + _LOOKED_AT]
        seen = _seen(desk, [fit.row["address_id"] for fit in some])
        kept += [fit for fit in some if fit.row["address_id"] in seen]
        if len(kept) >= _SHOWN:
            break
    return kept


def _rank(fit: _Fit) -> tuple[object, ...]:
    return (not fit.whole, -fit.score, fit.row["line"] or "", fit.row["address_id"])


def _seen(desk: Desk, address_ids: Sequence[str]) -> set[str]:
    """Those of which the check would tell something: the searches do not know of later contacts."""
    ids = list(address_ids)
    held = [*desk.rows("stays_at", address_ids=ids), *desk.rows("indicators_at", address_ids=ids)]
    return {row["address_id"] for row in (*held, *rows_at(desk, ids)) if not places_withheld(row)}


def _searches(desk: Desk, typed: Typed) -> Iterator[list[Row]]:
    """The narrow searches before the wide."""
    if typed.postcode:
        yield _in_postcode(desk, typed.postcode)
    if len(typed.words) >= 3:
        yield _in_street(desk, typed, typed.words.split()[0][:4])
    if typed.outward:
        # An outward code ends where its space begins: WS1 is not WS10.
        yield _in_postcode(desk, f"{typed.outward} ")
    if len(typed.words) >= 3:
        streets = _alike(desk, typed)
        yield desk.rows("addresses_of_streets", streets=streets, number=typed.number)


def _alike(desk: Desk, typed: Typed) -> list[str]:
    """The streets spelt most alike, wherever the slip is: also in the first letters."""
    streets = [row["street_key"] for row in desk.rows("streets", number=typed.number)]
    scored = sorted((_alike_score(typed.words, street), street) for street in streets)[::-1]
    return [street for score, street in scored[:_STREETS] if score >= _SAME_STREET]


def _alike_score(words: str, street: str) -> float:
    """As `_street_score`, for a street without its town."""
    street = street.replace("'", "")
    alike = float(fuzz.ratio(words, street))
    if len(words) > len(street):
        alike = max(alike, float(fuzz.partial_ratio(street, words)) - 2)
    return alike


def _in_street(desk: Desk, typed: Typed, begin: str) -> list[Row]:
    return desk.rows(
        "addresses_by_street",
        begin=begin,
        end=f"{begin}\uffff",
        number=typed.number,
    )


def _in_postcode(desk: Desk, begin: str) -> list[Row]:
    return desk.rows("addresses_by_postcode", begin=begin, end=f"{begin}~")


def _fit(typed: Typed, row: Row) -> _Fit | None:
    street = _street_score(typed, row)
    if street < _LIKE_STREET:
        return None
    number, flat = _fold(row["number"]), _fold(row["flat"])
    if typed.number and number and typed.number != number:
        return None
    same_number = typed.number == number
    same_flat = typed.flat == flat
    same_postcode = typed.postcode in (None, row["postcode"])
    near = typed.outward is None or str(row["postcode"] or "").startswith(typed.outward + " ")
    if not same_postcode and street < _SAME_STREET:
        return None
    why = [
        "" if street >= _EXACT_STREET or not typed.words else "the street is spelt differently",
        "" if same_postcode and near else "the postcode differs",
        "" if same_number else "the number is missing",
        "" if same_flat else ("another flat" if flat and typed.flat else "the flat is missing"),
    ]
    missing = 15 * (not same_postcode) + 10 * (not near) + 10 * (not same_number)
    score = street - missing - 5 * (not same_flat)
    # One letter tells Mill Road from Hill Road: only the postcode makes a slip of it.
    needed = _SAME_STREET if typed.postcode else _EXACT_STREET
    whole = same_number and same_flat and same_postcode and near and street >= needed
    if typed.flat and flat and not same_flat:
        return None
    told = ", ".join(part for part in why if part) or "fits all that was typed"
    return _Fit(row=row, score=max(0.0, score), whole=whole, why=told)


def _street_score(typed: Typed, row: Row) -> float:
    """How alike the words are; a house without a number is compared by its whole line."""
    if not typed.words:
        return 100.0 if typed.postcode and (typed.number or typed.flat) else 65.0
    street = _fold(row["street"])
    if not street or (typed.number is None and row["number"] is None):
        whole = _fold(row["search_text"]) or ""
        return float(fuzz.token_set_ratio(typed.words, whole))
    town = _fold(row["town"]) or ""
    alike = max(fuzz.ratio(typed.words, street), fuzz.ratio(typed.words, f"{street} {town}"))
    if len(typed.words) > len(street):
        alike = max(alike, fuzz.partial_ratio(street, typed.words) - 2)
    return float(alike)


def _fold(value: object) -> str | None:
    return str(value).casefold().replace("'", "") if value is not None else None


def _candidate(fit: _Fit) -> Candidate:
    row = fit.row
    return Candidate(
        address_id=row["address_id"],
        line=row["line"],
        postcode=row["postcode"],
        uprn=row["uprn"],
        kind=row["kind"],
        why=fit.why,
        score=round(fit.score, 1),
    )
