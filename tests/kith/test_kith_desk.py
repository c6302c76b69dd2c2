"""The desk reads what was typed the same way, whoever asks: page or terminal."""

from types import SimpleNamespace
from typing import Any

import pytest

import graph
from kith import desk as desk_room


class _AskedError(Exception):
    """Ends the question once it is known what the graph was asked."""


@pytest.mark.parametrize(
    ("typed", "text", "uprn"),
    [
        ("999001466727", None, "999001466727"),
        (" 9990 0146 6727 ", None, "999001466727"),
        ("12 Alder Road", "12 Alder Road", None),
        ("WS1 1AA", "WS1 1AA", None),
    ],
)
def test_a_uprn_alone_is_taken_as_one(
    typed: str, text: str | None, uprn: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def check_address(_store: object, _viewer: object, **named: Any) -> None:
        asked.update(named)
        raise _AskedError

    monkeypatch.setattr(graph, "check_address", check_address)
    home: Any = SimpleNamespace(store=None)
    viewer: Any = None
    with pytest.raises(_AskedError):
        desk_room.Desk(home).check_address(viewer, text=typed)
    assert asked == {"text": text, "uprn": uprn, "address_id": None}


def test_what_is_no_address_is_refused_before_anything_is_looked_up() -> None:
    home: Any = SimpleNamespace(store=None)
    viewer: Any = None
    with pytest.raises(desk_room.NoAddressError, match="no address"):
        desk_room.Desk(home).check_address(viewer, text="12")
