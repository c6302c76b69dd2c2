"""Typed addresses taken apart."""

from __future__ import annotations

import pytest

from resolution.address_lines import ParsedLine, parse_line


def parts(line: str | None, flat: str | None = None, postcode: str | None = None) -> ParsedLine:
    return parse_line(line, flat, postcode)


@pytest.mark.parametrize(
    "line",
    [
        "12 Alder Road, Walsall",
        "12 ALDER RD, WALSALL",
        "12, Alder Rd., Walsall",
        "12 Alder Road Walsall",
        "Alder Road 12, Walsall",
        " 12  alder  road ,Walsall ",
    ],
)
def test_spellings_of_one_address_come_apart_alike(line: str) -> None:
    assert parts(line) == ParsedLine(number="12", street="alder road", town="walsall")


@pytest.mark.parametrize(
    "line",
    [
        "Flat 2, 12 Alder Road",
        "Flat 2 12 Alder Road",
        "2/12 Alder Rd",
        "12 Alder Road, Flat 2",
        "Apt 2, 12 Alder Road",
        "FLAT NO 2, 12 ALDER ROAD",
    ],
)
def test_ways_to_write_a_flat_agree(line: str) -> None:
    assert parts(line) == ParsedLine(flat="2", number="12", street="alder road")


def test_a_flat_of_its_own_column_is_the_same_flat() -> None:
    assert parts("12 Alder Road", "Flat 2") == parts("2/12 Alder Rd")
    assert parts("12 Alder Road", "2").flat == "2"


def test_a_letter_belongs_to_the_number() -> None:
    assert parts("12A Alder Road").number == "12a"
    assert parts("12 a Alder Road").number == "12a"


def test_a_house_name_is_kept_beside_a_number_and_instead_of_one() -> None:
    assert parts("Rose Cottage, Mill Lane").building == "rose cottage"
    named = parts("Flat 3 Oak Court, 15 High St, Bloxwich")
    assert (named.flat, named.building, named.number, named.street, named.town) == (
        "3",
        "oak court",
        "15",
        "high street",
        "bloxwich",
    )


def test_st_is_a_saint_before_and_a_street_behind() -> None:
    assert parts("4 St Johns St").street == "saint johns street"


def test_a_postcode_in_the_line_is_found() -> None:
    assert parts("12 Alder Road, Walsall ws1 1aa").postcode == "WS11AA"
    assert parts("12 Alder Road WS1 1AA", None, "WS2 2BB").postcode == "WS22BB"


@pytest.mark.parametrize(
    ("line", "postcode", "kind"),
    [
        ("No Fixed Abode", None, "no_fixed_abode"),
        ("NFA", None, "no_fixed_abode"),
        ("12 Alder Road", "ZZ99 3VZ", "no_fixed_abode"),
        ("Manor Hospital, Moat Road", None, "institution"),
        ("HMP Oakwood", None, "institution"),
        ("St Anne's Hostel, 3 Bath Street", None, "hostel"),
        ("12 Alder Road", None, None),
        ("12 Hospital Lane", None, None),
    ],
)
def test_kinds_that_the_words_give_away(line: str, postcode: str | None, kind: str | None) -> None:
    assert parts(line, None, postcode).kind == kind


@pytest.mark.parametrize("line", [None, "", " , ,, ", "????", "1", "Flat", "a" * 5000, "£$%\n\t"])
def test_nonsense_is_survived(line: str | None) -> None:
    parsed = parts(line)
    assert parsed.postcode is None
