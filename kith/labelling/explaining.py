"""Why two records are one person in the last resolution, or why not.

Invariant: an explanation leaves only after its audit row is written, and only to a viewer whose
grants show both records. What was decided may rest on every record of the two and on all of their
fields, so it is told to a viewer from whom the agreements hide none of them, and to nobody else;
other records on the way between the two are counted, never named.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

import loaders
from governance import events, registration, restrictions
from governance.decisions import sees_all_records
from governance.permissions import Permission, require
from governance.sessions import SignedInUser
from governance.viewer import Viewer
from graph.disclosure import tells_of_company, without_company
from kith import pipeline
from kith.home import Home
from kith.labelling.comparing import compare
from kith.labelling.questions import Comparison
from kith.labelling.restricted import Restricted, as_linked
from kith.labelling.rows import Rows
from kith.labelling.sight import Sight
from kith.watching import admit_look
from records.errors import KithError
from records.snapshot import Resolved
from resolution.explaining import REST

_NEVER = "Nothing likely enough brought the two together, so they were not weighed"
_OTHERS = "Other records of the two people speak more for one person than these, and not enough"
_NOT_TOLD = "What was decided of them rests on more than the agreements show you"


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
        refused: why they are two, or why nothing is told of what made them one; else None.
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
        LimitReached: if the user has looked as often as one may.
        AuditError: if the audit cannot be written; then nothing is told.
    """
    require(user.roles, Permission.LABEL)
    admit_look(home, viewer, Permission.LABEL)
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
    if not sees_all_records(viewer):
        why = {"joined": why["joined"], "refused": _NOT_TOLD, "steps": (), "between": 0}
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
    """Why two people: of two groups one pair is told of, which may not be this one.

    What other records have in common is not told: the viewer may not see them.
    """
    pairs = resolved.read("possible_pair", ["record_a", "record_b", "reason", "evidence"])
    [found] = _between(pairs, _ids(one), _ids(other)).to_pylist() or [
        {"reason": _of_their_people(resolved, pairs, one, other), "evidence": "{}"}
    ]
    told = json.loads(found["evidence"])
    steps = (_step(told),) if told else ()
    return {"joined": False, "refused": found["reason"], "steps": steps, "between": 0}


def _of_their_people(resolved: Resolved, pairs: pa.Table, one: str, other: str) -> str:
    """What is to be said of two records that do not speak for the people they are of."""
    links = resolved.read("link", ["record_id", "person_id"])

    def with_one(record_id: str) -> pa.Array:
        own = links.filter(pc.equal(links["record_id"], record_id))["person_id"]
        members = links.filter(pc.is_in(links["person_id"], value_set=own.combine_chunks()))
        return members["record_id"].combine_chunks()

    return _OTHERS if _between(pairs, with_one(one), with_one(other)).num_rows else _NEVER


def _between(pairs: pa.Table, some: pa.Array, others: pa.Array) -> pa.Table:
    """The pairs with one record among `some` and the other among `others`."""
    a, b = pairs["record_a"], pairs["record_b"]
    way = pc.and_(pc.is_in(a, value_set=some), pc.is_in(b, value_set=others))
    back = pc.and_(pc.is_in(a, value_set=others), pc.is_in(b, value_set=some))
    return pairs.filter(pc.or_(way, back))


def _ids(*record_ids: str) -> Any:
    return pa.array(record_ids, pa.string())


def _step(entry: dict[str, Any]) -> Step:
    return Step(
        decided_by=str(entry["by"]),
        probability=float(entry["probability"]),
        words=without_company(str(entry["words"])),
        reasons=_reasons(entry["reasons"] or ()),
    )


def _reasons(given: Iterable[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """Reasons in log odds; who was seen with both is among the rest, so that the sum stays."""
    kept = [(str(words), float(value)) for words, value in given]
    hidden = [value for words, value in kept if tells_of_company(words)]
    rest = [value for words, value in kept if words == REST]
    kept = [entry for entry in kept if entry[0] != REST and not tells_of_company(entry[0])]
    if hidden or rest:
        kept.insert(max(len(kept) - 1, 0), (REST, sum(hidden) + sum(rest)))
    return tuple(kept)
