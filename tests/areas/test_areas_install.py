"""A pack installed: what the register then lets people see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from areas import areas, install_pack, read_pack
from governance.policy import agreements, viewer_for
from governance.register import Register
from governance.registration import agencies, datasets
from governance.viewer import Level, Viewer
from tests.governance.builders import NOW, signed_in


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Register]:
    path: Path = tmp_path_factory.mktemp("register") / "register.sqlite"
    with Register(f"sqlite:///{path}") as register:
        register.upgrade()
        with register.session() as session:
            install_pack(session, "walsall", dt.datetime(2026, 11, 1, tzinfo=dt.UTC))
            session.commit()
        yield register


@pytest.fixture
def session(register: Register) -> Iterator[Session]:
    with register.session() as session:
        yield session


def viewer(session: Session, agency: str, role: str, purpose: str = "visit") -> Viewer:
    user = signed_in(agency=agency, roles=frozenset({role}), purpose=purpose)
    return viewer_for(session, user, NOW)


@pytest.mark.parametrize("area", areas())
def test_every_pack_installs(area: str, tmp_path: Path) -> None:
    pack = read_pack(area)
    with Register(f"sqlite:///{tmp_path / 'register.sqlite'}") as register:
        register.upgrade()
        with register.session() as session:
            installed = install_pack(session, area)
            assert len(agencies(session)) == installed.agencies == len(pack.agencies)
            assert len(datasets(session)) == installed.datasets == len(pack.datasets)
            assert len(agreements(session)) == installed.agreements


def test_a_social_worker_sees_the_police_warning_and_adults_existence(session: Session) -> None:
    grants = viewer(session, "children", "practitioner").grants
    assert grants["police|niche|warning"].level == Level.DETAIL
    assert grants["police|niche|domestic_abuse"].level == Level.DETAIL
    assert grants["police|niche|noise"].level == Level.HEADLINE
    assert grants["nhs|emergency|fall"].level == Level.HEADLINE
    assert grants["adults|mosaic|fall"].level == Level.EXISTENCE
    assert grants["adults|mosaic|person"].level == Level.EXISTENCE
    assert grants["children|lcs|person"].level == Level.DETAIL
    assert "phone" in grants["police|niche|person"].withheld
    assert "nhs_number" in grants["nhs|pds|person"].withheld


def test_an_agreement_that_ran_out_discloses_nothing(session: Session) -> None:
    grants = viewer(session, "fire", "practitioner").grants
    levels = {grant.level for key, grant in grants.items() if key.startswith("adults|")}
    assert levels == {Level.EXISTENCE}


def test_a_steward_sees_people_of_all_for_linking_only(session: Session) -> None:
    linking = viewer(session, "housing", "steward", "record_linkage").grants
    other = {key for key in linking if not key.startswith("housing|")}
    assert {key.split("|")[2] for key in other} == {"person"}
    assert {key.split("|")[0] for key in other} == {
        "police",
        "children",
        "adults",
        "education",
        "nhs",
        "fire",
    }
    visiting = viewer(session, "housing", "steward").grants
    assert {key.split("|")[0] for key in visiting} == {"housing"}


def test_a_police_analyst_sees_broadly(session: Session) -> None:
    grants = viewer(session, "police", "analyst", "crime").grants
    assert grants["housing|northgate|noise"].level == Level.DETAIL
    assert grants["adults|mosaic|fall"].level == Level.HEADLINE


def test_restricted_people_are_for_healths_safeguarding_only(session: Session) -> None:
    def allowed(agency: str, purpose: str) -> set[str]:
        grants = viewer(session, agency, "practitioner", purpose).grants
        return {key for key, grant in grants.items() if grant.restricted_allowed}

    own = {"nhs|pds|person", "nhs|emergency|person"}
    assert allowed("nhs", "safeguarding_child") == own
    assert allowed("nhs", "visit") == set()
    assert allowed("police", "safeguarding_child") == set()
