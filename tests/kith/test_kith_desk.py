"""The desk reads what was typed the same way, whoever asks: page or terminal."""

import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import graph
from governance.notices import notices
from governance.viewer import Viewer
from governance.watch import LimitReached
from kith import desk as desk_room
from kith.home import Home
from kith.settings import Settings


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
    monkeypatch.setattr(desk_room, "admit_look", lambda *_: None)
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


def test_who_has_looked_too_often_is_shown_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = Viewer(
        user_id="u_aaaa",
        agency="police",
        role="practitioner",
        purpose="visit",
        reference="24-1182",
        on=dt.date(2026, 11, 23),
    )
    monkeypatch.setattr(graph, "person", lambda *_: None)
    settings = Settings(home=tmp_path / "home", looks_unusual=1, looks_most=2)
    with Home.create(settings, "walsall") as home:
        monkeypatch.setattr(desk_room, "_updating_since", lambda _: None)
        desk = desk_room.Desk(home)
        for _ in range(2):
            desk.person(viewer, "p_aaaa")
        monkeypatch.setattr(graph, "person", pytest.fail)
        with pytest.raises(LimitReached):
            desk.person(viewer, "p_aaaa")
        assert [row.kind for row in home.audit.rows()] == ["person_viewed"] * 2 + ["refused"]
        with home.register.session() as session:
            assert len(notices(session)) == 2
