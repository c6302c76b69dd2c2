"""Answers as plain values that JSON can hold.

Invariant: nothing is lost but the types: dates become ISO text, sets become sorted lists.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from collections.abc import Mapping
from typing import Any


def to_plain(value: Any) -> Any:
    """A dataclass, mapping, sequence, date or scalar as dict, list, text and number.

    Raises:
        TypeError: for anything else, so that no object's repr slips into an answer.
    """
    if value is None or (isinstance(value, str | int | float) and not isinstance(value, enum.Enum)):
        return value
    if isinstance(value, enum.Enum):
        return value.name.lower()
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            entry.name: to_plain(getattr(value, entry.name)) for entry in dataclasses.fields(value)
        }
    if isinstance(value, Mapping):
        return {str(key): to_plain(entry) for key, entry in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(to_plain(entry) for entry in value)
    if isinstance(value, list | tuple):
        return [to_plain(entry) for entry in value]
    raise TypeError(f"a {type(value).__name__} has no plain form")
