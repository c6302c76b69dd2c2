"""What falls due: never what has no known day, never what is held, a record last of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from governance import identities, retention_holds
from governance.identities import IdentityEvent
from governance.loads import LoadEntry, add_load
from governance.register import Register
from governance.retention import RetentionError, add_default, approve, withdraw
from governance.retention_due import DueList, Item
from governance.retention_holds import HoldTerms
from governance.retention_review import review, reviews_of
from tests.governance.builders import NOW, later
from tests.governance.retained import Row, contact, day, indicator, part, record, rule, snapshot

OLD = day("2020-05-01")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register's file, filled once."""
    from governance import registration

    file = tmp_path_factory.mktemp("retention") / "register.sqlite"
    with Register(f"sqlite:///{file}") as register:
        register.upgrade()
        with register.session() as session:
            registration.add_agency(session, "police", "Police", "police", "01922 000001")
            for dataset in ("niche", "athena"):
                registration.add_dataset(
                    session, "police", dataset, dataset, "P", "Article 6(1)(e)", "Owner", 7
                )
            session.commit()
    return file


@pytest.fixture
def session(filled: Path) -> Iterator[Session]:
    """What a test writes is not committed."""
    with Register(f"sqlite:///{filled}") as register, register.session() as session:
        yield session


def listed(folder: Path, session: Session, **tables: list[Row]) -> dict[str, Item]:
    """Everything that is listed today, by id."""
    return listed_by(folder, session, "2026-11-23", tables)


def listed_by(
    folder: Path, session: Session, by: str, tables: dict[str, list[Row]]
) -> dict[str, Item]:
    made = snapshot(folder / "snapshot", **tables)
    found: dict[str, Item] = {}
    with DueList(made, session, NOW, day(by)) as due:
        for tally in due.tallies():
            found |= {item.item_id: item for item in due.items(tally.status)}
        assert sum(tally.items for tally in due.tallies()) == len(found)
    return found


def statuses(found: dict[str, Item]) -> dict[str, str]:
    return {key: item.status for key, item in found.items()}


def test_a_thing_is_due_on_the_day_and_not_before(tmp_path: Path, session: Session) -> None:
    rule_id = rule(session)
    tables = {"contact": [contact("a", on_date=OLD)]}
    assert listed_by(tmp_path, session, "2022-04-30", tables) == {}
    [item] = listed_by(tmp_path, session, "2022-05-01", tables).values()
    assert (item.due_on, item.rule_id, item.event) == (day("2022-05-01"), rule_id, "last_contact")
    assert (item.since, item.status, item.by_part) == (OLD, "review", False)


def test_an_unknown_day_is_a_list_of_its_own(tmp_path: Path, session: Session) -> None:
    rule(session)
    found = listed(
        tmp_path,
        session,
        record=[record("a"), record("b", updated_on=OLD), record("c", updated_on=OLD)],
        contact=[contact("a"), contact("b", on_date=OLD)],
        involvement=[part("a", "b"), part("b", "c")],
        indicator=[indicator("a", valid_from=OLD), indicator("b", valid_to=OLD)],
    )
    assert statuses(found) == {
        "r_a": "unknown",
        "r_b": "unknown",  # a contact of unknown day may be the last
        "r_c": "review",
        "c_a": "unknown",
        "c_b": "review",
        "i_a": "unknown",  # in force, and about nobody
        "i_b": "review",
    }
    assert all(item.due_on is None for item in found.values() if item.status == "unknown")


def test_a_record_outlasts_what_hangs_on_it(tmp_path: Path, session: Session) -> None:
    rule(session, months=12)
    longer = rule(session, months=60, category="noise")
    tables = {
        "record": [record("a", updated_on=day("2019-01-01")), record("b", updated_on=OLD)],
        "contact": [contact("a", on_date=OLD), contact("b", on_date=OLD, category="fire")],
        "involvement": [part("a", "a"), part("b", "b")],
    }
    found = listed(tmp_path, session, **tables)
    assert (found["r_a"].due_on, found["r_a"].rule_id) == (day("2025-05-01"), longer)
    assert found["r_a"].by_part
    assert (found["r_b"].due_on, found["r_b"].by_part) == (day("2021-05-01"), False)
    assert set(listed_by(tmp_path, session, "2024-01-01", tables)) == {"r_b", "c_b"}


def test_a_record_waits_for_what_hangs_on_it_and_has_no_day(
    tmp_path: Path, session: Session
) -> None:
    rule(session, months=12, category="person")
    rule(session, "end_of_involvement", 12, category="noise")
    rule(session, "end_of_involvement", 12, category="warning")
    found = listed(
        tmp_path,
        session,
        record=[record(x, updated_on=OLD) for x in "abc"],
        contact=[
            contact("a", on_date=OLD, status="open"),
            contact("b", on_date=OLD, status="closed"),
            contact("c", on_date=OLD, category="fire"),
        ],
        involvement=[part("a", "a"), part("b", "b"), part("c", "c")],
        indicator=[indicator("b", record_id="r_b", valid_from=OLD)],
    )
    assert statuses(found) == {
        "r_a": "waiting",
        "c_a": "waiting",
        "r_b": "waiting",
        "c_b": "review",
        "i_b": "waiting",
        "r_c": "no_rule",  # what has no rule is kept, and its record with it
        "c_c": "no_rule",
    }


def test_of_several_rules_the_last_day_counts(tmp_path: Path, session: Session) -> None:
    rule(session, months=24, category="person")
    birthday = rule(session, "birthday_25", 0, category="person")
    found = listed(
        tmp_path,
        session,
        record=[
            record("a", updated_on=OLD, birth_date="1970-03-01"),
            record("b", updated_on=OLD, birth_date="2000-06-01"),
            record("c", updated_on=OLD, birth_date="2001"),
            record("d", updated_on=OLD),
            record("e", updated_on=OLD, birth_date="1900-01-01", birth_date_status="placeholder"),
            record("f", updated_on=OLD, birth_date="2000-02"),
        ],
    )
    assert {key: (item.due_on, item.status) for key, item in found.items()} == {
        "r_a": (day("2022-05-01"), "review"),
        "r_b": (day("2025-06-01"), "review"),
        "r_d": (None, "unknown"),
        "r_e": (None, "unknown"),
        "r_f": (day("2025-02-28"), "review"),
    }
    assert found["r_b"].rule_id == birthday
    late = listed_by(tmp_path, session, "2026-12-31", {"record": [record("c", birth_date="2001")]})
    assert late["r_c"].status == "unknown"


def test_children_are_waited_for_in_a_contact(tmp_path: Path, session: Session) -> None:
    rule(session, "birthday_18", 12)
    tables = {
        "record": [record("a", birth_date="1980-01-01"), record("b", birth_date="2000-01-01")],
        "contact": [contact("a", on_date=OLD), contact("b", on_date=OLD)],
        "involvement": [part("a", "a"), part("a", "b"), part("b", "a"), part("b", "gone")],
    }
    found = listed(tmp_path, session, **tables)
    assert found["c_a"].due_on == day("2019-01-01")
    assert found["c_b"].status == "unknown"  # somebody in it is not known


def test_death_waits_for_whoever_lives(tmp_path: Path, session: Session) -> None:
    rule(session, "death", 36)
    found = listed(
        tmp_path,
        session,
        record=[
            record("a"),
            record("b", dead=True),
            record("c", dead=True, death_date="2020-02-29"),
            record("d", death_date="2019"),
        ],
    )
    assert {key: (item.status, item.due_on) for key, item in found.items()} == {
        "r_a": ("waiting", None),
        "r_b": ("unknown", None),
        "r_c": ("review", day("2023-02-28")),
        "r_d": ("review", day("2022-12-31")),
    }


def test_the_day_loaded_is_that_of_the_load(tmp_path: Path, session: Session) -> None:
    rule(session, "loaded", 6)
    load = LoadEntry(
        load_id="l_a",
        agency="police",
        dataset="niche",
        layout="x",
        mapping="x",
        mapping_version=1,
        extract="full",
        file_name="x.csv",
        sha256="0" * 64,
        rows_in=1,
        accepted=1,
        rejected=0,
        loaded_by="u_aaaa",
        loaded_on=dt.datetime(2026, 3, 31, 23, 30, tzinfo=dt.UTC),
    )
    add_load(session, load)
    rows = [contact("a"), {**contact("b"), "load_id": "l_other"}]
    found = listed(tmp_path, session, contact=rows)
    assert found["c_a"].due_on == day("2026-10-01")  # the day in London
    assert found["c_b"].status == "unknown"


def test_only_rules_in_force_count(tmp_path: Path, session: Session) -> None:
    rule_id = rule(session)
    withdraw(session, rule_id, "u_aaaa", NOW)
    assert statuses(listed(tmp_path, session, contact=[contact("a", on_date=OLD)])) == {
        "c_a": "no_rule"
    }
    with pytest.raises(RetentionError):
        approve(session, rule_id, "u_cccc", NOW)
    add_default(session, "police", "niche", 2, NOW)
    assert statuses(listed(tmp_path, session, contact=[contact("a", on_date=OLD)])) == {
        "c_a": "review"
    }


def hold(session: Session, **terms: Any) -> str:
    given = {"kind": "iicsa", "reason": "The inquiry asked", "owner": "Solicitor", **terms}
    return retention_holds.place(
        session, HoldTerms(review_on=day("2027-01-31"), **given), "u_aaaa", NOW
    )


def family(session: Session) -> dict[str, list[Row]]:
    rule(session, ends="dispose")
    return {
        "record": [record(x, updated_on=OLD) for x in "abc"],
        "contact": [contact("a", on_date=OLD), contact("b", on_date=OLD)],
        "involvement": [part("a", "a"), part("a", "b"), part("b", "b")],
        "indicator": [indicator("a", record_id="r_a", valid_to=OLD)],
    }


@pytest.mark.parametrize(
    ("terms", "held"),
    [
        ({"subject_id": "r_a"}, {"r_a", "c_a", "i_a", "r_b"}),
        ({"subject_id": "c_b"}, {"c_b", "r_b"}),
        ({"subject_id": "i_a"}, {"i_a", "r_a"}),
        ({"subject_id": "p_a"}, {"r_a", "c_a", "i_a", "r_b"}),
        ({"subject_id": "p_old"}, {"r_a", "c_a", "i_a", "r_b"}),
        ({"category": "warning"}, {"i_a", "r_a"}),
        ({"agency": "police", "dataset": "athena"}, set()),
        ({}, {"r_a", "r_b", "r_c", "c_a", "c_b", "i_a"}),
    ],
)
def test_nothing_under_a_hold_may_be_disposed_of(
    terms: dict[str, Any], held: set[str], tmp_path: Path, session: Session
) -> None:
    tables = family(session)
    given = [
        IdentityEvent(kind="person", action="assign", identity_id=who, member_key=rec, run_id="n")
        for who, rec in (("p_old", "r_a"), ("p_a", "r_a"), ("p_b", "r_b"))
    ]
    merged = IdentityEvent(
        kind="person", action="merge", identity_id="p_a", other_id="p_old", run_id="n"
    )
    identities.append(session, [*given, merged], NOW)
    hold_id = hold(session, **terms)
    found = listed(tmp_path, session, **tables)
    assert {key for key, item in found.items() if item.status == "held"} == held
    assert {item.hold_id for item in found.values() if item.status == "held"} <= {hold_id}
    with DueList(snapshot(tmp_path / "s", **tables), session, NOW) as due:
        assert {row["item_id"] for row in due.disposable()} == set(found) - held
    retention_holds.lift(session, hold_id, "u_bbbb", NOW)
    assert set(statuses(listed(tmp_path, session, **tables)).values()) == {"dispose"}


def test_a_hold_says_why_whose_and_until_when_it_is_looked_at(session: Session) -> None:
    terms = HoldTerms(
        kind="whim",
        reason="x",
        owner=" ",
        review_on=NOW.date(),
        subject_id="12 Alder Road",
        agency="police",
        category="gossip",
    )
    with pytest.raises(RetentionError) as refused:
        retention_holds.place(session, terms, "u_aaaa", NOW)
    for words in ("whim", "say why", "whose hold", "day to come", "by its id", "not both"):
        assert words in str(refused.value)
    assert "Alder" not in str(refused.value)
    for scope in ({"agency": "fire"}, {"agency": "police", "dataset": "none"}, {"category": "x"}):
        with pytest.raises(RetentionError, match=r"not registered|not known"):
            hold(session, **scope)
    hold_id = hold(session)
    retention_holds.lift(session, hold_id, "u_aaaa", NOW)
    with pytest.raises(RetentionError, match="no such hold"):
        retention_holds.lift(session, hold_id, "u_aaaa", NOW)
    assert [h.hold_id for h in retention_holds.holds(session)] == [hold_id]
    assert retention_holds.holds(session, in_force=True) == []


def test_what_is_kept_comes_back_on_its_day(tmp_path: Path, session: Session) -> None:
    rule(session, ends="dispose")
    tables = {"contact": [contact("a", on_date=OLD)]}
    assert listed(tmp_path, session, **tables)["c_a"].status == "dispose"
    review(session, ["c_a"], "keep", "A claim is likely", "u_a", NOW, next_review=day("2027-06-01"))
    kept = listed(tmp_path, session, **tables)["c_a"]
    assert (kept.status, kept.next_review) == ("kept", day("2027-06-01"))
    # Looked at again, though the rule alone would dispose of it.
    assert listed_by(tmp_path, session, "2027-06-01", tables)["c_a"].status == "review"
    review(session, ["c_a"], "dispose", "The claim is settled", "u_b", later(days=1))
    assert listed(tmp_path, session, **tables)["c_a"].status == "dispose"
    assert [each.outcome for each in reviews_of(session, "c_a")] == ["keep", "dispose"]


def test_a_decision_to_dispose_does_not_outlast_what_it_was_about(
    tmp_path: Path, session: Session
) -> None:
    rule(session)
    rows = [record("a", updated_on=OLD)]
    review(session, ["r_a"], "dispose", "Nothing since", "u_a", NOW)
    assert listed(tmp_path, session, record=rows)["r_a"].status == "dispose"
    later_on = [record("a", updated_on=day("2026-11-20"))]  # somebody met them again
    assert listed(tmp_path, session, record=later_on) == {}
    assert (
        listed_by(tmp_path, session, "2029-01-01", {"record": later_on})["r_a"].status == "review"
    )


def test_a_review_says_why(session: Session) -> None:
    wrongs: tuple[dict[str, Any], ...] = (
        {"item_ids": []},
        {"item_ids": ["p_a"]},
        {"item_ids": ["x' or 1=1"]},
        {"outcome": "burn"},
        {"reason": " "},
        {"next_review": None},
        {"next_review": NOW.date()},
    )
    for wrong in wrongs:
        given: dict[str, Any] = {
            "item_ids": ["r_a"],
            "outcome": "keep",
            "reason": "A claim is likely",
            "by": "u_aaaa",
            "at": NOW,
            "next_review": day("2027-06-01"),
        }
        with pytest.raises(RetentionError, match="cannot be decided"):
            review(session, **{**given, **wrong})
    assert reviews_of(session, "r_a") == []


def test_a_list_is_read_page_by_page(tmp_path: Path, session: Session) -> None:
    rule_id = rule(session)
    days = [OLD - dt.timedelta(days=n) for n in range(7)]
    rows = [contact(x, on_date=on) for x, on in zip("abcdefg", days, strict=True)]
    with DueList(snapshot(tmp_path, contact=rows), session, NOW) as due:
        assert due.count("review") == due.count("review", rule_id) == 7
        assert due.count("review", "k_zzzz") == 0
        pages = [due.items("review", offset=at, limit=3) for at in (0, 3, 6)]
        order = [item.item_id for page in pages for item in page]
        assert order == [f"c_{x}" for x in "gfedcba"]
        assert [item.item_id for item in due.find(["c_a", "c_zzz"])] == ["c_a"]


def test_a_record_goes_only_with_all_that_hangs_on_it(tmp_path: Path, session: Session) -> None:
    tables = family(session)
    review(session, ["c_b"], "keep", "A claim is likely", "u_a", NOW, next_review=day("2027-06-01"))
    with DueList(snapshot(tmp_path, **tables), session, NOW) as due:
        free = {row["item_id"] for row in due.disposable()}
        assert free == {"r_a", "c_a", "i_a", "r_c"}
        some = due.disposable(among=["r_a", "c_a", "r_c"])
        assert {row["item_id"] for row in some} == {"c_a", "r_c"}
        assert due.disposable("k_zzzz") == []
        [row] = due.disposable(among=["i_a"])
        assert row["share_key"] == "police|niche|warning"
        assert row["due_on"] == day("2022-05-01")
