"""Errors of the governance room.

Invariant: no text says whether a user exists, and none repeats a password or a typed value.

KithError
    GovernanceError
        RegisterError       the register itself cannot be used
        RegistrationError   an agency, dataset, load or run that cannot be written as asked
            SourceInactive  a dataset, or its agency, was taken out of use
            NoLawfulBasis   a dataset may not be processed
        AgreementError      an agreement whose terms do not hold together
        AccountError        a user that cannot be made or changed as asked
            PasswordRefused a password against the rules
        SignInRefused       one text for every reason
        SessionEnded        no such session, or it has ended
        PurposeNeeded       nothing is disclosed before a purpose is stated
        NotPermitted        the role does not allow it
        AuditError          the audit cannot be written or read: there is no answer
"""

# ruff: noqa: N818 (the names say what happened to the user)

from __future__ import annotations

from records.errors import KithError


class GovernanceError(KithError):
    """Base of this room's errors."""


class RegisterError(GovernanceError):
    """The register cannot be used by this version."""

    exit_code = 2


class RegistrationError(GovernanceError):
    """Something cannot be registered as asked; `ground` is why a file is refused for it."""

    exit_code = 4
    ground = "unregistered"


class SourceInactive(RegistrationError):
    """A dataset, or its agency, is no longer in use."""

    ground = "inactive"


class NoLawfulBasis(RegistrationError):
    """Nobody may process the dataset: no basis is known, or it has ended."""

    ground = "lawful_basis"


class AgreementError(GovernanceError):
    """The terms of an agreement do not hold together; every fault is named."""


class AccountError(GovernanceError):
    """A user cannot be made or changed as asked."""

    exit_code = 4


class PasswordRefused(AccountError):
    """The password is against the rules."""


class SignInRefused(GovernanceError):
    """Unknown user, wrong password, locked or disabled: the text never says which."""

    exit_code = 3

    def __init__(
        self,
        words: str = "The user name or password is not right. After several wrong tries an "
        "account is locked for a while; ask your administrator if this goes on.",
    ) -> None:
        super().__init__(words)


class SessionEnded(GovernanceError):
    """The session has ended: sign in again."""

    exit_code = 3

    def __init__(self) -> None:
        super().__init__("You have been signed out. Sign in again.")


class PurposeNeeded(GovernanceError):
    """A purpose and a reference must be stated before anything is disclosed."""

    exit_code = 2


class NotPermitted(GovernanceError):
    """The user's roles do not allow this."""

    exit_code = 3


class AuditError(GovernanceError):
    """The audit could not be written or read; nothing may be disclosed."""

    exit_code = 4
