"""Addresses resolved like people."""

from __future__ import annotations

import random
from pathlib import Path

from resolution.address_lines import parse_line
from resolution.address_matching import Place, match_places, members
from tests.resolution.builders import contact, lives, record, rows, snapshot
from tests.resolution.conftest import Resolve

PC = "WS1 1AA"


def places(*written: tuple[str | None, str | None, str | None, int]) -> list[Place]:
    return [
        Place(parsed=parse_line(line, None, postcode), uprn=uprn, uses=uses)
        for line, postcode, uprn, uses in written
    ]


def entities(*written: tuple[str | None, str | None, str | None, int]) -> list[object]:
    return list(match_places(places(*written)).entities)


def test_spellings_and_a_uprn_are_one_address() -> None:
    found = entities(
        ("12 Alder Road, Walsall", PC, None, 3),
        ("12 ALDER RD", PC, None, 1),
        ("12 Aldr Road", PC, None, 1),
        ("12 Alder Road", PC, "100", 2),
        (None, PC, "100", 1),
        ("12 Alder Road, Walsall", "WS1 1AB", None, 1),
        ("12 Alder Road, Walsall", None, None, 1),
    )
    assert set(found) == {"100"}


def test_flats_of_a_building_and_the_building_stay_apart() -> None:
    found = entities(
        ("Flat 1, 12 Alder Road", PC, None, 5),
        ("Flat 2, 12 Alder Road", PC, None, 5),
        ("12 Alder Road", PC, None, 5),
        ("2/12 Alder Rd", PC, None, 1),
        ("12A Alder Road", PC, None, 1),
    )
    assert len(set(found)) == 4
    assert found[1] == found[3]


def test_two_uprns_are_never_one_address() -> None:
    found = entities(("12 Alder Road", PC, "100", 4), ("12 Alder Road", PC, "200", 4))
    assert found == ["100", "200"]


def test_a_typed_address_joins_no_uprn_where_several_share_its_line() -> None:
    found = entities(
        ("12 Alder Road", PC, "100", 4),
        ("12 Alder Road", PC, "200", 4),
        ("12 Alder Rd", PC, None, 1),
    )
    assert found[2] not in {"100", "200"}


def test_a_uprn_taken_from_the_wrong_row_does_not_move_the_address() -> None:
    found = entities(
        ("12 Alder Road", PC, "100", 9),
        ("40 Elm Close", "WS2 2BB", "200", 9),
        ("12 Alder Road", PC, "200", 1),
    )
    assert found == ["100", "200", "100"]


def test_numbers_in_street_names_are_not_slips() -> None:
    found = entities(("3, 1st Avenue", PC, None, 9), ("3, 2nd Avenue", PC, None, 1))
    assert len(set(found)) == 2


def test_the_order_of_places_does_not_matter() -> None:
    written = [
        (line, postcode, uprn, uses)
        for line in ("12 Alder Road", "12 Aldr Rd", "Flat 1, 12 Alder Road", "14 Elder Road", None)
        for postcode in (PC, "WS1 1AB", None)
        for uprn, uses in ((None, 2), ("100", 1))
    ]
    once = dict(zip(written, entities(*written), strict=True))
    for seed in range(5):
        mixed = random.Random(seed).sample(written, len(written))
        assert dict(zip(mixed, entities(*mixed), strict=True)) == once


def test_no_two_addresses_are_told_by_the_same_evidence() -> None:
    given = places(
        ("12 Alder Road", PC, "100", 4),
        ("12 Alder Road", PC, "200", 4),
        ("12 Alder Rd", PC, None, 1),
        ("12 Alder Road", None, None, 1),
        ("Alder Road", PC, None, 3),
    )
    found = match_places(given)
    told = members(found.keys, found.entities, given)
    evidence = [text for texts in told.values() for text in texts]
    assert len(evidence) == len(set(evidence)) >= 4


def test_a_contact_typed_without_uprn_is_at_the_uprns_address(
    tmp_path: Path, resolve: Resolve
) -> None:
    someone = record("1", given_name="Ada", family_name="Shaw")
    call = contact("9", "12 Alder Rd", PC)
    resolved = resolve(
        snapshot(
            tmp_path / "s", [someone], [lives(someone, "12 Alder Road", PC, uprn="100")], [call]
        )
    )
    (address,) = rows(resolved, "address")
    assert (address["uprn"], address["postcode"], address["kind"]) == ("100", PC, "dwelling")
    assert rows(resolved, "contact_address") == [
        {"contact_id": call["contact_id"], "address_id": address["address_id"]}
    ]
    assert "12 alder road" in address["search_text"]


def test_the_id_lasts_when_a_uprn_arrives(tmp_path: Path, resolve: Resolve) -> None:
    someone = record("1", given_name="Ada", family_name="Shaw")
    before = resolve(snapshot(tmp_path / "a", [someone], [lives(someone, "12 Alder Road", PC)]))
    stay = lives(someone, "12 ALDER RD", PC, uprn="100")
    after = resolve(snapshot(tmp_path / "b", [someone], [stay]))
    then = rows(
        resolve(snapshot(tmp_path / "c", [someone], [lives(someone, None, uprn="100")])), "address"
    )
    ids = {row["address_id"] for row in [*rows(before, "address"), *rows(after, "address"), *then]}
    assert len(ids) == 1


def test_what_is_stated_about_a_place_decides_its_kind(tmp_path: Path, resolve: Resolve) -> None:
    a, b = record("1"), record("2")
    resolved = resolve(
        snapshot(
            tmp_path / "s",
            [a, b],
            [
                lives(a, "3 Bath Street", PC, place_kind="hostel"),
                lives(b, "No fixed abode", "ZZ99 3VZ"),
            ],
        )
    )
    assert {row["kind"] for row in rows(resolved, "address")} == {"hostel", "no_fixed_abode"}
