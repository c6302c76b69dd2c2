"""The questions of one run in one process: pools, learners and the records they are about.

Invariant: opened from a run or a first look that is whole, and never changed by anything but the
ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from governance.judgements import FORMS
from governance.labels import Lease
from governance.viewer import Viewer
from kith.labelling.asking import Asking
from kith.labelling.basis import Basis
from kith.labelling.comparing import Side
from kith.labelling.implied import Implied
from kith.labelling.ledger import Change, Ledger, Pair
from kith.labelling.questions import NoQuestionsError
from kith.labelling.rows import Rows
from kith.labelling.sight import Sight
from resolution.questions import Pool, read_pool

_CONTROL_EVERY = 10
_FILES = {"records": "pairs.parquet", "clusters": "clusters.parquet"}

Sides = tuple[dict[str, Side], dict[str, Side]]
"""What of the two sides may be shown, by record id."""


class Round:
    """An open run, or a first look.

    Raises:
        NoQuestionsError: if no questions were left.
    """

    def __init__(self, basis: Basis, labels: dict[tuple[str, str], str]) -> None:
        self.run_id = basis.run_id
        self.linked = basis.resolved is not None
        pools = _read_pools(basis.questions)
        if not pools:
            raise NoQuestionsError
        self._rows = Rows(basis.snapshot, _records_of(pools))
        self._restricted = basis.restricted()
        self._labels = labels
        self._implied = Implied()
        self._forms = {pool.form: Asking(pool, self._rows, self.run_id) for pool in pools}

    def take(self, changes: Sequence[Change]) -> None:
        """Learn what the ledger says now."""
        self._implied.take((change.pair, change.verdict) for change in changes)
        for asking in self._forms.values():
            asking.take(changes)

    def warm_up(self) -> None:
        """Make every form's learner now, so that no steward waits for one in between."""
        for asking in self._forms.values():
            _ = asking.learner

    def sight(self, viewer: Viewer, decided: frozenset[str]) -> Sight:
        """What a viewer may see; `decided` are the restrictions of the register now."""
        return Sight(viewer, self._restricted.records(decided), self._labels)

    def choose(
        self, sight: Sight, ledger: Ledger, taken: frozenset[Pair], budget: int
    ) -> tuple[Asking, int] | None:
        """The next question: which form, and which place in its pool."""
        first = form_of(ledger.asked(FORMS[0]), ledger.asked(FORMS[1]), budget)
        control = is_control(ledger.asked())
        for form in sorted(self._forms, key=lambda form: form != first):
            asking = self._forms[form]
            place = asking.choose(sight, taken, control=control, implied=self._implied)
            if place is not None:
                return asking, place
        return None

    def shown(self, sight: Sight, lease: Lease) -> Sides | None:
        """Both sides of a question as the viewer may see them; None: not both records."""
        members = lease.question.get("members") or [[lease.record_a], [lease.record_b]]
        left, right = members
        rows = self._rows.beside({*left, *right})
        sides = sight.sides(rows, left), sight.sides(rows, right)
        seen = lease.record_a in sides[0] and lease.record_b in sides[1]
        return sides if seen else None


def form_of(records_asked: int, clusters_asked: int, budget: int) -> str:
    """Pairs of records first, then clusters, five to three; after that in the same ratio."""
    first = -(-budget * 5 // 8)
    records = records_asked < first or clusters_asked * 5 >= records_asked * 3
    return FORMS[0] if records else FORMS[1]


def is_control(asked: int) -> bool:
    """Whether the next question, after so many answers, measures rather than teaches."""
    return asked % _CONTROL_EVERY == _CONTROL_EVERY - 1


def _read_pools(folder: Path) -> list[Pool]:
    """The pools that were left, those without a question left out."""
    pools = [read_pool(folder, form) for form, name in _FILES.items() if (folder / name).exists()]
    return [pool for pool in pools if len(pool)]


def _records_of(pools: Iterable[Pool]) -> set[str]:
    found: set[str] = set()
    for pool in pools:
        found.update(pool.record_a, pool.record_b)
        for side in (*pool.members_a, *pool.members_b):
            found.update(side)
    return found
