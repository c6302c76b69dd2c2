"""The sentences that pages share: people's ages, indicators, contacts, who says so.

Invariant: only what an answer holds is put into words; what it does not hold is said to be not
known or not shared, and is never taken to be "no".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from graph import (
    AddressCard,
    Candidate,
    ContactLine,
    IndicatorLine,
    LinkedAddress,
    PersonRef,
    Source,
)
from webapp.addresses.page import Alert, Concern, Elsewhere, Named
from webapp.shown import code, day

_CHILD = {
    "child_protection",
    "child_in_need",
    "looked_after",
    "care_leaver",
    "early_help",
    "education_health_care",
}
_ADULT = {"adult_safeguarding", "care_and_support"}
_STATUS_TAGS = {"missing": "MISSING", "deceased": "DIED", "excluded": "SCHOOL"}
_KIND = {"warning": "WARNING", "plan": "PLAN", "need": "NEED", "status": "STATUS"}
_KIND_WORDS = {
    "warning": "A warning",
    "plan": "A plan is in force",
    "need": "A need",
    "criterion": "A criterion of a programme",
    "status": "A status",
}
NOT_SHARED = "no more than this is shared with you"


def line_of(place: AddressCard | Candidate | LinkedAddress) -> str:
    """An address as one line with its postcode."""
    if place.postcode and place.postcode not in place.line:
        return f"{place.line} {place.postcode}"
    return place.line


def age_of(person: PersonRef) -> str:
    """`34`, `33 or 34`, `between 30 and 40`; empty if nothing is known."""
    if person.age is None:
        return ""
    if person.age_to is None or person.age_to == person.age:
        return str(person.age)
    if person.age_to == person.age + 1:
        return f"{person.age} or {person.age_to}"
    return f"between {person.age} and {person.age_to}"


def name_of(person: PersonRef) -> str:
    """`Mia Carter, 34`."""
    age = age_of(person)
    return f"{person.name}, {age}" if age else person.name


def named(person: PersonRef) -> Named:
    return Named(name=name_of(person), person_id=person.person_id, part=part_of(person.role))


def part_of(role: str | None) -> str:
    """The part somebody played; whom a contact is about needs no words."""
    return "" if role == "subject" else code(role, "involvement", missing="").lower()


def desk_of(entry: ContactLine) -> str:
    """`Walsall Housing, Neighbourhood team`: the agency and its service."""
    return f"{entry.agency_label}, {entry.service}" if entry.service else entry.agency_label


def listed(entries: Iterable[str]) -> str:
    """`police, NHS and housing`."""
    found = list(dict.fromkeys(entries))
    if len(found) < 2:
        return "".join(found)
    return f"{', '.join(found[:-1])} and {found[-1]}"


def who(sources: Sequence[Source]) -> str:
    """`police`, or `police, NHS and housing agree`."""
    names = list(dict.fromkeys(source.label for source in sources))
    return f"{listed(names)} agree" if len(names) > 1 else listed(names)


def elsewhere(source: Source) -> Elsewhere:
    return Elsewhere(agency=source.label, ring=source.ring or "")


def alert(entry: IndicatorLine) -> Alert:
    """A warning, plan or status as the page heads it."""
    tag = _STATUS_TAGS.get(entry.code or "", _KIND.get(entry.kind, "NOTE"))
    tone = "danger" if entry.kind == "warning" or tag == "MISSING" else "notice"
    if entry.kind == "plan" and entry.code in _CHILD:
        tag, tone = "CHILD", "child"
    elif entry.kind == "plan" and entry.code in _ADULT:
        tag = "ADULT"
    severity = code(entry.severity, "severity", missing="").lower()
    parts = [f"severity {severity}" if severity else "", NOT_SHARED if entry.is_headline else ""]
    if entry.valid_to is not None:
        parts.append(f"until {day(entry.valid_to)}")
    return Alert(
        tag=tag,
        tone=tone,
        what=indicator_words(entry),
        about=name_of(entry.person) if entry.person else "",
        person_id=entry.person.person_id if entry.person else None,
        agency=entry.agency_label,
        since=entry.valid_from,
        detail=" · ".join(part for part in parts if part),
        ring=entry.ring,
    )


def indicator_words(entry: IndicatorLine) -> str:
    """`Violent: visit in pairs`, or what kind of thing it is if no more is shared."""
    if not entry.code:
        return _KIND_WORDS.get(entry.kind, "Something recorded")
    label = code(entry.code, entry.kind)
    return f"{label}: {entry.value}" if entry.value and entry.value != label else label


def concern(entry: ContactLine) -> Concern:
    """A contact, or several alike, as one entry of a list."""
    place = f"At {line_of(entry.address)}" if entry.address else ""
    parts = [place, entry.summary or "", NOT_SHARED if entry.is_headline else ""]
    return Concern(
        what=code(entry.category, "contact_category"),
        agency=desk_of(entry),
        on=entry.on_date,
        since=entry.first_on if entry.times > 1 else None,
        times=entry.times,
        status=code(entry.status, "contact_status", missing=""),
        severity=code(entry.severity, "severity", missing=""),
        people=[named(person) for person in entry.people],
        detail=". ".join(part.rstrip(".") for part in parts if part),
        reference=entry.reference or "",
        ring=entry.ring,
        nobody=entry.nobody_named,
    )


def period(since: dt.date | None, until: dt.date | None, *, current: bool) -> str:
    """`since 3 Feb 2025`, `3 Mar 2022 to 5 Jan 2025`, `until 5 Jan 2025`."""
    if current:
        return f"since {day(since)}" if since else "since when is not known"
    if since and until:
        return f"{day(since)} to {day(until)}"
    if until:
        return f"until {day(until)}"
    return f"from {day(since)}, until when is not known" if since else "when is not known"
