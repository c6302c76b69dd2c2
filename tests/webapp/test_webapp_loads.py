"""Loads: the own agency's alone; values of turned-away rows for its data managers alone."""

from __future__ import annotations

import datetime as dt

import pyarrow.parquet as pq
import pytest
from flask import Flask

from governance.ids import new_id
from governance.loads import LoadEntry, add_load
from loaders import findings
from tests.webapp.client import Page, Visitor
from tests.webapp.rooms import NOW, PageHome

MEAN = "<img src=x onerror=alert(1)>.csv"


def add(home: PageHome, agency: str, name: str, *, reason: str | None = None) -> str:
    entry = LoadEntry(
        load_id=new_id("l"),
        agency=agency,
        dataset="main",
        layout="nominals",
        mapping="police-niche-nominals",
        mapping_version=1,
        extract="full",
        file_name=name,
        sha256="ab" * 32,
        rows_in=12_000,
        accepted=0 if reason else 11_990,
        rejected=10,
        counts={"findings": {"not a date": 4}},
        state="refused" if reason else "staged",
        reason=reason,
        loaded_by="system",
        loaded_on=NOW - dt.timedelta(days=3),
    )
    with home.register.session() as session:
        add_load(session, entry)
        session.commit()
    faults = [
        {"line": line, "field": "birth_date", "value": f"3{line}/13/1999", "reason": "not a date"}
        for line in range(2, 6)
    ] + [{"line": 9, "field": "source_key", "value": None, "reason": "is empty"}]
    rows = [
        {"file": name, "number": 0, "table": "record", "rejected": row["value"] is None, **row}
        for row in faults
    ]
    path = findings.findings_file(home.folder, entry)
    path.parent.mkdir(parents=True)
    pq.write_table(findings.SCHEMA.empty_table().from_pylist(rows, schema=findings.SCHEMA), path)
    return entry.load_id


def as_user(app: Flask, name: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(name)
    return visitor


def test_counts_age_and_state_stand_in_words(app: Flask, home: PageHome) -> None:
    add(home, "police", "nominals.csv")
    add(home, "police", "broken.csv", reason="column `NHSNo` is missing")
    text = as_user(app, "manager").get("/loads").text
    assert "West Midlands Police system: 3 days ago" in text
    assert "12,000 11,990 10 In use" in text
    assert "12,000 0 10 Refused: nothing changed" in text


def test_an_empty_ledger_is_said(app: Flask) -> None:
    text = as_user(app, "manager").get("/loads").text
    assert "No file has been loaded yet." in text
    assert "nothing sent yet" in text


def test_another_agencys_loads_are_not_there(app: Flask, home: PageHome) -> None:
    mine, theirs = add(home, "police", "mine.csv"), add(home, "housing", "theirs.csv")
    manager = as_user(app, "manager")
    page = manager.get("/loads")
    assert "mine.csv" in page.text
    assert "theirs.csv" not in page.text
    assert "Walsall Housing" not in page.text
    assert manager.get(f"/loads/{mine}").status == 200
    assert manager.get(f"/loads/{theirs}").status == 404
    assert manager.get("/loads/l_aaaa").status == 404


@pytest.mark.parametrize("name", ["admin", "governor"])
def test_administrators_see_every_load_and_no_values(app: Flask, home: PageHome, name: str) -> None:
    load_id = add(home, "housing", "theirs.csv")
    visitor = as_user(app, name)
    assert "theirs.csv" in visitor.get("/loads").text
    text = visitor.get(f"/loads/{load_id}").text
    assert "not a date: 4" in text
    assert "13/1999" not in text
    assert not list(home.audit.rows(kind="load_viewed"))


def test_turned_away_rows_are_grouped_by_reason_with_examples(app: Flask, home: PageHome) -> None:
    load_id = add(home, "police", "nominals.csv")
    page = as_user(app, "manager").get(f"/loads/{load_id}")
    text = page.text
    assert text.index("is empty: 1 row") < text.index("not a date: 4 rows")
    assert "32/13/1999" in text
    assert "35/13/1999" not in text, "three examples are enough"
    assert "9 source_key nothing" in text
    (row,) = home.audit.rows(kind="load_viewed")
    assert row.payload["load_id"] == load_id
    assert row.payload["rows"] == 4


def test_a_refused_load_says_why_and_that_nothing_changed(app: Flask, home: PageHome) -> None:
    load_id = add(home, "police", "broken.csv", reason="column `NHSNo` is missing")
    text = as_user(app, "manager").get(f"/loads/{load_id}").text
    assert "Refused: nothing changed. column `NHSNo` is missing" in text


def test_hostile_file_names_are_text(app: Flask, home: PageHome) -> None:
    load_id = add(home, "police", MEAN)
    page: Page = as_user(app, "manager").get(f"/loads/{load_id}")
    assert page.h1 == MEAN
    assert MEAN in as_user(app, "manager").get("/loads").text


def test_who_loads_for_the_area_is_shown_all_loads(app: Flask, home: PageHome) -> None:
    theirs = add(home, "housing", "tenants.csv")
    home.kept_by = "police"
    for name, shown in (("manager", True), ("analyst", False), ("landlord", True)):
        visitor = as_user(app, name)
        assert ("tenants.csv" in visitor.get("/loads").text) is shown, name
        assert (visitor.get(f"/loads/{theirs}").status == 200) is shown, name
    assert "13/1999" not in as_user(app, "manager").get(f"/loads/{theirs}").text
