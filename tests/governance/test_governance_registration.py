from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from governance import RegistrationError, SignInRefused, accounts, registration
from tests.governance.builders import NOW, PASSWORD, make_user


def test_every_fault_of_an_agency_is_named_at_once(session: Session) -> None:
    with pytest.raises(RegistrationError) as raised:
        registration.add_agency(session, "West Police", " ", "army", "")
    words = str(raised.value)
    assert all(part in words for part in ("lower-case", "label", "ring", "agency_kind"))


@pytest.mark.parametrize("name", ["", "Police", "po|lice", "a b", "1st", "x" * 41, "pölice", "a\n"])
def test_a_name_that_could_break_a_share_key_is_refused(session: Session, name: str) -> None:
    with pytest.raises(RegistrationError, match="lower-case"):
        registration.add_agency(session, name, "Label", "police", "01922 000000")
    with pytest.raises(RegistrationError, match="lower-case"):
        registration.add_dataset(session, "police", name, "L", "C", "B", "O", 7)


def test_an_agency_is_registered_once(session: Session) -> None:
    with pytest.raises(RegistrationError, match="already"):
        registration.add_agency(session, "police", "Police", "police", "01922 000000")
    with pytest.raises(RegistrationError, match="already"):
        registration.add_dataset(session, "police", "niche", "L", "C", "B", "O", 7)


def test_a_dataset_needs_its_basis_its_controller_its_owner_and_a_retention(
    session: Session,
) -> None:
    with pytest.raises(RegistrationError) as raised:
        registration.add_dataset(session, "fire", "irs", "Incidents", "", "", "", 0)
    words = str(raised.value)
    wanted = ("controller", "lawful_basis", "owner", "retention_years", "'fire' is not registered")
    assert all(part in words for part in wanted)


def test_datasets_are_listed_for_all_and_for_one(session: Session) -> None:
    assert [d.dataset_id for d in registration.datasets(session)] == ["nec", "athena", "niche"]
    assert [d.dataset_id for d in registration.datasets(session, "housing")] == ["nec"]


def test_nothing_loads_from_an_unregistered_or_inactive_source(session: Session) -> None:
    assert (
        registration.require_dataset(session, "police", "niche", NOW.date()).controller == "police"
    )
    for agency, dataset in (("police", "nec"), ("nobody", "niche"), ("", "")):
        with pytest.raises(RegistrationError, match="not registered"):
            registration.require_dataset(session, agency, dataset, NOW.date())
    registration.set_active(session, "police", "niche", active=False)
    with pytest.raises(RegistrationError, match="no longer active"):
        registration.require_dataset(session, "police", "niche", NOW.date())
    registration.set_active(session, "police", active=False)
    with pytest.raises(RegistrationError, match="no longer active"):
        registration.require_dataset(session, "police", "athena", NOW.date())


def test_an_unknown_source_cannot_be_closed(session: Session) -> None:
    with pytest.raises(RegistrationError):
        registration.set_active(session, "nobody", active=False)
    with pytest.raises(RegistrationError):
        registration.set_active(session, "police", "nec", active=False)


def test_users_of_an_agency_out_of_use_are_out(session: Session) -> None:
    user = make_user(session)
    token = accounts.start_session(session, user, NOW)
    registration.set_active(session, "police", active=False)
    session.commit()
    assert accounts.resume(session, token, NOW) is None
    with pytest.raises(SignInRefused):
        accounts.authenticate(session, "jo", PASSWORD, NOW)
