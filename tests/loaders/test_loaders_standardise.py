"""Standardising: one form for spellings that differ in nothing that matters, nothing lost."""

from __future__ import annotations

import datetime as dt
import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders import words
from loaders.dates import date_reader, pattern_fault
from loaders.mapping import FieldRule
from loaders.standardise import FORMS, standardise
from records.schema import TABLES, source_fields


def rule(form: str = "text", **options: object) -> FieldRule:
    about: dict[str, object] = {"name": "x", "form": form, "code_list": None, "required": False}
    return FieldRule(**(about | options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("SMITH", "Smith"),
        ("  o’brien ", "O'Brien"),
        ("smith - jones", "Smith-Jones"),
        ("mcdonald", "McDonald"),
        ("JOSÉ  maría", "José María"),
        ("Zoe\u0308", "Zoë"),
        ("İPEK", "İpek"),
        ("straße", "Straße"),
        ("d'souza", "D'Souza"),
        ("N\u200bgozi", "Ngozi"),
        ("-", None),
        ("...", None),
    ],
)
def test_names(given_text: str, expected: str | None) -> None:
    assert words.name(given_text) == expected


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("12 ALDER ROAD,, WALSALL", "12 Alder Road, Walsall"),
        ("flat 2a\r\n14b st john's rd", "Flat 2A, 14B St John's Rd"),
        ("3RD FLOOR, 1st avenue,", "3rd Floor, 1st Avenue"),
        (" , ", None),
    ],
)
def test_addresses(given_text: str, expected: str | None) -> None:
    assert words.address(given_text) == expected


def test_several_names_are_each_told_once() -> None:
    assert words.names("ANN LEE; ann lee;Anne Lee ; -") == "Ann Lee; Anne Lee"


@given(st.text(max_size=40))
def test_a_canonical_name_is_its_own_canonical_form(text: str) -> None:
    for form in (words.name, words.names, words.address, words.text):
        canonical = form(text)
        assert canonical is None or form(canonical) == canonical


@given(st.text(st.characters(categories=["Ll", "Lu"], max_codepoint=0x24F), min_size=1))
def test_letters_and_accents_stay(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    canonical = words.name(composed)
    assert canonical is not None
    assert canonical.lower() == unicodedata.normalize("NFC", composed.lower())


@pytest.mark.parametrize(
    ("patterns", "text", "expected"),
    [
        (("%d/%m/%Y",), "1/2/2020", "2020-02-01"),
        (("%d/%m/%Y",), "31/02/2020", None),
        (("%d/%m/%Y",), "2020-02-01", None),
        (("%d/%m/%Y",), "01/02/2020 x", None),
        (("%Y%m%d",), "19840109", "1984-01-09"),
        (("%Y%m%d",), "1984019", None),
        (("%d-%b-%Y",), "09-JAN-1984", "1984-01-09"),
        (("%d %B %Y",), "9 january 1984", "1984-01-09"),
        (("%d/%m/%y",), "09/01/45", "1945-01-09"),
        (("%d/%m/%y",), "09/01/26", "2026-01-09"),
        (("%m/%Y", "%Y"), "03/1984", "1984-03"),
        (("%m/%Y", "%Y"), "1984", "1984"),
        (("%Y",), "0084", None),
        (("excel",), "45000", "2023-03-15"),
        (("excel",), "45000.75", "2023-03-15"),
        (("iso",), "2010-10-22T00:00:00+00:00", "2010-10-22"),
        (("iso",), "2010-10", "2010-10"),
        ((), "2010", "2010"),
        (("%d.%m.%Y %H:%M",), "01.02.2020 13:45", "2020-02-01"),
    ],
)
def test_dates_by_their_patterns_alone(
    patterns: tuple[str, ...], text: str, expected: str | None
) -> None:
    found = date_reader(patterns, 2026)(text)
    assert (str(found) if found else None) == expected


@given(st.dates(dt.date(1850, 1, 1), dt.date(2199, 12, 31)))
def test_every_day_is_read_back(day: dt.date) -> None:
    for pattern in ("%d/%m/%Y", "%Y%m%d", "%d %b %Y", "%B %d, %Y"):
        found = date_reader((pattern,), 2026)(day.strftime(pattern))
        assert found is not None
        assert found.exact == day


def test_years_before_the_earliest_are_slips() -> None:
    assert date_reader(("%Y-%m-%d",), 2026)("1849-12-31") is None
    assert str(date_reader(("%Y-%m-%d",), 2026, earliest=1000)("1066-10-14")) == "1066-10-14"
    assert date_reader(("%Y-%m-%d",), 2026, earliest=1000)("0999-01-01") is None


@pytest.mark.parametrize("text", ["1984-00-09", "1984-03-00", "1984-00-00"])
def test_there_is_no_month_or_day_nought(text: str) -> None:
    assert date_reader(("%Y-%m-%d",), 2026)(text) is None


@pytest.mark.parametrize("pattern", ["%d/%m", "%Q %Y", "%d %Y", "%Y %y", "%d %d %m %Y", "day"])
def test_patterns_that_cannot_be(pattern: str) -> None:
    assert pattern_fault(pattern, partial=True)


def test_a_whole_date_needs_a_whole_pattern() -> None:
    assert pattern_fault("%m/%Y", partial=False)
    assert pattern_fault("%m/%Y", partial=True) is None


def test_codes_are_found_whatever_the_capitals_and_others_are_told() -> None:
    codes = {"M": "male", "F": "female", "U": "", "m": "female"}
    column = standardise(
        rule("code", codes=codes), pa.array([" M", "m", "f", "U", "Q", None]), 2026
    )
    assert column.values.to_pylist() == ["male", "female", "female", None, None, None]
    assert [reason is not None for reason in column.reasons.to_pylist()] == [
        False, False, False, False, True, False,
    ]  # fmt: skip


def test_any_other_value_may_have_a_code() -> None:
    column = standardise(rule("code", codes={"A": "", "*": "unknown"}), pa.array(["A", "B"]), 2026)
    assert column.values.to_pylist() == [None, "unknown"]


def test_flags() -> None:
    column = standardise(rule("flag"), pa.array(["Yes", "0", "TRUE", "maybe"]), 2026)
    assert column.values.to_pylist() == [True, False, True, None]
    assert column.reasons.to_pylist()[3]


def test_every_form_of_the_schema_has_a_standardiser() -> None:
    forms = {entry.metadata["form"] for t in TABLES.values() for entry in source_fields(t)}
    assert forms <= FORMS
