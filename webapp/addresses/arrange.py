"""Puts an answer about an address into the order of its page.

Invariant: nothing of the answer is dropped and nothing is added but what the register says of the
agencies: who shares nothing here, who has sent nothing, whose last file is old.
"""

from __future__ import annotations

import datetime as dt

from governance.registration import Agency
from governance.viewer import Level, Viewer
from graph import AddressCheck, ContactLine, IndicatorLine
from graph import Occupant as Resident
from kith.desk import AddressAnswer
from records.codes import code_list
from webapp.addresses.page import AddressPage, Alert, Elsewhere, Linked, Occupant
from webapp.shown import ago, code, counted, day
from webapp.wording import (
    age_of,
    alert,
    concern,
    elsewhere,
    indicator_words,
    line_of,
    listed,
    name_of,
    period,
    who,
)

_OLD = dt.timedelta(days=7)
_STATUS = "status"


def arrange(
    answer: AddressAnswer, viewer: Viewer, agencies: list[Agency], now: dt.datetime
) -> AddressPage:
    """The page of an address that was found."""
    check = answer.check
    card = check.address
    assert card is not None
    open_ids = {entry.contact_id for entry in check.open_contacts}
    closed = [entry for entry in check.contacts if entry.contact_id not in open_ids]
    return AddressPage(
        address_id=card.address_id,
        line=line_of(card),
        uprn=card.uprn,
        kind=code(card.kind, "address_kind") if card.kind != "unknown" else "Kind not known",
        alerts=_alerts(check),
        open_concerns=[concern(entry) for entry in check.open_contacts],
        now=[occupant(entry) for entry in check.occupants_now],
        also=[alert(e) for e in check.other_indicators if e.in_force and e.kind != _STATUS],
        alone=check.living_alone or "",
        matters=[occupant(entry) for entry in check.occupants_before if entry.still_matters],
        before=[occupant(entry) for entry in check.occupants_before if not entry.still_matters],
        closed_concerns=[concern(entry) for entry in closed],
        existence=[elsewhere(source) for source in check.existence],
        linked=[
            Linked(address_id=entry.address_id, line=line_of(entry), why=entry.why)
            for entry in check.linked_addresses
        ],
        silence=silence(answer, viewer, agencies, now),
        wrong=_wrong(check, agencies),
    )


def _alerts(check: AddressCheck) -> list[Alert]:
    """Warnings first, then who is missing or dead, then children, then plans, then the rest."""
    statuses = [e for e in check.other_indicators if e.in_force and e.kind == _STATUS]
    missing = [entry for entry in statuses if entry.code == "missing"]
    rest = [entry for entry in statuses if entry.code != "missing"]
    plans = list(check.plans)
    children = _children(check, plans)
    return [
        *(alert(entry) for entry in check.warnings),
        *(alert(entry) for entry in missing),
        *_dead(check),
        *children,
        *(alert(entry) for entry in plans),
        *(alert(entry) for entry in rest),
    ]


def _dead(check: AddressCheck) -> list[Alert]:
    """Somebody recorded as dead whom an agency still has here: letters and visits go wrong."""
    return [
        Alert(
            tag="DIED",
            tone="notice",
            what=f"{entry.name} is recorded as dead",
            about=entry.name,
            person_id=entry.person_id,
            agency=f"still recorded here by {listed(source.label for source in entry.sources)}",
        )
        for entry in (*check.occupants_now, *check.occupants_before)
        if entry.dead and entry.until is None
    ]


def _children(check: AddressCheck, plans: list[IndicatorLine]) -> list[Alert]:
    """That children live here; one child's first plan stands in the same line."""
    here = check.children_here
    if not here:
        return []
    words = f"{counted(len(here), 'child lives', 'children live')} here"
    names = listed(name_of(child.person) for child in here)
    agencies = listed(source.label for child in here for source in child.sources)
    plan = here[0].plans[0] if len(here) == 1 and here[0].plans else None
    if plan is None:
        return [Alert(tag="CHILD", tone="child", what=words, about=names, agency=agencies)]
    plans[:] = [entry for entry in plans if entry.indicator_id != plan.indicator_id]
    found = alert(plan)
    plan_words = indicator_words(plan)
    return [
        Alert(
            tag="CHILD",
            tone="child",
            what=f"{words}: {plan_words[0].lower()}{plan_words[1:]}",
            about=names,
            person_id=here[0].person_id,
            agency=found.agency,
            since=found.since,
            detail=found.detail,
            ring=found.ring,
        )
    ]


def occupant(entry: Resident) -> Occupant:
    """Somebody at the address, in words."""
    notes = []
    if entry.dead:
        notes.append("Recorded as dead")
    notes += [reason(contact) for contact in entry.reasons]
    confirmed = f"last confirmed {day(entry.confirmed_on)}" if entry.confirmed_on else ""
    return Occupant(
        person_id=entry.person_id,
        name=entry.name,
        age=age_of(entry.person) or "age not known",
        since=period(entry.since, entry.until, current=entry.current),
        until=confirmed,
        agencies=[who(entry.sources)],
        certainty=entry.certainty,
        notes=notes,
    )


def reason(contact: ContactLine) -> str:
    """Why somebody who left still matters."""
    words = f"{code(contact.category, 'contact_category')} at this address, {day(contact.on_date)}"
    return f"{words} ({contact.agency_label})"


def candidates(check: AddressCheck) -> list[Linked]:
    """Addresses that may be meant, the most likely first as the answer has them."""
    return [
        Linked(address_id=entry.address_id, line=line_of(entry), why=entry.why)
        for entry in check.candidates
    ]


def searched(answer: AddressAnswer) -> list[str]:
    """The systems that were searched in vain, and how old what they sent is."""
    return [
        f"{source.agency_label}, {source.dataset_label} (sent {ago(source.loaded_on)})"
        for source in answer.sources
        if source.loaded_on is not None
    ]


def silence(
    answer: AddressAnswer, viewer: Viewer, agencies: list[Agency], now: dt.datetime
) -> list[str]:
    """What is not in the answer, agency by agency, and whose last file is old."""
    found = [*unsearched(answer, agencies), *_existence_only(viewer, agencies)]
    for source in answer.sources:
        if source.loaded_on is not None and now - source.loaded_on > _OLD:
            name = f"{source.agency_label}, {source.dataset_label}"
            found.append(f"{name}: last sent {ago(source.loaded_on)}.")
    return found or ["Every agency of this area shares with you, and each has sent within a week."]


def unsearched(answer: AddressAnswer, agencies: list[Agency]) -> list[str]:
    """Kinds of agency that the area lacks, those that share nothing, those that sent nothing."""
    kinds = {agency.kind for agency in agencies if agency.active}
    return [
        *(
            f"No {label[0].lower()}{label[1:]} data in this area."
            for kind, label in code_list("agency_kind").labels.items()
            if kind not in kinds and kind != "other"
        ),
        *_unshared(answer),
        *(
            f"{source.agency_label}, {source.dataset_label}: nothing has been sent yet."
            for source in answer.sources
            if source.loaded_on is None
        ),
    ]


def _existence_only(viewer: Viewer, agencies: list[Agency]) -> list[str]:
    """Agencies whose agreements let this viewer know only that they hold something."""
    levels: dict[str, set[Level]] = {}
    for key, grant in viewer.grants.items():
        levels.setdefault(key.split("|")[0], set()).add(grant.level)
    return [
        f"{agency.label} tells you only whether it holds something, and whom to ring."
        for agency in agencies
        if levels.get(agency.agency_id) == {Level.EXISTENCE}
    ]


def _unshared(answer: AddressAnswer) -> list[str]:
    """Agencies, or single systems of theirs, that share nothing with this viewer."""
    sharing = {source.agency for source in answer.sources}
    names = [
        f"{source.agency_label}, {source.dataset_label},"
        if source.agency in sharing
        else source.agency_label
        for source in answer.not_searched
    ]
    return [f"{name} shares nothing with you for this reason." for name in dict.fromkeys(names)]


def _wrong(check: AddressCheck, agencies: list[Agency]) -> list[Elsewhere]:
    """Whom to tell that something is wrong: the agencies that the answer quotes."""
    quoted = {entry.agency_id for entry in (*check.warnings, *check.plans)}
    quoted |= {entry.agency_id for entry in (*check.contacts, *check.open_contacts)}
    people = (*check.occupants_now, *check.occupants_before)
    quoted |= {source.agency_id for entry in people for source in entry.sources}
    return [
        Elsewhere(agency=agency.label, ring=agency.ring)
        for agency in agencies
        if agency.agency_id in quoted
    ]
