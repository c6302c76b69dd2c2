"""Every extract that the maker writes loads whole with the mapping that ships for it."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from areas import AreaReport, install_pack
from governance.register import Register
from loaders import LoadContext, choose_mapping, load_file, read_mappings, take_snapshot
from records.codes import code_list, code_lists
from records.keys import KeyMaker
from records.snapshot import Snapshot

MAPPINGS = Path(__file__).parents[2] / "areas" / "mappings"
NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)


def load(report: AreaReport, home: Path) -> Snapshot:
    """Load every extract; each must be recognised, staged, and lose nothing."""
    mappings = read_mappings([MAPPINGS])
    with Register(f"sqlite:///{home / 'register.sqlite'}") as register:
        register.upgrade()
        with register.session() as session:
            install_pack(session, report.area)
            session.commit()
        context = LoadContext(
            home=home,
            session=register.session,
            keys=KeyMaker(b"a key for testing only"),
            user_id="u_test",
            clock=lambda: NOW,
        )
        for extract in report.extracts:
            path = report.folder / extract.file
            chosen = choose_mapping(path, mappings, None)
            assert (chosen.dataset, chosen.layout) == (
                f"{extract.agency}/{extract.dataset}",
                extract.layout,
            )
            result = load_file(path, mappings=mappings, context=context)
            assert result.state == "staged", (extract.file, result.reason)
            assert result.entry.rows_in == result.entry.accepted == extract.rows
        return take_snapshot(context)


@pytest.fixture(scope="module")
def snapshots(
    tmp_path_factory: pytest.TempPathFactory, walsall: AreaReport, gwent: AreaReport
) -> Callable[[str], Snapshot]:
    made = {
        report.area: load(report, tmp_path_factory.mktemp(report.area))
        for report in (walsall, gwent)
    }
    return made.__getitem__


@pytest.mark.parametrize("area", ["walsall", "gwent"])
def test_the_staged_records_are_those_of_the_truth(
    area: str, snapshots: Callable[[str], Snapshot], request: pytest.FixtureRequest
) -> None:
    report: AreaReport = request.getfixturevalue(area)
    records = snapshots(area).read("record", ["agency", "dataset", "source_key"]).to_pylist()
    staged = Counter((row["agency"], row["dataset"], row["source_key"]) for row in records)
    with (report.folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        truth = Counter(
            (row["agency"], row["system"], row["source_key"]) for row in csv.DictReader(file)
        )
    assert staged == truth


@pytest.mark.parametrize("area", ["walsall", "gwent"])
def test_keys_point_at_rows_that_are_there(area: str, snapshots: Callable[[str], Snapshot]) -> None:
    snapshot = snapshots(area)
    people = set(snapshot.read("record")["record_id"].to_pylist())
    contacts = set(snapshot.read("contact")["contact_id"].to_pylist())
    for table in ("residence", "involvement"):
        assert set(snapshot.read(table)["record_id"].to_pylist()) <= people
    assert set(snapshot.read("involvement")["contact_id"].to_pylist()) <= contacts
    assert set(snapshot.read("indicator")["record_id"].to_pylist()) - {None} <= people
    assert set(snapshot.read("statement")["other_id"].to_pylist()) <= people


@pytest.mark.parametrize("area", ["walsall", "gwent"])
def test_codes_and_dates_arrive(area: str, snapshots: Callable[[str], Snapshot]) -> None:
    snapshot = snapshots(area)
    contacts = snapshot.read("contact").to_pylist()
    assert {row["category"] for row in contacts} <= set(code_list("contact_category").labels)
    assert all(row["on_date"] and row["on_date"] < NOW.date() for row in contacts)
    lists = code_lists()
    for row in snapshot.read("indicator").to_pylist():
        assert row["code"] in lists[row["kind"]].labels
        assert row["valid_from"]
    records = snapshot.read("record").to_pylist()
    assert not any(row["birth_date"] and row["birth_date"][:4] == "1900" for row in records)
    lost = [row for row in records if row["birth_date_raw"] and not row["birth_date"]]
    assert {row["birth_date_status"] for row in lost} <= {"placeholder"}


def test_people_who_must_not_be_traced_arrive_without_an_address(
    snapshots: Callable[[str], Snapshot],
) -> None:
    snapshot = snapshots("walsall")
    hidden = {row["record_id"] for row in snapshot.read("record").to_pylist() if row["restricted"]}
    assert hidden
    assert not hidden & set(snapshot.read("residence")["record_id"].to_pylist())
