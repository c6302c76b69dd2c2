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
    match value:
        case enum.Enum():
            plain: Any = value.name.lower()
        case None | str() | int() | float():
            plain = value
        case dt.date() | dt.datetime():
            plain = value.isoformat()
        case Mapping():
            plain = {str(key): to_plain(entry) for key, entry in value.items()}
        case set() | frozenset():
            plain = sorted(to_plain(entry) for entry in value)
        case list() | tuple():
            plain = [to_plain(entry) for entry in value]
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            names = [entry.name for entry in dataclasses.fields(value)]
            plain = {name: to_plain(getattr(value, name)) for name in names}
        case _:
            raise TypeError(f"a {type(value).__name__} has no plain form")
    return plain
