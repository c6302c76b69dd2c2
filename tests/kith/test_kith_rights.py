"""A person's rights at the terminal: two officers, a real home, and what the audit then has."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import loaders
from governance import accounts, approvers, restrictions, retention_holds
from governance.errors import NotPermitted
from governance.retention_holds import HoldTerms
from governance.sessions import SessionLimits
from governance.subject_cases import SubjectError
from kith import pipeline, tidying
from kith.cli import kith, tokens
from kith.cli.demo import prepare
from kith.home import Home
from kith.rights import finding, items, remedies
from kith.rights import held as held_rows
from kith.settings import Settings
from tests.governance.retained import day

PASSWORD = "a grey heron by the canal"
OFFICERS = ("first", "second")
WORKER = "worker"
ACCESS = ("access", "--identity", "known", "--received")


@pytest.fixture(scope="module")
def resolved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that was loaded, resolved and projected, with two officers."""
    folder = tmp_path_factory.mktemp("rights") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder.parent / "state"))
        for name in ("NEO4J_URI", "KITH_HOME", "KITH_REGISTER_URL", "KITH_AUDIT_URL"):
            patch.delenv(name, raising=False)
        with prepare(folder, "walsall", 120, seed=5) as home, home.register.session() as session:
            agency, now = home.keeper(session) or "", home.clock()
            for name in OFFICERS:
                roles = ["governance_officer"]
                accounts.create_user(session, name, PASSWORD, agency, roles, now)
            session.commit()
    return folder


@pytest.fixture
def home(resolved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("KITH_DEMO", "1")
    shutil.copytree(resolved, tmp_path / "home")
    with Home.open(Settings(home=tmp_path / "home")) as home:
        yield home


def someone(home: Home) -> str:
    """A person whom several know, and others with them."""
    snapshot = loaders.take_snapshot(pipeline.load_context(home))
    parts = snapshot.read("involvement", ["contact_id", "record_id"]).to_pandas()
    links = pipeline.current_result(home).read("link", ["record_id", "person_id"]).to_pandas()
    shared = parts[parts.duplicated("contact_id", keep=False)]["record_id"]
    known = links[links["record_id"].isin(shared)]["person_id"]
    counts = links[links["person_id"].isin(known)]["person_id"].value_counts()
    return str(sorted(counts[counts >= 3].index)[0])


def sign_in(home: Home, name: str) -> None:
    with home.register.session() as session:
        user = accounts.user_named(session, name)
        assert user is not None
        token = accounts.start_session(session, user, home.clock(), SessionLimits())
        session.commit()
    tokens.keep(home.folder, token)


def run(home: Home, who: str, *words: str) -> str:
    """Run `kith rights ...` as an officer; what it printed on standard output."""
    sign_in(home, who)
    given = ["rights", *words, "--home", str(home.folder)]
    done = CliRunner().invoke(kith, given, standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done.stdout.strip()


def opened_case(home: Home, kind: str, *about: str) -> str:
    given = about or ("--person", someone(home))
    made = run(
        home, "first", "open", kind, *given, "--received", "2026-01-31", "--identity", "document"
    )
    return made.split()[0]


def audited(home: Home, kind: str) -> list[dict[str, Any]]:
    return [row.payload for row in home.audit.rows(kind=kind)]


def drawn(home: Home, case_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        run(home, "first", "items", case_id, "--most", "500", "--json")
    )
    return found


def test_a_case_is_due_a_month_later_and_is_prolonged_once(home: Home) -> None:
    made = opened_case(home, "access")
    [told] = json.loads(run(home, "first", "list", "--json"))
    assert (told["received_on"], told["due_on"]) == ("2026-01-31", "2026-02-28")
    assert "LATE" in run(home, "first", "list")
    with pytest.raises(SubjectError, match="first month"):
        run(home, "first", "extend", made, "--reason", "Many agencies hold something")
    run(home, "first", "close", made, "refused", "--reason", "Manifestly unfounded: a bot")
    with pytest.raises(SubjectError, match="closed"):
        run(home, "first", "find", made)


def test_everything_is_found_for_a_case_and_on_record_first(home: Home) -> None:
    made = opened_case(home, "access")
    told = json.loads(run(home, "first", "find", made, "--json"))
    snapshot = loaders.take_snapshot(pipeline.load_context(home))
    own = set(told["records"])
    everybody = set(snapshot.read("record")["record_id"].to_pylist())
    assert len(own) >= 3
    assert own <= everybody
    places = {item["place"] for item in told["items"]}
    assert {"snapshot", "resolved", "staging", "register", "files"} <= places
    residences = [i for i in told["items"] if (i["place"], i["kind"]) == ("snapshot", "residence")]
    table = snapshot.read("residence")["record_id"].to_pylist()
    assert len(residences) == sum(record in own for record in table)
    staged = [i for i in told["items"] if (i["place"], i["kind"]) == ("staging", "record")]
    assert all(item["load_id"] and item["line"] and item["in_force"] for item in staged)
    [row] = audited(home, "subject_found")
    assert (row["case_id"], row["items"]) == (made, len(told["items"]))
    assert own <= set(row["what"])


def test_a_bundle_holds_what_two_officers_let_go_and_nothing_else(home: Home) -> None:
    made = opened_case(home, "access")
    run(home, "first", "draw", made)
    with pytest.raises(SubjectError, match="decide about every item"):
        run(home, "first", "propose", made)
    found = drawn(home, made)
    suggested = [each for each in found if each["decided"]["suggested"]]
    assert suggested, "a contact with others suggests its words"
    plain = next(each for each in found if not each["decided"]["suggested"])
    kept = plain["decided"]["item_id"]
    rest = [each["decided"]["item_id"] for each in found if each is not plain]
    given = ("--as", "withhold", "--exemption", "crime", "--silently")
    run(home, "first", "decide", made, kept, *given)
    run(home, "first", "decide", made, *rest, "--as", "suggested")
    run(home, "first", "propose", made)
    with pytest.raises(SubjectError, match="decided none of it"):
        run(home, "first", "approve", made)
    with pytest.raises(SubjectError, match="before another officer"):
        run(home, "first", "decide", made, kept, "--as", "disclose")
    with pytest.raises(SubjectError, match="did not approve"):
        run(home, "first", "release", made)
    run(home, "second", "approve", made)
    digest = run(home, "first", "release", made).split()[0]
    folder = home.folder / "bundles" / made
    assert (
        stat.S_IMODE(folder.stat().st_mode) == stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
    )
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    told = json.loads((folder / "bundle.json").read_text())
    assert len(told["items"]) == len(rest)
    assert not any("crime" in entry["because"] for entry in told["kept_back"])
    assert [entry["items"] for entry in told["kept_back"]] == [len(suggested)]
    hidden = [list(item["fields"].values()).count("[not disclosed]") for item in told["items"]]
    by_id = {each["decided"]["item_id"]: each["decided"]["suggested"] for each in found}
    assert hidden == [len(by_id[item_id]) for item_id in rest]
    page = (folder / "bundle.html").read_text()
    assert "<script" not in page
    assert page.count("[not disclosed]") == sum(hidden)
    [row] = audited(home, "bundle_released")
    assert (row["digest"], row["withheld"]) == (digest, 1)
    run(home, "first", "list")  # a closed case is not listed
    assert json.loads(run(home, "first", "list", "--json")) == []


def test_what_changed_since_is_not_released(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    made = opened_case(home, "access")
    run(home, "first", "draw", made)
    ids = [each["decided"]["item_id"] for each in drawn(home, made)]
    run(home, "first", "decide", made, *ids, "--as", "disclose")
    run(home, "first", "propose", made)
    run(home, "second", "approve", made)
    with monkeypatch.context() as patch:
        patch.setattr(items, "told", lambda _table, _row: {"full_name": "Somebody Else"})
        patch.setattr("kith.rights.held.told", items.told)
        with pytest.raises(SubjectError, match="not as they were decided on"):
            run(home, "first", "release", made)
    assert not (home.folder / "bundles").exists()
    assert audited(home, "bundle_released") == []
    run(home, "first", "send-back", made)
    run(home, "first", "draw", made)
    assert {each["decided"]["decision"] for each in drawn(home, made)} <= {"disclose", None}


def test_a_bundle_goes_after_its_time(home: Home) -> None:
    made = opened_case(home, "access")
    run(home, "first", "draw", made)
    ids = [each["decided"]["item_id"] for each in drawn(home, made)]
    run(home, "first", "decide", made, *ids, "--as", "disclose")
    run(home, "first", "propose", made)
    run(home, "second", "approve", made)
    run(home, "first", "release", made)
    sign_in(home, "first")
    user, now = tokens.current_user(home), home.clock()
    assert tidying.tidy(home, user, dry=True)["bundles"] == 0
    home.clock = lambda: now.replace(year=now.year + 1)  # type: ignore[method-assign]
    assert tidying.tidy(home, user)["bundles"] == 1
    assert not (home.folder / "bundles" / made).exists()
    assert tidying.tidy(home, user, dry=True)["bundles"] == 0


def test_a_correction_goes_to_the_agency_and_a_later_load_makes_it(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = opened_case(home, "rectification")
    told = json.loads(run(home, "first", "find", made, "--json"))
    rows = loaders.take_snapshot(pipeline.load_context(home)).read("record").to_pylist()
    named_so = {row["record_id"] for row in rows if row["family_name"]}
    record = next(
        item
        for item in told["items"]
        if (item["place"], item["kind"]) == ("snapshot", "record") and item["about"] in named_so
    )
    given = ("rectify", made, record["about"], "family_name", "--words", "It is spelt otherwise")
    with pytest.raises(SubjectError, match="nobody is named"):
        run(home, "first", *given)
    with home.register.session() as session:
        now = home.clock()
        named = accounts.create_user(
            session, WORKER, PASSWORD, record["agency"], ["practitioner"], now
        )
        approvers.name_approver(session, named.user_id, "u_other", now)
        session.commit()
    asked = run(home, "first", *given).split()[0]
    with pytest.raises(SubjectError, match="no field"):
        run(home, "first", "rectify", made, record["about"], "gossip", "--words", "It is wrong")
    with pytest.raises(SubjectError, match="of whom this case"):
        run(home, "first", "rectify", made, "r_zzzz", "family_name", "--words", "It is wrong")
    sign_in(home, "second")
    with pytest.raises(NotPermitted):
        remedies.answer(home, tokens.current_user(home), asked, accepted=True)
    sign_in(home, WORKER)
    about, value = remedies.to_answer(home, tokens.current_user(home), asked)
    assert about.state == "asked"
    assert value
    run(home, "first", "answer", asked, "accepted")
    assert (
        json.loads(run(home, "first", "show", made, "--json"))["rectifications"][0]["state"]
        == "accepted"
    )
    read = held_rows.read_held

    def corrected(*given: Any) -> Any:
        held = read(*given)
        for row in held.rows["record"]:
            if row["record_id"] == record["about"]:
                row |= {"family_name": "Corrected", "load_id": "l_later"}
        return held

    monkeypatch.setattr(finding, "read_held", corrected)
    assert "l_later" in run(home, "first", "show", made)
    changes = [row["change"] for row in audited(home, "rectification_changed")]
    assert changes == ["asked", "shown", "accepted", "changed"]


def test_processing_is_restricted_and_lifted(home: Home) -> None:
    made = opened_case(home, "restriction")
    run(home, "first", "restrict", made)
    with home.register.session() as session:
        marked = restrictions.restricted_subjects(session)
    assert len(marked) >= 3
    with pytest.raises(SubjectError, match="not restricted already"):
        run(home, "second", "restrict", made)
    run(home, "second", "restrict", made, "--lift")
    with home.register.session() as session:
        assert restrictions.restricted_subjects(session) == frozenset()
    run(home, "first", "close", made, "restricted")
    assert [row["change"] for row in audited(home, "restriction_changed")] == [
        "restricted",
        "lifted",
    ]


def test_an_erasure_waits_for_another_officer_and_for_holds(home: Home) -> None:
    person = someone(home)
    made = opened_case(home, "erasure", "--person", person)
    with pytest.raises(SubjectError, match="did not approve"):
        run(home, "first", "erase", made)
    run(home, "first", "propose", made)
    with pytest.raises(SubjectError, match="decided none of it"):
        run(home, "first", "approve", made)
    run(home, "second", "approve", made)
    told = json.loads(run(home, "first", "find", made, "--json"))
    terms = HoldTerms(
        kind="iicsa",
        reason="The inquiry asked",
        owner="County solicitor",
        review_on=day("2099-01-01"),
        subject_id=told["records"][0],
    )
    with home.register.session() as session:
        hold = retention_holds.place(session, terms, "u_aaaa", home.clock())
        session.commit()
    with pytest.raises(SubjectError, match="legal hold"):
        run(home, "first", "erase", made)
    with home.register.session() as session:
        retention_holds.lift(session, hold, "u_aaaa", home.clock())
        session.commit()
    bundle = home.folder / "bundles" / opened_case(home, "access", "--person", person)
    bundle.mkdir(parents=True)
    home.close()
    run(home, "first", "erase", made)
    assert not bundle.exists()
    rows = loaders.take_snapshot(pipeline.load_context(home)).read("record")["record_id"]
    assert not set(rows.to_pylist()) & set(told["records"])
    [row] = audited(home, "subject_erased")
    assert row["records"] == len(told["records"])
    run(home, "second", "resume")
    case = json.loads(run(home, "first", "show", made, "--json"))["case"]
    assert all(contact.startswith("c_") for contact in case["counts"]["shared_contacts"])
    assert (case["outcome"], case["counts"]["rows"]["record"]) == ("erased", len(told["records"]))


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (("open", *ACCESS, "2026-01-01"), "name the person"),
        (
            (
                "open",
                "access",
                "--person",
                "Dean Ellis",
                "--received",
                "2026-01-01",
                "--identity",
                "known",
            ),
            "by an id",
        ),
        (
            (
                "open",
                "access",
                "--record",
                "r_aa",
                "--received",
                "2099-01-01",
                "--identity",
                "known",
            ),
            "day to come",
        ),
        (("find", "j_zzzz"), "no such case"),
        (("release", "../../etc"), "no such case"),
        (("answer", "w_zzzz", "accepted"), "no such correction"),
    ],
)
def test_what_is_not_there_is_refused(home: Home, words: tuple[str, ...], match: str) -> None:
    with pytest.raises(SubjectError, match=match):
        run(home, "first", *words)
