"""Whether one viewer may see one fact, and why or why not, in words.

Invariant: the answer follows from the viewer's grants alone, by the rules that the read models
keep to; a fact that is about somebody restricted is allowed by its own agreement or not at all.

A reason tells that there is a fact: it is for officers, never for the user who was refused.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from governance.viewer import Grant, Level, Viewer

HEADLINE_FIELDS = {
    "record": frozenset(
        [
            *("given_name", "middle_names", "family_name", "full_name", "sex", "lead_worker"),
            *("birth_date", "birth_date_status", "death_date", "dead", "restricted"),
            "updated_on",
        ]
    ),
    "stay": frozenset(
        [
            *("record_updated_on", "address_id", "line", "postcode", "uprn", "kind"),
            *("from_date", "to_date", "updated_on"),
        ]
    ),
    "contact": frozenset(
        [
            *("address_id", "contact_id", "record_level", "category", "on_date", "status"),
            *("ring", "guarded"),
        ]
    ),
    "indicator": frozenset(
        [
            *("address_id", "indicator_id", "record_level", "kind", "code"),
            *("valid_from", "valid_to", "ring", "guarded"),
        ]
    ),
}
"""Kind of fact -> the fields that level headline shows."""
PLACE_FIELDS = frozenset({"address_line", "postcode", "uprn", "flat"})
"""An address that is withheld in one form is withheld in every form."""
LINK_FIELDS = PLACE_FIELDS | {
    *("given_name", "middle_names", "family_name", "full_name", "former_family_name"),
    *("other_names", "birth_date", "birth_date_status", "death_date", "sex", "nhs_number", "upn"),
    *("uln", "nino", "other_identifiers", "local_id", "phone", "email", "birth_place"),
}
"""What links between records rest on."""
LINK_TOLD = frozenset({"probability", "decided_by", "decided_on", "evidence"})
"""What is told of a link: only of a record all of whose `LINK_FIELDS` are shown."""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One fact of a source, as far as policy asks about it.

    Attributes:
        what: record, stay, contact or indicator.
        on: the day that `since` is held against: when a record was last touched, when a contact
            was, until when an indicator holds; None if it is not known.
        restricted: somebody in it must not be traced.
        is_latest: there is no later contact of the same person, agency and category.
        field_name: one field of it; None asks whether anything of it is shown.
    """

    what: str
    share_key: str
    on: dt.date | None = None
    restricted: bool = False
    is_latest: bool = True
    field_name: str | None = None


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Shown or withheld, in words, with the agreement that decides; None if there is none."""

    allowed: bool
    reason: str
    agreement_id: str | None = None


def decide(viewer: Viewer, fact: Fact) -> Decision:
    """Whether a fact is shown to a viewer, by itself.

    A contact or an indicator on somebody's page rests on a record of theirs besides: both are
    asked about, and it is shown if both are allowed.
    """
    grant = viewer.grants.get(fact.share_key)
    if grant is None:
        return Decision(
            allowed=False,
            reason="No agreement in force shows this to the user's agency in this role for this "
            "purpose.",
        )
    against = _against(grant, fact) or _against_field(grant, fact)
    return Decision(
        allowed=against is None,
        reason=against or _for(grant),
        agreement_id=grant.agreement_id,
    )


def tells_links(grant: Grant) -> bool:
    """Whether nothing is kept back of a record that what joins it to others rests on."""
    return grant.level == Level.DETAIL and not LINK_FIELDS & grant.withheld


def sees_all_records(viewer: Viewer) -> bool:
    """Whether every system of the area shows its records of people whole, from the first on.

    Nothing of a record is hidden then, but people who must not be traced. It follows from the
    agreements alone, so what depends on it tells nothing of what is held.
    """
    found = [viewer.grants.get(key) for key in viewer.records]
    return bool(found) and all(
        grant is not None and tells_links(grant) and grant.since == dt.date.min for grant in found
    )


def _against(grant: Grant, fact: Fact) -> str | None:
    """Why nothing of the fact is shown."""
    if fact.restricted and not grant.restricted_allowed:
        return "The person must not be traced, and this agreement does not cover such people."
    if fact.on is not None and fact.on < grant.since:
        return f"It is older than {grant.since:%-d %B %Y}, where this agreement begins to show."
    if fact.what == "stay" and PLACE_FIELDS & grant.withheld:
        return "This agreement withholds addresses."
    if fact.what == "contact" and grant.latest_only and not fact.is_latest:
        return "This agreement shows the latest contact only, and there is a later one."
    return None


def _against_field(grant: Grant, fact: Fact) -> str | None:
    name = fact.field_name
    if name is None:
        return None
    if grant.level == Level.EXISTENCE:
        return "This agreement shows only that the agency holds something, and whom to ring."
    if grant.level == Level.HEADLINE and name not in HEADLINE_FIELDS[fact.what]:
        return "This agreement shows headlines, and this field is not among them."
    if name in grant.withheld:
        return "This agreement withholds this field."
    if name in LINK_TOLD and not tells_links(grant):
        return "This agreement withholds a field that links rest on."
    return None


def _for(grant: Grant) -> str:
    if grant.level == Level.EXISTENCE:
        return "An agreement shows that the agency holds something, and whom to ring."
    return "An agreement in force shows it."
