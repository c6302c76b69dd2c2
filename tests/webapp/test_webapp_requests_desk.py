"""Between the approver and the asker: what is told is what was approved, read again, no more."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.notices import notices
from governance.request_answers import FIELDS
from governance.requests import NoSuchRequest, RequestError
from governance.watch import LimitReached
from graph.embedded_store import EmbeddedStore
from kith.requesting import RequestDesk
from tests.webapp.requested import (
    QUESTION,
    SECRET,
    approve,
    asked,
    at_work,
    bring,
    fill,
    small_world,
)
from tests.webapp.rooms import PageHome


@pytest.fixture
def store(home: PageHome, tmp_path: Path) -> Iterator[EmbeddedStore]:
    opened = fill(home, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def desk(home: PageHome, store: EmbeddedStore) -> RequestDesk:
    return RequestDesk(home.as_home())


def offered(home: PageHome, desk: RequestDesk, request_id: str) -> dict[str, tuple[str, ...]]:
    """Fact -> the fields an approver may choose from."""
    considered = desk.consider(at_work(home, "warden", None), request_id)
    return {each.fact.fact_id: tuple(each.fact.values) for each in considered.offered}


def answered(home: PageHome, desk: RequestDesk, request_id: str) -> dict[str, dict[str, str]]:
    """Fact -> the values that its asker reads."""
    read = desk.read(at_work(home, "officer", None), request_id)
    return {fact.fact_id: dict(fact.values) for fact in read.facts}


def test_an_approver_chooses_from_their_own_agencys_facts(
    home: PageHome, desk: RequestDesk
) -> None:
    request_id = asked(home)
    considered = desk.consider(at_work(home, "warden", None), request_id)
    assert considered.who == ("Ann Other, born 1980-02-03",)
    what = {each.fact.what for each in considered.offered}
    assert what == {"record", "contact", "indicator"}
    assert {each.fact.share_key.split("|")[0] for each in considered.offered} == {"housing"}
    (row,) = home.audit.rows(kind="request_considered")
    assert row.payload["legal_basis"] == "public_task"
    assert {"c_noise", "c_abuse", "i_warn", "p_ann"} <= set(row.payload["what"])
    assert (row.payload["purpose"], row.payload["reference"]) == ("visit", "24-1182")
    assert "Ann" not in str(row.payload)


def test_an_approver_who_looks_at_too_many_people_is_stopped(
    home: PageHome, desk: RequestDesk
) -> None:
    made = asked(home)
    home.settings = dataclasses.replace(home.settings, looks_unusual=1, looks_most=3)
    warden = at_work(home, "warden", None)
    for subject in ("p_ann", "p_hid", "p_nobody"):
        desk.consider(warden, made, subject)
    with pytest.raises(LimitReached):
        desk.consider(warden, made, "p_ann")
    assert [row.payload["reason"] for row in home.audit.rows(kind="refused")] == ["limit"]
    with home.register.session() as session:
        assert {notice.kind for notice in notices(session)} == {"bulk", "limit"}


def test_each_question_offers_what_it_asks_for(home: PageHome, desk: RequestDesk) -> None:
    def of(question: str, **fields: object) -> dict[str, tuple[str, ...]]:
        changed = dataclasses.replace(QUESTION, question=question, **fields)  # type: ignore[arg-type]
        return offered(home, desk, asked(home, changed))

    assert set(of("latest", category="noise")) == {"c_noise"}
    assert of("latest", category="fire") == {}
    days = {"from_date": dt.date(2024, 1, 1), "to_date": dt.date(2024, 12, 31)}
    assert set(of("chronology", **days)) == {"c_abuse"}
    known = of("known")
    assert [set(names) for names in known.values()] == [{"lead_worker", "updated_on"}]
    worker = of("worker")
    assert "c_abuse" not in worker, "it is closed"
    assert set(worker["c_noise"]) == {"category", "service", "status", "ring"}


def test_a_person_who_does_not_exist_and_one_who_is_hidden_offer_nothing(
    home: PageHome, desk: RequestDesk
) -> None:
    seen = []
    for subject in ("p_hid", "p_nobody"):
        made = asked(home, dataclasses.replace(QUESTION, subject_id=subject))
        considered = desk.consider(at_work(home, "warden", None), made)
        seen.append((considered.who, considered.offered, considered.seen))
    assert seen[0] == seen[1]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_what_is_answered_is_what_was_approved(
    home: PageHome, desk: RequestDesk, data: st.DataObject
) -> None:
    request_id = asked(home)
    may = offered(home, desk, request_id)
    chosen: dict[str, set[str]] = {
        key: data.draw(st.sets(st.sampled_from(may[key]), min_size=1))
        for key in data.draw(st.sets(st.sampled_from(sorted(may)), min_size=1))
    }
    approve(home, request_id, chosen)
    told = answered(home, desk, request_id)
    assert {key: set(values) for key, values in told.items()} == chosen


def test_what_comes_or_changes_after_the_answer_is_not_told(
    home: PageHome, desk: RequestDesk, store: EmbeddedStore, tmp_path: Path
) -> None:
    request_id = asked(home)
    every = {key: set(names) for key, names in offered(home, desk, request_id).items()}
    approve(home, request_id, every)
    before = answered(home, desk, request_id)
    assert before["c_noise"]["summary"] == SECRET
    bring(store, small_world(later_contact=True, summary="Rewritten"), tmp_path, "w2")
    after = answered(home, desk, request_id)
    assert "c_new" not in after
    assert "Rewritten" not in str(after)
    assert set(before) - set(after) == {"c_noise"}
    assert desk.read(at_work(home, "officer", None), request_id).changed


def test_a_person_restricted_after_the_answer_is_not_told(
    home: PageHome, desk: RequestDesk, store: EmbeddedStore, tmp_path: Path
) -> None:
    request_id = asked(home)
    approve(home, request_id, {"c_noise": {"on_date"}, "i_warn": {"code"}})
    assert set(answered(home, desk, request_id)) == {"c_noise", "i_warn"}
    world = small_world()
    next(row for row in world.rows["person"] if row["person_id"] == "p_ann")["restricted"] = True
    bring(store, world, tmp_path, "w2")
    assert answered(home, desk, request_id) == {}


def test_an_erased_fact_is_gone_from_the_answer(
    home: PageHome, desk: RequestDesk, store: EmbeddedStore, tmp_path: Path
) -> None:
    request_id = asked(home)
    approve(home, request_id, {"c_noise": {"on_date"}, "c_abuse": {"on_date"}})
    world = small_world()
    for table in ("contact", "contact_address", "involvement"):
        world.rows[table] = [r for r in world.rows[table] if r["contact_id"] != "c_noise"]
    bring(store, world, tmp_path, "w2")
    assert set(answered(home, desk, request_id)) == {"c_abuse"}


def test_only_the_asker_reads_it_every_look_is_on_record_and_it_expires(
    home: PageHome, desk: RequestDesk
) -> None:
    request_id = asked(home)
    approve(home, request_id, {"c_noise": {"on_date"}})
    for other in ("analyst", "steward", "warden", "deputy"):
        with pytest.raises(NoSuchRequest):
            desk.read(at_work(home, other), request_id)
    assert list(home.audit.rows(kind="answer_read")) == []
    for _ in range(2):
        answered(home, desk, request_id)
    rows = list(home.audit.rows(kind="answer_read"))
    assert [row.payload["what"] for row in rows] == [["c_noise"]] * 2
    home.clock.pass_time(days=7)
    with pytest.raises(NoSuchRequest):
        answered(home, desk, request_id)
    assert len(list(home.audit.rows(kind="answer_read"))) == 2


def test_nothing_else_than_what_was_shown_can_be_chosen(
    home: PageHome, desk: RequestDesk, store: EmbeddedStore, tmp_path: Path
) -> None:
    latest = dataclasses.replace(QUESTION, question="latest", category="noise")
    request_id = asked(home, latest)
    for chosen in ({"c_abuse": {"on_date"}}, {"c_hid": {"on_date"}}, {"c_noise": {"source_key"}}):
        with pytest.raises(RequestError, match="what is shown"):
            approve(home, request_id, chosen)
    warden = at_work(home, "warden", None)
    before = desk.consider(warden, request_id)
    bring(store, small_world(later_contact=True), tmp_path, "w2")
    with pytest.raises(RequestError, match="Look again"):
        desk.approve(
            warden,
            request_id,
            subject_id=None,
            chosen={"c_new": frozenset({"summary"})},
            seen=before.seen,
            words="",
            days=7,
        )
    with pytest.raises(RequestError, match="by its id"):
        desk.consider(warden, request_id, "Ann Other")


def test_somebody_restricted_is_told_of_knowingly_or_not_at_all(
    home: PageHome, tmp_path: Path
) -> None:
    store = fill(home, tmp_path, restricted=True)
    desk = RequestDesk(home.as_home())
    request_id = asked(home, dataclasses.replace(QUESTION, subject_id="p_hid"))
    assert all(
        each.fact.restricted
        for each in desk.consider(at_work(home, "warden", None), request_id).offered
    )
    with pytest.raises(RequestError, match="must not be traced"):
        approve(home, request_id, {"c_hid": {"on_date"}})
    approve(home, request_id, {"c_hid": {"on_date"}}, restricted=True)
    assert answered(home, desk, request_id) == {"c_hid": {"on_date": "2026-01-01"}}
    free = asked(home)
    considered = desk.consider(at_work(home, "warden", None), free)
    assert not any(each.fact.restricted for each in considered.offered)
    store.close()


def test_an_address_answers_with_what_hangs_on_it(home: PageHome, desk: RequestDesk) -> None:
    request_id = asked(home, dataclasses.replace(QUESTION, subject_id="a_oak"))
    assert set(offered(home, desk, request_id)) == {"c_noise"}
    approve(home, request_id, {"c_noise": {"category", "on_date"}})
    told = answered(home, desk, request_id)
    assert told == {"c_noise": {"category": "noise", "on_date": "2026-05-06"}}


def test_every_field_of_an_answer_is_one_of_its_kind() -> None:
    assert all(len(set(names)) == len(names) for names in FIELDS.values())
