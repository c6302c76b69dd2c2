"""On which legal basis somebody looks, or asks an agency.

Invariant: a basis is one of the list; who does not choose one has the usual one of their reason, so
that no look is without.
"""

from __future__ import annotations

from governance.errors import PurposeNeeded

BASES = {
    "public_task": "Public task (UK GDPR Article 6(1)(e))",
    "legal_obligation": "Legal obligation (Article 6(1)(c))",
    "vital_interests": "Vital interests (Article 6(1)(d))",
    "law_enforcement": "Law enforcement (Data Protection Act 2018, Part 3)",
    "safeguarding": "Safeguarding of children and people at risk (Schedule 1, paragraph 18)",
    "consent": "Consent (Article 6(1)(a))",
}
_USUAL = {
    "safeguarding_child": "safeguarding",
    "safeguarding_adult": "safeguarding",
    "domestic_abuse": "safeguarding",
    "crime": "law_enforcement",
    "missing_person": "vital_interests",
    "emergency": "vital_interests",
}
"""Purpose -> the basis that it usually has; the others: public task."""


def basis_of(purpose: str, chosen: str = "") -> str:
    """The basis chosen, or the usual one of a purpose.

    Raises:
        PurposeNeeded: if what was chosen is not on the list.
    """
    if chosen and chosen not in BASES:
        raise PurposeNeeded("Choose the legal basis from the list.")
    return chosen or _USUAL.get(purpose, "public_task")
