"""The six told stories: fixed people and addresses that every area has.

Invariant: what is told here is all that any agency knows of these people and addresses; nobody
else lives there. The dates are those of an area made as of 2 November 2026 and move with it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

TOLD_ON = dt.date(2026, 11, 2)


@dataclass(frozen=True, kw_only=True)
class Someone:
    """A person of a story; `stays` are (place, first day, last day or None)."""

    who: str
    given: str
    family: str
    born: str
    sex: str
    stays: tuple[tuple[str, str, str | None], ...]
    middle: str = ""
    died: str | None = None
    parents: tuple[str, ...] = ()
    partner: str = ""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A record that a system holds of a person, as it knew them on a day."""

    system: str
    who: str
    on: str
    without: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Happened:
    """A contact; `who` are (person, role)."""

    system: str
    category: str
    at: str
    on: str
    summary: str
    status: str = "closed"
    severity: str = ""
    who: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Holds:
    """A warning, plan or other indicator."""

    system: str
    kind: str
    code: str
    since: str
    at: str
    who: str = ""
    until: str | None = None
    severity: str = ""
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class Story:
    """A story: what a practitioner asks at `place`, and what must appear."""

    number: int
    title: str
    ask: str
    place: str
    must: tuple[tuple[str, str], ...]
    people: tuple[Someone, ...] = ()
    records: tuple[Seen, ...] = ()
    contacts: tuple[Happened, ...] = ()
    facts: tuple[Holds, ...] = ()
    links: tuple[str, ...] = field(default=())


PLACES: dict[str, dict[str, str]] = {
    "calls": {"number": "12", "street": "Alder Road"},
    "family": {"number": "31", "street": "Larchwood Grove"},
    "before": {"number": "14", "street": "Beechcombe Lane"},
    "two": {"number": "5", "street": "Quarry Bank Rise"},
    "alone": {"number": "9", "street": "Chapel Garth"},
    "home": {"number": "40", "street": "Millrace Row"},
    "elsewhere": {
        "flat": "Flat 3",
        "number": "18",
        "street": "Station Parade",
        "block": "1",
    },
    "tenant": {"number": "2", "street": "Orchard Steps"},
}

POSTCODES: dict[str, dict[str, str]] = {
    "walsall": {
        "calls": "WS1 1AA",
        "family": "WS2 0AA",
        "before": "WS3 1AA",
        "two": "WV13 1AA",
        "alone": "WS9 0AA",
        "home": "WS2 0BP",
        "elsewhere": "WS1 1EH",
        "tenant": "WS3 1BP",
    },
    "north_somerset": {
        "calls": "BS23 1AA",
        "family": "BS22 0AH",
        "before": "BS23 1BP",
        "two": "BS21 5AB",
        "alone": "BS48 1AB",
        "home": "BS22 0BQ",
        "elsewhere": "BS23 1AG",
        "tenant": "BS48 1BQ",
    },
    "gwent": {
        "calls": "NP44 1AA",
        "family": "NP4 0DE",
        "before": "NP44 1BQ",
        "two": "CF83 1AA",
        "alone": "NP12 0AH",
        "home": "NP23 4AA",
        "elsewhere": "NP23 4BQ",
        "tenant": "CF83 1BP",
    },
}

_NOISE = (
    ("2026-06-06", "Neighbour at number 10 reports music and banging after midnight"),
    ("2026-06-20", "Neighbour reports shouting, second call this month"),
    ("2026-07-04", "Neighbour reports people coming and going all night"),
    ("2026-07-18", "Music, bass through the wall until four"),
    ("2026-08-08", "Neighbour reports shouting and a child crying"),
    ("2026-08-29", "Neighbour keeps a diary, twelve nights in August"),
    ("2026-09-12", "Banging, door slammed repeatedly"),
    ("2026-10-03", "Neighbour reports shouting and something thrown"),
    ("2026-10-24", "Neighbour afraid to complain in person"),
)

CALLS = Story(
    number=1,
    title="A neighbour's repeated calls about an address where nobody is known",
    ask="A health visitor is about to knock at an address that no agency has a person for.",
    place="calls",
    must=(
        ("housing", "nine noise reports by a neighbour since June 2026, the latest still open"),
        ("police", "two reports of anti-social behaviour, one of them open"),
        ("", "nobody is recorded as living there"),
    ),
    contacts=(
        *(
            Happened(
                system="housing",
                category="noise",
                at="calls",
                on=on,
                summary=summary,
                status="open" if on > "2026-10-01" else "closed",
                severity="low",
            )
            for on, summary in _NOISE
        ),
        Happened(
            system="police",
            category="anti_social_behaviour",
            at="calls",
            on="2026-08-29",
            summary="Third party reports shouting next door, quiet on arrival, no reply",
            status="no_further_action",
            severity="low",
        ),
        Happened(
            system="police",
            category="anti_social_behaviour",
            at="calls",
            on="2026-10-24",
            summary="Same caller, shouting and a bang, nobody came to the door",
            status="open",
            severity="medium",
        ),
    ),
)

PARTNER = Story(
    number=2,
    title="A partner with earlier domestic abuse who moved in with another family",
    ask="A social worker visits a mother of two and does not know who else lives there.",
    place="family",
    must=(
        ("nhs", "Corin Thackwray has lived there since February 2026"),
        ("police", "domestic abuse at 14 Beechcombe Lane 2023 to 2025, Thackwray the suspect"),
        ("police", "warning: domestic abuse perpetrator"),
        ("education", "two children live there, Tamsin and Jory Hallowen"),
        ("children", "early help plan for Tamsin Hallowen"),
    ),
    people=(
        Someone(
            who="corin",
            given="Corin",
            middle="Dale",
            family="Thackwray",
            born="1985-03-22",
            sex="male",
            stays=(("before", "2019-05-01", "2026-02-09"), ("family", "2026-02-10", None)),
            partner="merrin",
        ),
        Someone(
            who="philippa",
            given="Philippa",
            family="Ostrander",
            born="1987-11-02",
            sex="female",
            stays=(("before", "2019-05-01", None),),
        ),
        Someone(
            who="merrin",
            given="Merrin",
            middle="Jane",
            family="Hallowen",
            born="1990-07-15",
            sex="female",
            stays=(("family", "2017-08-12", None),),
        ),
        Someone(
            who="tamsin",
            given="Tamsin",
            family="Hallowen",
            born="2016-02-28",
            sex="female",
            stays=(("family", "2017-08-12", None),),
            parents=("merrin",),
        ),
        Someone(
            who="jory",
            given="Jory",
            family="Hallowen",
            born="2019-09-30",
            sex="male",
            stays=(("family", "2019-09-30", None),),
            parents=("merrin",),
        ),
    ),
    records=(
        Seen(system="police", who="corin", on="2025-01-14"),
        Seen(system="police", who="philippa", on="2025-01-14"),
        Seen(system="pds", who="corin", on="2026-02-20"),
        Seen(system="pds", who="merrin", on="2018-01-10"),
        Seen(system="pds", who="tamsin", on="2018-01-10"),
        Seen(system="pds", who="jory", on="2019-10-20"),
        Seen(system="education", who="tamsin", on="2026-09-03"),
        Seen(system="education", who="jory", on="2026-09-03"),
        Seen(system="children", who="tamsin", on="2026-03-02", without=("nhs",)),
        Seen(system="children", who="merrin", on="2026-03-02", without=("nhs",)),
        Seen(system="housing", who="philippa", on="2024-06-01"),
    ),
    contacts=(
        Happened(
            system="police",
            category="domestic_abuse",
            at="before",
            on="2023-05-20",
            summary="Assault by partner, injury to wrist, no complaint made",
            severity="medium",
            who=(("philippa", "victim"), ("corin", "suspect")),
        ),
        Happened(
            system="police",
            category="domestic_abuse",
            at="before",
            on="2024-09-07",
            summary="Strangulation reported, arrested, later withdrawn",
            severity="high",
            who=(("philippa", "victim"), ("corin", "suspect")),
        ),
        Happened(
            system="police",
            category="domestic_abuse",
            at="before",
            on="2025-01-14",
            summary="Breach of bail, at the address again",
            severity="high",
            who=(("philippa", "victim"), ("corin", "suspect")),
        ),
        Happened(
            system="children",
            category="referral",
            at="family",
            on="2026-09-21",
            summary="School: child withdrawn, says she must be quiet at home",
            status="open",
            severity="medium",
            who=(("tamsin", "subject"),),
        ),
    ),
    facts=(
        Holds(
            system="police",
            kind="warning",
            code="domestic_abuse_perpetrator",
            since="2024-09-08",
            at="before",
            who="corin",
            severity="high",
        ),
        Holds(
            system="children",
            kind="plan",
            code="early_help",
            since="2026-10-01",
            at="family",
            who="tamsin",
        ),
    ),
)
NAMESAKES = Story(
    number=3,
    title="Father and son of one name, one of them dangerous",
    ask="A housing officer visits Mr Wexcombe about a repair. Which Mr Wexcombe is violent?",
    place="two",
    must=(
        (
            "police",
            "warnings for violence and weapons on the son, born 1994, and not on the father",
        ),
        ("housing", "the father, born 1968, is the tenant"),
        ("nhs", "two people of one name at the address"),
    ),
    people=(
        Someone(
            who="father",
            given="Ambrose",
            family="Wexcombe",
            born="1968-04-09",
            sex="male",
            stays=(("two", "1998-03-16", None),),
        ),
        Someone(
            who="son",
            given="Ambrose",
            family="Wexcombe",
            born="1994-09-04",
            sex="male",
            stays=(("two", "1998-03-16", None),),
            parents=("father",),
        ),
    ),
    records=(
        Seen(system="police", who="son", on="2026-07-30"),
        Seen(system="pds", who="father", on="2015-05-05"),
        Seen(system="pds", who="son", on="2015-05-05"),
        Seen(system="housing", who="father", on="2020-02-01"),
        Seen(system="emergency", who="father", on="2026-05-19"),
    ),
    contacts=(
        Happened(
            system="police",
            category="violence",
            at="two",
            on="2026-07-30",
            summary="Threatened a caller at the door with a machete",
            status="ongoing",
            severity="high",
            who=(("son", "suspect"),),
        ),
        Happened(
            system="housing",
            category="property_condition",
            at="two",
            on="2026-10-19",
            summary="Boiler not working, tenant asks for a visit",
            status="open",
            who=(("father", "subject"),),
        ),
        Happened(
            system="emergency",
            category="emergency_attendance",
            at="two",
            on="2026-05-19",
            summary="Laceration to forearm",
            who=(("father", "subject"),),
        ),
    ),
    facts=(
        Holds(
            system="police",
            kind="warning",
            code="violent",
            since="2025-12-11",
            at="two",
            who="son",
            severity="high",
        ),
        Holds(
            system="police",
            kind="warning",
            code="weapons",
            since="2026-07-30",
            at="two",
            who="son",
            severity="high",
        ),
    ),
)
FALLS = Story(
    number=4,
    title="An older person living alone with three falls known to three agencies",
    ask="A district nurse wonders whether this was the first fall.",
    place="alone",
    must=(
        ("nhs", "emergency attendance after a fall, 11 August 2026"),
        ("adults", "contact about a fall, 14 September 2026 (existence only to others)"),
        ("fire", "lifted from the floor after a fall, 17 October 2026"),
        ("", "Winifred Tregarthen lives alone as recorded"),
    ),
    people=(
        Someone(
            who="winifred",
            given="Winifred",
            middle="Olive",
            family="Tregarthen",
            born="1938-12-19",
            sex="female",
            stays=(("alone", "1971-06-01", None),),
        ),
    ),
    records=(
        Seen(system="pds", who="winifred", on="2014-03-03"),
        Seen(system="emergency", who="winifred", on="2026-08-11"),
        Seen(system="adults", who="winifred", on="2026-09-14"),
        Seen(system="fire", who="winifred", on="2026-10-17"),
    ),
    contacts=(
        Happened(
            system="emergency",
            category="fall",
            at="alone",
            on="2026-08-11",
            summary="Fall in the kitchen, bruised hip, discharged",
            who=(("winifred", "subject"),),
        ),
        Happened(
            system="adults",
            category="fall",
            at="alone",
            on="2026-09-14",
            summary="Neighbour found her on the path, declined a visit",
            severity="medium",
            status="open",
            who=(("winifred", "subject"),),
        ),
        Happened(
            system="fire",
            category="fall",
            at="alone",
            on="2026-10-17",
            summary="Assist to lift, on the floor two hours, door forced",
            severity="medium",
            who=(("winifred", "subject"),),
        ),
    ),
    facts=(
        Holds(
            system="adults",
            kind="status",
            code="lives_alone",
            since="2026-09-14",
            at="alone",
            who="winifred",
        ),
    ),
)
TEENAGER = Story(
    number=5,
    title="A teenager who is missing, excluded and at another address",
    ask="Police look for a girl of sixteen who did not come home.",
    place="home",
    must=(
        ("police", "Kezia Marlowe-Finch reported missing on 28 October 2026, open"),
        ("education", "excluded from school since 21 September 2026"),
        ("housing", "recorded at Flat 3, 18 Station Parade since 5 October 2026"),
    ),
    links=("elsewhere",),
    people=(
        Someone(
            who="kezia",
            given="Kezia",
            middle="Rae",
            family="Marlowe-Finch",
            born="2010-05-17",
            sex="female",
            stays=(("home", "2012-04-02", "2026-10-04"), ("elsewhere", "2026-10-05", None)),
            parents=("odette",),
        ),
        Someone(
            who="odette",
            given="Odette",
            family="Marlowe-Finch",
            born="1982-01-25",
            sex="female",
            stays=(("home", "2012-04-02", None),),
        ),
        Someone(
            who="lennox",
            given="Lennox",
            family="Adeyemi-Brand",
            born="2001-08-08",
            sex="male",
            stays=(("elsewhere", "2025-03-17", None),),
        ),
    ),
    records=(
        Seen(system="police", who="kezia", on="2026-09-30"),
        Seen(system="police", who="lennox", on="2026-06-15"),
        Seen(system="education", who="kezia", on="2026-09-21"),
        Seen(system="pds", who="kezia", on="2014-06-06"),
        Seen(system="pds", who="odette", on="2014-06-06"),
        Seen(system="housing", who="lennox", on="2025-03-17"),
        Seen(system="housing", who="kezia", on="2026-10-12"),
    ),
    contacts=(
        Happened(
            system="police",
            category="missing",
            at="home",
            on="2026-10-28",
            summary="Not home since Monday, phone off, third time this year",
            status="open",
            severity="high",
            who=(("kezia", "subject"),),
        ),
        Happened(
            system="police",
            category="exploitation",
            at="elsewhere",
            on="2026-06-15",
            summary="Young people carrying for an older group, flat used",
            status="ongoing",
            severity="high",
            who=(("lennox", "suspect"),),
        ),
        Happened(
            system="education",
            category="school_exclusion",
            at="home",
            on="2026-09-21",
            summary="Permanent exclusion, cannabis in school",
            status="open",
            who=(("kezia", "subject"),),
        ),
    ),
    facts=(
        Holds(
            system="police",
            kind="status",
            code="missing",
            since="2026-10-28",
            at="home",
            who="kezia",
            severity="high",
        ),
        Holds(
            system="education",
            kind="status",
            code="excluded",
            since="2026-09-21",
            at="home",
            who="kezia",
        ),
    ),
)
DEATH = Story(
    number=6,
    title="A death known only to health",
    ask="Housing is about to write to Mr Penhallurick about arrears.",
    place="tenant",
    must=(
        ("nhs", "Horace Penhallurick died on 14 August 2026"),
        ("housing", "still the tenant, two months in arrears"),
        ("adults", "a care and support plan is still open (existence only to others)"),
    ),
    people=(
        Someone(
            who="horace",
            given="Horace",
            middle="Edwin",
            family="Penhallurick",
            born="1941-06-23",
            sex="male",
            stays=(("tenant", "2004-10-11", "2026-08-14"),),
            died="2026-08-14",
        ),
    ),
    records=(
        Seen(system="pds", who="horace", on="2016-01-20"),
        Seen(system="housing", who="horace", on="2022-04-04", without=("middle",)),
        Seen(system="adults", who="horace", on="2026-01-12"),
    ),
    contacts=(
        Happened(
            system="housing",
            category="rent_arrears",
            at="tenant",
            on="2026-10-20",
            summary="Two months in arrears, no answer to letters",
            status="open",
            who=(("horace", "subject"),),
        ),
    ),
    facts=(
        Holds(
            system="adults",
            kind="plan",
            code="care_and_support",
            since="2025-11-03",
            at="tenant",
            who="horace",
        ),
    ),
)

STORIES = (CALLS, PARTNER, NAMESAKES, FALLS, TEENAGER, DEATH)


def fixed_dwellings(area: str) -> list[dict[str, str]]:
    """The stories' dwellings in an area, in the order of PLACES."""
    return [{**place, "postcode": POSTCODES[area][name]} for name, place in PLACES.items()]
