"""Dates as agencies know them: whole, partial or unknown.

Invariant: a `PartialDate` never claims more than the source said. The first of January is a
day; "1984" is a year. Its text form is the ISO 8601 reduced form that FHIR uses: `1984`,
`1984-03` or `1984-03-09`, and it sorts as text.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass

_TEXT = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True, kw_only=True, order=True)
class PartialDate:
    """A date known to the day, the month or the year.

    Raises:
        ValueError: if the parts are not a date, or a day comes without its month.
    """

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.month is None and self.day is not None:
            raise ValueError("a day needs its month")
        if 0 in (self.month, self.day):
            raise ValueError("there is no month or day 0")
        dt.date(self.year, self.month or 1, self.day or 1)

    @classmethod
    def parse(cls, text: str) -> PartialDate:
        """Read `YYYY`, `YYYY-MM` or `YYYY-MM-DD`."""
        found = _TEXT.fullmatch(text)
        if not found:
            raise ValueError("not a date in the form YYYY, YYYY-MM or YYYY-MM-DD")
        year, month, day = (int(part) if part else None for part in found.groups())
        assert year is not None
        return cls(year=year, month=month, day=day)

    @property
    def earliest(self) -> dt.date:
        """The first day that this date may be."""
        return dt.date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> dt.date:
        """The last day that this date may be."""
        month = self.month or 12
        day = self.day or calendar.monthrange(self.year, month)[1]
        return dt.date(self.year, month, day)

    @property
    def exact(self) -> dt.date | None:
        """The day, if the day is known."""
        return self.earliest if self.day is not None else None

    def age_range(self, on: dt.date) -> tuple[int, int]:
        """Least and greatest whole years of age on a day; equal if the birthday is known."""
        return _years(self.latest, on), _years(self.earliest, on)

    def __str__(self) -> str:
        parts = [f"{self.year:04d}"]
        parts += [f"{part:02d}" for part in (self.month, self.day) if part is not None]
        return "-".join(parts)


def _years(birth: dt.date, on: dt.date) -> int:
    return max(0, on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day)))
