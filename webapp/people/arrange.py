"""Puts an answer about a person into the order of the page.

Invariant: values that differ stay side by side, each with who says it; a system that knows nothing
is a row of words, never a blank; a filter hides and says how many.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from governance.registration import Agency
from graph import (
    ContactLine,
    IdentityField,
    JoinedRecord,
    PersonAddress,
    PersonView,
    Relationship,
    SaidValue,
    SystemRow,
)
from records.codes import code_list
from webapp.addresses.page import Elsewhere
from webapp.fields import field_label, field_value
from webapp.people.page import Event, Fact, Lived, PersonPage, Relation, Said, System
from webapp.shown import code, counted, day
from webapp.wording import (
    NOT_SHARED,
    age_of,
    alert,
    concern,
    desk_of,
    elsewhere,
    line_of,
    listed,
    named,
    part_of,
    period,
    who,
)

Labels = Mapping[tuple[str, str], str]
"""(agency, dataset) -> how the system is called."""

_YEARS = {"1": 1, "2": 2, "5": 5}
_TOGETHER = {"lives_with": "Lives with them", "lived_with": "Lived with them"}


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """How the timeline is filtered; anything that is no code means no filter."""

    agency: str = ""
    category: str = ""
    years: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Chosen:
        category, years = query.get("category", ""), query.get("years", "")
        return cls(
            agency=query.get("agency", ""),
            category=category if category in code_list("contact_category") else "",
            years=years if years in _YEARS else "",
        )

    def admits(self, entry: ContactLine, today: dt.date) -> bool:
        """Whether the timeline shows this contact. A day that is not known is never too old."""
        first = today - dt.timedelta(days=366 * _YEARS[self.years]) if self.years else dt.date.min
        return (
            self.agency in {"", entry.agency_id}
            and self.category in {"", entry.category}
            and (entry.on_date is None or entry.on_date >= first)
        )


def arrange(
    view: PersonView, chosen: Chosen, labels: Labels, agencies: list[Agency], today: dt.date
) -> PersonPage:
    """The page of a person who was found."""
    shown = [entry for entry in view.timeline if chosen.admits(entry, today)]
    quoted = {entry.agency_id for entry in view.why}
    quoted |= {entry.agency_id for entry in view.timeline}
    quoted |= {entry.agency_id for entry in view.indicators}
    return PersonPage(
        person_id=view.person_id,
        name=view.heading,
        summary=_summary(view),
        alerts=[alert(entry) for entry in view.indicators if entry.in_force],
        open_concerns=[concern(entry) for entry in view.open_contacts],
        existence=[elsewhere(source) for source in view.existence],
        identity=[_fact(entry) for entry in view.identity if entry.values],
        timeline=_timeline(shown),
        hidden=len(view.timeline) - len(shown),
        agencies=sorted({(e.agency_id, e.agency_label) for e in view.timeline}),
        categories=sorted({(e.category, _category(e)) for e in view.timeline}),
        places=[_lived(entry) for entry in view.addresses],
        relations=[_relation(entry) for entry in view.relationships],
        systems=[_system(entry, labels) for entry in view.systems],
        why=[_why(entry, labels) for entry in view.why] if len(view.why) > 1 else [],
        wrong=[
            Elsewhere(agency=agency.label, ring=agency.ring)
            for agency in agencies
            if agency.agency_id in quoted
        ],
    )


def _summary(view: PersonView) -> str:
    said = {entry.field_name: entry.value for entry in view.identity if entry.values}
    born = said.get("birth_date")
    parts = [
        age_of(view.person) or "age not known",
        f"born {day(born)}" if born else "date of birth not known",
        code(said.get("sex"), "sex", missing=""),
        "recorded as dead" if view.dead else "",
        "must not be traced: tell nobody where they live" if view.restricted else "",
    ]
    return " · ".join(part for part in parts if part)


def _fact(entry: IdentityField) -> Fact:
    first, *others = entry.values
    return Fact(
        label=field_label(entry.field_name),
        value=field_value(entry.field_name, first.value),
        who=_said_by(first),
        others=[
            Said(value=field_value(entry.field_name, o.value), who=_said_by(o)) for o in others
        ],
    )


def _said_by(said: SaidValue) -> str:
    names = who(said.sources)
    return f"{names}; as of {day(said.since)}" if said.since else names


def _category(entry: ContactLine) -> str:
    return code(entry.category, "contact_category")


def _timeline(shown: list[ContactLine]) -> list[Event]:
    """The newest first; those whose day is not known stand at the end."""
    dated = sorted((e for e in shown if e.on_date), key=lambda e: e.on_date or dt.date.min)
    return [_event(e) for e in (*reversed(dated), *(e for e in shown if e.on_date is None))]


def _event(entry: ContactLine) -> Event:
    times = f" ({entry.times} times)" if entry.times > 1 else ""
    details = [entry.summary or "", NOT_SHARED if entry.is_headline else ""]
    place = entry.address
    return Event(
        on=entry.on_date,
        what=_category(entry) + times,
        agency=desk_of(entry),
        part=part_of(entry.role),
        status=code(entry.status, "contact_status", missing=""),
        reference=entry.reference or "",
        line=line_of(place) if place else "",
        address_id=place.address_id if place else None,
        detail=". ".join(part.rstrip(".") for part in details if part),
        ring=entry.ring,
    )


def _lived(entry: PersonAddress) -> Lived:
    return Lived(
        address_id=entry.address.address_id,
        line=line_of(entry.address),
        when=period(entry.since, entry.until, current=entry.current),
        who=who(entry.sources),
        current=entry.current,
        people=[named(person) for person in entry.people],
    )


def _relation(entry: Relationship) -> Relation:
    names = listed(source.label for source in entry.sources)
    age = age_of(entry.person)
    return Relation(
        name=f"{entry.person.name}, {age}" if age else entry.person.name,
        person_id=entry.person.person_id,
        what=_TOGETHER.get(entry.relation, code(entry.relation, "relation")),
        how=f"stated by {names}" if entry.stated else f"worked out from addresses ({names})",
    )


def _system(entry: SystemRow, labels: Labels) -> System:
    name = labels.get((entry.agency_id, entry.dataset), f"{entry.agency_label}, {entry.dataset}")
    if not entry.records:
        return System(label=name, words="– no record that you may see", touched="–")
    words = f"Yes, {counted(entry.records, 'record')}"
    return System(label=name, words=words, touched=day(entry.last_updated))


def _why(entry: JoinedRecord, labels: Labels) -> str:
    name = labels.get((entry.agency_id, entry.dataset), f"{entry.agency_label}, {entry.dataset}")
    parts = [f"{name}: {entry.words}"]
    if entry.decided_by:
        parts.append(f"decided by {entry.decided_by.replace('rule:', 'the rule ')}")
    if entry.decided_on:
        parts.append(f"on {day(entry.decided_on)}")
    if entry.probability is not None:
        parts.append(f"probability {entry.probability:.0%}")
    return ", ".join(parts) + "."
