"""Addresses as typed, taken apart: flat, number, building, street and town.

Invariant: pure functions of one typed line, used on distinct values only. What a line does not
say stays None: nothing is looked up and nothing guessed from other lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from resolution.names import fold

_ABBREVIATIONS = {
    "rd": "road",
    "ave": "avenue",
    "av": "avenue",
    "cl": "close",
    "clo": "close",
    "cres": "crescent",
    "cresc": "crescent",
    "crt": "court",
    "ct": "court",
    "dr": "drive",
    "drv": "drive",
    "gdn": "gardens",
    "gdns": "gardens",
    "gr": "grove",
    "grn": "green",
    "gro": "grove",
    "hse": "house",
    "ln": "lane",
    "mnt": "mount",
    "pk": "park",
    "pl": "place",
    "sq": "square",
    "ter": "terrace",
    "terr": "terrace",
    "tce": "terrace",
    "wlk": "walk",
    "wy": "way",
}
STREET_WORDS = frozenset(
    (
        "road",
        "street",
        "avenue",
        "close",
        "crescent",
        "court",
        "drive",
        "gardens",
        "grove",
        "green",
        "lane",
        "mount",
        "park",
        "place",
        "square",
        "terrace",
        "walk",
        "way",
        "rise",
        "hill",
        "row",
        "view",
        "mews",
        "croft",
        "end",
        "fields",
        "meadow",
        "parade",
        "path",
        "approach",
        "broadway",
        "bank",
        "wharf",
        "yard",
        "circle",
        "vale",
        "dale",
        "heol",
        "ffordd",
        "stryd",
        "clos",
        "rhodfa",
    )
)
_FLAT = re.compile(
    r"\b(?:flat|flt|apartment|apt|unit|room|rm|bedsit|studio)\s*(?:no\s+)?"
    r"((?:\d+\s?[a-z]?|[a-z])(?=\s|$)|(?:ground|first|second|third|top)(?:\s+floor)?)"
)
_FLOOR_FLAT = re.compile(r"\b(ground|first|second|third|top|basement)\s+floor(?:\s+flat)?\b")
_SLASHED = re.compile(r"^\s*(\d+[a-z]?)\s*/\s*(\d+[a-z]?)\b")
_NUMBER = re.compile(r"(?<![^ ])(?:(?P<range>\d+to\d+)|(?P<digits>\d+) ?(?P<letter>[a-z])?)(?= |$)")
_RANGE = re.compile(r"\b(\d+)\s*[-–]\s*(\d+)\b")
_BETWEEN = re.compile(r"[,;\n]")
_POSTCODE = re.compile(r"\b([a-z]{1,2}\d[a-z\d]?)\s*(\d[a-z]{2})\s*$", re.IGNORECASE)
# "12 Hospital Lane" is a dwelling.
_NOT_STREET = rf"(?! (?:{'|'.join(sorted(STREET_WORDS))})\b)"
_NO_ABODES = r"\b(?:no fixed (?:abode|address)|nfa|homeless|rough sleep\w*)\b"
_INSTITUTIONS = (
    r"\b(?:hospital|infirmary|hmp|hm prison|prison|yoi|care home|nursing home|residential home|"
    r"childrens home|children s home|hospice|barracks|police station|custody)\b"
)
_HOSTELS = (
    r"\b(?:hostel|night shelter|refuge|bed and breakfast|b b|foyer|temporary accommodation)\b"
)
_NO_ABODE = re.compile(_NO_ABODES)
_INSTITUTION = re.compile(_INSTITUTIONS + _NOT_STREET)
_HOSTEL = re.compile(_HOSTELS + _NOT_STREET)
# Most lines have none of these words; writing abbreviations out makes none of them.
_TELLING = re.compile("|".join((_NO_ABODES, _INSTITUTIONS, _HOSTELS)))
_PIECES = 200_000  # parts between commas: streets and towns come again and again


@dataclass(frozen=True, kw_only=True)
class ParsedLine:
    """One typed address. `number` has its letter (`12a`); every part is folded."""

    flat: str | None = None
    number: str | None = None
    building: str | None = None
    street: str | None = None
    town: str | None = None
    postcode: str | None = None
    kind: str | None = None

    @property
    def specific(self) -> bool:
        """Whether the line tells one dwelling from its neighbours."""
        return bool(self.number or self.building or self.flat)


def parse_line(line: str | None, flat: str | None, postcode: str | None) -> ParsedLine:
    """Take a typed line, a separate flat and a separate postcode apart."""
    text = line or ""
    found = _POSTCODE.search(text)
    if found:
        text = text[: found.start()]
        postcode = postcode or f"{found[1]} {found[2]}"
    code = compact_postcode(postcode)
    pieces = [_tidy(piece) for piece in _BETWEEN.split(text)]
    kind = _kind(" ".join(folded for folded, _ in pieces if folded), code)
    parts = [part for _, part in pieces if part]
    inner, parts = _take_flat(parts)
    number, building, street, rest = _take_street(parts)
    if inner is None and building and _FLOOR_FLAT.fullmatch(building):
        inner, building = building, None
    return ParsedLine(
        flat=_flat_name(fold(flat)) if flat and fold(flat) else inner,
        number=number,
        building=building,
        street=street,
        town=" ".join(rest) or None,
        postcode=code,
        kind=kind,
    )


def compact_postcode(postcode: str | None) -> str | None:
    """A postcode without its space, upper case; None if nothing is left."""
    return re.sub(r"[^A-Z0-9]", "", (postcode or "").upper()) or None


def spaced_postcode(compact: str) -> str:
    """The usual form of a compact postcode."""
    return f"{compact[:-3]} {compact[-3:]}" if len(compact) > 4 else compact


def expand(folded: str) -> str:
    """Street abbreviations written out; a leading `st` is a saint, a later one a street."""
    words = folded.split()
    if "st" not in words:
        return " ".join([_ABBREVIATIONS.get(word, word) for word in words])
    out = []
    for place, word in enumerate(words):
        if word == "st":
            out.append("street" if place and place == _last_street_word(words) else "saint")
        else:
            out.append(_ABBREVIATIONS.get(word, word))
    return " ".join(out)


def _last_street_word(words: list[str]) -> int:
    # "St Johns St": only the last one is a street; "High St Bloxwich" is split by then.
    return max(place for place, word in enumerate(words) if word == "st")


@lru_cache(maxsize=_PIECES)
def _tidy(piece: str) -> tuple[str, str]:
    """A part between commas, folded; and with abbreviations, ranges and slashes written out."""
    folded = fold(piece)
    piece = piece.strip().lower()
    slashed = _SLASHED.match(piece)
    if slashed:
        piece = f"flat {slashed[1]} {slashed[2]} {piece[slashed.end() :]}"
    return folded, expand(fold(_RANGE.sub(r"\1to\2", piece)))


def _take_flat(parts: list[str]) -> tuple[str | None, list[str]]:
    for place, part in enumerate(parts):
        for pattern in (_FLAT, _FLOOR_FLAT):
            found = pattern.search(part)
            if found:
                left = f"{part[: found.start()]} {part[found.end() :]}".split()
                kept = [*parts[:place], " ".join(left), *parts[place + 1 :]]
                return _flat_name(found[1]), [piece for piece in kept if piece]
    return None, parts


def _flat_name(folded: str) -> str:
    words = folded.replace("floor", " ").split()
    words = [word for word in words if word not in {"flat", "flt", "apartment", "apt", "no"}]
    return "".join(words) or folded


def _take_street(
    parts: list[str],
) -> tuple[str | None, str | None, str | None, list[str]]:
    """Number, building, street and what follows, from the parts between the commas."""
    building: str | None = None
    for place, part in enumerate(parts):
        after = parts[place + 1 :]
        before, number, remainder = _split_number(part)
        building = building or before
        if number and not remainder and after:
            return number, building, *_street_and_town(after[0], after[1:])
        if number:
            return number, building, *_street_and_town(remainder, after)
        if after and (not _is_street(part) or any(_split_number(piece)[1] for piece in after)):
            building = building or part
            continue
        return None, building, *_street_and_town(part, after)
    return None, building, None, []


def _split_number(part: str) -> tuple[str | None, str | None, str]:
    """What stands before a house number, the number, and what follows it."""
    found = _NUMBER.search(part)
    if not found:
        return None, None, part
    before, after = part[: found.start()].strip(), part[found.end() :].strip()
    if before and not after and _is_street(before):
        before, after = "", before
    number = found["range"] or f"{int(found['digits'])}{found['letter'] or ''}"
    return before or None, number, after


def _is_street(part: str) -> bool:
    return part.rsplit(maxsplit=1)[-1] in STREET_WORDS


def _street_and_town(text: str, rest: list[str]) -> tuple[str | None, list[str]]:
    """A street ends with its street word; what follows it on the same line is the town."""
    words = text.split()
    ends = [place for place, word in enumerate(words) if place and word in STREET_WORDS]
    if ends and not rest:
        cut = ends[-1] + 1
        return " ".join(words[:cut]), words[cut:]
    return " ".join(words) or None, rest


def _kind(folded: str, postcode: str | None) -> str | None:
    if (postcode or "").startswith("ZZ99"):
        return "no_fixed_abode"
    if not _TELLING.search(folded):
        return None
    expanded = expand(folded)
    if _NO_ABODE.search(expanded):
        return "no_fixed_abode"
    if _INSTITUTION.search(expanded):
        return "institution"
    if _HOSTEL.search(expanded):
        return "hostel"
    return None
