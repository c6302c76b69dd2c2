"""A label desk that asks hand-made questions, for tests of the pages alone.

The real one is asked in tests/e2e. Like it, this one holds a question for ten minutes and refuses
an answer to a question that its user does not hold.
"""

from __future__ import annotations

import datetime as dt
from typing import cast

from governance.sessions import SignedInUser
from governance.viewer import Viewer
from kith.labelling import (
    Comparison,
    CurvePoint,
    LabelDesk,
    Progress,
    Question,
)
from kith.labelling.questions import NoQuestionsError, NotLeasedError
from tests.webapp.rooms import NOW, PageHome

FIRST = "q_firstfirstfirstfirst"
SECOND = "q_secondsecondsecond"


def records(question_id: str = FIRST, *, evil: str = "") -> Question:
    """Two records that are much alike."""
    return Question(
        question_id=question_id,
        form="records",
        left_sources=("Health, PDS",),
        right_sources=("West Midlands Police, Niche",),
        comparisons=(
            Comparison(
                field="given_name",
                left=(evil or "Katherine",),
                right=(f"{evil}x" if evil else "Catherine",),
                mark="close",
            ),
            Comparison(field="family_name", left=("Moss",), right=("Moss",), mark="same"),
            Comparison(
                field="birth_date", left=("1985-03-03",), right=("1985-05-03",), mark="close"
            ),
            Comparison(field="nhs_number", left=("9990000018",), right=(), mark="missing"),
            Comparison(field="sex", left=("Female",), right=("Male",), mark="different"),
            Comparison(
                field="address",
                left=("12 Alder Road, Walsall, WS1 1AA (since 2025-02-03)",),
                right=("14 Alder Road, Walsall, WS1 1AA (2019-01 to 2020-03-01)",),
                mark="different",
            ),
            Comparison(
                field="phone", left=("+441922555101",), right=("+441922555101",), mark="same"
            ),
            Comparison(field="agency", left=("Health",), right=("Police",), mark="different"),
        ),
        leased_until=NOW + dt.timedelta(minutes=10),
        why="Name and address are alike, the date of birth is not.",
    )


def clusters(question_id: str = SECOND) -> Question:
    """Two groups of records."""
    return Question(
        question_id=question_id,
        form="clusters",
        left_sources=("Health, PDS", "Health, PDS", "Walsall Housing, Northgate"),
        right_sources=("West Midlands Police, Niche",),
        comparisons=(
            Comparison(
                field="full_name",
                left=("Dean Moss", "Dene Moss"),
                right=("Dean Mosse",),
                mark="close",
            ),
        ),
        leased_until=NOW + dt.timedelta(minutes=10),
        why="",
    )


class ScriptedLabels:
    """Asks what it was given, in order, to one steward."""

    def __init__(self, home: PageHome) -> None:
        self.home = home
        self.waiting = [records(), clusters()]
        self.held: Question | None = None
        self.until = NOW
        self.ledger: list[tuple[str, str]] = []
        self.answers: list[tuple[Question, str]] = []
        self.viewers: list[Viewer] = []
        self.ready = True
        self.curve: tuple[CurvePoint, ...] = ()

    def as_desk(self) -> LabelDesk:
        return cast(LabelDesk, self)

    def next(self, viewer: Viewer, user: SignedInUser) -> Question | None:
        self.viewers.append(viewer)
        if not self.ready:
            raise NoQuestionsError
        now = self.home.clock()
        if self.held is not None and now < self.until:
            return self.held
        self.held = self.held or (self.waiting.pop(0) if self.waiting else None)
        self.until = now + dt.timedelta(minutes=10)
        return self.held

    def answer(self, viewer: Viewer, user: SignedInUser, question_id: str, verdict: str) -> None:
        self.viewers.append(viewer)
        late = self.home.clock() >= self.until
        if self.held is None or late or self.held.question_id != question_id:
            raise NotLeasedError
        self.ledger.append((question_id, verdict))
        self.answers.append((self.held, verdict))
        self.held = None

    def undo(self, viewer: Viewer, user: SignedInUser) -> Question | None:
        self.viewers.append(viewer)
        if not self.answers:
            return None
        if self.held is not None:
            self.waiting.insert(0, self.held)
        self.held, _ = self.answers.pop()
        self.until = self.home.clock() + dt.timedelta(minutes=10)
        self.ledger.append((self.held.question_id, "undone"))
        return self.held

    def progress(self, user: SignedInUser) -> Progress:
        done = len(self.answers)
        return Progress(
            labels=30 + done,
            by_me=done,
            since_training=5 + done,
            until_training=20 - done,
            budget=400,
            curve=self.curve,
        )
