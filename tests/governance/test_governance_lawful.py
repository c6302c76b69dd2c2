"""No file is taken of a dataset that nobody may process."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

import areas
from governance import registration
from governance.errors import NoLawfulBasis, RegistrationError
from governance.lawful import NONE, basis_of, named_in, note_basis
from governance.loads import LoadEntry, add_load, loads
from records.codes import code_list
from tests.governance.builders import NOW

PACKS = Path(areas.__file__).parent / "packs"
TODAY = NOW.date()


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("Article 6(1)(e)", ("public_task",)),
        ("UK GDPR Art. 6(1)(ea), recognised", ("recognised_interest",)),
        ("art 6 (1) (C); Art. 9(2)(h)", ("legal_obligation",)),
        ("DPA 2018 Part 3 s.35; Article 6(1)(e)", ("public_task", "law_enforcement")),
        ("Data Protection Act 2018, Part 3", ("law_enforcement",)),
        ("vital_interests", ("vital_interests",)),
        ("not stated", ()),
        ("", ()),
        ("Article 9(2)(g)", ()),
        ("Article 6(1)(g)", ()),
        ("DPA 2018 Part 31", ()),
        ("because it is useful", ()),
    ],
)
def test_a_basis_is_one_of_the_list(words: str, codes: tuple[str, ...]) -> None:
    assert named_in(words) == codes
    assert set(codes) <= set(code_list("lawful_basis").labels)


def test_every_label_and_every_pack_names_a_basis() -> None:
    for code, label in code_list("lawful_basis").labels.items():
        assert named_in(label) == (code,)
    for file in PACKS.glob("*/pack.toml"):
        for dataset in tomllib.loads(file.read_text(encoding="utf-8"))["datasets"]:
            assert named_in(dataset["lawful_basis"]), (file.parent.name, dataset["dataset"])


def entry(dataset: str) -> LoadEntry:
    return LoadEntry(
        load_id="l_aaaa",
        agency="police",
        dataset=dataset,
        layout="x",
        mapping="x",
        mapping_version=1,
        extract="full",
        file_name="x.csv",
        sha256="0" * 64,
        rows_in=0,
        accepted=0,
        rejected=0,
        loaded_by="u_aaaa",
        loaded_on=NOW,
    )


def test_without_a_basis_nothing_is_loaded(session: Session) -> None:
    registration.add_dataset(session, "police", "pnd", "PND", "Chief", "not stated", "Owner", 7)
    with pytest.raises(NoLawfulBasis, match=r"police/pnd' has no lawful basis.*kith retention"):
        registration.require_dataset(session, "police", "pnd", TODAY)
    with pytest.raises(NoLawfulBasis):
        add_load(session, entry("pnd"))
    assert loads(session) == []
    note_basis(session, "police", "pnd", "law_enforcement", "u_a", NOW)
    registration.require_dataset(session, "police", "pnd", TODAY)
    add_load(session, entry("pnd"))


def test_a_basis_holds_to_its_last_day_and_the_last_note_counts(session: Session) -> None:
    note_basis(session, "police", "niche", "consent", "u_a", NOW, until=TODAY)
    registration.require_dataset(session, "police", "niche", TODAY)
    note_basis(session, "police", "niche", "consent", "u_a", NOW, until=TODAY.replace(day=22))
    with pytest.raises(NoLawfulBasis, match="since 2026-11-22"):
        registration.require_dataset(session, "police", "niche", TODAY)
    note_basis(session, "police", "niche", NONE, "u_a", NOW)
    assert basis_of(session, "police", "niche").codes == ()
    with pytest.raises(NoLawfulBasis, match="has no lawful basis"):
        registration.require_dataset(session, "police", "niche", TODAY)
    assert basis_of(session, "police", "athena").codes == ("public_task",)


def test_what_is_noted_is_of_the_list_and_of_a_dataset_that_there_is(session: Session) -> None:
    with pytest.raises(RegistrationError, match="is one of: public_task"):
        note_basis(session, "police", "niche", "curiosity", "u_a", NOW)
    with pytest.raises(RegistrationError, match="no such"):
        note_basis(session, "police", "none", "consent", "u_a", NOW)
