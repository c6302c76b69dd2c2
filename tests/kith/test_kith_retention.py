"""Retention at the terminal: what two officers do, and what the audit then has."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import loaders
from governance import accounts, lawful, registration
from governance.retention import RetentionError
from governance.retention_disposal import certificate_digest, disposals
from governance.sessions import SessionLimits
from kith import retaining
from kith.cli import kith, tokens
from kith.home import Home
from kith.settings import Settings
from tests.governance.retained import day, snapshot

PASSWORD = "a grey heron by the canal"
OLD = day("2015-05-01")
OFFICERS = ("first", "second")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("retention")
    home = Home.create(Settings(home=folder / "home"), "walsall")
    with home.register.session() as session:
        agency = home.keeper(session) or ""
        for name in OFFICERS:
            roles = ["governance_officer"]
            accounts.create_user(session, name, PASSWORD, agency, roles, home.clock())
        session.commit()
    return home


@pytest.fixture
def home(made: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A home with a dataset of three contacts and their people, one of them of unknown day."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    shutil.copytree(made.folder, tmp_path / "home")
    agency, dataset = registered(made)
    whose = {"agency": agency, "dataset": dataset, "load_id": "l_a"}
    staged = snapshot(
        tmp_path / "snapshot",
        record=[{**whose, "record_id": f"r_{x}", "updated_on": OLD} for x in "ab"],
        contact=[
            {**whose, "contact_id": f"c_{x}", "category": "noise", "on_date": on}
            for x, on in (("a", OLD), ("b", OLD), ("c", None))
        ],
        involvement=[{**whose, "contact_id": f"c_{x}", "record_id": f"r_{x}"} for x in "ab"],
    )
    monkeypatch.setattr(loaders, "take_snapshot", lambda _context: staged)
    with Home.open(Settings(home=tmp_path / "home")) as home:
        yield home


def registered(home: Home) -> tuple[str, str]:
    with home.register.session() as session:
        found = registration.datasets(session)[0]
    return found.agency, found.dataset_id


def sign_in(home: Home, name: str) -> None:
    with home.register.session() as session:
        user = accounts.user_named(session, name)
        assert user is not None
        token = accounts.start_session(session, user, home.clock(), SessionLimits())
        session.commit()
    tokens.keep(home.folder, token)


def run(home: Home, who: str, *words: str) -> str:
    """Run `kith retention ...` as an officer; what it printed on standard output."""
    sign_in(home, who)
    given = ["retention", *words, "--home", str(home.folder)]
    done = CliRunner().invoke(kith, given, standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done.stdout.strip()


def audited(home: Home, kind: str) -> list[dict[str, Any]]:
    return [row.payload for row in home.audit.rows(kind=kind)]


def schedule(home: Home) -> str:
    """A rule of two officers that disposes after a year."""
    name = "/".join(registered(home))
    words = ("--after", "last_contact", "--years", "1", "--then", "dispose")
    rule_id = run(home, "first", "propose", name, *words, "--source", "MoPI group 2").split()[0]
    run(home, "first", "withdraw", default_rule(home))
    run(home, "second", "approve", rule_id)
    return rule_id


def default_rule(home: Home) -> str:
    name = registered(home)
    found = json.loads(run(home, "first", "schedule", "--json"))["rules"]
    [rule_id] = [
        each["rule_id"]
        for each in found
        if (each["terms"]["agency"], each["terms"]["dataset"]) == name
        and each["approved_by"] == "system"
    ]
    return str(rule_id)


def due(home: Home, status: str) -> list[str]:
    found = json.loads(run(home, "first", "due", "--status", status, "--json"))
    return [item["item_id"] for item in found["items"]]


def test_two_officers_make_a_rule_and_what_is_due_is_told(home: Home) -> None:
    name = "/".join(registered(home))
    rule_id = run(
        home, "first", "propose", name, "--after", "death", "--months", "6", "--source", "Our own"
    ).split()[0]
    with pytest.raises(RetentionError, match="somebody else"):
        run(home, "first", "approve", rule_id)
    run(home, "second", "approve", rule_id)
    shown = run(home, "first", "schedule")
    assert "6 months after date of death" in shown
    run(home, "first", "withdraw", rule_id)
    assert rule_id not in run(home, "first", "schedule")
    assert rule_id in run(home, "first", "schedule", "--all")
    changes = [row["change"] for row in audited(home, "retention_rule_changed")]
    assert changes == ["proposed", "approved", "withdrawn"]


def test_what_is_due_says_why_and_is_on_record(home: Home) -> None:
    rule_id = schedule(home)
    shown = run(home, "first", "due", "--status", "dispose")
    assert "To be disposed of: 4" in shown
    for words in (rule_id, "last_contact 2015-05-01", "2016-05-01", "r_a", "c_b"):
        assert words in shown
    assert due(home, "unknown") == ["c_c"]
    row = audited(home, "retention_listed")[0]
    assert (row["items"], sorted(row["what"])) == (4, ["c_a", "c_b", "r_a", "r_b"])


def test_a_disposal_spares_what_is_held_since(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    rule_id = schedule(home)
    made = run(home, "first", "dispose").split()[0]
    with pytest.raises(RetentionError, match="not waiting to be carried out"):
        run(home, "first", "carry-out", made)
    with pytest.raises(RetentionError, match="somebody else"):
        run(home, "first", "approve", made)
    run(home, "second", "approve", made)
    hold = ("--about", "c_b", "--reason", "The inquiry asked", "--owner", "Solicitor")
    run(home, "second", "hold", "place", "iicsa", *hold, "--review", "2099-01-31")
    erased: list[str] = []

    def erase(_home: Home, _user: object, gone: list[Any], _report: object) -> dict[str, Any]:
        erased.extend(row["item_id"] for row in gone)
        return {"loads": []}

    monkeypatch.setattr(retaining, "_erase", erase)
    run(home, "first", "carry-out", made)
    assert erased == ["c_a", "r_a"]
    told = json.loads(run(home, "first", "certificate", made))
    assert told["totals"] == {"record": 1, "contact": 1, "indicator": 0}
    assert told["spared"] == {"under a legal hold": 2}
    [row] = audited(home, "disposal_done")
    assert (row["records"], row["contacts"], row["spared"], row["rules"]) == (1, 1, 2, [rule_id])
    with home.register.session() as session:
        [kept] = disposals(session)
    assert told["certificate_sha256"] == row["digest"] == certificate_digest(kept.certificate)
    with pytest.raises(RetentionError, match="not waiting to be carried out"):
        run(home, "first", "carry-out", made)


def test_what_cannot_be_erased_leaves_the_disposal_to_be_tried_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule(home)
    made = run(home, "first", "dispose").split()[0]
    run(home, "second", "approve", made)

    def fail(*_given: object) -> dict[str, Any]:
        raise OSError("disk")

    with monkeypatch.context() as patch:
        patch.setattr(retaining, "_erase", fail)
        with pytest.raises(OSError, match="disk"):
            run(home, "first", "carry-out", made)
    with home.register.session() as session:
        assert [each.state for each in disposals(session)] == ["approved"]
    assert audited(home, "disposal_done") == []
    run(home, "first", "withdraw", made)
    with pytest.raises(RetentionError, match="no certificate"):
        run(home, "first", "certificate", made)


def test_a_review_keeps_or_disposes_but_not_what_has_no_day(home: Home) -> None:
    rule_id = schedule(home)
    run(home, "first", "review", "c_a", "--keep", "2099-01-01", "--reason", "A claim is likely")
    assert due(home, "kept") == ["c_a"]
    for wrong in ("c_c", "c_zzz", "r_zzz"):
        with pytest.raises(RetentionError, match="cannot be decided"):
            run(home, "first", "review", wrong, "--dispose", "--reason", "Nothing since")
    run(home, "second", "review", "c_a", "--dispose", "--reason", "Settled out of court")
    assert due(home, "kept") == []
    run(home, "first", "review", "--rule", rule_id, "--dispose", "--reason", "Looked at all")
    outcomes = [(row["outcome"], row["what"]) for row in audited(home, "retention_reviewed")]
    assert outcomes == [("keep", ["c_a"]), ("dispose", ["c_a"])]


def test_nothing_is_proposed_before_it_is_due(home: Home) -> None:
    schedule(home)
    with pytest.raises(RetentionError, match="before it is due"):
        run(home, "first", "dispose", "--by", "2099-01-01")


def test_a_hold_is_listed_and_lifted(home: Home) -> None:
    given = ("--dataset", "*/*", "--reason", "Moratorium", "--owner", "SIRO")
    placed = run(home, "first", "hold", "place", "iicsa", *given, "--review", "2099-01-31")
    assert "SIRO" in run(home, "first", "hold", "list")
    assert {status for status in ("dispose", "review") if due(home, status)} == set()
    run(home, "first", "hold", "lift", placed.split()[0])
    assert json.loads(run(home, "first", "hold", "list", "--json")) == []
    assert len(json.loads(run(home, "first", "hold", "list", "--all", "--json"))) == 1


def test_a_basis_is_noted_and_ends(home: Home) -> None:
    agency, dataset = registered(home)
    run(home, "first", "basis", f"{agency}/{dataset}", "consent", "--until", "2099-01-01")
    run(home, "first", "basis", f"{agency}/{dataset}", "none")
    with home.register.session() as session:
        assert lawful.basis_of(session, agency, dataset).codes == ()
    assert [(row["basis"], row["until"]) for row in audited(home, "lawful_basis_noted")] == [
        ("consent", "2099-01-01"),
        ("none", None),
    ]
