"""What the audit records of work requests, of telling practitioners, and of asking why.

Invariant: that of `governance.events`: ids, codes and counts, never a word that anybody typed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from governance.events import _Act, _count, _Disclosure, _flag, _may, _must, _one_of
from governance.ids import is_opaque, is_plain_name


@dataclass(frozen=True, kw_only=True)
class RequestMade(_Disclosure, kind="request_made"):
    """A user asked an agency about a person or an address (`what`, if they came from its page)."""

    request_id: str = field(metadata=_must(is_opaque))
    giving_agency: str = field(metadata=_must(is_plain_name))
    question: str = field(metadata=_must(is_plain_name))


@dataclass(frozen=True, kw_only=True)
class RequestChanged(_Act, kind="request_changed"):
    """A request was asked back about, replied to, withdrawn, decided, or its answer revoked."""

    request_id: str = field(metadata=_must(is_opaque))
    change: str = field(
        metadata=_must(
            _one_of("asked_back", "replied", "withdrawn", "told", "nothing", "refused", "revoked")
        )
    )
    facts: int | None = _may(_count)
    restricted: bool | None = _may(_flag)


@dataclass(frozen=True, kw_only=True)
class RequestConsidered(_Disclosure, kind="request_considered"):
    """An approver was shown what their agency holds (`what`) that could answer a request."""

    request_id: str = field(metadata=_must(is_opaque))


@dataclass(frozen=True, kw_only=True)
class AnswerRead(_Disclosure, kind="answer_read"):
    """Whoever asked was shown the answer: the facts in `what`."""

    request_id: str = field(metadata=_must(is_opaque))


@dataclass(frozen=True, kw_only=True)
class ApproverNamed(_Act, kind="approver_named"):
    """A user was named to answer requests for their agency, or is no longer."""

    subject_id: str = field(metadata=_must(is_opaque))
    change: str = field(metadata=_must(_one_of("named", "ended")))


@dataclass(frozen=True, kw_only=True)
class WorkerNamed(_Act, kind="worker_named"):
    """The name under which a user stands in their agency's records was noted, or taken away."""

    subject_id: str = field(metadata=_must(is_opaque))
    change: str = field(metadata=_must(_one_of("named", "ended")))


@dataclass(frozen=True, kw_only=True)
class PractitionerTold(_Act, kind="practitioner_told"):
    """Practitioners (`told`) were told that a user looked at somebody (`what`)."""

    told: Collection[str] = field(
        metadata=_must(lambda value: isinstance(value, tuple) and all(map(is_opaque, value)))
    )


@dataclass(frozen=True, kw_only=True)
class TellingChanged(_Act, kind="telling_changed"):
    """It was decided whether looks under an agreement are told to practitioners."""

    agreement_id: str = field(metadata=_must(is_opaque))
    tells: bool = field(metadata=_must(_flag))


@dataclass(frozen=True, kw_only=True)
class WhyAsked(_Act, kind="why_asked"):
    """An officer asked why a user, or a role of an agency, may or may not see something."""

    subject_id: str | None = _may(is_opaque)
    for_agency: str = field(metadata=_must(is_plain_name))
    for_role: str | None = _may(is_plain_name)
    for_purpose: str = field(metadata=_must(is_plain_name))
