"""What the audit records of subject rights.

Invariant: that of `governance.events`: ids, codes, counts and digests, never a value of whom a case
is about and never a word that anybody typed.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from governance.events import _Act, _count, _matches, _may, _must, _one_of
from governance.ids import is_opaque, is_plain_name
from records.codes import code_list

CHANGES = (
    "opened",
    "extended",
    "proposed",
    "sent_back",
    "approved",
    "closed",
)
LOOKED_UP_BY = ("given_name", "family_name", "birth_date", "postcode", "nhs_number")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def _kind(value: object) -> bool:
    return value in code_list("subject_request")


@dataclass(frozen=True, kw_only=True)
class SubjectCaseChanged(_Act, kind="subject_case_changed"):
    """A case of a person's rights was opened, prolonged, proposed, approved or closed."""

    case_id: str = field(metadata=_must(is_opaque))
    request_kind: str = field(metadata=_must(_kind))
    change: str = field(metadata=_must(_one_of(*CHANGES)))
    digest: str | None = _may(_matches(_DIGEST))


@dataclass(frozen=True, kw_only=True)
class SubjectFound(_Act, kind="subject_found"):
    """An officer was shown where something about the person of a case (`what`) is held."""

    case_id: str = field(metadata=_must(is_opaque))
    items: int = field(metadata=_must(_count))


def _fields(value: object) -> bool:
    return isinstance(value, tuple) and bool(value) and set(value) <= set(LOOKED_UP_BY)


@dataclass(frozen=True, kw_only=True)
class PeopleLookedUp(_Act, kind="people_looked_up"):
    """An officer looked for whom a request is about by some fields, and was shown `what`."""

    asked_by: Collection[str] = field(metadata=_must(_fields))
    found: int = field(metadata=_must(_count))


@dataclass(frozen=True, kw_only=True)
class SubjectItemsShown(_Act, kind="subject_items_shown"):
    """An officer was shown values of items of a case (`what`), to decide or approve."""

    case_id: str = field(metadata=_must(is_opaque))


@dataclass(frozen=True, kw_only=True)
class SubjectItemsDecided(_Act, kind="subject_items_decided"):
    """It was decided about items of a case (`what`)."""

    case_id: str = field(metadata=_must(is_opaque))
    decision: str = field(metadata=_must(_one_of("disclose", "redact", "withhold")))


@dataclass(frozen=True, kw_only=True)
class BundleReleased(_Act, kind="bundle_released"):
    """What is disclosed to a person was written to a file, with so many items of each."""

    case_id: str = field(metadata=_must(is_opaque))
    disclosed: int = field(metadata=_must(_count))
    redacted: int = field(metadata=_must(_count))
    withheld: int = field(metadata=_must(_count))
    digest: str = field(metadata=_must(_matches(_DIGEST)))


@dataclass(frozen=True, kw_only=True)
class BundleRead(_Act, kind="bundle_read"):
    """A released bundle was saved by an officer, to be handed over."""

    case_id: str = field(metadata=_must(is_opaque))
    digest: str = field(metadata=_must(_matches(_DIGEST)))


@dataclass(frozen=True, kw_only=True)
class RectificationChanged(_Act, kind="rectification_changed"):
    """An agency was asked to correct something (`what`), answered, or sent it corrected."""

    rectification_id: str = field(metadata=_must(is_opaque))
    giving_agency: str = field(metadata=_must(is_plain_name))
    change: str = field(metadata=_must(_one_of("asked", "shown", "accepted", "refused", "changed")))


@dataclass(frozen=True, kw_only=True)
class SubjectErased(_Act, kind="subject_erased"):
    """An erasure that a person asked for was carried out; the erasure's own event says more."""

    case_id: str = field(metadata=_must(is_opaque))
    records: int = field(metadata=_must(_count))
    contacts: int = field(metadata=_must(_count))
