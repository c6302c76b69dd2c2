"""Answers made by hand: 12 Alder Road and the people of it, all invented, some hostile.

Ids are opaque as in the product; `EVIL` is what a hostile source might send as a name.
"""

from __future__ import annotations

import datetime as dt

from graph import (
    AddressCard,
    AddressCheck,
    Candidate,
    ContactLine,
    EgoLink,
    EgoNetwork,
    EgoNode,
    IdentityField,
    IndicatorLine,
    JoinedRecord,
    LinkedAddress,
    Occupant,
    PersonAddress,
    PersonRef,
    PersonView,
    Relationship,
    SaidValue,
    Source,
    SystemRow,
)

EVIL = "<img src=x onerror=window.hurt=1></script><script>window.hurt=2</script>"
POLICE = Source(agency_id="police", label="West Midlands Police", ring="Unit 01632 960101")
CHILDREN = Source(agency_id="children", label="Children's services", ring="J. Hale 01632 960202")
HOUSING = Source(agency_id="housing", label="Walsall Housing", ring="01632 960606")
ADULTS = Source(agency_id="adults", label="Adults' services", ring="Access team 01632 960303")
ALDER = AddressCard(
    address_id="a_alder", line="12 Alder Road, Walsall", uprn="100071234567", kind="dwelling"
)
BEECH = AddressCard(address_id="a_beech", line="14 Beech Lane", postcode="WS2 7PD")
MIA = PersonRef(person_id="p_mia", name="Mia Carter", age=34, age_to=34)
JAY = PersonRef(person_id="p_jay", name="Jay Carter", age=6, age_to=6)
DEAN = PersonRef(person_id="p_dean", name="Dean Moss", age=40, age_to=41)


def indicator(
    key: str, kind: str, code: str | None, source: Source, **more: object
) -> IndicatorLine:
    values: dict[str, object] = {
        "value": None,
        "severity": None,
        "valid_from": dt.date(2026, 3, 3),
        "valid_to": None,
        "in_force": True,
    }
    return IndicatorLine(
        indicator_id=key,
        kind=kind,
        code=code,
        agency_id=source.agency_id,
        agency_label=source.label,
        ring=source.ring,
        **{**values, **more},  # type: ignore[arg-type]
    )


def contact(key: str, category: str, source: Source, **more: object) -> ContactLine:
    values: dict[str, object] = {
        "on_date": dt.date(2026, 10, 12),
        "first_on": None,
        "times": 1,
        "is_open": False,
        "status": "closed",
        "service": None,
        "severity": None,
        "reference": None,
        "summary": None,
    }
    return ContactLine(
        contact_id=key,
        category=category,
        agency_id=source.agency_id,
        agency_label=source.label,
        ring=source.ring,
        **{**values, **more},  # type: ignore[arg-type]
    )


WARNING = indicator(
    "i_violent", "warning", "violent", POLICE, value="visit in pairs", severity="high", person=DEAN
)
PLAN = indicator("i_plan", "plan", "child_protection", CHILDREN, person=JAY)
ABUSE = contact(
    "c_abuse",
    "domestic_abuse",
    POLICE,
    is_open=True,
    status="ongoing",
    severity="high",
    people=(MIA,),
)
NOISE = contact(
    "c_noise",
    "noise",
    HOUSING,
    is_open=True,
    status="open",
    times=9,
    first_on=dt.date(2026, 6, 1),
    nobody_named=True,
)
OLD = contact("c_old", "welfare_check", POLICE, on_date=None, status=None)


def resident(person: PersonRef, *sources: Source, **more: object) -> Occupant:
    values: dict[str, object] = {
        "since": dt.date(2025, 2, 3),
        "until": None,
        "current": True,
        "confirmed_on": dt.date(2026, 11, 1),
        "certainty": "certain: NHS number",
    }
    return Occupant(person=person, sources=sources, **{**values, **more})  # type: ignore[arg-type]


def alder(**more: object) -> AddressCheck:
    """The address check of 12 Alder Road."""
    jay = resident(JAY, CHILDREN, is_child=True, plans=(PLAN,))
    dean = resident(
        DEAN, POLICE, current=False, until=dt.date(2026, 1, 5), since=None, reasons=(ABUSE,)
    )
    values: dict[str, object] = {
        "address": ALDER,
        "warnings": (WARNING,),
        "plans": (PLAN,),
        "open_contacts": (ABUSE, NOISE),
        "contacts": (ABUSE, NOISE, OLD),
        "children_here": (jay,),
        "occupants_now": (resident(MIA, POLICE, HOUSING), jay),
        "occupants_before": (dean,),
        "existence": (ADULTS,),
        "linked_addresses": (
            LinkedAddress(
                address_id="a_beech", line=BEECH.line, postcode=BEECH.postcode, why="same adult"
            ),
        ),
    }
    return AddressCheck(**{**values, **more})  # type: ignore[arg-type]


def candidates() -> AddressCheck:
    return AddressCheck(
        candidates=(
            Candidate(
                address_id="a_flata", line="Flat 1, 12 Alder Road", why="a flat of number 12"
            ),
            Candidate(address_id="a_flatb", line="Flat 2, 12 Alder Road", postcode="WS1 1AA"),
        )
    )


def dean() -> PersonView:
    """A person whose name two agencies have differently."""
    return PersonView(
        person_id="p_dean",
        heading="Dean Moss",
        person=DEAN,
        identity=(
            IdentityField(
                field_name="full_name",
                values=(
                    SaidValue(value="Dean Moss", sources=(POLICE,), since=dt.date(2026, 3, 3)),
                    SaidValue(value="Dene Moss", sources=(HOUSING,), since=None),
                ),
            ),
            IdentityField(
                field_name="birth_date",
                values=(SaidValue(value="1985-03", sources=(POLICE,), since=None),),
            ),
            IdentityField(
                field_name="nhs_number",
                values=(SaidValue(value="9990000018", sources=(CHILDREN,), since=None),),
            ),
        ),
        indicators=(WARNING,),
        open_contacts=(ABUSE,),
        timeline=(
            contact("c_abuse", "domestic_abuse", POLICE, role="suspect", address=ALDER),
            contact("c_rent", "rent_arrears", HOUSING, on_date=dt.date(2019, 1, 2)),
            OLD,
        ),
        addresses=(
            PersonAddress(
                address=ALDER,
                since=dt.date(2022, 3, 1),
                until=None,
                current=False,
                sources=(POLICE,),
                people=(MIA,),
            ),
        ),
        relationships=(
            Relationship(person=JAY, relation="child", stated=True, sources=(CHILDREN,)),
            Relationship(person=MIA, relation="lived_with", stated=False, sources=(POLICE,)),
        ),
        systems=(
            SystemRow(
                agency_id="police",
                agency_label="West Midlands Police",
                dataset="main",
                records=2,
                last_updated=dt.date(2026, 3, 3),
            ),
            SystemRow(
                agency_id="nhs", agency_label="Health", dataset="main", records=0, last_updated=None
            ),
        ),
        why=(
            JoinedRecord(
                record_id="r_one",
                agency_id="police",
                agency_label="West Midlands Police",
                dataset="main",
                words="same NHS number and date of birth",
                decided_by="rule",
                decided_on=dt.date(2026, 11, 2),
                probability=0.987,
            ),
            JoinedRecord(
                record_id="r_two",
                agency_id="housing",
                agency_label="Walsall Housing",
                dataset="main",
                words="same name, date of birth and postcode",
            ),
        ),
        existence=(ADULTS,),
    )


def network(centre: str = "a_alder", label: str = "Dean Moss, 40 or 41") -> EgoNetwork:
    """The links around an address, or around a person who was expanded."""
    if centre == "p_dean":
        return EgoNetwork(
            centre="p_dean",
            hops=1,
            nodes=(
                node("p_dean", "person", label, 0),
                node("a_alder", "address", "12 Alder Road, Walsall", 1),
                node("a_beech", "address", "14 Beech Lane WS2 7PD", 1),
                node("p_lee", "person", "Lee Moss, 19", 1),
            ),
            links=(
                link("p_dean", "a_alder", "lived_at", "lived here"),
                link("p_dean", "a_beech", "lives_at", "lives here"),
                link("p_dean", "p_lee", "parent", "parent of"),
            ),
        )
    return EgoNetwork(
        centre="a_alder",
        hops=2,
        nodes=(
            node("a_alder", "address", "12 Alder Road, Walsall", 0),
            node("p_mia", "person", "Mia Carter, 34", 1),
            node("p_jay", "person", "Jay Carter, 6", 1),
            node("p_dean", "person", label, 1),
            node("c_abuse", "contact", "Domestic abuse, 12 Oct 2026", 1),
            node("a_hostel", "address", "Bridge Hostel", 2, is_hub=True),
        ),
        links=(
            link("p_mia", "a_alder", "lives_at", "lives here", stated=False),
            link("p_jay", "a_alder", "lives_at", "lives here"),
            link("p_dean", "a_alder", "lived_at", "lived here", until=dt.date(2026, 1, 5)),
            link("p_mia", "p_jay", "parent", "parent of"),
            link("c_abuse", "a_alder", "at", "at"),
            link("p_mia", "c_abuse", "involved_in", "victim"),
            link("p_dean", "a_hostel", "lives_at", "lives here"),
        ),
    )


def node(key: str, kind: str, label: str, step: int, *, is_hub: bool = False) -> EgoNode:
    return EgoNode(
        key=key, kind=kind, label=label, step=step, is_hub=is_hub, agencies=("Police", "Housing")
    )


def link(
    source: str,
    target: str,
    kind: str,
    words: str,
    *,
    until: dt.date | None = None,
    stated: bool = True,
) -> EgoLink:
    return EgoLink(
        source=source,
        target=target,
        kind=kind,
        words=words,
        since=dt.date(2025, 2, 3),
        until=until,
        agencies=("Police",),
        stated=stated,
    )
