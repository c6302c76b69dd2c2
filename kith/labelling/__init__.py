"""Labelling: stewards say which records are one person.

Invariant: a question leaves this room only after its audit row is written, only to a viewer whose
grants show both records, and to one steward at a time.
"""

from kith.labelling.desk import LabelDesk
from kith.labelling.questions import (
    MARKS,
    VERDICTS,
    Comparison,
    CurvePoint,
    NoQuestionsError,
    NotLeasedError,
    Progress,
    Question,
)

__all__ = [
    "MARKS",
    "VERDICTS",
    "Comparison",
    "CurvePoint",
    "LabelDesk",
    "NoQuestionsError",
    "NotLeasedError",
    "Progress",
    "Question",
]
