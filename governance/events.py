"""What the audit records: typed events with an exact schema.

Invariant: an event holds opaque ids, plain names, codes, counts and digests, never a name, a date
of birth, an address or anything typed but the reference, whose form keeps bare names out. A field
too many, too few or of the wrong form raises.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from governance.bases import BASES
from governance.errors import AuditError
from governance.ids import is_opaque, is_plain_name
from governance.judgements import FORMS, VERDICTS
from governance.loads import GROUNDS
from governance.permissions import Permission, Role
from governance.sessions import REFERENCE
from governance.tables import SYSTEM
from governance.viewer import Viewer
from records.codes import code_list

_DIGEST = re.compile(r"[0-9a-f]{64}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,79}")


class EventError(AuditError):
    """An event does not keep to its schema: a fault of the program, not of a user."""


def _actor(value: object) -> bool:
    return value == SYSTEM or is_opaque(value)


def _ids(value: object) -> bool:
    return isinstance(value, tuple) and all(is_opaque(entry) for entry in value)


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _flag(value: object) -> bool:
    return isinstance(value, bool)


def _one_of(*codes: str) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and value in codes


def _roles(value: object) -> bool:
    return isinstance(value, tuple) and bool(value) and all(entry in set(Role) for entry in value)


def _matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _purpose(value: object) -> bool:
    return isinstance(value, str) and value in code_list("purpose")


def _must(check: Callable[[object], bool]) -> dict[str, Any]:
    """Metadata of a field that must be there and have this form."""
    # The field itself stands in the class, so that a type checker sees that it has no default.
    return {"check": check, "optional": False}


def _may(check: Callable[[object], bool]) -> Any:
    """A field that may be None."""
    return dataclasses.field(default=None, metadata={"check": check, "optional": True})


def _what() -> Any:
    """The opaque ids that were shown or touched; any sequence, kept as a tuple."""
    return dataclasses.field(default=(), metadata={"check": _ids, "optional": False})


KINDS: dict[str, type[Event]] = {}
"""Event kind, as the audit stores it, -> its class."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base: who, for whom, why, and about what. `agency` is the user's own."""

    kind: ClassVar[str] = ""

    user_id: str | None = _may(_actor)
    agency: str | None = _may(is_plain_name)
    purpose: str | None = _may(_purpose)
    reference: str | None = _may(_matches(REFERENCE))
    legal_basis: str | None = _may(_one_of(*BASES))
    role: str | None = _may(_one_of(*Role))
    what: Collection[str] = _what()

    def __init_subclass__(cls, kind: str = "") -> None:
        if kind:
            cls.kind = kind
            KINDS[kind] = cls

    def __post_init__(self) -> None:
        for entry in dataclasses.fields(self):
            value = getattr(self, entry.name)
            if isinstance(value, list | set | frozenset):
                value = tuple(sorted(value)) if not isinstance(value, list) else tuple(value)
                object.__setattr__(self, entry.name, value)
            missing = value is None and entry.metadata["optional"]
            if not missing and not entry.metadata["check"](value):
                raise EventError(f"audit event {self.kind}: field '{entry.name}' is malformed")

    @classmethod
    def by(cls, viewer: Viewer, **fields: Any) -> Self:
        """The event of what a viewer did, the viewer's fields filled in."""
        return cls(
            user_id=viewer.user_id,
            agency=viewer.agency,
            purpose=viewer.purpose,
            reference=viewer.reference,
            legal_basis=viewer.legal_basis,
            role=viewer.role,
            **fields,
        )

    def payload(self) -> dict[str, Any]:
        """The fields as JSON has them."""
        values = {entry.name: getattr(self, entry.name) for entry in dataclasses.fields(self)}
        return {key: list(v) if isinstance(v, tuple) else v for key, v in values.items()}


@dataclass(frozen=True, kw_only=True)
class _Disclosure(Event):
    """Something about people was shown: user, agency, purpose and reference are required."""

    user_id: str = field(metadata=_must(is_opaque))
    agency: str = field(metadata=_must(is_plain_name))
    purpose: str = field(metadata=_must(_purpose))
    reference: str = field(metadata=_must(_matches(REFERENCE)))
    role: str = field(metadata=_must(_one_of(*Role)))


@dataclass(frozen=True, kw_only=True)
class _Act(Event):
    """Something that a user, or unattended work, did."""

    user_id: str = field(metadata=_must(_actor))


@dataclass(frozen=True, kw_only=True)
class SignedIn(_Act, kind="signed_in"):
    """A session began."""

    session_id: str | None = _may(is_opaque)


@dataclass(frozen=True, kw_only=True)
class SignInFailed(Event, kind="sign_in_failed"):
    """A try to sign in failed; `user_id` is None if the name is nobody's.

    `step` is `code` where the password was right and the second factor's code was not.
    """

    step: str | None = _may(_one_of("password", "code"))


@dataclass(frozen=True, kw_only=True)
class SignedOut(_Act, kind="signed_out"):
    """A session ended: signed out, or revoked."""

    session_id: str | None = _may(is_opaque)


@dataclass(frozen=True, kw_only=True)
class PurposeStated(_Act, kind="purpose_stated"):
    """A user said why they look."""

    purpose: str = field(metadata=_must(_purpose))
    reference: str = field(metadata=_must(_matches(REFERENCE)))


@dataclass(frozen=True, kw_only=True)
class EmergencyBegun(_Act, kind="emergency_begun"):
    """Emergency access was taken; officers were told."""

    emergency_id: str = field(metadata=_must(is_opaque))
    purpose: str = field(metadata=_must(_purpose))
    reference: str = field(metadata=_must(_matches(REFERENCE)))


@dataclass(frozen=True, kw_only=True)
class EmergencyReviewed(_Act, kind="emergency_reviewed"):
    """An officer reviewed emergency access that another had taken."""

    emergency_id: str = field(metadata=_must(is_opaque))
    outcome: str = field(metadata=_must(_one_of("justified", "not_justified", "training")))


@dataclass(frozen=True, kw_only=True)
class NoticeSeen(_Act, kind="notice_seen"):
    """An officer has seen a notice."""

    notice_id: str = field(metadata=_must(is_opaque))


@dataclass(frozen=True, kw_only=True)
class AddressSearched(_Disclosure, kind="address_searched"):
    """A typed address led to candidates (`what`), or to nothing."""


@dataclass(frozen=True, kw_only=True)
class AddressChecked(_Disclosure, kind="address_checked"):
    """An address check was answered; `what` names every address, record, contact and indicator."""


@dataclass(frozen=True, kw_only=True)
class PersonViewed(_Disclosure, kind="person_viewed"):
    """A person's page was shown."""


@dataclass(frozen=True, kw_only=True)
class NetworkViewed(_Disclosure, kind="network_viewed"):
    """A network was shown, to `hops` steps from its centre."""

    hops: int | None = _may(_count)


@dataclass(frozen=True, kw_only=True)
class FileLoaded(_Act, kind="file_loaded"):
    """A file was staged. `what` may name the load."""

    load_id: str = field(metadata=_must(is_opaque))
    giving_agency: str = field(metadata=_must(is_plain_name))
    dataset: str = field(metadata=_must(is_plain_name))
    sha256: str = field(metadata=_must(_matches(_DIGEST)))
    accepted: int = field(metadata=_must(_count))
    rejected: int = field(metadata=_must(_count))


@dataclass(frozen=True, kw_only=True)
class FileRefused(_Act, kind="file_refused"):
    """A file was refused and nothing changed. A name that is no plain name is left out."""

    reason: str = field(metadata=_must(_one_of(*GROUNDS)))
    load_id: str | None = _may(is_opaque)
    giving_agency: str | None = _may(is_plain_name)
    dataset: str | None = _may(is_plain_name)
    sha256: str | None = _may(_matches(_DIGEST))


@dataclass(frozen=True, kw_only=True)
class LoadViewed(_Act, kind="load_viewed"):
    """A load's quarantined rows were shown."""

    load_id: str = field(metadata=_must(is_opaque))
    rows: int = field(metadata=_must(_count))


@dataclass(frozen=True, kw_only=True)
class Resolved(_Act, kind="resolved"):
    """Records were linked."""

    run_id: str = field(metadata=_must(_matches(_VERSION)))
    records: int = field(metadata=_must(_count))
    people: int = field(metadata=_must(_count))


@dataclass(frozen=True, kw_only=True)
class Projected(_Act, kind="projected"):
    """The graph was brought up to date."""

    run_id: str = field(metadata=_must(_matches(_VERSION)))
    changes: int = field(metadata=_must(_count))


@dataclass(frozen=True, kw_only=True)
class QuestionShown(_Disclosure, kind="question_shown"):
    """A steward was asked whether records (`what`) are one person."""

    form: str = field(metadata=_must(_one_of(*FORMS)))


@dataclass(frozen=True, kw_only=True)
class LinkExplained(_Disclosure, kind="link_explained"):
    """Two records (`what`) were shown, and why they are linked or not."""


@dataclass(frozen=True, kw_only=True)
class JudgementMade(_Act, kind="judgement_made"):
    """A pair (`what`) was judged; `simulated` if by a program that knows the truth."""

    verdict: str = field(metadata=_must(_one_of(*VERDICTS)))
    form: str | None = _may(_one_of(*FORMS))
    simulated: bool | None = _may(_flag)


@dataclass(frozen=True, kw_only=True)
class LabelsExported(_Disclosure, kind="labels_exported"):
    """Judged pairs were written to a file, with the values of their records (`what`)."""

    labels: int = field(metadata=_must(_count))


@dataclass(frozen=True, kw_only=True)
class LabelsImported(_Act, kind="labels_imported"):
    """Judgements on pairs (`what`) were taken in from a file; `unknown` pairs were left out."""

    labels: int = field(metadata=_must(_count))
    unknown: int = field(metadata=_must(_count))


@dataclass(frozen=True, kw_only=True)
class UserCreated(_Act, kind="user_created"):
    """An account was made."""

    subject_id: str = field(metadata=_must(is_opaque))
    roles: Collection[str] = field(metadata=_must(_roles))


@dataclass(frozen=True, kw_only=True)
class UserChanged(_Act, kind="user_changed"):
    """An account was changed; `change` says how, `roles` are those it has now."""

    subject_id: str = field(metadata=_must(is_opaque))
    change: str = field(
        metadata=_must(
            _one_of(
                "password",
                "role_given",
                "role_approved",
                "role_taken",
                "disabled",
                "unlocked",
                "sessions_ended",
                "second_factor_set_up",
                "second_factor_removed",
            )
        )
    )
    roles: Collection[str] | None = _may(_roles)


@dataclass(frozen=True, kw_only=True)
class AgreementChanged(_Act, kind="agreement_changed"):
    """An agreement was proposed, approved or withdrawn."""

    agreement_id: str = field(metadata=_must(is_opaque))
    change: str = field(metadata=_must(_one_of("proposed", "approved", "withdrawn")))


@dataclass(frozen=True, kw_only=True)
class RegisterChanged(_Act, kind="register_changed"):
    """An agency, or a dataset of it, was registered or taken in or out of use."""

    giving_agency: str = field(metadata=_must(is_plain_name))
    dataset: str | None = _may(is_plain_name)
    change: str = field(metadata=_must(_one_of("added", "active", "inactive")))


@dataclass(frozen=True, kw_only=True)
class RestrictionChanged(_Act, kind="restriction_changed"):
    """A person (`what`) was marked as restricted, or the mark was lifted."""

    change: str = field(metadata=_must(_one_of("restricted", "lifted")))


@dataclass(frozen=True, kw_only=True)
class AuditRead(_Act, kind="audit_read"):
    """The audit itself was looked at or verified; `rows` is how many were shown."""

    rows: int = field(metadata=_must(_count))
    faults: int | None = _may(_count)


@dataclass(frozen=True, kw_only=True)
class Refused(Event, kind="refused"):
    """Something was asked for and refused, and on which ground."""

    permission: str = field(metadata=_must(_one_of(*Permission)))
    reason: str = field(
        metadata=_must(
            _one_of("signed_out", "role", "purpose", "policy", "not_found", "limit", "agency")
        )
    )


def from_payload(kind: str, payload: dict[str, Any]) -> Event:
    """The event that a stored row holds. Raises EventError if it does not keep to its schema."""
    if kind not in KINDS:
        raise EventError("audit event of an unknown kind")
    try:
        return KINDS[kind](**payload)
    except TypeError:
        raise EventError(f"audit event {kind}: its fields are not those of its kind") from None
