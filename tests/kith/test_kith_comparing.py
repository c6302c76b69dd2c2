"""Marks: how two sides of a question compare, to the eye."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kith.labelling.comparing import SHOWN, Side, Stay, compare
from kith.labelling.questions import MARKS, Comparison


def side(agency: str = "police", stays: tuple[Stay, ...] = (), **values: str | None) -> Side:
    return Side(
        agency=agency,
        agency_label=agency.title(),
        dataset_label="System",
        values=dict.fromkeys(SHOWN) | values,
        stays=stays,
    )


def holding(values: dict[str, str | None]) -> Side:
    return replace(side(), values=dict.fromkeys(SHOWN) | values)


def stay(line: str | None = "12 Alder Road", postcode: str | None = "WS1 1AA", **more: Any) -> Stay:
    known = dict.fromkeys(("flat", "uprn", "since", "until")) | more
    return Stay(address_line=line, postcode=postcode, **known)


def compared(left: Side | list[Side], right: Side | list[Side]) -> dict[str, Comparison]:
    rows = compare(
        left if isinstance(left, list) else [left], right if isinstance(right, list) else [right]
    )
    return {row.field: row for row in rows}


@pytest.mark.parametrize(
    ("field", "left", "right", "mark"),
    [
        ("given_name", "Zoë", "zoe", "same"),
        ("given_name", "Katherine", "Kate", "close"),
        ("given_name", "Dylan", "Dillon", "close"),
        ("given_name", "M", "Mia", "close"),
        ("given_name", "M", "Omar", "different"),
        ("given_name", "Mia", "Omar", "different"),
        ("given_name", "李明", "李明", "same"),
        ("given_name", "李明", "王芳", "different"),
        ("given_name", "Mia", None, "missing"),
        ("given_name", "", "Mia", "missing"),
        ("middle_names", "Ann", "Anne", "close"),
        ("family_name", "O'Brien", "OBrien", "same"),
        ("family_name", "Carter-Ellis", "Ellis", "close"),
        ("family_name", "Carter", "Khan", "different"),
        ("full_name", "Carter Mia", "Mia Carter", "close"),
        ("birth_date", "1984-03-09", "1984-03-09", "same"),
        ("birth_date", "1984-03-09", "1984-09-03", "close"),
        ("birth_date", "1984-03-09", "1984", "close"),
        ("birth_date", "1984-03-09", "1984-03", "close"),
        ("birth_date", "1984-03-09", "1984-03-08", "close"),
        ("birth_date", "1984-03-09", "1948-03-09", "close"),
        ("birth_date", "1984-03-09", "1985-04-09", "different"),
        ("birth_date", "1984", "1985", "different"),
        ("sex", "female", "male", "different"),
        ("nhs_number", "9990000018", "9990000018", "same"),
        ("nhs_number", "9990000018", "9990000081", "close"),
        ("nhs_number", "9990000018", "9990000026", "different"),
        ("nino", "QQ123456C", "qq123456c", "same"),
        ("upn", "A123", "A124", "close"),
        ("uln", "1000000001", None, "missing"),
        ("phone", "+441632960001", "+441632960010", "close"),
        ("email", "mia.carter@example.org", "mia.carter@exmaple.org", "close"),
        ("birth_place", "Walsall", "Walsal", "close"),
        ("occupation", "nurse", "welder", "different"),
    ],
)
def test_a_field_is_marked_for_the_eye(
    field: str, left: str | None, right: str | None, mark: str
) -> None:
    ours, theirs = holding({field: left}), holding({field: right})
    assert compared(ours, theirs)[field].mark == mark
    assert compared(theirs, ours)[field].mark == mark


def test_an_earlier_surname_is_set_against_every_surname() -> None:
    found = compared(
        side(family_name="Ellis", former_family_name="Carter"), side(family_name="Carter")
    )
    assert found["family_name"].mark == "different"
    assert found["former_family_name"] == Comparison(
        field="former_family_name", left=("Carter",), right=(), mark="same"
    )


def test_an_alias_is_set_against_whole_names() -> None:
    left = side(given_name="Mia", family_name="Ellis", other_names="Mimi Khan; Mia Carter")
    found = compared(left, side(given_name="Mia", family_name="Carter"))["other_names"]
    assert (found.left, found.mark) == (("Mimi Khan", "Mia Carter"), "same")


def test_a_whole_name_is_set_against_the_parts_of_the_other_side() -> None:
    found = compared(side(full_name="Mia Carter"), side(given_name="Mia", family_name="Carter"))
    assert found["full_name"].mark == "same"


@pytest.mark.parametrize(
    ("whole", "mark"),
    [
        ("Thomas, Sarah", "same"),
        ("SARAH THOMAS", "same"),
        ("Mrs Sarah Thomas", "same"),
        ("Thomas Sarah", "close"),
        ("S Thomas", "close"),
        ("Sally Thomas", "close"),
        ("Sarah Jane Thomas", "close"),
        ("Sarah Khan", "different"),
        ("Omar Thomas", "different"),
    ],
)
def test_a_whole_name_is_compared_part_by_part(whole: str, mark: str) -> None:
    ours, theirs = side(full_name=whole), side(given_name="Sarah", family_name="Thomas")
    for left, right in ((ours, theirs), (theirs, ours)):
        found = compared(left, right)
        assert found["full_name"].mark == mark
        assert not {"given_name", "middle_names", "family_name"} & set(found)
    assert compared(ours, theirs)["full_name"].right == ("Sarah Thomas",)


def test_what_neither_side_has_is_left_out_and_codes_are_words() -> None:
    found = compared(side(sex="female"), side(sex="female"))
    assert set(found) == {"sex", "agency", "dataset"}
    assert found["sex"].left == ("Female",)


def test_an_agency_s_own_number_says_something_beside_the_same_agency_s_only() -> None:
    police, housing = side(local_id="77"), side("housing", local_id="77")
    assert compared(police, housing)["local_id"].mark == "missing"
    assert compared(police, side(local_id="77"))["local_id"].mark == "same"
    assert compared(police, side(local_id="78"))["local_id"].mark == "different"


@pytest.mark.parametrize(
    ("left", "right", "mark"),
    [
        (stay(), stay("12 Alder Rd"), "same"),
        (stay(uprn="1"), stay("The Old Barn", None, uprn="1"), "same"),
        (stay(), stay("14 Alder Road"), "close"),
        (stay(), stay("12 Alder Road", None), "close"),
        (stay(), stay("3 Birch Lane", "WS2 2BB"), "different"),
        (stay(None, "WS1 1AA"), stay(None, "WS1 1AA"), "close"),
    ],
)
def test_addresses_are_compared_as_places(left: Stay, right: Stay, mark: str) -> None:
    found = compared(side(stays=(left,)), side(stays=(right,)))["address"]
    assert found.mark == mark


def test_an_address_is_one_line_with_its_days() -> None:
    assert stay(since="2020-01-01").text == "12 Alder Road, WS1 1AA (since 2020-01-01)"
    assert stay(until="2021-02-03", flat="Flat 2").text == (
        "Flat 2, 12 Alder Road, WS1 1AA (? to 2021-02-03)"
    )
    assert stay(None, None, uprn="100").text == "UPRN 100"


def test_a_cluster_shows_each_value_once_the_commonest_first() -> None:
    left = [side(given_name=name) for name in ("Mia", "Maya", "Maya")]
    found = compared(left, side(given_name="Mia"))["given_name"]
    assert (found.left, found.mark) == (("Maya", "Mia"), "same")


VALUES = st.one_of(st.none(), st.text(max_size=30))


@given(left=st.dictionaries(st.sampled_from(SHOWN), VALUES), right=st.dictionaries(
    st.sampled_from(SHOWN), VALUES))  # fmt: skip
def test_whatever_was_typed_is_compared_the_same_both_ways(
    left: dict[str, str | None], right: dict[str, str | None]
) -> None:
    ours, theirs = holding(left), holding(right)
    there, back = compare([ours], [theirs]), compare([theirs], [ours])
    assert {row.field: row.mark for row in there} == {row.field: row.mark for row in back}
    assert {row.mark for row in there} <= set(MARKS)
