"""The systems of Gwent's five agencies and their size.

Invariant: the five hold 233,084 person records at the large scale, whatever the seed.
"""

from __future__ import annotations

from areas.maker.events import Diary, Kind, Mark
from areas.maker.faults import Faults
from areas.maker.systems import CHILDREN, EMERGENCY, POLICE, System

_SOCIAL = Diary(
    contacts_per_record=0.9,
    services=("Information, advice and assistance", "Children and families", "Older people"),
    rings=("Safeguarding hub 01632 960210", "Duty worker 01632 960230"),
    kinds={
        **CHILDREN.kinds,
        "adult_concern": Kind(weight=30, ages=(18, 110), nobody=0.06),
        "fall": Kind(weight=10, ages=(65, 110), nobody=0.05),
        "hoarding": Kind(weight=3, ages=(30, 110), nobody=0.1),
        "welfare_check": Kind(weight=6, ages=(18, 110), nobody=0.2),
    },
    marks=(
        Mark(kind="plan", code="child_protection", per_thousand=7, ages=(0, 18), years=1.0),
        Mark(kind="plan", code="child_in_need", per_thousand=16, ages=(0, 18), years=1.2),
        Mark(kind="plan", code="looked_after", per_thousand=6, ages=(0, 18), years=3.0),
        Mark(kind="plan", code="early_help", per_thousand=12, ages=(0, 18), years=0.8),
        Mark(kind="plan", code="care_and_support", per_thousand=60, ages=(18, 110), years=3.0),
        Mark(kind="plan", code="adult_safeguarding", per_thousand=9, ages=(18, 110), years=0.6),
        Mark(kind="status", code="lives_alone", per_thousand=15, ages=(65, 110), years=4.0),
    ),
)
_SOCIAL_FAULTS = Faults(
    typing=0.042,
    phonetic=0.032,
    nickname=0.06,
    swapped_names=0.01,
    middle_missing=0.75,
    old_surname=0.08,
    birth_missing=0.07,
    birth_typing=0.026,
    birth_default=0.014,
    day_month=0.016,
    postcode_missing=0.06,
    postcode_wrong=0.025,
    address_missing=0.04,
    nhs_missing=0.68,
    nhs_other=0.004,
    upn_missing=1.0,
    phone_missing=0.6,
)

_GWENT_POLICE_FAULTS = Faults(
    typing=0.042,
    phonetic=0.036,
    nickname=0.06,
    swapped_names=0.008,
    old_surname=0.07,
    birth_missing=0.07,
    birth_typing=0.028,
    postcode_missing=0.1,
    address_missing=0.07,
    middle_missing=0.6,
)

VIP_PEOPLE = 260_000
"""How many people the counts below are drawn from; smaller areas keep the proportions."""

VIP_COUNTS = {
    "bg_social": 32_501,
    "caerphilly_social": 67_816,
    "torfaen_social": 49_646,
    "health_board": 13_076,
    "gwent_police": 70_045,
}
"""Person records of Gwent's five, 233,084 in all."""


def _social() -> System:
    return System(
        share=0.0,
        ages=(0, 110),
        need=0.8,
        years=8.0,
        faults=_SOCIAL_FAULTS,
        diary=_SOCIAL,
        twice=0.07,
    )


FIVE: dict[str, System] = {
    "bg_social": _social(),
    "caerphilly_social": _social(),
    "torfaen_social": _social(),
    "health_board": System(
        share=0.0,
        ages=(0, 110),
        need=1.2,
        years=5.0,
        faults=Faults(typing=0.015, nhs_missing=0.04, uprn_missing=1.0, birth_missing=0.005),
        diary=EMERGENCY,
        twice=0.03,
    ),
    "gwent_police": System(
        share=0.0,
        ages=(10, 95),
        need=1.4,
        years=8.0,
        faults=_GWENT_POLICE_FAULTS,
        diary=POLICE,
        twice=0.1,
    ),
}
"""The systems of Gwent's five agencies; its education, housing and fire are those of SEVEN."""
