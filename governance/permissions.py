"""Which role may do what: pages, commands and exports ask here.

Invariant: a permission is given only by this table; the administrator's row holds none that
shows a case, and no role both proposes and approves an agreement alone (policy refuses it).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable

from governance.errors import NotPermitted


class Role(enum.StrEnum):
    """Code list `role`."""

    PRACTITIONER = "practitioner"
    ANALYST = "analyst"
    STEWARD = "steward"
    DATA_MANAGER = "data_manager"
    GOVERNANCE_OFFICER = "governance_officer"
    ADMINISTRATOR = "administrator"


class Permission(enum.StrEnum):
    """One kind of work; `CASES` below are those that show people."""

    CHECK_ADDRESS = "check_address"
    VIEW_PERSON = "view_person"
    VIEW_NETWORK = "view_network"
    ASK_AGENCY = "ask_agency"
    ANSWER_REQUEST = "answer_request"
    LABEL = "label"
    LOAD = "load"
    VIEW_LOADS = "view_loads"
    VIEW_QUARANTINE = "view_quarantine"
    RESOLVE = "resolve"
    PROJECT = "project"
    EVALUATE = "evaluate"
    VIEW_STATUS = "view_status"
    VIEW_REGISTER = "view_register"
    MANAGE_REGISTER = "manage_register"
    PROPOSE_AGREEMENT = "propose_agreement"
    APPROVE_AGREEMENT = "approve_agreement"
    RESTRICT_PERSON = "restrict_person"
    MANAGE_USERS = "manage_users"
    APPROVE_ROLES = "approve_roles"
    NAME_APPROVERS = "name_approvers"
    SET_RETENTION = "set_retention"
    APPROVE_RETENTION = "approve_retention"
    HANDLE_RIGHTS = "handle_rights"
    APPROVE_RIGHTS = "approve_rights"
    VIEW_AUDIT = "view_audit"


DESCRIPTIONS: dict[Permission, str] = {
    Permission.CHECK_ADDRESS: "Ask what is known about an address",
    Permission.VIEW_PERSON: "See a person's page",
    Permission.VIEW_NETWORK: "See the network around a person or an address",
    Permission.ASK_AGENCY: "Ask an agency for what one may not see",
    Permission.ANSWER_REQUEST: "Answer for their agency, once named",
    Permission.LABEL: "Decide whether two records are one person",
    Permission.LOAD: "Load an agency's file",
    Permission.VIEW_LOADS: "See loads and their counts",
    Permission.VIEW_QUARANTINE: "See the rows that a load turned away",
    Permission.RESOLVE: "Link records into people and addresses",
    Permission.PROJECT: "Bring the graph up to date",
    Permission.EVALUATE: "Compare links with a truth file",
    Permission.VIEW_STATUS: "See the state of the installation",
    Permission.VIEW_REGISTER: "See agencies, datasets and agreements",
    Permission.MANAGE_REGISTER: "Register agencies and datasets",
    Permission.PROPOSE_AGREEMENT: "Propose or withdraw an agreement",
    Permission.APPROVE_AGREEMENT: "Approve an agreement that another proposed",
    Permission.RESTRICT_PERSON: "Mark a person as restricted",
    Permission.MANAGE_USERS: "Make, disable and unlock users",
    Permission.APPROVE_ROLES: "Approve a role that another gave",
    Permission.NAME_APPROVERS: "Name who answers for an agency, and who is told of looks",
    Permission.SET_RETENTION: "Say how long data are kept, review and hold what falls due",
    Permission.APPROVE_RETENTION: "Approve a retention rule or disposal that another proposed",
    Permission.HANDLE_RIGHTS: "Work on a person's request about their own data",
    Permission.APPROVE_RIGHTS: "Approve what another decided on a person's request",
    Permission.VIEW_AUDIT: "Read and verify the audit",
}

CASES = frozenset(
    {
        Permission.CHECK_ADDRESS,
        Permission.VIEW_PERSON,
        Permission.VIEW_NETWORK,
        Permission.ASK_AGENCY,
        Permission.ANSWER_REQUEST,
        Permission.LABEL,
        Permission.VIEW_QUARANTINE,
    }
)
"""Permissions that show something about a person, by agreements. A person's own request
(HANDLE_RIGHTS) shows officers one person for one case, by no agreement and for no other purpose."""

SHOWS_PEOPLE = CASES | {Permission.HANDLE_RIGHTS, Permission.APPROVE_RIGHTS}
"""Permissions that no administrator may hold, whatever other role they have."""

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.PRACTITIONER: frozenset(
        {
            Permission.CHECK_ADDRESS,
            Permission.VIEW_PERSON,
            Permission.VIEW_NETWORK,
            Permission.ASK_AGENCY,
            Permission.ANSWER_REQUEST,
            Permission.VIEW_STATUS,
        }
    ),
    Role.ANALYST: frozenset(
        {
            Permission.CHECK_ADDRESS,
            Permission.VIEW_PERSON,
            Permission.VIEW_NETWORK,
            Permission.ASK_AGENCY,
            Permission.ANSWER_REQUEST,
            Permission.EVALUATE,
            Permission.VIEW_LOADS,
            Permission.VIEW_STATUS,
        }
    ),
    Role.STEWARD: frozenset(
        {
            Permission.CHECK_ADDRESS,
            Permission.VIEW_PERSON,
            Permission.VIEW_NETWORK,
            Permission.ASK_AGENCY,
            Permission.ANSWER_REQUEST,
            Permission.LABEL,
            Permission.EVALUATE,
            Permission.VIEW_LOADS,
            Permission.VIEW_STATUS,
        }
    ),
    Role.DATA_MANAGER: frozenset(
        {
            Permission.LOAD,
            Permission.VIEW_LOADS,
            Permission.VIEW_QUARANTINE,
            Permission.RESOLVE,
            Permission.PROJECT,
            Permission.EVALUATE,
            Permission.VIEW_STATUS,
            Permission.VIEW_REGISTER,
        }
    ),
    Role.GOVERNANCE_OFFICER: frozenset(
        {
            Permission.VIEW_LOADS,
            Permission.VIEW_STATUS,
            Permission.VIEW_REGISTER,
            Permission.MANAGE_REGISTER,
            Permission.PROPOSE_AGREEMENT,
            Permission.APPROVE_AGREEMENT,
            Permission.RESTRICT_PERSON,
            Permission.APPROVE_ROLES,
            Permission.NAME_APPROVERS,
            Permission.SET_RETENTION,
            Permission.APPROVE_RETENTION,
            Permission.HANDLE_RIGHTS,
            Permission.APPROVE_RIGHTS,
            Permission.VIEW_AUDIT,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.MANAGE_USERS,
            Permission.VIEW_STATUS,
            Permission.VIEW_LOADS,
            Permission.VIEW_REGISTER,
        }
    ),
}

DISCLOSURE_ROLES = (Role.PRACTITIONER, Role.ANALYST, Role.STEWARD)
"""Roles in which a user may be shown people; of several, the first is the one acted in."""


def allows(roles: Iterable[str], permission: Permission) -> bool:
    """Whether any of a user's roles gives a permission; an unknown role gives none."""
    return any(permission in PERMISSIONS[Role(role)] for role in roles if role in set(Role))


def require(roles: Iterable[str], permission: Permission) -> None:
    """Raise NotPermitted unless `allows`; the text names what was asked, not who asked."""
    if not allows(roles, permission):
        what = DESCRIPTIONS[permission]
        raise NotPermitted(f"Your role does not allow this: {what.lower()}.")


def acting_role(roles: Iterable[str]) -> Role | None:
    """The role a user with these roles is shown people in, None if there is none."""
    held = set(roles)
    return next((role for role in DISCLOSURE_ROLES if role in held), None)
