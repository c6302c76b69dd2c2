"""The desk where stewards are asked.

Invariant: every question, answer and undo is audited before it counts; the ledger of judgements
is the only thing that lasts.
"""

from __future__ import annotations

from governance.sessions import SignedInUser
from governance.viewer import Viewer
from kith.home import Home
from kith.labelling.questions import Progress, Question

BUDGET = 400


class LabelDesk:
    """Asks stewards, several at once; one desk per process, safe to share between threads."""

    def __init__(self, home: Home, *, budget: int = BUDGET, simulated: bool = False) -> None:
        self._home = home
        self._budget = budget
        self._simulated = simulated

    def next(self, viewer: Viewer, user: SignedInUser) -> Question | None:
        """The question to answer now, leased to the user for ten minutes; None: no more.

        A question that the user holds already is given again.

        Raises:
            NoQuestionsError: if no resolution has left questions yet.
            NotPermitted: if the user is no steward.
            AuditError: if the audit cannot be written; then nothing is shown.
        """
        raise NotImplementedError

    def answer(self, viewer: Viewer, user: SignedInUser, question_id: str, verdict: str) -> None:
        """Decide a question: same, different or unsure.

        Raises:
            NotLeasedError: if the user does not hold the question, or no longer.
            RegistrationError: for another verdict.
        """
        raise NotImplementedError

    def undo(self, viewer: Viewer, user: SignedInUser) -> Question | None:
        """Take the user's last answer back and ask it again; None if there is none."""
        raise NotImplementedError

    def progress(self, user: SignedInUser) -> Progress:
        """How far labelling is."""
        raise NotImplementedError
