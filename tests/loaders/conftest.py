"""A home with a register, and files and mappings made on the spot."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

import loaders
from governance import registration
from governance.register import Register
from loaders import LoadContext, LoadResult, Mapping
from records.keys import KeyMaker
from records.schema import key_columns
from records.snapshot import Snapshot

ROOT = Path(__file__).parents[2]
SHIPPED = [ROOT / "areas" / "mappings" / "demo", ROOT / "areas" / "mappings" / "samples"]
FORMATS = ROOT / "tests" / "data" / "formats"
PEOPLE = ROOT / "tests" / "data" / "people"
NOW = dt.datetime(2026, 11, 23, 9, 30, tzinfo=dt.UTC)
DATASETS = {
    "children": ("lcs", "cin", "annex_a", "ssda903"),
    "nhs": ("pds",),
    "police": ("niche",),
    "people": ("fake1000", "febrl3"),
}


def open_context(home: Path, register: Register) -> LoadContext:
    return LoadContext(
        home=home,
        session=register.session,
        keys=KeyMaker(b"a secret of sixteen bytes"),
        user_id="u_tester",
        clock=lambda: NOW,
    )


def make_register(home: Path) -> Register:
    register = Register(f"sqlite:///{home / 'register.sqlite'}")
    register.upgrade()
    with register.session() as session:
        for agency, systems in DATASETS.items():
            ring = "Duty desk 01632 960000"
            registration.add_agency(session, agency, agency.capitalize(), "other", ring)
            for system in systems:
                registration.add_dataset(
                    session, agency, system, system, "Controller", "Article 6(1)(e)", "Owner", 7
                )
        session.commit()
    return register


@dataclasses.dataclass(frozen=True)
class Desk:
    """A home under test."""

    context: LoadContext
    folder: Path

    def mapping(self, text: str, name: str = "test") -> Mapping:
        path = self.folder / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
        return loaders.read_mappings([path])[0]

    def file(self, content: bytes | str, name: str = "people.csv") -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def load(self, file: Path, mapping: Mapping, dataset: str | None = None) -> LoadResult:
        return loaders.load_file(file, mappings=[mapping], dataset=dataset, context=self.context)

    def load_text(self, content: bytes | str, mapping: Mapping) -> LoadResult:
        return self.load(self.file(content), mapping)

    def snapshot(self) -> Snapshot:
        return loaders.take_snapshot(self.context)

    def rows(self, table: str = "record") -> list[dict[str, object]]:
        """What is in force, in the order of the source's keys."""
        found: list[dict[str, object]] = self.snapshot().read(table).to_pylist()
        keys = ("agency", "dataset", *key_columns(table))
        return sorted(found, key=lambda row: [str(row[key]) for key in keys])

    def findings(self, result: LoadResult) -> list[tuple[int, str, str | None, str, bool]]:
        rows = loaders.read_findings(
            self.context.home, result.entry, self.context.at_rest
        ).to_pylist()
        return [(r["line"], r["field"], r["value"], r["reason"], r["rejected"]) for r in rows]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    home = tmp_path / "home"
    home.mkdir()
    register = make_register(home)
    yield Desk(context=open_context(home, register), folder=tmp_path)
    register.close()


PEOPLE_MAPPING = """
mapping = "test"
version = 1
dataset = "police/niche"
layout = "people"
extract = "full"
description = "People for a test"
[source]
format = "csv"
match = ["Ref", "Surname"]
[limits]
max_rejected_share = 0.5
[[emit]]
table = "record"
[emit.fields]
source_key = "Ref"
family_name = "Surname"
given_name = "Forename"
birth_date = { column = "DOB", pattern = ["%d/%m/%Y", "%m/%Y", "%Y"], placeholder = ["01/01/1900"] }
death_date = { column = "DOD", pattern = ["%d/%m/%Y"] }
sex = { column = "Sex", codes = { M = "male", F = "female", U = "" } }
nhs_number = "NHS"
updated_on = { column = "Updated", pattern = ["%d/%m/%Y"] }
[[emit]]
table = "residence"
when = ["Address"]
[emit.fields]
record_key = "Ref"
address_line = "Address"
postcode = "Postcode"
"""
HEADER = "Ref,Surname,Forename,DOB,DOD,Sex,NHS,Updated,Address,Postcode"


def people_csv(*rows: str) -> str:
    return "\r\n".join([HEADER, *rows]) + "\r\n"
