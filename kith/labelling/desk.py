"""The desk where stewards are asked.

Invariant: every question, answer and undo is in the audit before it counts; the ledger of
judgements is all that lasts. What is kept here can be made again from the run and the ledger.
"""

from __future__ import annotations

import atexit
import gc
import threading
from collections.abc import Iterable

from sqlalchemy.orm import Session

from governance import events, judgements, labels, loads, registration, restrictions
from governance.errors import AuditError, NotPermitted, RegistrationError
from governance.ids import is_opaque
from governance.judgements import Judgement
from governance.labels import Asked, Lease
from governance.permissions import Permission, require
from governance.sessions import SignedInUser
from governance.viewer import Viewer
from kith import pipeline
from kith.home import Home
from kith.labelling.basis import Basis, Told, find_basis, look
from kith.labelling.comparing import Side, compare
from kith.labelling.ledger import Ledger
from kith.labelling.questions import (
    VERDICTS,
    NotLeasedError,
    Progress,
    Question,
)
from kith.labelling.rounds import Round, Sides
from kith.labelling.sight import Sight
from resolution.collector import at_rest

BUDGET = 400
"""Answers after which more teach little."""

TRAINING = 50
"""Answers that are worth a new resolution."""

_WHY = "The model is unsure about it, or would learn much from it."
_WHY_FIRST_LOOK = "Drawn from a first look at a sample of records, which are not linked yet."
_WHY_AGAIN = "Asked again: the answer goes against what all other answers tell."
_WHY_CONTROL = "Drawn at random, to measure how many links are right."


class LabelDesk:
    """Asks stewards, several at once; one desk per process, safe to share between threads.

    Args:
        budget: how many answers are wanted in all; it sets how many questions are of each form.
        simulated: the answers are a program's, and the ledger and the audit say so.
        told: called with a sentence before something that takes seconds.
    """

    def __init__(
        self,
        home: Home,
        *,
        budget: int = BUDGET,
        simulated: bool = False,
        told: Told = lambda _words: None,
    ) -> None:
        self._home = home
        self._budget = budget
        self._simulated = simulated
        self._told = told
        self._lock = threading.Lock()
        self._round: Round | None = None
        self._seen: tuple[str | None, int] = (None, 0)
        self._ledger = Ledger()

    def next(self, viewer: Viewer, user: SignedInUser) -> Question | None:
        """The question to answer now, leased to the user for ten minutes; None: no more.

        A question that the user holds already is given again.

        Raises:
            NoQuestionsError: if there are none, for want of records.
            NotPermitted: if the user is no steward.
            AuditError: if the audit cannot be written; then nothing is shown.
        """
        _check(viewer, user)
        with self._lock, self._home.register.session() as session:
            asking = self._up_to_date(session)
            sight = asking.sight(viewer, restrictions.restricted_subjects(session))
            lease = self._again(session, asking, sight, user)
            if lease is None:
                lease = self._take(session, asking, sight, user)
            sides = asking.shown(sight, lease) if lease else None
        if lease is None or sides is None:
            return None
        return self._show(viewer, lease, sides, asking.linked)

    def answer(self, viewer: Viewer, user: SignedInUser, question_id: str, verdict: str) -> None:
        """Decide a question: same, different or unsure.

        Raises:
            NotLeasedError: if the user does not hold the question, or no longer.
            RegistrationError: for another verdict.
            AuditError: if the audit cannot be written; then nothing is decided.
        """
        _check(viewer, user)
        if verdict not in VERDICTS:
            raise RegistrationError("an answer is same, different or unsure")
        now = self._home.clock()
        with self._home.register.session() as session:
            lease = None
            if is_opaque(question_id):
                lease = labels.settle(session, question_id, user.user_id, now)
            if lease is None:
                raise NotLeasedError
            self._judge(session, viewer, lease, verdict)
            session.commit()

    def undo(self, viewer: Viewer, user: SignedInUser) -> Question | None:
        """Take the user's last answer back and ask it again; None if there is none.

        If the records may not be shown to the user any more, the next question comes instead.
        """
        _check(viewer, user)
        with self._lock, self._home.register.session() as session:
            asking = self._up_to_date(session)
            last = judgements.last_of(session, user.user_id)
            if last is None or not last.question.get("run_id"):
                return None
            sight = asking.sight(viewer, restrictions.restricted_subjects(session))
            asked = _asked(last)
            self._judge(session, viewer, asked, "undone")
            lease = self._lease(session, asked, user)
            session.commit()
            self._catch_up(session)
            sides = asking.shown(sight, lease) if lease else None
        if lease is None or sides is None:
            return self.next(viewer, user)
        return self._show(viewer, lease, sides, asking.linked)

    def release(self, user: SignedInUser) -> None:
        """Give back the question that the user holds, so that others may be asked it."""
        require(user.roles, Permission.LABEL)
        with self._home.register.session() as session:
            lease = labels.held(session, user.user_id, self._home.clock())
            if lease is not None:
                labels.release(session, lease.question_id)
                session.commit()

    def progress(self, user: SignedInUser) -> Progress:
        """How far labelling is; it works before there are questions too."""
        require(user.roles, Permission.LABEL)
        current = pipeline.read_current(self._home)
        with self._lock, self._home.register.session() as session:
            self._catch_up(session)
            ledger = self._ledger
            since = ledger.since(self._unused(current["run_id"])) if current else ledger.asked()
            return Progress(
                labels=len(ledger.in_force),
                by_me=ledger.by(user.user_id),
                since_training=since,
                until_training=max(0, TRAINING - since),
                budget=self._budget,
                curve=ledger.curve(),
            )

    def _unused(self, run_id: str) -> set[str]:
        """Whose answers no run has used: those to the last run, and to a first look after it."""
        asking = self._round
        return {run_id, asking.run_id} if asking and not asking.linked else {run_id}

    def _catch_up(self, session: Session) -> None:
        changes = self._ledger.catch_up(session)
        if self._round is not None and changes:
            self._round.take(changes)

    def _up_to_date(self, session: Session) -> Round:
        """The questions there are now, knowing all that the ledger says."""
        self._catch_up(session)
        current = pipeline.read_current(self._home)
        seen = current["run_id"] if current else None, loads.last_sequence(session)
        if self._round is None or self._seen != seen:
            basis = find_basis(self._home, session)
            if self._round is None or self._round.run_id != basis.run_id:
                self._round = None
                self._round = self._open(session, basis)
            self._seen = seen
        return self._round

    def _open(self, session: Session, basis: Basis) -> Round:
        with at_rest():
            look(self._home, basis, self._told)
            opened = Round(basis, _source_labels(session))
            opened.take(self._ledger.changes())
            opened.warm_up()
        _keep_out_of_collections()
        return opened

    def _again(
        self, session: Session, asking: Round, sight: Sight, user: SignedInUser
    ) -> Lease | None:
        """The question that the user holds, for another ten minutes."""
        lease = labels.held(session, user.user_id, self._home.clock())
        if lease is None or asking.shown(sight, lease) is None:
            return None
        renewed = self._lease(session, lease, user)
        session.commit()
        return renewed

    def _take(
        self, session: Session, asking: Round, sight: Sight, user: SignedInUser
    ) -> Lease | None:
        """Lease the best question that nobody else holds."""
        now = self._home.clock()
        taken = {
            lease.pair for lease in labels.leased(session, now) if lease.user_id != user.user_id
        }
        while True:
            chosen = asking.choose(sight, self._ledger, frozenset(taken), self._budget)
            if chosen is None:
                return None
            form, place = chosen
            lease = self._lease(session, form.ask(place), user)
            if lease is not None:
                session.commit()
                return lease
            session.rollback()  # another process was quicker
            taken.add(form.pair(place))
            self._catch_up(session)

    def _lease(self, session: Session, asked: Asked, user: SignedInUser) -> Lease | None:
        question_id = self._home.keys.derived_id("q", *asked.pair)
        return labels.take(session, question_id, asked, user.user_id, self._home.clock())

    def _judge(self, session: Session, viewer: Viewer, asked: Asked, verdict: str) -> None:
        """Write a verdict, then its audit row; the caller commits."""
        question = {**asked.question, "simulated": True} if self._simulated else asked.question
        judgements.add_judgement(
            session,
            *asked.pair,
            verdict,
            viewer.user_id,
            self._home.clock(),
            form=asked.form,
            question=question,
        )
        self._home.audit.record(
            events.JudgementMade.by(
                viewer,
                what=asked.pair,
                verdict=verdict,
                form=asked.form,
                simulated=True if self._simulated else None,
            )
        )

    def _show(self, viewer: Viewer, lease: Lease, sides: Sides, linked: bool) -> Question:
        """Hand the question out; if it cannot be audited it goes back."""
        left, right = sides
        question = Question(
            question_id=lease.question_id,
            form=lease.form,
            left_sources=_sources(left.values()),
            right_sources=_sources(right.values()),
            comparisons=compare(list(left.values()), list(right.values())),
            leased_until=lease.until,
            why=_why(lease, linked),
        )
        try:
            self._home.audit.record(
                events.QuestionShown.by(viewer, what=[*left, *right], form=lease.form)
            )
        except AuditError:
            with self._home.register.session() as session:
                labels.release(session, lease.question_id)
                session.commit()
            raise
        return question


def _check(viewer: Viewer, user: SignedInUser) -> None:
    require(user.roles, Permission.LABEL)
    if viewer.user_id != user.user_id:
        raise NotPermitted("A question is asked of the user who looks, and of nobody else.")


def _why(lease: Lease, linked: bool) -> str:
    if not linked:
        return _WHY_FIRST_LOOK
    if lease.question.get("again"):
        return _WHY_AGAIN
    return _WHY_CONTROL if lease.question.get("control") else _WHY


def _keep_out_of_collections() -> None:
    """What was read stays: a steward shall not wait while all of it is searched for garbage."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    atexit.unregister(gc.unfreeze)
    atexit.register(gc.unfreeze)  # else libraries find their own left behind at the end


def _asked(judgement: Judgement) -> Asked:
    return Asked(
        record_a=judgement.record_a,
        record_b=judgement.record_b,
        form=judgement.form,
        question=judgement.question,
    )


def _sources(sides: Iterable[Side]) -> tuple[str, ...]:
    return tuple(f"{side.agency_label}, {side.dataset_label}" for side in sides)


def _source_labels(session: Session) -> dict[tuple[str, str], str]:
    """(agency, "") and (agency, dataset) -> what it is called."""
    found = {(entry.agency_id, ""): entry.label for entry in registration.agencies(session)}
    for entry in registration.datasets(session):
        found[entry.agency, entry.dataset_id] = entry.label
    return found
