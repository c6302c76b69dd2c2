"""What a change touches is made again, and is what a run over everything would make."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from governance import identities as ledger
from governance.register import Register
from resolution.identities import name_clusters, name_touched
from tests.resolution.builders import KEYS

MEMBERS = [f"r_{number}" for number in range(9)]
Partition = Sequence[Sequence[str]]


@st.composite
def partitions(draw: st.DrawFn) -> list[list[str]]:
    """Some members (others are gone for a while), each in one of a few clusters."""
    present = draw(st.lists(st.sampled_from(MEMBERS), unique=True, min_size=1))
    groups: dict[int, list[str]] = {}
    for member in sorted(present):
        groups.setdefault(draw(st.integers(0, 4)), []).append(member)
    return list(groups.values())


def closed(before: dict[str, str], was: Partition, now: Partition) -> list[Sequence[str]]:
    """The clusters that differ, and those that share an identity in force with one of them."""
    known = {frozenset(group) for group in was}
    touched = [group for group in now if frozenset(group) not in known]
    while True:
        borne = {before.get(member) for group in touched for member in group} - {None}
        more = [
            group
            for group in now
            if group not in touched and borne & {before.get(member) for member in group}
        ]
        if not more:
            return [group for group in now if group in touched]
        touched += more


@settings(max_examples=40, deadline=None)
@given(st.lists(partitions(), min_size=2, max_size=5))
def test_naming_the_touched_clusters_is_naming_all(steps: list[list[list[str]]]) -> None:
    with Register("sqlite://") as whole, Register("sqlite://") as part:
        for register in (whole, part):
            register.upgrade()
        was: Partition = []
        for number, now in enumerate(steps):
            with whole.session() as one, part.session() as other:
                every = name_clusters(one, KEYS, "person", now, f"x_{number}")
                ledger.append(one, every.events)
                touched = closed(ledger.assignments(other, "person"), was, now)
                some = name_touched(other, KEYS, "person", touched, f"x_{number}")
                ledger.append(other, some.events)
                one.commit()
                other.commit()
                assert ledger.assignments(one, "person") == ledger.assignments(other, "person")
                assert every.counts == some.counts
                assert list(ledger.identity_ids(one, "person")) == list(
                    ledger.identity_ids(other, "person")
                )
            was = now
