"""What agencies write in a contact's summary: short, in their words, never a name."""

from __future__ import annotations

import numpy as np

from areas.maker.columns import Array, texts

_WORDS: dict[str, tuple[str, ...]] = {
    "domestic_abuse": (
        "Argument between partners, shouting heard, no injuries seen",
        "Assault by partner reported, injury to arm",
        "Third party report of screaming and a child crying",
        "Breach of non-molestation order",
    ),
    "violence": ("Assault in the street outside", "Threats to kill reported", "Fight at address"),
    "sexual_offence": ("Report taken by specialist officer",),
    "child_concern": (
        "Child found alone in the street",
        "School reports bruising",
        "Poor home conditions seen",
        "Child presenting as hungry and unwashed",
    ),
    "adult_concern": (
        "Possible self-neglect, house very cold",
        "Carer struggling",
        "Money missing after visits by an acquaintance",
    ),
    "missing": (
        "Reported missing by parent, returned",
        "Missing overnight",
        "Missing from placement",
    ),
    "exploitation": ("Possible county lines", "Older adults seen collecting the child by car"),
    "anti_social_behaviour": (
        "Youths throwing stones",
        "Neighbour dispute",
        "People coming and going at all hours",
    ),
    "noise": (
        "Loud music after midnight",
        "Banging and shouting through the wall",
        "Neighbour reports shouting and a dog barking",
    ),
    "burglary_theft": ("Shed broken into", "Theft from vehicle", "Burglary, rear window forced"),
    "drugs": ("Cannabis smell reported", "Needles found in the stairwell"),
    "alcohol": ("Intoxicated at the address", "Brought in after drinking"),
    "mental_health": ("In crisis, mental health team informed", "Section 136"),
    "self_harm": ("Overdose", "Self-inflicted cuts, seen by liaison psychiatry"),
    "fall": (
        "Fall at home",
        "Found on the floor by a neighbour",
        "Fall on the stairs, no fracture",
    ),
    "fire": (
        "Kitchen fire, pan left on the hob",
        "Bin fire beside the house",
        "Smoke alarm actuated",
    ),
    "home_fire_safety": ("Safe and well visit, alarms fitted", "Safe and well visit, no access"),
    "hoarding": ("Rooms filled to waist height", "Clutter image rating 6"),
    "rent_arrears": ("Eight weeks in arrears", "Notice seeking possession served"),
    "homelessness": ("Homeless application", "Sofa surfing, prevention duty accepted"),
    "property_condition": ("Damp and mould in bedroom", "Front door damaged, will not lock"),
    "school_attendance": ("Attendance under 85 percent", "Persistent absence, letter two sent"),
    "school_exclusion": ("Fixed term, five days, assault on a pupil", "Permanent exclusion"),
    "behaviour": ("Persistent disruption", "Brought a blade into school"),
    "referral": ("Referral from school", "Referral from police", "Referral from health visitor"),
    "assessment": ("Single assessment", "Needs assessment", "Review of needs"),
    "strategy_discussion": ("Strategy discussion, section 47 enquiry",),
    "emergency_attendance": ("Chest pain", "Minor injury", "Abdominal pain", "Head injury"),
    "admission": ("Admitted from emergency department",),
    "health_visit": ("New birth visit", "Not brought to appointment"),
    "welfare_check": ("Not seen for some days, safe and well", "No answer, forced entry, in order"),
}


def summaries(rng: np.random.Generator, category: str, count: int) -> Array:
    """A summary for each contact of a category."""
    words = _WORDS.get(category, ("Contact recorded",))
    return texts([words[at] for at in rng.integers(0, len(words), count)])
