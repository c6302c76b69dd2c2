"""Whom a request may be about: few are shown, and what was asked for is nowhere."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

import loaders
from governance import accounts
from governance.errors import NotPermitted
from governance.sessions import SessionLimits, SignedInUser
from governance.subject_cases import SubjectError
from kith import pipeline
from kith.cli import kith, tokens
from kith.rights import lookup
from kith.rights.lookup import LookedUp, Sought, look_up
from records.snapshot import Resolved
from tests.governance.retained import POLICE, snapshot
from tests.kith.labelling_builders import LabelHome

HOUSING = {"agency": "housing", "dataset": "main", "load_id": "l_b"}
BORN = "1984-03-02"


def row(letter: str, **values: Any) -> dict[str, Any]:
    given = {"record_id": f"r_{letter}", "source_key": letter, "file_line": 2}
    return {**POLICE, **given, "given_name": "Zoë", "family_name": "O'Hara"} | values


PEOPLE = [
    row("a", birth_date=BORN),
    row("b", **HOUSING, given_name="Zoe", family_name="Ohara", nhs_number="9990000018"),
    row("c", given_name=None, family_name=None, full_name="Mr Tom O'HARA", birth_date="1984"),
    row("d", given_name="Ann", family_name="Reed", former_family_name="O'Hara"),
    row("e", given_name="Ann", family_name="Carr", birth_date="1951-01-20"),
]


@pytest.fixture
def home(label_home: LabelHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LabelHome:
    """Five records, of which the first two are one person."""
    here = [{**POLICE, "record_id": "r_b", "record_key": "b", "postcode": "WS1 1AA"}]
    made = snapshot(tmp_path / "held", record=PEOPLE, residence=here)
    links = pa.table({"record_id": ["r_a", "r_b", "r_e"], "person_id": ["p_x", "p_x", "p_y"]})
    (tmp_path / "run").mkdir()
    pq.write_table(links, tmp_path / "run" / "link.parquet")
    run = Resolved(folder=tmp_path / "run", run_id="x_one", snapshot_id="abc")
    monkeypatch.setattr(loaders, "take_snapshot", lambda _context: made)
    monkeypatch.setattr(pipeline, "current_result", lambda _home: run)
    monkeypatch.setattr(pipeline, "read_current", lambda _home: run)
    return label_home


def as_officer(home: LabelHome, role: str = "governance_officer") -> tuple[SignedInUser, str]:
    with home.home.register.session() as session:
        now, agency = home.home.clock(), home.user.agency
        user = accounts.create_user(session, role, "a grey heron by the lock", agency, [role], now)
        token = accounts.start_session(session, user, now, SessionLimits())
        found = accounts.resume(session, token, now)
        session.commit()
    assert found is not None
    return found, token


def found(home: LabelHome, **said: Any) -> LookedUp:
    if not hasattr(home, "officer"):
        home.officer = as_officer(home)[0]  # type: ignore[attr-defined]
    return look_up(home.home, home.officer, Sought(**said))  # type: ignore[attr-defined]


def ids(told: LookedUp) -> list[str]:
    return [each.about for each in told.people]


def test_somebody_is_found_over_all_records_that_are_theirs(home: LabelHome) -> None:
    born = dt.date.fromisoformat(BORN)
    said = {"given_name": "zoe", "family_name": "o\u2019hara", "birth_date": born}
    told = found(home, **said, postcode="ws11aa")
    assert ids(told) == ["p_x"]
    [one] = told.people
    assert (one.records, one.agencies) == (2, ("housing", "police"))
    assert one.agreed == ("given_name", "family_name", "birth_date", "postcode")
    assert (one.name, one.birth_date) == ("Zoë O'Hara", BORN)


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ({"family_name": "OHara", "birth_date": dt.date(1984, 7, 1)}, ["r_c"]),
        ({"given_name": "Ann", "family_name": "O'Hara"}, ["r_d"]),
        ({"nhs_number": "999 000 0018"}, ["p_x"]),
        ({"given_name": "Anne", "family_name": "Carr"}, ["p_y"]),
        ({"given_name": "Ann", "postcode": "WS1 1AA"}, []),
        ({"given_name": "Nobody", "family_name": "Nowhere"}, []),
        ({"given_name": "'; drop table record; --", "family_name": "%"}, []),
    ],
)
def test_who_is_found_by_what(home: LabelHome, said: dict[str, Any], who: list[str]) -> None:
    assert ids(found(home, **said)) == who


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"given_name": "Zoe"},
        {"family_name": "Ellis", "given_name": "  "},
        {"family_name": "Ellis", "postcode": "nowhere"},
        {"nhs_number": "1234567890"},
    ],
)
def test_too_little_or_unreadable_is_refused_and_nothing_is_on_record(
    home: LabelHome, said: dict[str, str]
) -> None:
    with pytest.raises(SubjectError):
        found(home, **said)
    assert home.events("people_looked_up") == []


def test_what_was_asked_for_is_on_record_by_field_and_never_by_value(home: LabelHome) -> None:
    found(home, given_name="Zoe", family_name="O'Hara")
    [event] = home.events("people_looked_up")
    assert (event["asked_by"], event["found"]) == (["given_name", "family_name"], 1)
    assert event["what"] == ["p_x"]
    assert "hara" not in json.dumps(event).casefold()


def test_few_are_shown_and_the_others_counted(
    home: LabelHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookup, "MOST", 1)
    told = found(home, given_name="Zoe", family_name="O'Hara", birth_date=dt.date(1984, 3, 2))
    assert (ids(told), told.more) == (["p_x"], 1)


def test_only_officers_look(home: LabelHome) -> None:
    analyst, _ = as_officer(home, "analyst")
    with pytest.raises(NotPermitted):
        look_up(home.home, analyst, Sought(nhs_number="9990000018"))
    assert home.events("people_looked_up") == []


def test_without_a_resolution_records_stand_alone(
    home: LabelHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "read_current", lambda _home: None)
    assert ids(found(home, given_name="Zoe", family_name="O'Hara")) == ["r_a", "r_b"]


def call(home: LabelHome, typed: str, *words: str) -> Result:
    given = ["rights", "look-up", "--home", str(home.home.folder), *words]
    return CliRunner().invoke(kith, given, input=typed)


def test_the_command_asks_for_it_line_by_line(
    home: LabelHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    tokens.keep(home.home.folder, as_officer(home)[1])
    told = json.loads(call(home, "Zoe\nO'Hara\n\n\n\n", "--json").stdout)
    assert [each["about"] for each in told["people"]] == ["p_x"]
    assert "p_x" in call(home, "Zoe\nO'Hara\n1984-03-02\n\n\n").stdout
    nobody = call(home, "No\nBody\n\n\n\n")
    assert "does not show that nothing is held" in nobody.output
    wrong = call(home, "Zoe\nO'Hara\n02/03/1984\n\n\n")
    assert isinstance(wrong.exception, SubjectError)
