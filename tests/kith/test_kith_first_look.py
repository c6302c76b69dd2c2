"""Labelling before the first run: questions of a first look, and what becomes of the answers."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

import loaders.snapshot
from governance import judgements, loads, restrictions
from governance.tables import LoadRow
from kith import pipeline
from kith.cli.demo import prepare
from kith.home import Home
from kith.labelling import LabelDesk, NoQuestionsError
from kith.labelling.basis import FOLDER, LOOKING, prepare_ahead
from kith.labelling.state import read_status
from kith.settings import Settings
from tests.kith.labelling_acts import answer, ask, lease_of
from tests.kith.labelling_builders import LabelHome, add_steward


@pytest.fixture(scope="module")
def loaded_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration area, loaded and never resolved."""
    folder = tmp_path_factory.mktemp("look") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("NEO4J_URI", raising=False)
        patch.setattr(pipeline, "resolve", lambda *_args, **_options: None)
        patch.setattr(pipeline, "project", lambda *_args, **_options: None)
        prepare(folder, "walsall", 120, seed=4).close()
    return folder


@pytest.fixture
def loaded(loaded_once: Path, tmp_path: Path) -> Iterator[LabelHome]:
    folder = tmp_path / "home"
    shutil.copytree(loaded_once, folder)
    with Home.open(Settings(home=folder)) as home:
        yield LabelHome(home=home, user=add_steward(home, "stella"), truth={}, keys={}, pools={})


def looks(home: Home) -> list[str]:
    return sorted(entry.name for entry in (home.folder / FOLDER).glob("[!.]*"))


def test_the_snapshot_of_the_first_question_is_taken_after_loading(
    loaded: LabelHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare_ahead(loaded.home)

    def write(*_: Any) -> None:
        raise AssertionError("the steward waits for the snapshot")

    monkeypatch.setattr(loaders.snapshot, "_write", write)
    assert ask(LabelDesk(loaded.home), loaded).form == "records"


def test_no_snapshot_is_taken_ahead_where_a_run_is_asked_from(loaded: LabelHome) -> None:
    home = loaded.home
    with home.register.session() as session:
        rows = sum(entry.counts["rows"].get("record", 0) for entry in loads.loads(session))
    current = {"run_id": "x_a", "snapshot_id": "a", "basis": "", "counts": {"records": rows}}
    (home.folder / "resolved" / "current.json").write_text(json.dumps(current), encoding="utf-8")
    prepare_ahead(home)
    assert not list((home.folder / "snapshots").glob("[!.]*"))


def test_a_load_stands_though_no_snapshot_can_be_taken(loaded: LabelHome) -> None:
    shutil.rmtree(loaded.home.folder / "staging")
    prepare_ahead(loaded.home)
    with pytest.raises(loaders.StagingError):
        ask(LabelDesk(loaded.home), loaded)


def test_questions_are_there_as_soon_as_files_are(loaded: LabelHome) -> None:
    told: list[str] = []
    desk = LabelDesk(loaded.home, told=told.append)
    question = ask(desk, loaded)
    assert told == [LOOKING]
    assert "not linked yet" in question.why
    assert question.form == "records"
    assert lease_of(loaded).question["run_id"].startswith(f"{FOLDER}-")
    again = ask(LabelDesk(loaded.home, told=told.append), loaded)  # another process
    assert again.question_id == question.question_id
    assert told == [LOOKING]
    assert len(looks(loaded.home)) == 1


def test_answers_given_before_the_first_run_are_used_by_it(loaded: LabelHome) -> None:
    desk = LabelDesk(loaded.home)
    leases = [answer(desk, loaded, verdict="different") for _ in range(3)]
    assert not any(lease.question["control"] for lease in leases)
    before = desk.progress(loaded.user)
    assert (before.labels, before.since_training) == (3, 3)
    counts = pipeline.resolve(loaded.home).counts
    assert counts["labels"]["different"] == 3
    links = pipeline.current_result(loaded.home).read("link", ["record_id", "person_id"])
    person = dict(zip(*links.to_pydict().values(), strict=True))
    assert all(person[lease.record_a] != person[lease.record_b] for lease in leases)
    after = ask(desk, loaded)  # the same desk goes on with what the run left
    assert "not linked yet" not in after.why
    assert lease_of(loaded).question["run_id"].startswith("x_")
    assert not (loaded.home.folder / FOLDER).exists()
    progress = desk.progress(loaded.user)
    assert (progress.labels, progress.since_training) == (3, 0)


def test_an_answer_to_a_first_look_can_be_taken_back_after_the_run(loaded: LabelHome) -> None:
    desk = LabelDesk(loaded.home)
    lease = answer(desk, loaded, verdict="same")
    pipeline.resolve(loaded.home)
    question = desk.undo(loaded.viewer(), loaded.user)
    assert question is not None
    assert question.question_id == lease.question_id


def test_a_record_that_may_be_a_restricted_person_s_is_not_asked_about(loaded: LabelHome) -> None:
    desk = LabelDesk(loaded.home)
    ask(desk, loaded)
    hidden = lease_of(loaded)
    desk.release(loaded.user)
    with loaded.home.register.session() as session:
        reason, now = "court_order", loaded.home.clock()
        restrictions.restrict(session, hidden.record_a, reason, loaded.user.user_id, now)
        session.commit()
    asked = {record for _ in range(25) for record in answer(desk, loaded, verdict="unsure").pair}
    rows = loaders.take_snapshot(pipeline.load_context(loaded.home)).read("record").to_pylist()
    marks = {row["record_id"]: _mark(row) for row in rows}
    assert hidden.record_a not in asked
    assert marks[hidden.record_a] != (None, None)
    assert not any(marks[record] == marks[hidden.record_a] for record in asked)


def _mark(row: dict[str, Any]) -> tuple[str | None, str | None]:
    return row["birth_date"], (row["given_name"] or "").lower()[:1] or None


def test_much_more_after_a_run_is_looked_at_anew(loaded: LabelHome) -> None:
    pipeline.resolve(loaded.home)
    desk = LabelDesk(loaded.home)
    ask(desk, loaded)
    assert lease_of(loaded).question["run_id"].startswith("x_")
    desk.release(loaded.user)
    file = loaded.home.folder / "resolved" / "current.json"
    current = pipeline.read_current(loaded.home)
    assert current is not None
    _write_counts(file, current, current["counts"]["records"] // 2)
    fresh = LabelDesk(loaded.home)
    answer(fresh, loaded, verdict="unsure")
    assert fresh.progress(loaded.user).since_training == 1
    assert len(looks(loaded.home)) == 1
    _write_counts(file, current, current["counts"]["records"] - 1)
    ask(LabelDesk(loaded.home), loaded)
    assert "not linked yet" not in ask(LabelDesk(loaded.home), loaded).why


def _write_counts(file: Path, current: dict[str, object], records: int) -> None:
    file.write_text(json.dumps({**current, "counts": {"records": records}}), encoding="utf-8")


def test_a_load_while_stewards_label_brings_a_new_look_and_keeps_their_answers(
    loaded: LabelHome,
) -> None:
    desk = LabelDesk(loaded.home)
    answer(desk, loaded, verdict="unsure")
    [before] = looks(loaded.home)
    with loaded.home.register.session() as session:
        last = loads.loads(session)[-1]
        again = dataclasses.replace(
            last, load_id="l_again", loaded_on=last.loaded_on + dt.timedelta(days=1)
        )
        loads.add_load(session, again)
        session.commit()
    place = loaded.home.folder / "staging" / last.agency / last.dataset
    (place / "l_again").symlink_to(place / last.load_id)
    ask(desk, loaded)
    [after] = looks(loaded.home)
    assert after != before
    with loaded.home.register.session() as session:
        assert len(judgements.judgements(session)) == 1


def test_without_any_record_it_says_what_to_do(tmp_path: Path) -> None:
    with Home.create(Settings(home=tmp_path / "home"), "walsall") as home:
        user = add_steward(home, "stella")
        empty = LabelHome(home=home, user=user, truth={}, keys={}, pools={})
        desk = LabelDesk(home)
        with pytest.raises(NoQuestionsError, match="load more"):
            ask(desk, empty)
        assert desk.progress(user).labels == 0
        assert read_status(home, user).ignored == 0


def test_loads_that_were_all_refused_leave_nothing_to_ask(loaded: LabelHome) -> None:
    with loaded.home.register.session() as session:
        session.execute(update(LoadRow).values(state="refused"))
        session.commit()
    with pytest.raises(NoQuestionsError):
        ask(LabelDesk(loaded.home), loaded)
