"""Answers as plain values: nothing lost but the types."""

import datetime as dt
import json
from dataclasses import dataclass

import pytest

from governance.viewer import Level
from kith.plain import to_plain


@dataclass(frozen=True)
class Inner:
    on: dt.date | None
    ids: frozenset[str]


def test_values_become_what_json_holds() -> None:
    at = dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC)
    value = {
        "level": Level.DETAIL,
        "at": at,
        "inner": (Inner(dt.date(2020, 1, 2), frozenset("ba")),),
    }
    plain = to_plain(value)
    assert plain == {
        "level": "detail",
        "at": "2026-11-02T08:00:00+00:00",
        "inner": [{"on": "2020-01-02", "ids": ["a", "b"]}],
    }
    assert json.loads(json.dumps(plain)) == plain


def test_what_has_no_plain_form_is_refused_without_showing_it() -> None:
    class Secret:
        def __repr__(self) -> str:
            return "hidden"

    with pytest.raises(TypeError) as caught:
        to_plain([Secret()])
    assert "hidden" not in str(caught.value)
