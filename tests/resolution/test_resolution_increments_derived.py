"""What a change touches is made again, and is what a run over everything would make."""

from __future__ import annotations

import datetime as dt
import random
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from governance import identities as ledger
from governance.register import Register
from governance.registration import add_agency
from records.snapshot import Resolved
from resolution.identities import name_clusters, name_touched
from resolution.increments.changes import find_changes
from resolution.increments.derived import Derivation, Setting
from resolution.increments.rewriting import Rewriting
from resolution.prepare import open_workspace
from resolution.survivorship import read_survivorship
from resolution.tables import SCHEMAS
from tests.resolution.builders import (
    AGENCIES,
    KEYS,
    NOW,
    Row,
    contact,
    lives,
    record,
    snapshot,
)
from tests.resolution.increment_builders import Oracle, assigned, in_leaves, resolved_in
from tests.resolution.test_resolution_run import town

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


@settings(max_examples=20, deadline=None)
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


def a_day_later(
    chance: random.Random, records: list[Row], stays: list[Row], contacts: list[Row]
) -> None:
    """A few rows change, come or go."""
    for number in range(chance.randint(1, 6)):
        what = chance.choice(["name", "gone", "moved", "left", "visit", "confirmed", "new"])
        line, day = f"{chance.randint(1, 12)} Alder Road", dt.date(2026, chance.randint(1, 10), 1)
        if what == "name":
            chance.choice(records)["given_name"] = chance.choice(["Ada", "Tom", "Zoe"])
        elif what == "gone":
            gone = records.pop(chance.randrange(len(records)))["record_id"]
            stays[:] = [row for row in stays if row["record_id"] != gone]
        elif what == "moved":
            chance.choice(stays)["address_line"] = line
        elif what == "left":
            chance.choice(stays)["to_date"] = day
        elif what == "visit":
            chance.choice(contacts)["address_line"] = line
        elif what == "confirmed":
            chance.choice(records)["updated_on"] = day
        else:
            late = record(f"late{number}", "nhs/pds", given_name="Ada", family_name="Shaw",
                          birth_date="1984-03-09")  # fmt: skip
            records.append(late)
            stays.append(lives(late, line, "WS1 1AA"))


@settings(max_examples=2, deadline=None)
@given(seed=st.integers(0, 1_000))
def test_what_is_made_again_is_what_a_run_over_everything_makes(seed: int) -> None:
    chance = random.Random(seed)
    records, stays = town(20, seed)
    contacts = [contact(f"c{n}", f"{n % 9 + 1} Alder Road", "WS1 1AA") for n in range(10)]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        old = in_leaves(snapshot(folder / "s0", records, stays, contacts), folder / "old")
        with Register(f"sqlite:///{folder / 'part.sqlite'}") as register:
            register.upgrade()
            with register.session() as session:
                for agency, kind in AGENCIES.items():
                    add_agency(session, agency, agency, kind, "Duty desk 01632 960000")
                session.commit()
            before = resolved_in(register, old, folder / "part")
            known = assigned(register)
        records, stays, contacts = (
            [dict(row) for row in rows] for rows in (records, stays, contacts)
        )
        a_day_later(chance, records, stays, contacts)
        new = in_leaves(snapshot(folder / "s1", records, stays, contacts), folder / "new")
        shutil.copy(folder / "part.sqlite", folder / "whole.sqlite")
        with Register(f"sqlite:///{folder / 'whole.sqlite'}") as register:
            after = resolved_in(register, new, folder / "whole")
            expected = assigned(register)
        changes = find_changes(old, new)
        oracle = Oracle(before, after, new, changes)
        placed = oracle.placed(known["address"], expected["address"])
        with Register(f"sqlite:///{folder / 'part.sqlite'}") as register:
            with register.session() as session:
                derivation = Derivation(
                    open_workspace(),
                    Setting(
                        snapshot=new,
                        rules=read_survivorship(),
                        kinds=AGENCIES,
                        session=session,
                        keys=KEYS,
                        run_id="x_next",
                        today=NOW.date(),
                    ),
                    Rewriting(before, folder / "part" / "x_next"),
                    relinked=oracle.relinked(),
                    placed=placed,
                    removed=changes["record"].removed,
                    expired=(),
                )
                derivation.name()
                derivation.choose_golden()
                derivation.derive_stays()
                derivation.derive_households()
                derivation.tell_links()
                derivation.put_places()
                made = derivation.finish(lambda _folder: None)
                ledger.append(session, made.events)
                session.commit()
            assert assigned(register) == expected
        found = Resolved(folder=folder / "part" / "x_next", run_id="x_next", snapshot_id="new")
        for name in SCHEMAS:
            assert found.read(name).equals(after.read(name)), name
