"""A steward who knows the truth, and is wrong now and then: to measure what labelling is worth.

Invariant: it asks and answers through the desk like anybody, under its user's own grants; its
answers are marked in the ledger and in the audit.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from governance import labels
from governance.labels import Lease
from governance.sessions import SignedInUser
from governance.viewer import Viewer
from kith.home import Home
from kith.labelling.desk import LabelDesk
from records.keys import KeyMaker
from resolution.errors import TruthError
from resolution.evaluation import COLUMNS
from resolution.truth import read_truth


@dataclass(frozen=True, kw_only=True)
class Waits:
    """Seconds: until the first question, and from an answer to the question after it."""

    first: float
    p50: float
    p95: float
    longest: float


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """What a simulated steward did. `wrong` are answers against the truth, on purpose."""

    labels: int
    same: int
    different: int
    unsure: int
    records: int
    clusters: int
    control: int
    wrong: int
    seconds: float
    waits: Waits


def read_persons(file: Path, keys: KeyMaker) -> dict[str, str]:
    """Record id -> person, out of a truth file.

    Raises:
        TruthError: if the file cannot be used.
    """
    truth = read_truth(file, COLUMNS, filled=COLUMNS, key=COLUMNS[:-1])
    sources = zip(truth["agency"], truth["system"], truth["source_key"], strict=True)
    ids = [keys.record_id(*source) for source in sources]
    return dict(zip(ids, truth["person"], strict=True))


def simulate(
    home: Home,
    viewer: Viewer,
    user: SignedInUser,
    truth: Mapping[str, str],
    *,
    budget: int,
    errors: float = 0.0,
    seed: int = 0,
) -> Simulation:
    """Answer as many questions as the budget says, or as there are.

    Args:
        errors: the share of answers that are wrong on purpose, 0 to 1.

    Raises:
        TruthError: if the truth knows none of the records that were asked about.
    """
    desk = LabelDesk(home, budget=budget, simulated=True)
    steward = _Steward(truth, errors, seed)
    began = before = time.perf_counter()
    waits = []
    for _ in range(budget):
        question = desk.next(viewer, user)
        waits.append(time.perf_counter() - before)
        if question is None:
            waits.pop()
            break
        verdict = steward.verdict(_lease(home, user))
        before = time.perf_counter()
        desk.answer(viewer, user, question.question_id, verdict)
    counts = steward.counts
    if counts["labels"] and counts["labels"] == counts["unsure"]:
        raise TruthError("the truth file names none of the records that were asked about")
    return Simulation(
        **{name: counts[name] for name in _COUNTED},
        seconds=round(time.perf_counter() - began, 3),
        waits=_summary(waits),
    )


_COUNTED = ("labels", "same", "different", "unsure", "records", "clusters", "control", "wrong")


class _Steward:
    """Answers from the truth; what the truth does not know is unsure."""

    def __init__(self, truth: Mapping[str, str], errors: float, seed: int) -> None:
        self._truth = truth
        self._errors = errors
        self._draw = random.Random(seed)  # noqa: S311 (reproducible, guards nothing)
        self.counts: Counter[str] = Counter()

    def verdict(self, lease: Lease) -> str:
        left, right = lease.question.get("members") or [[lease.record_a], [lease.record_b]]
        people = self._person(left), self._person(right)
        slips = self._draw.random() < self._errors
        if None in people:
            verdict = "unsure"
        else:
            verdict = "same" if (people[0] == people[1]) != slips else "different"
            self.counts["wrong"] += slips
        self.counts.update(["labels", verdict, lease.form])
        self.counts["control"] += bool(lease.question.get("control"))
        return verdict

    def _person(self, members: Sequence[str]) -> str | None:
        """Whose most of the records are; among equals the first."""
        known = Counter(self._truth[member] for member in members if member in self._truth)
        return known.most_common(1)[0][0] if known else None


def _lease(home: Home, user: SignedInUser) -> Lease:
    """What the question was about: a question itself holds no record ids."""
    with home.register.session() as session:
        lease = labels.held(session, user.user_id, home.clock())
    assert lease is not None
    return lease


def _summary(waits: Sequence[float]) -> Waits:
    first, later = (waits[0], waits[1:]) if waits else (0.0, [])
    p50, p95, longest = np.percentile(later, [50, 95, 100]) if later else (0.0, 0.0, 0.0)
    figures = {"first": first, "p50": p50, "p95": p95, "longest": longest}
    return Waits(**{name: round(float(value), 4) for name, value in figures.items()})
