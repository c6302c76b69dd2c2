"""Ids that last: a new clustering takes over the ids of the old one.

Invariant: an id goes to the one new cluster that holds most of its old members, ties to the
oldest id, then to the cluster with the first member; what remains without one gets back an id
that its members bore before, or a new one. Nothing depends on the order of clusters, and
replaying the ledger gives the ids in force.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance.identities import (
    IdentityEvent,
    assignments,
    identity_ids,
    is_given,
    touched,
)
from governance.tables import IdentityEventRow
from records.keys import KeyMaker

_ASKED_AT_ONCE = 500
PREFIXES = {"person": "p", "address": "a"}


@dataclass(frozen=True, kw_only=True)
class Naming:
    """The id of each cluster, in the order given, and what to write to the ledger."""

    ids: list[str]
    events: list[IdentityEvent]
    counts: dict[str, int]


def name_clusters(
    session: Session, keys: KeyMaker, kind: str, clusters: Sequence[Sequence[str]], run_id: str
) -> Naming:
    """Give every cluster of member keys its lasting id.

    Args:
        kind: `person` (members are record ids) or `address` (members are evidence keys).
    """
    old = assignments(session, kind)
    ages = {identity: age for age, identity in enumerate(identity_ids(session, kind))}
    ids = _by_overlap(clusters, old, ages)
    elsewhere = _elsewhere(old, clusters)
    taken = {identity for identity in ids if identity} | elsewhere
    unnamed = _unnamed(clusters, ids) if taken else []
    ids = _restored(clusters, ids, _earlier_ids(session, kind, unnamed), taken)
    known = set(ages)
    final = list(_with_new(keys, kind, clusters, ids, lambda made: made in known))
    events = list(_events(kind, clusters, final, old, elsewhere, run_id))
    return Naming(ids=final, events=events, counts=_counts(events))


def name_touched(
    session: Session, keys: KeyMaker, kind: str, clusters: Sequence[Sequence[str]], run_id: str
) -> Naming:
    """Name only the clusters that a change touched, as `name_clusters` would name them among all.

    That holds if the clusters are closed: wherever a member of theirs shared an identity in force
    with another member that is still there, that one is in them too.
    """
    members = {member for cluster in clusters for member in cluster}
    known = touched(session, kind, members)
    old = {member: known.assigned[member] for member in members if member in known.assigned}
    ids = _by_overlap(clusters, old, known.ages)
    elsewhere = _elsewhere(known.assigned, clusters)
    taken = {identity for identity in ids if identity} | elsewhere
    ids = _restored(clusters, ids, known.ever, taken)
    final = list(_with_new(keys, kind, clusters, ids, lambda made: is_given(session, kind, made)))
    events = list(_events(kind, clusters, final, old, elsewhere, run_id))
    return Naming(ids=final, events=events, counts=_counts(events))


def _by_overlap(
    clusters: Sequence[Sequence[str]], old: Mapping[str, str], ages: Mapping[str, int]
) -> list[str | None]:
    claims = []
    for place, members in enumerate(clusters):
        shared = Counter(old[member] for member in members if member in old)
        first = min(members)
        claims += [
            (-count, ages[identity], first, identity, place) for identity, count in shared.items()
        ]
    ids: list[str | None] = [None] * len(clusters)
    given: set[str] = set()
    for _, _, _, identity, place in sorted(claims):
        if ids[place] is None and identity not in given:
            ids[place] = identity
            given.add(identity)
    return ids


def _elsewhere(old: Mapping[str, str], clusters: Sequence[Sequence[str]]) -> set[str]:
    """Ids of members that are in no cluster today: they may come back."""
    present = {member for members in clusters for member in members}
    return {identity for member, identity in old.items() if member not in present}


def _unnamed(clusters: Sequence[Sequence[str]], ids: Sequence[str | None]) -> list[str]:
    """The members of clusters that have no id yet."""
    return [
        member
        for members, identity in zip(clusters, ids, strict=True)
        if identity is None
        for member in members
    ]


def _restored(
    clusters: Sequence[Sequence[str]],
    ids: list[str | None],
    before: Mapping[str, set[str]],
    taken: set[str],
) -> list[str | None]:
    """Give unnamed clusters the id that most of their members bore last before, if it is free."""
    claims = []
    for place, identity in enumerate(ids):
        if identity is None:
            shared = Counter(
                borne for member in clusters[place] for borne in before.get(member, ())
            )
            first = min(clusters[place])
            claims += [(-count, borne, first, place) for borne, count in shared.items()]
    restored, free = list(ids), {identity for _, identity, _, _ in claims} - taken
    for _, identity, _, place in sorted(claims):
        if restored[place] is None and identity in free:
            restored[place] = identity
            free.remove(identity)
    return restored


def _earlier_ids(session: Session, kind: str, members: Sequence[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for start in range(0, len(members), _ASKED_AT_ONCE):
        query = select(IdentityEventRow.member_key, IdentityEventRow.identity_id).where(
            IdentityEventRow.kind == kind,
            IdentityEventRow.action == "assign",
            IdentityEventRow.member_key.in_(members[start : start + _ASKED_AT_ONCE]),
        )
        for member, identity in session.execute(query):
            if member is not None:
                found[member].add(identity)
    return found


def _with_new(
    keys: KeyMaker,
    kind: str,
    clusters: Sequence[Sequence[str]],
    ids: Iterable[str | None],
    known: Callable[[str], bool],
) -> Iterator[str]:
    """New ids follow from the first member, so a rebuilt register gives the same ones."""
    given: set[str] = set()
    for members, identity in zip(clusters, ids, strict=True):
        made = identity or _new_id(
            keys, kind, min(members), lambda attempt: attempt in given or known(attempt)
        )
        given.add(made)
        yield made


def _new_id(keys: KeyMaker, kind: str, first: str, known: Callable[[str], bool]) -> str:
    attempts = (
        keys.derived_id(PREFIXES[kind], "identity", first, str(attempt)) for attempt in count()
    )
    return next(made for made in attempts if not known(made))


def _events(
    kind: str,
    clusters: Sequence[Sequence[str]],
    ids: Sequence[str],
    old: Mapping[str, str],
    elsewhere: set[str],
    run_id: str,
) -> Iterator[IdentityEvent]:
    merged: set[tuple[str, str]] = set()
    split: set[tuple[str, str]] = set()
    in_use = set(ids) | elsewhere
    for members, identity in zip(clusters, ids, strict=True):
        for member in sorted(members):
            before = old.get(member)
            if before == identity:
                continue
            yield IdentityEvent(
                kind=kind,
                action="assign",
                identity_id=identity,
                member_key=member,
                run_id=run_id,
            )
            if before is not None:
                (split if before in in_use else merged).add((identity, before))
    for action, changes in (("merge", merged), ("split", split)):
        for identity, other in sorted(changes):
            yield IdentityEvent(
                kind=kind, action=action, identity_id=identity, other_id=other, run_id=run_id
            )
    for identity in sorted({other for _, other in merged}):
        yield IdentityEvent(kind=kind, action="retire", identity_id=identity, run_id=run_id)


def _counts(events: Sequence[IdentityEvent]) -> dict[str, int]:
    return dict(sorted(Counter(event.action for event in events).items()))
