"""Lists that no extract should be like, resolved all the same: in bounded time, in whole."""

from __future__ import annotations

import random
import resource
from pathlib import Path

import pytest

from governance import runs
from governance.register import Register
from records.resolved import RESOLVED_TABLES
from records.schema import arrow_schema
from records.snapshot import Resolved
from resolution.linking.settings import read_linking
from resolution.pairs import candidate_pairs
from resolution.prepare import open_workspace, prepare
from resolution.questions import read_pool
from tests.resolution.builders import Row, lives, people, record, snapshot
from tests.resolution.conftest import Resolve

_LETTERS = "abcdefghijklmnoprstuvwyz"


def whole(resolved: Resolved, records: int) -> dict[str, str]:
    """Every table is there in its schema, and every record has one person."""
    for name, table in RESOLVED_TABLES.items():
        assert resolved.read(name).schema.names == arrow_schema(table).names
    found = people(resolved)
    assert len(found) == records
    assert resolved.read("person", ["person_id"]).num_rows == len(set(found.values()))
    return found


@pytest.mark.parametrize("count", [0, 1, 2])
def test_hardly_any_records(resolve: Resolve, tmp_path: Path, count: int) -> None:
    rows = [record(str(n), given_name=f"Ada{n}", family_name="Shaw") for n in range(count)]
    resolved = resolve(snapshot(tmp_path / "s", rows))
    assert len(set(whole(resolved, count).values())) == count
    assert not (resolved.folder / "questions" / "clusters.parquet").exists()


def test_records_that_hold_nothing_are_people_of_their_own(
    resolve: Resolve, tmp_path: Path
) -> None:
    found = whole(resolve(snapshot(tmp_path / "s", [record(str(n)) for n in range(300)])), 300)
    assert len(set(found.values())) == 300


def test_a_thousand_copies_of_one_record_are_one_person(resolve: Resolve, tmp_path: Path) -> None:
    same = {"given_name": "Ada", "family_name": "Shaw", "birth_date": "1981-02-03", "sex": "female"}
    rows = [record(str(n), **same) for n in range(1_000)]
    stays = [lives(row, "1 Alder Road", "WS1 1AA") for row in rows]
    found = whole(resolve(snapshot(tmp_path / "s", rows, stays)), 1_000)
    assert len(set(found.values())) == 1


def test_values_that_say_nothing_are_no_evidence(resolve: Resolve, tmp_path: Path) -> None:
    rows = [
        record(str(n), given_name=" ", family_name="-", birth_date=None, phone=None, sex="unknown")
        for n in range(200)
    ]
    found = whole(resolve(snapshot(tmp_path / "s", rows)), 200)
    assert len(set(found.values())) == 200


def test_texts_of_every_script_and_length_are_borne(resolve: Resolve, tmp_path: Path) -> None:
    odd = [
        "",
        "\u200b",
        "ﷺ",
        "名前",
        "Ω" * 500,
        "a" * 5_000,
        "'; drop table person; --",
        "🙂",
        "\x07",
    ]
    rows: list[Row] = []
    stays = []
    for n, text in enumerate([*odd, *odd]):
        row = record(
            str(n),
            "police/niche" if n < len(odd) else "nhs/pds",
            given_name=text, family_name=text, full_name=text, other_names=f"{text};{text}",
            email=text, phone=text, birth_place=text, local_id=text, other_identifiers=text,
        )  # fmt: skip
        rows.append(row)
        stays.append(lives(row, text, text[:8]))
    whole(resolve(snapshot(tmp_path / "s", rows, stays)), len(rows))


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "1900-02-29", "2026-13", "19", "x"])
def test_dates_that_are_none_are_borne(resolve: Resolve, tmp_path: Path, day: str) -> None:
    rows = [
        record(str(n), given_name="Ada", family_name="Shaw", birth_date=day, death_date=day)
        for n in range(2)
    ]
    whole(resolve(snapshot(tmp_path / "s", rows)), 2)


def test_a_default_date_of_a_whole_county_makes_no_pairs(tmp_path: Path) -> None:
    """One block of 100,000: bounded in memory and in pairs."""
    draw = random.Random(1)
    rows = [
        record(
            str(n),
            given_name="".join(draw.choices(_LETTERS, k=6)),
            family_name="".join(draw.choices(_LETTERS, k=8)),
            birth_date="1900-01-01",
        )
        for n in range(100_000)
    ]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with open_workspace(tmp_path / "spill") as con:
        assert prepare(con, snapshot(tmp_path / "s", rows)) == 100_000
        known = con.execute("select count(*) from person where birth is not null").fetchall()
        assert known == [(0,)]  # it is no date of theirs
        con.execute("update person set birth = birth_date, birth_day = birth_date")
        pairs = candidate_pairs(con, [("birth_day",), ("birth_day", "given_initial")], 120)
    assert len(pairs) == 0
    assert [entry.skipped_records for entry in pairs.yields] == [100_000, 100_000]
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 1_500_000  # kilobytes


def test_one_source_s_default_date_does_not_join_its_people(
    resolve: Resolve, tmp_path: Path
) -> None:
    draw = random.Random(2)
    rows = [
        record(
            str(n),
            given_name="".join(draw.choices(_LETTERS, k=5)),
            family_name="".join(draw.choices(_LETTERS, k=7)),
            birth_date="1900-01-01",
        )
        for n in range(2_000)
    ]
    found = whole(resolve(snapshot(tmp_path / "s", rows)), 2_000)
    assert len(set(found.values())) > 1_990


def test_a_run_s_row_is_written_for_a_list_of_nothing(
    resolve: Resolve, register: Register, tmp_path: Path
) -> None:
    resolved = resolve(snapshot(tmp_path / "s"))
    with register.session() as session:
        run = runs.last_run(session, runs.RESOLUTION)
    assert run is not None
    assert run.run_id == resolved.run_id
    assert (run.counts["records"], run.counts["candidate_pairs"], run.counts["links"]) == (0, 0, 0)
    assert run.counts["model"] is None


def test_questions_of_alike_records_are_no_more_than_set(resolve: Resolve, tmp_path: Path) -> None:
    rows = [
        record(str(n), given_name="Ada", family_name="Shaw", birth_date=f"19{n % 90 + 10}-01-02")
        for n in range(400)
    ]
    resolved = resolve(snapshot(tmp_path / "s", rows))
    pool = read_pool(resolved.folder / "questions", "records")
    assert 0 < len(pool) <= read_linking().questions
