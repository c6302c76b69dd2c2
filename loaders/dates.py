"""Reading dates strictly by the patterns that a mapping gives.

Invariant: a text is a date only if the whole of it fits a pattern and the day exists; no part is
guessed, and what the source left out stays out.

Patterns are those of `strptime`, of which these are known: %d %m %Y %y %b %B %H %M %S; and two
by name: `iso` (YYYY, YYYY-MM or YYYY-MM-DD, a time of day after it ignored) and `excel` (the
serial day of a spreadsheet).
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable
from functools import cache

from records.dates import PartialDate

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_SHORT = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_SHORT["sept"] = 9

_DIRECTIVES = {
    "%d": r"(?P<d>\d{1,2})",
    "%m": r"(?P<m>\d{1,2})",
    "%Y": r"(?P<Y>\d{4})",
    "%y": r"(?P<y>\d{2})",
    "%b": rf"(?P<b>{'|'.join(sorted(_SHORT, key=len, reverse=True))})",
    "%B": rf"(?P<B>{'|'.join(_MONTHS)})",
    "%H": r"\d{1,2}",
    "%M": r"\d{2}",
    "%S": r"\d{2}(?:\.\d+)?",
}
_ISO = re.compile(
    r"(?P<Y>\d{4})(?:-(?P<m>\d{2})(?:-(?P<d>\d{2})(?:[T ]\d{2}:\d{2}[0-9:.+Zz-]*)?)?)?",
    re.ASCII,
)
_SERIAL = re.compile(r"(\d{1,5})(?:\.\d+)?", re.ASCII)
_SERIAL_START = dt.date(1899, 12, 30)  # right from 1 March 1900 on: Lotus's leap day
_YEARS = range(1000, 2200)  # four digits: a canonical date sorts as text
EARLIEST = 1850
"""The first year that a date may lie in, where a mapping does not say otherwise."""

Reader = Callable[[str], PartialDate | None]


def pattern_fault(pattern: str, *, partial: bool) -> str | None:
    """What is wrong with a pattern, in words; `partial` says whether a year alone will do."""
    if pattern in {"iso", "excel"}:
        return None
    found = re.findall(r"%.", pattern)
    parts = set(found)
    has_month = bool({"%m", "%b", "%B"} & parts)
    unknown = sorted(parts - set(_DIRECTIVES))
    faults = {
        f"has {', '.join(unknown)}, which is not known": bool(unknown),
        "says a part twice": len(parts) != len(found) or {"%Y", "%y"} <= parts,
        "has no year (%Y or %y)": not {"%Y", "%y"} & parts,
        "has a day and no month": "%d" in parts and not has_month,
        "must give day, month and year here": not (partial or ("%d" in parts and has_month)),
    }
    words = next((words for words, is_so in faults.items() if is_so), None)
    return f"pattern '{pattern}' {words}" if words else None


def date_reader(patterns: tuple[str, ...], last_year: int, *, earliest: int = EARLIEST) -> Reader:
    """A reader that tries the patterns in order.

    Args:
        patterns: none stands for `iso`.
        last_year: the latest year that a year of two digits may mean.
        earliest: what lies in a year before this one is a slip, and no date.
    """
    attempts = [_attempt(pattern) for pattern in patterns or ("iso",)]

    def read(text: str) -> PartialDate | None:
        stripped = text.strip()
        for attempt in attempts:
            found = attempt(stripped, last_year)
            if found is not None and found.year >= earliest:
                return found
        return None

    return read


@cache
def _attempt(pattern: str) -> Callable[[str, int], PartialDate | None]:
    if pattern == "excel":
        return _serial
    shape = _ISO if pattern == "iso" else _shape(pattern)

    def attempt(text: str, last_year: int) -> PartialDate | None:
        found = shape.fullmatch(text)
        return _date(found.groupdict(), last_year) if found else None

    return attempt


def _shape(pattern: str) -> re.Pattern[str]:
    """A regular expression; directives without a mark between them have their full width."""
    parts = re.split(r"(%.)", pattern)
    packed = any(not parts[at] and 0 < at < len(parts) - 1 for at in range(0, len(parts), 2))
    shapes = [_DIRECTIVES.get(part) or re.escape(part) for part in parts]
    text = "".join(shapes)
    if packed:
        text = text.replace(r"\d{1,2}", r"\d{2}")
    return re.compile(text, re.IGNORECASE | re.ASCII)


def _date(parts: dict[str, str | None], last_year: int) -> PartialDate | None:
    year = _year(parts, last_year)
    month_name = parts.get("b") or parts.get("B")
    month = parts.get("m")
    number = int(month) if month else None
    if month_name:
        number = _SHORT.get(month_name.lower()) or _MONTHS[month_name.lower()]
    day = parts.get("d")
    if year not in _YEARS:
        return None
    try:
        return PartialDate(year=year, month=number, day=int(day) if day else None)
    except ValueError:
        return None


def _year(parts: dict[str, str | None], last_year: int) -> int:
    if parts.get("Y"):
        return int(parts["Y"] or 0)
    two_digits = int(parts["y"] or 0)
    return last_year - (last_year - two_digits) % 100


def _serial(text: str, _last_year: int) -> PartialDate | None:
    found = _SERIAL.fullmatch(text)
    if not found or not 61 <= int(found[1]) <= 99_999:
        return None
    day = _SERIAL_START + dt.timedelta(days=int(found[1]))
    return PartialDate(year=day.year, month=day.month, day=day.day)
