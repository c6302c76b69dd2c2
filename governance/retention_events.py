"""What the audit records of retention.

Invariant: that of `governance.events`: ids, codes, counts and digests, never a word that anybody
typed; a disposal names rules and numbers, not whom it was about.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from governance.events import _Act, _count, _matches, _may, _must, _one_of
from governance.ids import is_opaque, is_plain_name
from records.codes import code_list

_DIGEST = re.compile(r"[0-9a-f]{64}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _rule_ids(value: object) -> bool:
    return isinstance(value, tuple) and all(map(is_opaque, value))


def _lawful(value: object) -> bool:
    return value == "none" or value in code_list("lawful_basis")


@dataclass(frozen=True, kw_only=True)
class RetentionRuleChanged(_Act, kind="retention_rule_changed"):
    """A rule of the retention schedule was proposed, approved or withdrawn."""

    rule_id: str = field(metadata=_must(is_opaque))
    change: str = field(metadata=_must(_one_of("proposed", "approved", "withdrawn")))


@dataclass(frozen=True, kw_only=True)
class LegalHoldChanged(_Act, kind="legal_hold_changed"):
    """A legal hold was placed (`what`, if it is about one person or fact) or lifted."""

    hold_id: str = field(metadata=_must(is_opaque))
    change: str = field(metadata=_must(_one_of("placed", "lifted")))


@dataclass(frozen=True, kw_only=True)
class RetentionListed(_Act, kind="retention_listed"):
    """An officer was shown what falls due by a day: ids (`what`), rules and dates."""

    due_by: str = field(metadata=_must(_matches(_DAY)))
    items: int = field(metadata=_must(_count))


@dataclass(frozen=True, kw_only=True)
class RetentionReviewed(_Act, kind="retention_reviewed"):
    """It was decided whether something that fell due (`what`) is kept or disposed of."""

    outcome: str = field(metadata=_must(_one_of("keep", "dispose")))


@dataclass(frozen=True, kw_only=True)
class DisposalChanged(_Act, kind="disposal_changed"):
    """A disposal was proposed, approved or withdrawn; `digest` is that of the ids in it."""

    disposal_id: str = field(metadata=_must(is_opaque))
    change: str = field(metadata=_must(_one_of("proposed", "approved", "withdrawn")))
    items: int = field(metadata=_must(_count))
    digest: str = field(metadata=_must(_matches(_DIGEST)))


@dataclass(frozen=True, kw_only=True)
class DisposalDone(_Act, kind="disposal_done"):
    """A disposal was carried out: how many records, contacts and indicators, by which rules."""

    disposal_id: str = field(metadata=_must(is_opaque))
    rules: Collection[str] = field(metadata=_must(_rule_ids))
    records: int = field(metadata=_must(_count))
    contacts: int = field(metadata=_must(_count))
    indicators: int = field(metadata=_must(_count))
    spared: int = field(metadata=_must(_count))
    digest: str = field(metadata=_must(_matches(_DIGEST)))


@dataclass(frozen=True, kw_only=True)
class CertificateRead(_Act, kind="certificate_read"):
    """The certificate of a disposal was shown or exported."""

    disposal_id: str = field(metadata=_must(is_opaque))


@dataclass(frozen=True, kw_only=True)
class Tidied(_Act, kind="tidied"):
    """Kith's own rows and folders past their time were removed, so many of each."""

    requests: int = field(metadata=_must(_count))
    notices: int = field(metadata=_must(_count))
    emergencies: int = field(metadata=_must(_count))
    sessions: int = field(metadata=_must(_count))
    tries: int = field(metadata=_must(_count))
    quarantined: int = field(metadata=_must(_count))
    runs: int = field(metadata=_must(_count))
    bundles: int | None = _may(_count)  # rows of the audit from before there were any have none


@dataclass(frozen=True, kw_only=True)
class LawfulBasisNoted(_Act, kind="lawful_basis_noted"):
    """On which lawful basis a dataset is processed, and until when, was noted."""

    giving_agency: str = field(metadata=_must(is_plain_name))
    dataset: str = field(metadata=_must(is_plain_name))
    basis: str = field(metadata=_must(_lawful))
    until: str | None = _may(_matches(_DAY))
