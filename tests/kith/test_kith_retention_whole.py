"""A disposal goes through everything: staging, graph, the next full file, and an interruption."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import loaders
from governance import erasures, retention_disposal, retention_holds
from governance import loads as ledger
from governance.retention import RuleTerms
from governance.retention_holds import HoldTerms
from governance.sessions import SignedInUser
from kith import pipeline, retaining
from kith.cli.demo import prepare
from kith.home import Home
from kith.settings import Settings
from tests.governance.builders import signed_in

FIRST, SECOND = (
    signed_in(user_id=f"u_{letter * 4}", roles=frozenset({"governance_officer"})) for letter in "ab"
)


@pytest.fixture(scope="module")
def resolved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that was resolved and projected."""
    folder = tmp_path_factory.mktemp("disposing") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder.parent / "state"))
        for name in ("NEO4J_URI", "KITH_HOME", "KITH_REGISTER_URL", "KITH_AUDIT_URL"):
            patch.delenv(name, raising=False)
        prepare(folder, "walsall", 60, seed=5).close()
    return folder


@pytest.fixture
def home(resolved: Path, tmp_path: Path) -> Iterator[Home]:
    shutil.copytree(resolved, tmp_path / "home")
    with Home.open(Settings(home=tmp_path / "home")) as home:
        yield home


def contacts(home: Home) -> dict[str, tuple[str, str, str]]:
    """Every contact that is staged: id -> agency, dataset, category."""
    snapshot = loaders.take_snapshot(pipeline.load_context(home))
    rows = snapshot.read("contact", ["contact_id", "agency", "dataset", "category"]).to_pylist()
    return {row.pop("contact_id"): tuple(row.values()) for row in rows}


def approved(home: Home) -> tuple[str, set[str]]:
    """A disposal of the most frequent kind of contact, and the ids in it."""
    kinds = Counter(contacts(home).values())
    (agency, dataset, category), _ = kinds.most_common(1)[0]
    terms = RuleTerms(
        agency=agency,
        dataset=dataset,
        category=category,
        event="loaded",
        months=0,
        ends="dispose",
        source="For this test",
    )
    rule_id = retaining.propose_rule(home, FIRST, terms)
    retaining.approve_rule(home, SECOND, rule_id)
    made = retaining.propose_disposal(home, FIRST, rule_id=rule_id)
    retaining.approve_disposal(home, SECOND, made.disposal_id)
    with home.register.session() as session:
        items = retention_disposal.items_of(session, made.disposal_id)
    assert {row["what"] for row in items} == {"contact"}
    return made.disposal_id, {row["item_id"] for row in items}


def in_graph(home: Home, ids: set[str]) -> set[str]:
    query = "MATCH (c:Contact) WHERE c.contact_id IN $ids RETURN c.contact_id AS id"
    return {str(row["id"]) for row in home.store.run(query, {"ids": sorted(ids)})}


def hold(home: Home, user: SignedInUser, item_id: str) -> None:
    day = home.clock().date().replace(year=2099)
    terms = HoldTerms(
        kind="court", reason="A claim", owner="Solicitor", review_on=day, subject_id=item_id
    )
    retaining.place_hold(home, user, terms)
    with home.register.session() as session:
        assert len(retention_holds.holds(session, in_force=True)) == 1


def test_contacts_go_without_their_people_and_do_not_come_back(home: Home, tmp_path: Path) -> None:
    disposal_id, ids = approved(home)
    others = set(contacts(home)) - ids
    snapshot = loaders.take_snapshot(pipeline.load_context(home))
    records = snapshot.rows("record")
    held = min(ids)
    hold(home, SECOND, held)
    assert in_graph(home, ids) == ids
    told = retaining.carry_out(home, FIRST, disposal_id).certificate
    assert told["totals"] == {"record": 0, "contact": len(ids) - 1, "indicator": 0}
    assert told["spared"] == {"under a legal hold": 1}
    assert told["erasure"]["files"]
    assert all(each["before"] != each["after"] for each in told["erasure"]["files"])
    assert in_graph(home, ids) == {held}
    assert set(contacts(home)) == others | {held}
    assert loaders.take_snapshot(pipeline.load_context(home)).rows("record") == records
    with home.register.session() as session:
        staged = [load for load in ledger.loads(session) if load.state == "staged"]
    for load in staged:  # the next full refresh: other bytes, the same rows
        copy = tmp_path / load.file_name
        file = home.folder / "extracts" / load.file_name
        copy.write_bytes(file.read_bytes() + (b"\n" if file.suffix == ".csv" else b""))
        pipeline.load_file(home, copy, dataset=f"{load.agency}/{load.dataset}")
    assert set(contacts(home)) == others | {held}


def test_an_interrupted_disposal_goes_on_and_is_certified_whole(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    disposal_id, ids = approved(home)

    def fail(*_given: object, **_named: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "project", fail)
        with pytest.raises(OSError, match="no space"):
            retaining.carry_out(home, FIRST, disposal_id)
    with home.register.session() as session:
        assert len(erasures.unfinished(session)) == 1
        assert retention_disposal.disposal(session, disposal_id).state == "approved"
    told = retaining.carry_out(home, FIRST, disposal_id).certificate
    assert (told["totals"]["contact"], told["spared"]) == (len(ids), {})
    assert len(told["erasure"]["acts"]) == 1
    assert in_graph(home, ids) == set()
    with home.register.session() as session:
        assert erasures.unfinished(session) == []
    kinds = [row.kind for row in home.audit.rows()]
    assert kinds.index("erasure_begun") < kinds.index("erasure_done") < kinds.index("disposal_done")
