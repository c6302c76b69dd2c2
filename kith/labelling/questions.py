"""What a steward is asked, and how far the work is.

Invariant: a question holds only what the viewer's grants show; its marks are made from the
values it holds, so that they tell nothing of a value that is withheld.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from records.errors import KithError

VERDICTS = ("same", "different", "unsure")
"""What a steward may answer."""

MARKS = ("same", "close", "different", "missing")
"""How two sides compare; missing: one of them has no value here."""


class NoQuestionsError(KithError):
    """Nothing is staged to ask about, or no two records of it are alike."""

    exit_code = 5

    def __init__(self) -> None:
        super().__init__(
            "there are no questions: no two records are there that may be one person; load more,"
            " or link what is loaded: kith resolve"
        )


class NotLeasedError(KithError):
    """The question is not the user's to answer: answered already, given back, or run out."""

    exit_code = 4

    def __init__(self) -> None:
        super().__init__("this question is not yours to answer any more; take the next one")


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One field of both sides.

    `field` is the canonical field's name (`given_name`, `birth_date` ...), or `address`, `agency`,
    `dataset`. Dates are ISO text, perhaps partial; codes are words; an address is one line with
    its days. A cluster has the values of all its records, each once, the commonest first. Fields
    that neither side has are left out.
    """

    field: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    mark: str  # same | close | different | missing


@dataclass(frozen=True, kw_only=True)
class Question:
    """Two records, or two clusters, and the question whether they are one person.

    `left_sources` and `right_sources` say `Agency, system` for each record shown, in order.
    """

    question_id: str
    form: str  # records | clusters
    left_sources: tuple[str, ...]
    right_sources: tuple[str, ...]
    comparisons: tuple[Comparison, ...]
    leased_until: dt.datetime
    why: str


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """After so many answers, the share of the last window that the model had foreseen."""

    labels: int
    agreement: float


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far labelling is; `since_training` are answers that no resolution has used yet."""

    labels: int
    by_me: int
    since_training: int
    until_training: int
    budget: int
    curve: tuple[CurvePoint, ...]
