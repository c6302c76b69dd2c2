"""CSV and spreadsheets: what is read exactly, and what is refused with its reason."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import loaders
from loaders.errors import DriftError, ReadError
from loaders.readers import FileRows, read_headings, read_rows
from tests.loaders.conftest import PEOPLE_MAPPING, Desk, people_csv

SMALL = PEOPLE_MAPPING[: PEOPLE_MAPPING.index("birth_date")]
XLSX = SMALL.replace('format = "csv"', 'format = "xlsx"\nsheet = "People"')


def read(desk: Desk, content: bytes | str, mapping: str = SMALL, name: str = "x.csv") -> FileRows:
    return read_rows(desk.file(content, name), desk.mapping(mapping))


def column(rows: FileRows, name: str) -> list[str | None]:
    found: list[str | None] = rows.rows.columns[name].to_pylist()
    return found


def with_source(line: str) -> str:
    return SMALL.replace('format = "csv"', f'format = "csv"\n{line}')


TEXT = "Ref,Surname,Forename\r\n1,Müller–Ó,Zoë\r\n"


CODECS = ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"]


@pytest.mark.parametrize("codec", CODECS)
def test_encodings_are_told_apart(desk: Desk, codec: str) -> None:
    rows = read(desk, TEXT.encode(codec))
    assert column(rows, "Surname") == ["Müller–Ó"]
    assert column(rows, "Forename") == ["Zoë"]


def test_a_text_that_is_valid_utf_8_far_down_is_not_taken_for_cp1252(desk: Desk) -> None:
    text = TEXT + "2,Plain,Ann\r\n" * 200_000 + "3,Łukasz,Ł\r\n"
    assert column(read(desk, text.encode()), "Surname")[-1] == "Łukasz"


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (TEXT.encode("cp1252"), 'encoding = "utf-8"', "not utf-8: a byte on or near line 2"),
        (b"Ref,Surname,Forename\n1,\x81,a\n", "", "not cp1252: a byte on or near line 2"),
        (b"Ref,Surname,Forename\n1,a\x00b,c\n", "", "a NUL character on line 2"),
        (b'Ref,Surname,Forename\n1,"a,b\n' + b"x,y,z\n" * 5, "", "line 2: a quote is not closed"),
        (b'Ref,Surname,Forename\n1,"a"b,c\n', "", "line 2: quotes are not as in CSV"),
        (b"Ref,Surname,Forename\n1," + b"a" * 140_000 + b",c\n", "", "longer than 131,072"),
        (b"\n\n", "", "the header row is empty"),
        (b"a," * 3000 + b"\n", "", "more than 2,000 columns"),
        (b"Ref,Surname,Forename,Surname\n1,a,b,c\n", "", "'Surname' stands there twice"),
        (b"PK\x03\x04rest", "", "a zip archive or spreadsheet, not CSV"),
        (b"%PDF-1.7", "", "a PDF, not CSV"),
        (b"", "", "the file is empty"),
    ],
)
def test_what_is_no_csv_is_refused_with_its_reason(
    desk: Desk, content: bytes, line: str, words: str
) -> None:
    with pytest.raises(ReadError) as caught:
        read(desk, content, with_source(line))
    assert words in str(caught.value)
    assert "x.csv" in str(caught.value)


def test_what_is_no_file_is_refused(desk: Desk) -> None:
    mapping = desk.mapping(SMALL)
    os.mkfifo(desk.folder / "pipe.csv")
    for name, words in (("", "a folder"), ("none.csv", "no such file"), ("pipe.csv", "a pipe")):
        with pytest.raises(ReadError, match=words):
            read_rows(desk.folder / name, mapping)
    with pytest.raises(ReadError, match="a device"):
        read_rows(Path("/dev/zero"), mapping)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_told_apart_by_the_columns_looked_for(desk: Desk, delimiter: str) -> None:
    lines = [["Ref", "Surname", "Forename", "a,b;c|d"], ["1", "Lee", "Ann", "x"]]
    content = "\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)
    assert column(read(desk, content), "Surname") == ["Lee"]


def test_lines_are_those_of_the_file(desk: Desk) -> None:
    content = (
        'Extract of today\n\nRef,Surname,Forename\n1,"Lee\r\nOld",Ann\n\n2,Ray,"a\nb\nc"\n3,Om,Di\n'
    )
    rows = read(desk, content, with_source("header_row = 3"))
    assert rows.rows.lines.to_pylist() == [4, 7, 10]
    assert column(rows, "Surname") == ["Lee\r\nOld", "Ray", "Om"]
    assert rows.rows_in == 3


def test_rows_of_another_width_are_faults_and_the_others_stay(desk: Desk) -> None:
    content = "Ref,Surname,Forename\n1,Lee\n2,Ray,Jo,,\n3,Om,Di,x\n4,Ok,Al\n,\n"
    rows = read(desk, content)
    assert column(rows, "Ref") == ["2", "4"]
    assert [(fault.line, fault.value) for fault in rows.faults] == [(2, "2 cells"), (4, "4 cells")]
    assert rows.rows_in == 4


def test_raw_text_is_exactly_the_file_s(desk: Desk) -> None:
    rows = read(desk, 'Ref , Surname,Forename\n 01 ,"  O\'\'Brien ",""\n')
    assert column(rows, "Ref") == [" 01 "]
    assert column(rows, "Surname") == ["  O''Brien "]
    assert column(rows, "Forename") == [None]


def test_a_renamed_column_stops_the_load_and_names_the_new_one(desk: Desk) -> None:
    with pytest.raises(DriftError) as caught:
        read(desk, "Ref,Last_Surname,Forename,Colour\n1,Lee,Ann,red\n")
    assert "'Surname' (is it 'Last_Surname' now?) missing" in str(caught.value)
    assert "Colour" not in str(caught.value)


def test_a_column_that_is_read_and_not_among_match_may_not_vanish_either(desk: Desk) -> None:
    with pytest.raises(DriftError, match="'Forename' \\(is it 'Fore Name' now\\?\\)"):
        read(desk, "Ref,Surname,Fore Name\n1,Lee,Ann\n")


def _workbook(path: Path, rows: list[list[object]], sheet: str = "People") -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(row)
    book.save(path)
    return path


def test_cells_become_what_a_person_would_type(desk: Desk) -> None:
    file = _workbook(
        desk.folder / "x.xlsx",
        [
            ["Ref", "Surname", "Forename"],
            [12.0, dt.date(2015, 1, 25), True],
            [None, None, None],
            ["007", 45000.5, dt.datetime(2020, 1, 2, 13, 45)],  # noqa: DTZ001
        ],
    )
    rows = read_rows(file, desk.mapping(XLSX))
    assert column(rows, "Ref") == ["12", "007"]
    assert column(rows, "Surname") == ["2015-01-25", "45000.5"]
    assert column(rows, "Forename") == ["true", "2020-01-02T13:45:00"]
    assert rows.rows.lines.to_pylist() == [2, 4]


def test_the_first_sheet_is_read_when_none_is_named(desk: Desk) -> None:
    file = _workbook(
        desk.folder / "x.xlsx", [["Ref", "Surname", "Forename"], [1, "Lee", "Ann"]], "Any"
    )
    mapping = desk.mapping(SMALL.replace('"csv"', '"xlsx"'))
    assert read_headings(file, mapping.source) == ["Ref", "Surname", "Forename"]
    with pytest.raises(DriftError, match="no sheet 'People'"):
        read_rows(file, desk.mapping(XLSX))


def _archive(path: Path, sheet: bytes, *, times: int = 1) -> Path:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(times):
            part.write(sheet)
    return path


@pytest.mark.parametrize(
    ("sheet", "times", "words"),
    [
        (b"\0" * (1 << 22), 260, "unpacks to more than 1 GB"),
        (b'<c r="A1"/><c r="XFD1048576"/>', 1, "more than 2,000 columns"),
        (b'<c r="A1"/><c r="ZZ1048576"/>', 1, "more than 40,000,000 cells"),
    ],
)
def test_spreadsheets_that_would_fill_the_memory_are_refused(
    desk: Desk, sheet: bytes, times: int, words: str
) -> None:
    file = _archive(desk.folder / "x.xlsx", sheet, times=times)
    with pytest.raises(ReadError, match=words):
        read_rows(file, desk.mapping(XLSX))


def test_a_part_that_lies_about_its_size_is_refused(desk: Desk) -> None:
    file = _archive(desk.folder / "x.xlsx", b"<row/>" * 100_000)
    content = file.read_bytes()
    true_size = (600_000).to_bytes(8, "little")
    assert content.count(true_size[:4]) >= 1
    file.write_bytes(content.replace(true_size[:4], (600).to_bytes(4, "little")))
    with pytest.raises(ReadError, match="damaged"):
        read_rows(file, desk.mapping(XLSX))


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"Ref,Surname\n", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_spreadsheet_is_refused(desk: Desk, content: bytes) -> None:
    with pytest.raises(ReadError):
        read_rows(desk.file(content, "x.xlsx"), desk.mapping(XLSX))


def test_a_zip_that_is_no_workbook_is_refused(desk: Desk) -> None:
    file = desk.folder / "x.xlsx"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(ReadError, match="cannot be read"):
        read_rows(file, desk.mapping(XLSX))


def test_a_file_is_recognised_among_many_by_its_columns(desk: Desk) -> None:
    one = desk.mapping(SMALL.replace('"test"', '"one"'), "one")
    two = desk.mapping(
        SMALL.replace('"test"', '"two"').replace('["Ref", "Surname"]', '["Ref", "Plan"]'), "two"
    )
    people = desk.file("Ref,Surname,Forename\n1,Lee,Ann\n")
    assert loaders.choose_mapping(people, [one, two], "police/niche") is one
    with pytest.raises(loaders.NotRecognisedError, match="nearest is"):
        loaders.choose_mapping(desk.file("A,B\n1,2\n", "ab.csv"), [one, two], None)
    with pytest.raises(loaders.ReadError, match="a PDF"):
        loaders.choose_mapping(desk.file(b"%PDF-1.4", "x.pdf"), [one, two], None)
    with pytest.raises(loaders.NotRecognisedError, match="no mapping to choose from"):
        loaders.choose_mapping(people, [], None)


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


SHARED_DESK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@SHARED_DESK
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), max_size=6),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_whatever_was_written_is_read_with_its_line(
    desk: Desk, rows: list[tuple[str, str, str]], codec: str
) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(("Ref", "Surname", "Forename"))
    lines = []
    for row in rows:
        lines.append(len(re.findall("\r\n|\r|\n", buffer.getvalue())) + 1)
        writer.writerow(row)
    found = read(desk, buffer.getvalue().encode(codec))
    for place, name in enumerate(("Ref", "Surname", "Forename")):
        assert column(found, name) == [row[place] or None for row in rows]
    assert found.rows.lines.to_pylist() == lines


def test_a_file_of_another_dataset_is_refused_unless_its_mapping_is_named(desk: Desk) -> None:
    own = desk.mapping(SMALL.replace('"test"', '"own"').replace('["Ref",', '["Nominal",'), "own")
    other = desk.mapping(
        SMALL.replace('"test"', '"other"').replace("police/niche", "children/lcs"), "other"
    )
    file = desk.file("Ref,Surname,Forename\n1,Lee,Ann\n")
    for mappings in ([own, other], [other, other]):
        with pytest.raises(loaders.NotRecognisedError, match=r"looks like a file of children/lcs"):
            loaders.choose_mapping(file, mappings, "police/niche")
    assert loaders.choose_mapping(file, [other], "police/niche") is other
    assert loaders.choose_mapping(file, [own, other], None) is other


def test_a_file_of_no_rows_comes_in_where_the_mapping_allows_it(desk: Desk) -> None:
    text = PEOPLE_MAPPING.replace("[limits]", "[limits]\nmin_rows = 0")
    mapping = desk.mapping(text)
    result = desk.load_text(people_csv(), mapping)
    assert (result.state, result.entry.rows_in) == ("staged", 0)
    assert desk.rows() == []
