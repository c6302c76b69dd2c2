"""Two sides, field by field, with a mark that says how they compare.

Invariant: pure functions of the values that a viewer may see. A mark is a help to the eye and
decides nothing: the model compares in its own way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler

from kith.labelling.questions import Comparison
from records.codes import code_list
from resolution.address_lines import compact_postcode, parse_line
from resolution.names import alike_by_ear, fold, share_nickname, split_full_name

_Close = Callable[[str, str], bool]
_NAME_CLOSE = 0.88
_WORDS_CLOSE = 85
_SLIPS = 1
_DATE_LENGTH = 10


@dataclass(frozen=True, kw_only=True)
class Stay:
    """An address as one record has it."""

    address_line: str | None
    flat: str | None
    postcode: str | None
    uprn: str | None
    since: str | None
    until: str | None

    @property
    def text(self) -> str:
        """`Flat 2, 12 High Street, WS1 1AA (since 2020-03-01)`."""
        parts = dict.fromkeys(
            part for part in (self.flat, self.address_line, self.postcode) if part
        )
        place = ", ".join(parts) or f"UPRN {self.uprn}"
        if self.until:
            return f"{place} ({self.since or '?'} to {self.until})"
        return f"{place} (since {self.since})" if self.since else place


@dataclass(frozen=True, kw_only=True)
class Side:
    """One record as a viewer may see it; a withheld value is None."""

    agency: str
    agency_label: str
    dataset_label: str
    values: dict[str, str | None]
    stays: tuple[Stay, ...] = field(default=())


def compare(left: Sequence[Side], right: Sequence[Side]) -> tuple[Comparison, ...]:
    """Every field that either side has."""
    rows = [
        *_names(left, right),
        *(_field(name, left, right, close) for name, close in _FIELDS.items()),
        _addresses(left, right),
        _local_id(left, right),
        _source("agency", left, right, lambda side: side.agency_label),
        _source("dataset", left, right, lambda side: side.dataset_label),
    ]
    return tuple(row for row in rows if row.left or row.right)


def mark(left: Iterable[str], right: Iterable[str], close: _Close) -> str:
    """The best that any value of one side makes with any of the other."""
    ours, theirs = {_folded(value) for value in left}, {_folded(value) for value in right}
    if not ours or not theirs:
        return "missing"
    if ours & theirs:
        return "same"
    return "close" if any(close(one, other) for one in ours for other in theirs) else "different"


def _folded(value: str) -> str:
    # Folding keeps Latin letters only; a name in another script is compared as it is.
    return fold(value) or value.casefold().strip()


def _never(_one: str, _other: str) -> bool:
    return False


def _close_name(one: str, other: str) -> bool:
    return (
        JaroWinkler.normalized_similarity(one, other) >= _NAME_CLOSE
        or (1 in {len(one), len(other)} and one[:1] == other[:1])  # an initial
        or share_nickname(one, other)
        or alike_by_ear(one, other)
    )


def _close_surname(one: str, other: str) -> bool:
    similar = JaroWinkler.normalized_similarity(one, other) >= _NAME_CLOSE
    return similar or fuzz.token_set_ratio(one, other) == 100


def _close_words(one: str, other: str) -> bool:
    return fuzz.token_sort_ratio(one, other) >= _WORDS_CLOSE


def _close_number(one: str, other: str) -> bool:
    return OSA.distance(one, other, score_cutoff=_SLIPS) <= _SLIPS


def _close_date(one: str, other: str) -> bool:
    """One digit wrong or two swapped, day and month swapped, or a part that is not known."""
    one, other = one.replace(" ", "-"), other.replace(" ", "-")
    if one.startswith(other) or other.startswith(one):
        return True
    if len(one) < _DATE_LENGTH or len(other) < _DATE_LENGTH:
        return False
    swapped = f"{one[:4]}-{one[8:]}-{one[5:7]}"
    return swapped == other or OSA.distance(one, other) <= 1


_FIELDS: dict[str, _Close] = {
    "birth_date": _close_date,
    "sex": _never,
    "nhs_number": _close_number,
    "upn": _close_number,
    "uln": _close_number,
    "nino": _close_number,
    "phone": _close_number,
    "email": _close_words,
    "birth_place": _close_words,
    "occupation": _close_words,
}
SHOWN = (
    *("given_name", "middle_names", "family_name", "full_name"),
    *("former_family_name", "other_names", "local_id", *_FIELDS),
)
"""The record's columns that a question shows."""


def _field(name: str, left: Sequence[Side], right: Sequence[Side], close: _Close) -> Comparison:
    ours, theirs = _values(left, name), _values(right, name)
    found = mark(ours, theirs, close)
    if name == "sex":
        ours, theirs = _words(ours), _words(theirs)
    return Comparison(field=name, left=ours, right=theirs, mark=found)


def _values(sides: Sequence[Side], name: str) -> tuple[str, ...]:
    return _distinct(value for side in sides if (value := side.values.get(name)))


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    """Each once, the commonest first; among equals as they came."""
    return tuple(value for value, _ in Counter(values).most_common())


def _words(codes: Iterable[str]) -> tuple[str, ...]:
    labels = code_list("sex").labels
    return tuple(labels.get(entry, entry) for entry in codes)


def _names(left: Sequence[Side], right: Sequence[Side]) -> Iterable[Comparison]:
    """Names part by part, or whole where a source does not split them.

    An earlier surname is compared with every surname of the other side.
    """
    if any(_unsplit(side) for side in (*left, *right)):
        yield Comparison(
            field="full_name",
            left=_whole(left),
            right=_whole(right),
            mark=_name_mark(left, right),
        )
    else:
        yield _field("given_name", left, right, _close_name)
        yield _field("middle_names", left, right, _close_name)
        yield _field("family_name", left, right, _close_surname)
    ours, theirs = _values(left, "former_family_name"), _values(right, "former_family_name")
    yield Comparison(
        field="former_family_name",
        left=ours,
        right=theirs,
        mark=_crosswise(ours, theirs, _surnames(left), _surnames(right), _close_surname),
    )
    ours, theirs = _aliases(left), _aliases(right)
    yield Comparison(
        field="other_names",
        left=ours,
        right=theirs,
        mark=_crosswise(ours, theirs, _whole(left), _whole(right), _close_words),
    )


def _unsplit(side: Side) -> bool:
    values = side.values
    return bool(values.get("full_name")) and not (values["given_name"] or values["family_name"])


def _parts(side: Side) -> tuple[str, str, str]:
    """Forename, middle names and surname, as a source splits them or as resolution would."""
    if _unsplit(side):
        return split_full_name(side.values["full_name"] or "")
    names = ("given_name", "middle_names", "family_name")
    given, middle, family = (_folded(side.values.get(name) or "") for name in names)
    return given, middle, family


def _name_mark(left: Sequence[Side], right: Sequence[Side]) -> str:
    """The best that whole names of the two sides make, compared part by part."""
    marks = {
        _parts_mark(one, other)
        for one in map(_parts, left)
        for other in map(_parts, right)
        if any(one) and any(other)
    }
    if not marks:  # a script that cannot be split
        return mark(_whole(left), _whole(right), _close_words)
    return next(found for found in ("same", "close", "different") if found in marks)


def _parts_mark(one: tuple[str, str, str], other: tuple[str, str, str]) -> str:
    if one == other:
        return "same"
    closeness = (_close_name, _close_name, _close_surname)
    given, middle, family = (
        mark([a] if a else [], [b] if b else [], close)
        for a, b, close in zip(one, other, closeness, strict=True)
    )
    if "different" in {given, family}:
        # Swapped parts, or a name split in another place.
        return "close" if _close_words(" ".join(one), " ".join(other)) else "different"
    middles = {"same"} if one[1] or other[1] else {"same", "missing"}
    return "same" if given == family == "same" and middle in middles else "close"


def _crosswise(
    ours: Sequence[str],
    theirs: Sequence[str],
    all_ours: Sequence[str],
    all_theirs: Sequence[str],
    close: _Close,
) -> str:
    """The better mark of: our special names with all of theirs, their special ones with ours."""
    marks = {mark(ours, (*theirs, *all_theirs), close), mark((*ours, *all_ours), theirs, close)}
    return next(found for found in ("same", "close", "different", "missing") if found in marks)


def _surnames(sides: Sequence[Side]) -> tuple[str, ...]:
    return _values(sides, "family_name")


def _aliases(sides: Sequence[Side]) -> tuple[str, ...]:
    return _distinct(
        name.strip()
        for side in sides
        for name in (side.values.get("other_names") or "").split(";")
        if name.strip()
    )


def _whole(sides: Sequence[Side]) -> tuple[str, ...]:
    """Whole names, as sent or put together."""
    found = []
    for side in sides:
        parts = (side.values.get(name) for name in ("given_name", "middle_names", "family_name"))
        whole = side.values.get("full_name") or " ".join(part for part in parts if part)
        found.append(whole)
    return _distinct(whole for whole in found if whole)


def _addresses(left: Sequence[Side], right: Sequence[Side]) -> Comparison:
    ours = [stay for side in left for stay in side.stays]
    theirs = [stay for side in right for stay in side.stays]
    return Comparison(
        field="address",
        left=_distinct(stay.text for stay in ours),
        right=_distinct(stay.text for stay in theirs),
        mark=_place_mark(ours, theirs),
    )


def _place_mark(ours: Sequence[Stay], theirs: Sequence[Stay]) -> str:
    if not ours or not theirs:
        return "missing"
    if {key for stay in ours for key in _keys(stay)} & {k for stay in theirs for k in _keys(stay)}:
        return "same"
    near = any(_near(one, other) for one in ours for other in theirs)
    return "close" if near else "different"


def _keys(stay: Stay) -> Iterable[tuple[str | None, ...]]:
    if stay.uprn:
        yield ("uprn", stay.uprn)
    parsed = parse_line(stay.address_line, stay.flat, stay.postcode)
    if parsed.street:
        postcode = compact_postcode(stay.postcode)
        yield ("line", parsed.flat, parsed.number, parsed.street, postcode)


def _near(one: Stay, other: Stay) -> bool:
    """The same postcode, or lines that are alike."""
    postcodes = {compact_postcode(one.postcode), compact_postcode(other.postcode)}
    if len(postcodes) == 1 and None not in postcodes:
        return True
    lines = fold(one.address_line or ""), fold(other.address_line or "")
    return bool(all(lines)) and fuzz.token_set_ratio(*lines) >= _WORDS_CLOSE


def _local_id(left: Sequence[Side], right: Sequence[Side]) -> Comparison:
    """An agency's own id says something only beside another of the same agency."""
    shared = {side.agency for side in left} & {side.agency for side in right}
    ours = [side for side in left if side.agency in shared]
    theirs = [side for side in right if side.agency in shared]
    return Comparison(
        field="local_id",
        left=_values(left, "local_id"),
        right=_values(right, "local_id"),
        mark=mark(_values(ours, "local_id"), _values(theirs, "local_id"), _never),
    )


def _source(
    name: str, left: Sequence[Side], right: Sequence[Side], label: Callable[[Side], str]
) -> Comparison:
    ours, theirs = _distinct(map(label, left)), _distinct(map(label, right))
    return Comparison(field=name, left=ours, right=theirs, mark=mark(ours, theirs, _never))
