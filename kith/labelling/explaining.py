"""Why two records are one person in the last resolution, or why not.

Invariant: an explanation leaves only after its audit row is written, and only to a viewer whose
grants show both records; other records on the way between them are counted, never named.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

import loaders
from governance import events, registration, restrictions
from governance.permissions import Permission, require
from governance.sessions import SignedInUser
from governance.viewer import Viewer
from kith import pipeline
from kith.home import Home
from kith.labelling.comparing import compare
from kith.labelling.questions import Comparison
from kith.labelling.restricted import Restricted, as_linked
from kith.labelling.rows import Rows
from kith.labelling.sight import Sight
from records.errors import KithError
from records.snapshot import Resolved

_NEVER = "Nothing likely enough brought the two together, so they were not weighed"


class NotShownError(KithError):
    """One of the records is not there, or not among what the viewer may see."""

    exit_code = 5

    def __init__(self) -> None:
        super().__init__("these two records are not both in what you may see")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One decision: who took it, how likely it is right, why in words and in log odds."""

    decided_by: str
    probability: float
    words: str
    reasons: tuple[tuple[str, float], ...]


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Two records side by side, and what was decided of them.

    Attributes:
        joined: whether they are one person in the last resolution.
        refused: why they are two, in a sentence; None if they are one.
        steps: what joined them, from the one to the other; of two the reasons for and against.
        between: how many other records the steps go through.
    """

    left_source: str
    right_source: str
    comparisons: tuple[Comparison, ...]
    joined: bool
    refused: str | None
    steps: tuple[Step, ...]
    between: int


def explain(home: Home, viewer: Viewer, user: SignedInUser, ids: tuple[str, str]) -> Explanation:
    """Explain two records by their ids.

    Raises:
        NotPermitted: if the user is no steward.
        NotShownError: if the viewer may not see both.
        AuditError: if the audit cannot be written; then nothing is told.
    """
    require(user.roles, Permission.LABEL)
    resolved = pipeline.current_result(home)
    snapshot = loaders.open_snapshot(pipeline.load_context(home), resolved.snapshot_id)
    with home.register.session() as session:
        decided = restrictions.restricted_subjects(session)
        labels = {(entry.agency_id, ""): entry.label for entry in registration.agencies(session)}
        for entry in registration.datasets(session):
            labels[entry.agency, entry.dataset_id] = entry.label
    hidden = Restricted(snapshot, as_linked(resolved)).records(decided)
    sides = Sight(viewer, hidden, labels).sides(Rows(snapshot, ids), ids)
    if len(sides) < 2:
        raise NotShownError
    home.audit.record(events.LinkExplained.by(viewer, what=sorted(ids)))
    left, right = sides[ids[0]], sides[ids[1]]
    why = _joined(resolved, *ids) or _apart(resolved, *ids)
    return Explanation(
        left_source=f"{left.agency_label}, {left.dataset_label}",
        right_source=f"{right.agency_label}, {right.dataset_label}",
        comparisons=compare([left], [right]),
        **why,
    )


def _joined(resolved: Resolved, one: str, other: str) -> dict[str, Any] | None:
    """The fewest links from the one to the other; None if they are two people."""
    links = resolved.read("link", ["record_id", "person_id", "evidence"])
    theirs = links.filter(pc.is_in(links["record_id"], value_set=_ids(one, other)))
    people = set(theirs["person_id"].to_pylist())
    if len(people) != 1 or theirs.num_rows < 2:
        return None
    members = links.filter(pc.equal(links["person_id"], people.pop())).to_pylist()
    beside: dict[str, dict[str, Step]] = {row["record_id"]: {} for row in members}
    for row in members:
        for entry in json.loads(row["evidence"]):
            step = _step(entry)
            beside[row["record_id"]].setdefault(entry["record"], step)
            beside.setdefault(entry["record"], {}).setdefault(row["record_id"], step)
    steps = _way(beside, one, other)
    return {
        "joined": True,
        "refused": None,
        "steps": steps,
        "between": max(len(steps) - 1, 0),
    }


def _way(beside: dict[str, dict[str, Step]], one: str, other: str) -> tuple[Step, ...]:
    """Breadth first; nothing where only the groups as wholes were joined."""
    came: dict[str, tuple[str, Step] | None] = {one: None}
    queue = deque([one])
    while queue and other not in came:
        here = queue.popleft()
        for there in sorted(beside[here]):
            if there not in came:
                came[there] = here, beside[here][there]
                queue.append(there)
    steps: list[Step] = []
    at = came.get(other)
    while at is not None:
        steps.append(at[1])
        at = came[at[0]]
    return tuple(reversed(steps))


def _apart(resolved: Resolved, one: str, other: str) -> dict[str, Any]:
    pairs = resolved.read("possible_pair", ["record_a", "record_b", "reason", "evidence"])
    both = _ids(one, other)
    held = pc.and_(
        pc.is_in(pairs["record_a"], value_set=both), pc.is_in(pairs["record_b"], value_set=both)
    )
    [found] = pairs.filter(held).to_pylist() or [{"reason": _NEVER, "evidence": "{}"}]
    told = json.loads(found["evidence"])
    steps = (_step(told),) if told else ()
    return {"joined": False, "refused": found["reason"], "steps": steps, "between": 0}


def _ids(*record_ids: str) -> Any:
    return pa.array(record_ids, pa.string())


def _step(entry: dict[str, Any]) -> Step:
    reasons = tuple((str(words), float(value)) for words, value in entry["reasons"] or ())
    return Step(
        decided_by=str(entry["by"]),
        probability=float(entry["probability"]),
        words=str(entry["words"]),
        reasons=reasons,
    )
