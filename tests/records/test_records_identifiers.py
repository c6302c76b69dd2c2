"""Identifiers: known good and bad ones, one form for all spellings, and nothing ever raises."""

from __future__ import annotations

from collections.abc import Callable

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from records import identifiers

Check = Callable[[str], str | None]
CHECKS: list[Check] = [
    identifiers.nhs_number,
    identifiers.upn,
    identifiers.uln,
    identifiers.nino,
    identifiers.uprn,
    identifiers.postcode,
    identifiers.phone,
    identifiers.email,
]


@pytest.mark.parametrize(
    ("check", "text", "expected"),
    [
        (identifiers.nhs_number, "943 476 5919", "9434765919"),
        (identifiers.nhs_number, "943-476-5919", "9434765919"),
        (identifiers.nhs_number, "9434765918", None),
        (identifiers.nhs_number, "0000000000", None),
        (identifiers.nhs_number, "1111111111", None),
        (identifiers.nhs_number, "9999999999", None),
        (identifiers.nhs_number, "9876543210", None),
        (identifiers.nhs_number, "943476591", None),
        (identifiers.nhs_number, "٩٤٣٤٧٦٥٩١٩", None),
        (identifiers.upn, "B801200005001", "B801200005001"),
        (identifiers.upn, "b801 200005001", "B801200005001"),
        (identifiers.upn, "A801200005001", None),
        (identifiers.upn, "B80120000500I", None),
        (identifiers.uln, "1000000019", "1000000019"),
        (identifiers.uln, "9434765919", None),
        (identifiers.uln, "0000000019", None),
        (identifiers.nino, "ab 12 34 56 c", "AB123456C"),
        (identifiers.nino, "AB123456", "AB123456"),
        (identifiers.nino, "BG123456C", None),
        (identifiers.nino, "DA123456C", None),
        (identifiers.nino, "AB123456E", None),
        (identifiers.uprn, "000100012345", "100012345"),
        (identifiers.uprn, "1234567890123", None),
        (identifiers.uprn, "000", None),
        (identifiers.postcode, "ws1  1aa", "WS1 1AA"),
        (identifiers.postcode, "SW1A1AA", "SW1A 1AA"),
        (identifiers.postcode, "zz993vz", "ZZ99 3VZ"),
        (identifiers.postcode, "WS1 1AC", None),
        (identifiers.postcode, "QX1 1AA", None),
        (identifiers.postcode, "WS1", None),
        (identifiers.phone, "01922 650000", "+441922650000"),
        (identifiers.phone, "07700 900123", "+447700900123"),
        (identifiers.phone, "+44 (0)7700 900123", "+447700900123"),
        (identifiers.phone, "0033 1 42 68 53 00", "+33142685300"),
        (identifiers.phone, "07700 900123 mum", None),
        (identifiers.phone, "123", None),
        (identifiers.email, " Jo.Smith@Example.ORG ", "jo.smith@example.org"),
        (identifiers.email, "jo@example", None),
        (identifiers.email, "jo smith@example.org", None),
    ],
)
def test_known_ones(check: Check, text: str, expected: str | None) -> None:
    assert check(text) == expected


def test_no_fixed_abode_is_known_by_its_postcode() -> None:
    assert identifiers.is_no_fixed_abode("ZZ99 3VZ")
    assert not identifiers.is_no_fixed_abode("WS1 1AA")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@given(text=st.text(max_size=30) | st.text("0123456789 -+()ABZX", max_size=16))
def test_nothing_raises_and_canonical_forms_stay(check: Check, text: str) -> None:
    canonical = check(text)
    if canonical is not None:
        assert check(canonical) == canonical
        assert check(f"  {canonical.lower()} ") == canonical


@given(st.integers(10**9, 10**10 - 1).map(str))
def test_no_number_is_both_nhs_and_learner(digits: str) -> None:
    assert not (identifiers.nhs_number(digits) and identifiers.uln(digits))


@given(st.from_regex(r"0[1-9][0-9]{8,9}", fullmatch=True))
def test_the_short_way_for_british_numbers_is_the_package_s_way(text: str) -> None:
    number = phonenumbers.parse(text, "GB")
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    assert identifiers.phone(text) == e164
    assert phonenumbers.is_possible_number(number)
