"""A file of a source that nobody may load is refused, on the record, and nothing is staged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from governance import lawful, registration
from governance import loads as ledger
from governance.errors import NoLawfulBasis, RegistrationError, SourceInactive
from kith import pipeline
from kith.home import Home
from kith.settings import Settings


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Home.create(Settings(home=tmp_path / "home"), "walsall") as home:
        yield home


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "people.csv"
    file.write_text("id,name\n1,Ann\n", encoding="utf-8")
    return file


def refuse(home: Home, file: Path, dataset: str, error: type[RegistrationError]) -> dict[str, str]:
    """Load it in vain; what the audit then has."""
    staged = sorted((home.folder / "staging").rglob("*"))
    with pytest.raises(error) as raised:
        pipeline.load_file(home, file, dataset=dataset)
    assert type(raised.value) is error
    assert sorted((home.folder / "staging").rglob("*")) == staged
    with home.register.session() as session:
        assert ledger.loads(session) == []
    [row] = home.audit.rows(kind="file_refused")
    return {key: row.payload[key] for key in ("reason", "giving_agency", "dataset")}


def first_dataset(home: Home) -> tuple[str, str]:
    with home.register.session() as session:
        found = registration.datasets(session)[0]
    return found.agency, found.dataset_id


def test_of_an_unregistered_source(home: Home, file: Path) -> None:
    agency, _ = first_dataset(home)
    told = refuse(home, file, f"{agency}/jane_smith", RegistrationError)
    # What is no source is only what somebody typed.
    assert told == {"reason": "unregistered", "giving_agency": None, "dataset": None}


@pytest.mark.parametrize("whole_agency", [True, False])
def test_of_a_source_out_of_use(whole_agency: bool, home: Home, file: Path) -> None:
    agency, dataset = first_dataset(home)
    with home.register.session() as session:
        registration.set_active(session, agency, None if whole_agency else dataset, active=False)
        session.commit()
    told = refuse(home, file, f"{agency}/{dataset}", SourceInactive)
    assert told == {"reason": "inactive", "giving_agency": agency, "dataset": dataset}


@pytest.mark.parametrize("ended", [True, False])
def test_of_a_dataset_without_a_lawful_basis(ended: bool, home: Home, file: Path) -> None:
    agency, dataset = first_dataset(home)
    until = home.clock().date().replace(year=2020) if ended else None
    basis = "consent" if ended else lawful.NONE
    with home.register.session() as session:
        lawful.note_basis(session, agency, dataset, basis, "u_a", home.clock(), until=until)
        session.commit()
    told = refuse(home, file, f"{agency}/{dataset}", NoLawfulBasis)
    assert told == {"reason": "lawful_basis", "giving_agency": agency, "dataset": dataset}
