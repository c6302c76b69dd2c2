"""The SQL register and the audit: who takes part, who may see what, and who saw it.

`Register` and `Audit` are the two databases; `viewer_for` turns a signed-in user and a stated
purpose into the `Viewer` that every read takes. The ledgers are modules of their own: loads,
judgements, identities, runs.
"""

from governance import (  # noqa: F401  (the kinds and tables are whole)
    erasure_events,
    erasure_tables,
    keeping_events,
    request_events,
    request_tables,
    retention_events,
    retention_tables,
    subject_events,
    subject_tables,
)
from governance.audit import Audit, AuditRow, Fault
from governance.errors import (
    AccountError,
    AgreementError,
    AuditError,
    GovernanceError,
    NotPermitted,
    PasswordRefused,
    PurposeNeeded,
    RegistrationError,
    SessionEnded,
    SignInRefused,
)
from governance.permissions import Permission, Role, allows, require
from governance.policy import Agreement, AgreementTerms, add_agreement, categories, viewer_for
from governance.register import Register
from governance.viewer import Grant, Level, Viewer

__all__ = [
    "AccountError",
    "Agreement",
    "AgreementError",
    "AgreementTerms",
    "Audit",
    "AuditError",
    "AuditRow",
    "Fault",
    "GovernanceError",
    "Grant",
    "Level",
    "NotPermitted",
    "PasswordRefused",
    "Permission",
    "PurposeNeeded",
    "Register",
    "RegistrationError",
    "Role",
    "SessionEnded",
    "SignInRefused",
    "Viewer",
    "add_agreement",
    "allows",
    "categories",
    "require",
    "viewer_for",
]
