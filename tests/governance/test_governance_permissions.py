from __future__ import annotations

from pathlib import Path

import pytest

from governance import NotPermitted, Permission, Role, allows, require
from governance.permissions import (
    CASES,
    DESCRIPTIONS,
    DISCLOSURE_ROLES,
    PERMISSIONS,
    acting_role,
)
from records.codes import code_list

MANUAL = Path(__file__).parents[2] / "docs" / "governance.md"


def test_the_roles_are_those_of_the_code_list() -> None:
    assert list(Role) == list(code_list("role").labels)
    assert set(PERMISSIONS) == set(Role)


def test_every_permission_is_described_and_given_to_somebody() -> None:
    assert set(DESCRIPTIONS) == set(Permission)
    assert set().union(*PERMISSIONS.values()) == set(Permission)


def test_an_administrator_manages_but_sees_no_case() -> None:
    assert not PERMISSIONS[Role.ADMINISTRATOR] & CASES
    assert not PERMISSIONS[Role.GOVERNANCE_OFFICER] & CASES
    assert Permission.MANAGE_USERS in PERMISSIONS[Role.ADMINISTRATOR]
    assert acting_role(["administrator", "governance_officer", "data_manager"]) is None


def test_whoever_manages_users_neither_approves_roles_nor_reads_the_audit() -> None:
    for given in PERMISSIONS.values():
        if Permission.MANAGE_USERS in given:
            assert not given & {Permission.APPROVE_ROLES, Permission.VIEW_AUDIT}


def test_whoever_is_shown_people_acts_in_a_role_of_disclosure() -> None:
    shows = {Permission.CHECK_ADDRESS, Permission.VIEW_PERSON, Permission.VIEW_NETWORK}
    assert {role for role in Role if PERMISSIONS[role] & shows} == set(DISCLOSURE_ROLES)


def test_a_permission_needs_one_of_the_roles() -> None:
    assert allows(["data_manager", "practitioner"], Permission.LOAD)
    assert not allows(["practitioner"], Permission.LOAD)
    assert not allows(["king", ""], Permission.LOAD)
    assert not allows([], Permission.VIEW_STATUS)
    require(["data_manager"], Permission.LOAD)
    with pytest.raises(NotPermitted, match="load an agency's file"):
        require(["practitioner"], Permission.LOAD)


def test_the_manual_shows_the_table_as_it_is() -> None:
    labels = code_list("role").labels
    head = "| | " + " | ".join(labels[role] for role in Role) + " |"
    lines = [head, "|" + "---|" * (len(Role) + 1)]
    for permission, words in DESCRIPTIONS.items():
        marks = ("yes" if permission in PERMISSIONS[role] else "no" for role in Role)
        lines.append(f"| {words} | " + " | ".join(marks) + " |")
    assert "\n".join(lines) in MANUAL.read_text(encoding="utf-8")
