"""Row rules and thresholds: what is quarantined, what is found, and what stays exactly as sent."""

from __future__ import annotations

import pytest

from tests.loaders.conftest import HEADER, PEOPLE_MAPPING, Desk, people_csv


def test_values_are_canonical_and_the_raw_ones_exactly_kept(desk: Desk) -> None:
    mapping = desk.mapping(PEOPLE_MAPPING)
    row = ' 01 ,"  O’BRIEN ",ann,1/2/1990,,m,999 000 0018,3/4/2020,"12 ALDER RD,,",ws11aa'
    result = desk.load_text(people_csv(row), mapping)
    (record,), (residence,) = desk.rows(), desk.rows("residence")
    expected = {
        "source_key": ("01", " 01 "),
        "family_name": ("O'Brien", "  O’BRIEN "),
        "birth_date": ("1990-02-01", "1/2/1990"),
        "sex": ("male", "m"),
        "nhs_number": ("9990000018", "999 000 0018"),
        "title": (None, None),
    }
    for name, (canonical, raw) in expected.items():
        assert (record[name], record[f"{name}_raw"]) == (canonical, raw)
    assert str(record["updated_on"]) == "2020-04-03"
    assert (residence["address_line"], residence["address_line_raw"]) == (
        "12 Alder Rd",
        "12 ALDER RD,,",
    )
    assert (residence["postcode"], residence["postcode_raw"]) == ("WS1 1AA", "ws11aa")
    keys = desk.context.keys
    assert record["record_id"] == keys.record_id("police", "niche", "01") == residence["record_id"]
    assert record["share_key"] == "police|niche|person"
    assert (record["load_id"], record["file_line"]) == (result.entry.load_id, 2)
    assert desk.findings(result) == []


@pytest.mark.parametrize(
    ("birth", "canonical", "status", "reason"),
    [
        ("09/03/1984", "1984-03-09", "known", None),
        ("03/1984", "1984-03", "partial", None),
        ("1984", "1984", "partial", None),
        ("01/01/1900", None, "placeholder", None),
        ("", None, "unknown", None),
        ("31/02/1984", None, "unknown", "not a date as the mapping has it"),
        ("23/11/2026", "2026-11-23", "known", None),
        ("01/03/2027", "2027-03-01", "expected", None),
        ("01/03/2031", None, "unknown", "date of birth is in the future"),
    ],
)
def test_dates_of_birth(
    desk: Desk, birth: str, canonical: str | None, status: str, reason: str | None
) -> None:
    result = desk.load_text(people_csv(f"1,Lee,Ann,{birth},,,,,,"), desk.mapping(PEOPLE_MAPPING))
    (record,) = desk.rows()
    assert (record["birth_date"], record["birth_date_status"]) == (canonical, status)
    assert record["birth_date_raw"] == (birth or None)
    found = [(2, "birth_date", birth, reason, False)] if reason else []
    assert desk.findings(result) == found
    assert result.entry.accepted == 1


@pytest.mark.parametrize(
    ("birth", "death", "canonical", "dead", "reason"),
    [
        ("1950", "01/02/2020", "2020-02-01", True, None),
        ("1950", "", None, None, None),
        ("09/03/1984", "08/03/1984", None, True, "death is before birth"),
        ("1984", "08/03/1984", "1984-03-08", True, None),
        ("1950", "01/01/2027", None, None, "date of death is in the future"),
    ],
)
def test_deaths(
    desk: Desk,
    birth: str,
    death: str,
    canonical: str | None,
    dead: bool | None,
    reason: str | None,
) -> None:
    text = people_csv(f"1,Lee,Ann,{birth},{death},,,,,")
    result = desk.load_text(text, desk.mapping(PEOPLE_MAPPING))
    (record,) = desk.rows()
    assert (record["death_date"], record["dead"]) == (canonical, dead)
    assert [found[3] for found in desk.findings(result)] == ([reason] if reason else [])


def test_a_wrong_value_is_a_finding_and_a_missing_key_quarantines_the_row(desk: Desk) -> None:
    text = people_csv(
        "1,Lee,Ann,,,X,9434765918,,1 A St,WS1",
        ",Ray,Jo,,,F,,,2 B St,WS1 1AA",
        "3,Om,Di,,,F,,,,",
    )
    result = desk.load_text(text, desk.mapping(PEOPLE_MAPPING))
    assert (result.entry.rows_in, result.entry.accepted, result.entry.rejected) == (3, 2, 1)
    assert desk.findings(result) == [
        (2, "sex", "X", "the code is not listed in the mapping", False),
        (2, "nhs_number", "9434765918", "not a valid NHS number", False),
        (2, "postcode", "WS1", "not a valid postcode", False),
        (3, "source_key", None, "required, and not filled in", True),
        (3, "record_key", None, "required, and not filled in", True),
    ]
    assert [row["source_key"] for row in desk.rows()] == ["1", "3"]
    assert [row["record_key"] for row in desk.rows("residence")] == ["1"]
    assert result.entry.counts["findings"]["not a valid NHS number"] == 1


def test_the_same_row_again_is_merged_and_another_of_its_key_quarantined(desk: Desk) -> None:
    text = people_csv(
        "1,Lee,Ann,,,,,,1 A St,",
        "1,Lee,Ann,,,,,,1 A St,",
        "1,Lee,Anna,,,,,,9 Z St,",
        "2,Om,Di,,,,,,,",
    )
    result = desk.load_text(text, desk.mapping(PEOPLE_MAPPING))
    assert result.entry.rejected == 1
    assert result.entry.counts["repeats"] >= 2
    (finding,) = desk.findings(result)
    assert finding[:3] == (4, "source_key", "1")
    assert [row["given_name"] for row in desk.rows()] == ["Ann", "Di"]
    assert [row["address_line"] for row in desk.rows("residence")] == ["1 A St"]


INDICATORS = """
mapping = "test"
version = 1
dataset = "police/niche"
layout = "flags"
extract = "full"
description = "d"
[source]
format = "csv"
match = ["Id"]
[limits]
max_rejected_share = 1.0
[[emit]]
table = "indicator"
[emit.fields]
source_key = "Id"
record_key = { column = "Person", dataset = "police/other" }
kind = { column = "Kind", codes = { W = "warning", P = "plan", C = "criterion" } }
code = { column = "Code", codes = { WE = "weapons", CP = "child_protection" } }
valid_from = { column = "From", pattern = ["%Y-%m-%d"] }
valid_to = { column = "To", pattern = ["%Y-%m-%d"] }
address_line = { columns = ["House", "Street"], join = " " }
"""


def test_indicators_are_on_the_list_of_their_kind_and_end_after_they_begin(desk: Desk) -> None:
    rows = [
        "1,p,W,WE,2020-01-01,2021-01-01,1,A St",
        "2,,P,CP,,,,",
        "3,p,W,CP,,,,B St",
        "4,p,?,WE,,,,",
        "5,p,W,WE,2021-01-01,2020-01-01,,",
    ]
    text = "\n".join(["Id,Person,Kind,Code,From,To,House,Street", *rows])
    result = desk.load_text(text, desk.mapping(INDICATORS))
    found = {(line, field, rejected) for line, field, _, _, rejected in desk.findings(result)}
    assert found == {(4, "code", True), (5, "kind", True), (6, "valid_from", False)}
    kept = {row["source_key"]: row for row in desk.rows("indicator")}
    assert set(kept) == {"1", "2", "5"}
    assert kept["1"]["record_id"] == desk.context.keys.record_id("police", "other", "p")
    assert kept["1"]["share_key"] == "police|niche|warning"
    assert kept["1"]["address_line"] == "1 A St"
    assert kept["2"]["record_id"] is None
    assert kept["2"]["address_line_raw"] is None
    assert kept["5"]["valid_from"] is None


@pytest.mark.parametrize(("wrong", "state"), [(10, "staged"), (11, "refused")])
def test_past_its_threshold_the_whole_file_is_refused(desk: Desk, wrong: int, state: str) -> None:
    text = PEOPLE_MAPPING.replace("max_rejected_share = 0.5", "max_rejected_share = 0.1")
    rows = [f"{'' if n < wrong else n},Lee,Secretname,,,,,,," for n in range(100)]
    result = desk.load_text(people_csv(*rows), desk.mapping(text))
    assert result.state == result.entry.state == state
    if state == "refused":
        assert result.reason == (
            "people.csv: 11 of 100 rows would be quarantined (11.0%); the mapping allows 10.0%"
        )
        assert result.entry.accepted == 0
        assert desk.rows() == []
        assert len(desk.findings(result)) == 11


def test_a_file_with_too_few_rows_is_refused(desk: Desk) -> None:
    result = desk.load_text(HEADER + "\n", desk.mapping(PEOPLE_MAPPING))
    assert (result.state, result.entry.rows_in) == ("refused", 0)
    assert "0 rows" in str(result.reason)
