"""Dates, ages and sources in words, for the terminal.

Invariant: what is not known is said so, never left blank and never shown as "no".
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from records.codes import code_list

_LONDON = ZoneInfo("Europe/London")
Plain = dict[str, Any]


def day(text: str | None) -> str:
    """`3 Mar 2026`, from ISO text."""
    if not text:
        return "day not known"
    date = dt.date.fromisoformat(text)
    return f"{date.day} {date:%b %Y}"


def since(text: str | None, until: str | None) -> str:
    """`since 3 Feb 2025`, `3 Feb 2024 to 1 Mar 2025`."""
    if until:
        return f"{day(text) if text else '?'} to {day(until)}"
    return f"since {day(text)}" if text else "since when is not known"


def code(value: str | None, list_name: str) -> str:
    """A code in words."""
    if value is None:
        return "kind not known"
    return code_list(list_name).labels.get(value, value)


def who(person: Plain) -> str:
    """Name and age."""
    least, most = person["age"], person["age_to"]
    if least is None:
        return f"{person['name']}, age not known"
    return f"{person['name']}, {least}" if least == most else f"{person['name']}, {least} to {most}"


def agencies(sources: list[Plain]) -> str:
    return ", ".join(dict.fromkeys(source["label"] for source in sources))


def ring(value: str | None) -> str:
    return f" - ring {value}" if value else ""


def age_of(instant: str | None, today: dt.date | None = None) -> str:
    """`today 06:10`, `3 days ago`."""
    if not instant:
        return "never"
    at = dt.datetime.fromisoformat(instant).astimezone(_LONDON)
    days = ((today or dt.datetime.now(_LONDON).date()) - at.date()).days
    if days <= 0:
        return f"today {at:%H:%M}"
    return "yesterday" if days == 1 else f"{days} days ago"
