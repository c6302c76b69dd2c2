"""Residences and households from what sources say, and from nothing else."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from records.snapshot import Resolved
from tests.resolution.builders import Row, lives, record, rows, snapshot
from tests.resolution.conftest import Resolve

PC = "WS1 1AA"
HOME, AWAY = "12 Alder Road", "3 Elm Close"
GIVEN = {"Ada": "1984-03-09", "Tom": "1951-01-20", "Mary": "2012-07-01", "Amir": "1990-12-24"}


def who(name: str, source: str = "housing/northgate", **fields: Any) -> Row:
    fields = {"given_name": name, "family_name": "Shaw", "birth_date": GIVEN[name]} | fields
    return record(f"{name}-{source}", source, **fields)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def current_lines(resolved: Resolved) -> list[str]:
    lines = {row["address_id"]: row["line"] for row in rows(resolved, "address")}
    return sorted(lines[row["address_id"]] for row in rows(resolved, "lives_at") if row["current"])


def test_people_at_one_dwelling_at_one_time_are_a_household(
    resolve: Resolve, tmp_path: Path
) -> None:
    ada, mary = who("Ada"), who("Mary")
    tom = who("Tom")
    resolved = resolve(
        snapshot(
            tmp_path / "s",
            [ada, mary, tom],
            [
                lives(tom, HOME, PC, from_date=day("2001-05-01"), to_date=day("2015-02-01")),
                lives(ada, HOME, PC, from_date=day("2016-01-01")),
                lives(mary, HOME, PC, from_date=day("2018-01-01")),
            ],
        )
    )
    members: dict[str, int] = {}
    for row in rows(resolved, "member"):
        members[row["household_id"]] = members.get(row["household_id"], 0) + 1
    households = {row["household_id"]: row for row in rows(resolved, "household")}
    assert sorted((households[key]["current"], count) for key, count in members.items()) == [
        (False, 1),
        (True, 2),
    ]


@pytest.mark.parametrize(
    ("line", "postcode", "kind"),
    [
        ("3 Bath Street", PC, "hostel"),
        ("3 Bath Street", PC, "institution"),
        ("No fixed abode", "ZZ99 3VZ", None),
        ("Alder Road", PC, None),
        (None, PC, None),
    ],
)
def test_no_household_where_people_do_not_belong_together(
    resolve: Resolve, tmp_path: Path, line: str | None, postcode: str, kind: str | None
) -> None:
    ada, tom = who("Ada"), who("Tom")
    stays = [lives(row, line, postcode, place_kind=kind) for row in (ada, tom)]
    resolved = resolve(snapshot(tmp_path / "s", [ada, tom], stays))
    assert len(rows(resolved, "lives_at")) == 2
    assert rows(resolved, "household") == []


def test_flats_of_a_building_are_two_households(resolve: Resolve, tmp_path: Path) -> None:
    ada, tom = who("Ada"), who("Tom")
    stays = [lives(ada, f"Flat 1, {HOME}", PC), lives(tom, f"2/{HOME}", PC)]
    resolved = resolve(snapshot(tmp_path / "s", [ada, tom], stays))
    assert len(rows(resolved, "household")) == 2


def test_twins_are_two_people_in_one_household(resolve: Resolve, tmp_path: Path) -> None:
    mary, twin = who("Mary"), who("Tom", birth_date=GIVEN["Mary"])
    stays = [lives(row, HOME, PC) for row in (mary, twin)]
    resolved = resolve(snapshot(tmp_path / "s", [mary, twin], stays))
    assert len(rows(resolved, "household")) == 1
    assert len(rows(resolved, "member")) == 2


def test_absence_from_an_extract_ends_nothing(resolve: Resolve, tmp_path: Path) -> None:
    ada, other = who("Ada", updated_on=day("2015-01-01")), who("Ada", "nhs/pds")
    stays = [lives(ada, HOME, PC, from_date=day("2010-01-01"))]
    resolved = resolve(snapshot(tmp_path / "s", [ada, other], stays))
    (stay,) = rows(resolved, "lives_at")
    assert stay["current"]
    assert stay["to_date"] is None


def test_a_later_address_from_a_trusted_source_makes_the_earlier_not_current(
    resolve: Resolve, tmp_path: Path
) -> None:
    old = who("Ada", updated_on=day("2015-01-01"))
    new = who("Ada", "nhs/pds")
    resolved = resolve(
        snapshot(
            tmp_path / "s",
            [old, new],
            [
                lives(old, HOME, PC, from_date=day("2010-01-01")),
                lives(new, AWAY, PC, from_date=day("2020-01-01")),
            ],
        )
    )
    assert current_lines(resolved) == ["3 Elm Close"]
    assert all(row["to_date"] is None for row in rows(resolved, "lives_at"))


def test_police_alone_do_not_make_an_address_past(resolve: Resolve, tmp_path: Path) -> None:
    old = who("Ada", updated_on=day("2015-01-01"))
    seen = who("Ada", "police/niche", updated_on=day("2020-01-01"))
    stays = [lives(old, HOME, PC, from_date=day("2010-01-01")), lives(seen, AWAY, PC)]
    resolved = resolve(snapshot(tmp_path / "s", [old, seen], stays))
    assert len(current_lines(resolved)) == 2


def test_an_end_stands_unless_somebody_confirmed_the_address_later(
    resolve: Resolve, tmp_path: Path
) -> None:
    ended = who("Ada")
    stays = [lives(ended, HOME, PC, from_date=day("2010-01-01"), to_date=day("2020-06-01"))]
    earlier = who("Ada", "nhs/pds", updated_on=day("2019-01-01"))
    later = who("Ada", "adults/mosaic", updated_on=day("2024-01-01"))
    one = resolve(snapshot(tmp_path / "a", [ended, earlier], [*stays, lives(earlier, HOME, PC)]))
    assert current_lines(one) == []
    two = resolve(snapshot(tmp_path / "b", [ended, later], [*stays, lives(later, HOME, PC)]))
    assert current_lines(two) == ["12 Alder Road"]


def test_the_dead_live_nowhere(resolve: Resolve, tmp_path: Path) -> None:
    tom = who("Tom")
    gone = who("Tom", "nhs/pds", dead=True, death_date="2026-01-05")
    resolved = resolve(snapshot(tmp_path / "s", [tom, gone], [lives(tom, HOME, PC)]))
    (stay,) = rows(resolved, "lives_at")
    assert (stay["current"], stay["to_date"]) == (False, day("2026-01-05"))


def test_a_building_means_the_persons_flat_in_it(resolve: Resolve, tmp_path: Path) -> None:
    ada, vague = who("Ada"), who("Ada", "nhs/pds")
    stays = [lives(ada, f"Flat 1, {HOME}", PC), lives(vague, HOME, PC)]
    resolved = resolve(snapshot(tmp_path / "s", [ada, vague], stays))
    assert current_lines(resolved) == ["Flat 1, 12 Alder Road"]
    assert len(rows(resolved, "record_address")) == 2


def test_more_people_than_a_household_holds_make_none(resolve: Resolve, tmp_path: Path) -> None:
    crowd = [
        record(str(n), given_name=f"Q{chr(97 + n)}rin", family_name=f"{chr(97 + n)}olt")
        for n in range(26)
    ]
    resolved = resolve(snapshot(tmp_path / "s", crowd, [lives(row, HOME, PC) for row in crowd]))
    assert rows(resolved, "household") == []
