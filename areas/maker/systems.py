"""Which people each system holds, how well, and what it records about them.

Invariant: a system sees people by what its agency does (age, need, tenancy), never all and
never at random alone; this table is the area's character and nothing else is.
"""

from __future__ import annotations

from dataclasses import dataclass

from areas.maker.events import Diary, Kind, Mark
from areas.maker.faults import Faults


@dataclass(frozen=True, kw_only=True)
class System:
    """A system's share of the population, whom it holds, its faults and its diary."""

    share: float
    ages: tuple[int, int]
    need: float
    years: float
    faults: Faults
    diary: Diary
    twice: float = 0.0


POLICE = Diary(
    contacts_per_record=1.1,
    services=("Response", "Neighbourhood team", "Public protection unit"),
    rings=("Force control room 01632 960110", "PPU duty desk 01632 960101"),
    severities={"": 0.1, "low": 0.35, "medium": 0.4, "high": 0.15},
    kinds={
        "domestic_abuse": Kind(
            weight=17, ages=(17, 90), nobody=0.05, role="victim", others="suspect", repeats=0.12
        ),
        "violence": Kind(weight=10, ages=(14, 80), role="suspect"),
        "sexual_offence": Kind(weight=1.5, ages=(13, 70), role="victim"),
        "child_concern": Kind(weight=6, ages=(0, 18), nobody=0.15),
        "adult_concern": Kind(weight=5, ages=(60, 105)),
        "missing": Kind(weight=6, ages=(11, 18), nobody=0.0, repeats=0.2),
        "exploitation": Kind(weight=2, ages=(11, 18), nobody=0.0),
        "anti_social_behaviour": Kind(weight=16, ages=(12, 60), nobody=0.75, repeats=0.1),
        "noise": Kind(weight=8, nobody=0.95, repeats=0.15),
        "burglary_theft": Kind(weight=9, ages=(18, 100), role="victim", nobody=0.3),
        "drugs": Kind(weight=7, ages=(15, 60), role="suspect", nobody=0.3),
        "alcohol": Kind(weight=4, ages=(16, 80)),
        "mental_health": Kind(weight=6, ages=(14, 80)),
        "welfare_check": Kind(weight=5, ages=(18, 105), nobody=0.35),
    },
    marks=(
        Mark(kind="warning", code="violent", per_thousand=22, ages=(14, 75), severity="high"),
        Mark(kind="warning", code="weapons", per_thousand=9, ages=(13, 60), severity="high"),
        Mark(kind="warning", code="firearms", per_thousand=2, ages=(18, 60), severity="critical"),
        Mark(
            kind="warning",
            code="dangerous_dog",
            per_thousand=8,
            ages=(18, 80),
            address_only=0.7,
            severity="medium",
        ),
        Mark(
            kind="warning",
            code="drugs_present",
            per_thousand=9,
            ages=(16, 65),
            address_only=0.5,
            severity="medium",
        ),
        Mark(kind="warning", code="self_harm", per_thousand=10, ages=(12, 80), severity="medium"),
        Mark(
            kind="warning",
            code="domestic_abuse_perpetrator",
            per_thousand=14,
            ages=(18, 75),
            severity="high",
        ),
        Mark(kind="warning", code="escapes", per_thousand=3, ages=(13, 45), severity="low"),
        Mark(kind="plan", code="marac", per_thousand=5, ages=(16, 80), severity="high"),
        Mark(kind="plan", code="mappa", per_thousand=3, ages=(18, 75), severity="high"),
        Mark(kind="status", code="missing", per_thousand=1.2, ages=(11, 18), years=0.1),
    ),
)
CHILDREN = Diary(
    contacts_per_record=1.0,
    services=("Front door", "Assessment team", "Safeguarding team"),
    rings=("J. Hale 01632 960210", "R. Osei 01632 960221", "Duty worker 01632 960202"),
    kinds={
        "referral": Kind(weight=35, ages=(0, 18), nobody=0.0),
        "assessment": Kind(weight=25, ages=(0, 18), nobody=0.0),
        "child_concern": Kind(weight=25, ages=(0, 18), nobody=0.06),
        "strategy_discussion": Kind(weight=8, ages=(0, 18), nobody=0.0),
        "exploitation": Kind(weight=3, ages=(11, 18), nobody=0.0),
    },
    marks=(
        Mark(kind="plan", code="child_protection", per_thousand=45, ages=(0, 18), years=1.0),
        Mark(kind="plan", code="child_in_need", per_thousand=90, ages=(0, 18), years=1.2),
        Mark(kind="plan", code="looked_after", per_thousand=25, ages=(0, 18), years=3.0),
        Mark(kind="plan", code="early_help", per_thousand=80, ages=(0, 18), years=0.8),
        Mark(kind="plan", code="care_leaver", per_thousand=12, ages=(18, 25), years=3.0),
    ),
)
_ADULTS = Diary(
    contacts_per_record=1.2,
    services=("Contact centre", "Locality team", "Hospital discharge team"),
    rings=("Adult safeguarding desk 01632 960303", "Locality duty 01632 960311"),
    kinds={
        "adult_concern": Kind(weight=25, ages=(18, 110), nobody=0.05),
        "assessment": Kind(weight=35, ages=(18, 110), nobody=0.0),
        "fall": Kind(weight=15, ages=(65, 110), nobody=0.0),
        "hoarding": Kind(weight=4, ages=(30, 110), nobody=0.1),
        "welfare_check": Kind(weight=8, ages=(18, 110), nobody=0.15),
        "mental_health": Kind(weight=8, ages=(18, 110), nobody=0.0),
    },
    marks=(
        Mark(kind="plan", code="care_and_support", per_thousand=300, ages=(18, 110), years=3.0),
        Mark(kind="plan", code="adult_safeguarding", per_thousand=45, ages=(18, 110), years=0.6),
        Mark(kind="need", code="physical_support", per_thousand=240, ages=(18, 110), years=4.0),
        Mark(kind="need", code="memory_cognition", per_thousand=90, ages=(65, 110), years=4.0),
        Mark(kind="need", code="mental_health_support", per_thousand=80, ages=(18, 75), years=3.0),
        Mark(kind="need", code="learning_disability", per_thousand=60, ages=(18, 75), years=5.0),
        Mark(kind="status", code="lives_alone", per_thousand=110, ages=(65, 110), years=4.0),
        Mark(kind="warning", code="visit_in_pairs", per_thousand=12, ages=(18, 80)),
    ),
)
_EDUCATION = Diary(
    contacts_per_record=0.35,
    services=("Attendance", "Inclusion"),
    rings=("Education inclusion 01632 960404",),
    since_years=3.0,
    kinds={
        "school_attendance": Kind(weight=55, ages=(5, 17), nobody=0.0),
        "school_exclusion": Kind(weight=15, ages=(8, 17), nobody=0.0, repeats=0.1),
        "behaviour": Kind(weight=30, ages=(5, 17), nobody=0.0),
    },
    marks=(
        Mark(kind="status", code="excluded", per_thousand=8, ages=(9, 17), years=0.3),
        Mark(kind="plan", code="education_health_care", per_thousand=38, ages=(5, 19), years=4.0),
    ),
)
EMERGENCY = Diary(
    contacts_per_record=1.5,
    services=("Emergency department", "Minor injuries unit"),
    rings=("ED safeguarding nurse 01632 960515",),
    since_years=4.0,
    kinds={
        "emergency_attendance": Kind(weight=65, nobody=0.0),
        "fall": Kind(weight=15, ages=(60, 110), nobody=0.0),
        "self_harm": Kind(weight=5, ages=(12, 80), nobody=0.0),
        "alcohol": Kind(weight=6, ages=(15, 85), nobody=0.0),
        "drugs": Kind(weight=4, ages=(14, 60), nobody=0.0),
        "admission": Kind(weight=8, nobody=0.0),
    },
)
_NOTHING = Diary(contacts_per_record=0.0, kinds={}, services=("",), rings=("",))
_HOUSING = Diary(
    contacts_per_record=0.5,
    services=("Tenancy", "Neighbourhood", "Options"),
    rings=("Tenancy support 01632 960606", "Neighbourhood officer 01632 960616"),
    kinds={
        "noise": Kind(weight=20, ages=(18, 100), nobody=0.85, repeats=0.25),
        "anti_social_behaviour": Kind(weight=18, ages=(16, 80), nobody=0.6, repeats=0.1),
        "rent_arrears": Kind(weight=28, ages=(18, 90), nobody=0.0),
        "homelessness": Kind(weight=8, ages=(17, 70), nobody=0.0),
        "property_condition": Kind(weight=20, nobody=0.4),
        "hoarding": Kind(weight=3, ages=(30, 100), nobody=0.1),
    },
    marks=(
        Mark(kind="warning", code="visit_in_pairs", per_thousand=10, ages=(18, 80)),
        Mark(kind="warning", code="dangerous_dog", per_thousand=7, ages=(18, 80), address_only=0.6),
    ),
)
_FIRE = Diary(
    contacts_per_record=1.1,
    services=("Prevention", "Operations"),
    rings=("Safe and well team 01632 960707",),
    kinds={
        "home_fire_safety": Kind(weight=50, ages=(18, 110), nobody=0.25),
        "fire": Kind(weight=25, ages=(18, 110), nobody=0.7),
        "fall": Kind(weight=8, ages=(65, 110), nobody=0.2),
        "hoarding": Kind(weight=8, ages=(30, 110), nobody=0.35),
    },
    marks=(
        Mark(kind="warning", code="fire_risk", per_thousand=90, ages=(18, 110), address_only=0.5),
    ),
)

PDS_FAULTS = Faults(
    typing=0.008,
    phonetic=0.004,
    nickname=0.006,
    swapped_names=0.002,
    initial=0.0,
    middle_missing=0.1,
    middle_initial=0.03,
    old_surname=0.09,
    day_month=0.004,
    birth_typing=0.008,
    birth_default=0.0,
    birth_missing=0.0,
    sex_missing=0.0,
    postcode_missing=0.004,
    flat_missing=0.08,
    uprn_missing=1.0,
    nhs_missing=0.0,
    nhs_other=0.0,
    nhs_typing=0.0,
    phone_missing=0.45,
)

SEVEN: dict[str, System] = {
    "pds": System(
        share=0.60, ages=(0, 110), need=0.0, years=11.0, faults=PDS_FAULTS, diary=_NOTHING
    ),
    "emergency": System(
        share=0.20,
        ages=(0, 110),
        need=0.5,
        years=6.0,
        faults=Faults(
            number_wrong=0.02,
            postcode_missing=0.05,
            typing=0.044,
            phonetic=0.034,
            nickname=0.05,
            birth_typing=0.026,
            birth_missing=0.03,
            nhs_missing=0.38,
            swapped_names=0.01,
            nhs_other=0.006,
            uprn_missing=1.0,
        ),
        diary=EMERGENCY,
        twice=0.04,
    ),
    "police": System(
        share=0.26,
        ages=(10, 90),
        need=1.6,
        years=9.0,
        faults=Faults(
            typing=0.042,
            phonetic=0.036,
            nickname=0.06,
            swapped_names=0.01,
            old_surname=0.09,
            birth_missing=0.12,
            birth_typing=0.028,
            day_month=0.014,
            postcode_missing=0.12,
            address_missing=0.07,
            middle_missing=0.6,
        ),
        diary=POLICE,
        twice=0.07,
    ),
    "children": System(
        share=0.13,
        ages=(0, 19),
        need=1.6,
        years=6.0,
        faults=Faults(
            address_missing=0.04,
            postcode_missing=0.06,
            typing=0.044,
            phonetic=0.036,
            nickname=0.06,
            old_surname=0.08,
            birth_missing=0.06,
            birth_typing=0.026,
            day_month=0.012,
            nhs_missing=0.9,
            nhs_other=0.005,
            upn_missing=0.6,
            phone_missing=0.85,
        ),
        diary=CHILDREN,
        twice=0.02,
    ),
    "adults": System(
        share=0.09,
        ages=(18, 110),
        need=1.0,
        years=7.0,
        faults=Faults(
            typing=0.04,
            phonetic=0.034,
            nickname=0.07,
            birth_missing=0.05,
            birth_typing=0.026,
            nhs_missing=0.7,
            nhs_other=0.005,
            phone_missing=0.3,
        ),
        diary=_ADULTS,
        twice=0.02,
    ),
    "education": System(
        share=0.15,
        ages=(4, 19),
        need=0.1,
        years=5.0,
        faults=Faults(
            number_wrong=0.02,
            postcode_wrong=0.03,
            middle_missing=0.6,
            typing=0.03,
            phonetic=0.028,
            nickname=0.05,
            old_surname=0.09,
            birth_missing=0.01,
            birth_default=0.0,
            birth_typing=0.016,
            upn_missing=0.03,
            postcode_missing=0.05,
        ),
        diary=_EDUCATION,
    ),
    "housing": System(
        share=0.27,
        ages=(0, 100),
        need=0.9,
        years=9.0,
        faults=Faults(
            old_surname=0.08,
            typing=0.046,
            phonetic=0.036,
            nickname=0.07,
            birth_missing=0.32,
            swapped_names=0.012,
            birth_default=0.025,
            middle_missing=0.85,
            uprn_missing=0.03,
            flat_missing=0.03,
            address_missing=0.0,
            initial=0.05,
        ),
        diary=_HOUSING,
        twice=0.03,
    ),
    "fire": System(
        share=0.045,
        ages=(18, 110),
        need=0.9,
        years=4.0,
        faults=Faults(
            birth_missing=0.3,
            birth_year_only=0.3,
            middle_missing=1.0,
            uprn_missing=0.15,
            nickname=0.06,
        ),
        diary=_FIRE,
    ),
}
"""The systems of an area with seven agencies (children's census and case system are one book)."""
