"""The label desk: what is asked, of whom, and what becomes of the answers."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path

import pytest

from governance import judgements, labels
from governance.errors import AuditError, NotPermitted, RegistrationError
from governance.labels import Lease
from governance.sessions import SignedInUser
from governance.tables import JudgementRow
from kith.labelling import (
    VERDICTS,
    LabelDesk,
    NoQuestionsError,
    NotLeasedError,
    Question,
)
from kith.labelling.ledger import WINDOW
from kith.labelling.rounds import form_of
from kith.labelling.state import read_status
from resolution.questions import write_pool
from tests.kith.labelling_builders import LabelHome, add_steward


@pytest.fixture
def desk(label_home: LabelHome) -> LabelDesk:
    return LabelDesk(label_home.home)


def ask(desk: LabelDesk, label_home: LabelHome, user: SignedInUser | None = None) -> Question:
    question = desk.next(label_home.viewer(user), user or label_home.user)
    assert question is not None
    return question


def lease_of(label_home: LabelHome, user: SignedInUser | None = None) -> Lease:
    with label_home.home.register.session() as session:
        held = labels.held(session, (user or label_home.user).user_id, label_home.home.clock())
    assert held is not None
    return held


def answer(
    desk: LabelDesk, label_home: LabelHome, user: SignedInUser | None = None, verdict: str = ""
) -> Lease:
    """Ask and answer, with the truth unless another verdict is given."""
    who = user or label_home.user
    question = ask(desk, label_home, who)
    lease = lease_of(label_home, who)
    told = verdict or label_home.verdict(lease.pair)
    desk.answer(label_home.viewer(who), who, question.question_id, told)
    return lease


def verdicts(label_home: LabelHome) -> list[str]:
    with label_home.home.register.session() as session:
        return [entry.verdict for entry in judgements.history(session)]


def test_a_question_says_what_both_records_hold(desk: LabelDesk, label_home: LabelHome) -> None:
    question = ask(desk, label_home)
    rows = {entry.field: entry for entry in question.comparisons}
    assert {"given_name", "family_name", "birth_date", "sex", "address", "agency"} <= set(rows)
    assert len(question.left_sources) == len(question.right_sources) == 1
    assert question.left_sources[0] == f"{rows['agency'].left[0]}, {rows['dataset'].left[0]}"
    assert question.leased_until > label_home.home.clock()
    shown = repr(question)
    assert not any(record in shown for record in label_home.truth)


def test_what_is_decided_is_in_the_ledger_with_what_was_asked(
    desk: LabelDesk, label_home: LabelHome
) -> None:
    lease = answer(desk, label_home)
    with label_home.home.register.session() as session:
        [found] = judgements.judgements(session)
    assert (found.record_a, found.record_b) == lease.pair
    assert (found.user_id, found.form) == (label_home.user.user_id, "records")
    assert found.verdict == label_home.verdict(lease.pair)
    assert set(found.question) == {"run_id", "control", "weight", "foreseen"}


def test_a_question_that_is_held_is_asked_again_for_ten_more_minutes(
    desk: LabelDesk, label_home: LabelHome
) -> None:
    first = ask(desk, label_home)
    label_home.pass_time(minutes=4)
    again = ask(desk, label_home)
    assert again.question_id == first.question_id
    assert (again.leased_until - first.leased_until).total_seconds() == 240
    assert len(label_home.events("question_shown")) == 2


def test_no_pair_is_asked_twice_and_the_pool_ends(desk: LabelDesk, label_home: LabelHome) -> None:
    seen = set()
    while desk.next(label_home.viewer(), label_home.user) is not None:
        lease = answer(desk, label_home)
        assert lease.pair not in seen
        seen.add(lease.pair)
    pairs = {
        frozenset(pair)
        for pool in label_home.pools.values()
        for pair in zip(pool.record_a, pool.record_b, strict=True)
    }
    assert {frozenset(pair) for pair in seen} == pairs


def test_without_a_run_it_says_what_to_do_first(label_home: LabelHome) -> None:
    (label_home.home.folder / "resolved" / "current.json").unlink()
    with pytest.raises(NoQuestionsError, match="kith resolve"):
        ask(LabelDesk(label_home.home), label_home)


def test_a_run_that_left_no_questions_says_so_and_progress_still_works(
    label_home: LabelHome,
) -> None:
    for file in (label_home.home.folder / "resolved" / "x_firstrun" / "questions").iterdir():
        file.unlink()
    desk = LabelDesk(label_home.home)
    with pytest.raises(NoQuestionsError):
        ask(desk, label_home)
    assert desk.progress(label_home.user).labels == 0


def test_stewards_are_asked_different_things(desk: LabelDesk, label_home: LabelHome) -> None:
    other = add_steward(label_home.home, "oskar")
    first, second = ask(desk, label_home), ask(desk, label_home, other)
    assert first.question_id != second.question_id
    elsewhere = LabelDesk(label_home.home)  # another process
    third = ask(elsewhere, label_home, add_steward(label_home.home, "ines"))
    assert third.question_id not in {first.question_id, second.question_id}


def test_stewards_at_once_in_two_processes_judge_no_pair_twice(label_home: LabelHome) -> None:
    users = [add_steward(label_home.home, f"steward{number}") for number in range(4)]
    desks = [LabelDesk(label_home.home), LabelDesk(label_home.home)]
    faults: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for _ in range(8):
                answer(desks[number % 2], label_home, users[number])
        except BaseException as error:  # a thread's fault is the test's
            faults.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with label_home.home.register.session() as session:
        made = list(judgements.history(session))
    assert len(made) == len({(entry.record_a, entry.record_b) for entry in made}) == 32
    assert label_home.home.audit.verify() == []


def test_a_lease_that_ran_out_is_not_answered_and_goes_to_the_next_steward(
    desk: LabelDesk, label_home: LabelHome
) -> None:
    question = ask(desk, label_home)
    label_home.pass_time(minutes=10)
    other = add_steward(label_home.home, "oskar")
    assert ask(desk, label_home, other).question_id == question.question_id
    with pytest.raises(NotLeasedError):
        desk.answer(label_home.viewer(), label_home.user, question.question_id, "same")
    assert verdicts(label_home) == []


def test_an_answer_counts_once(desk: LabelDesk, label_home: LabelHome) -> None:
    question = ask(desk, label_home)
    desk.answer(label_home.viewer(), label_home.user, question.question_id, "same")
    with pytest.raises(NotLeasedError):
        desk.answer(label_home.viewer(), label_home.user, question.question_id, "different")
    assert verdicts(label_home) == ["same"]


def test_a_question_of_another_steward_is_not_answered(
    desk: LabelDesk, label_home: LabelHome
) -> None:
    question = ask(desk, label_home)
    other = add_steward(label_home.home, "oskar")
    with pytest.raises(NotLeasedError):
        desk.answer(label_home.viewer(other), other, question.question_id, "same")


@pytest.mark.parametrize(
    "question_id", ["", "q_", "q_aaaa", "' or 1=1 --", "q_\x00", "\ud800", "q_" + "a" * 10_000]
)
def test_a_question_that_is_none_is_refused(
    desk: LabelDesk, label_home: LabelHome, question_id: str
) -> None:
    with pytest.raises(NotLeasedError):
        desk.answer(label_home.viewer(), label_home.user, question_id, "same")


@pytest.mark.parametrize("verdict", ["", "undone", "SAME", "same ", "yes", "\x00"])
def test_another_verdict_is_refused_and_the_question_stays(
    desk: LabelDesk, label_home: LabelHome, verdict: str
) -> None:
    question = ask(desk, label_home)
    with pytest.raises(RegistrationError):
        desk.answer(label_home.viewer(), label_home.user, question.question_id, verdict)
    assert lease_of(label_home).question_id == question.question_id


def test_only_a_steward_is_asked_and_only_as_themselves(
    desk: LabelDesk, label_home: LabelHome
) -> None:
    nurse = add_steward(label_home.home, "nora", roles=("practitioner",))
    viewer = label_home.viewer()
    borrowed = dataclasses.replace(viewer, user_id=nurse.user_id)
    for viewer_of, user in ((borrowed, nurse), (borrowed, label_home.user)):
        with pytest.raises(NotPermitted):
            desk.next(viewer_of, user)
        with pytest.raises(NotPermitted):
            desk.answer(viewer_of, user, "q_aaaa", "same")
        with pytest.raises(NotPermitted):
            desk.undo(viewer_of, user)
    with pytest.raises(NotPermitted):
        desk.progress(nurse)
    assert label_home.events("question_shown") == []


def test_an_undo_gives_the_question_back_and_forgets_the_answer(
    desk: LabelDesk, label_home: LabelHome
) -> None:
    first, second = answer(desk, label_home), answer(desk, label_home)
    ask(desk, label_home)
    for lease in (second, first):
        question = desk.undo(label_home.viewer(), label_home.user)
        assert question is not None
        assert question.question_id == lease.question_id
        assert lease_of(label_home).question == lease.question
    assert desk.undo(label_home.viewer(), label_home.user) is None
    assert desk.progress(label_home.user).labels == 0
    assert verdicts(label_home)[2:] == ["undone", "undone"]
    desk.answer(label_home.viewer(), label_home.user, first.question_id, "unsure")
    assert verdicts(label_home)[-1] == "unsure"


def test_an_undo_takes_back_nobody_else_s_answer(desk: LabelDesk, label_home: LabelHome) -> None:
    answer(desk, label_home)
    other = add_steward(label_home.home, "oskar")
    assert desk.undo(label_home.viewer(other), other) is None
    with label_home.home.register.session() as session:
        judgements.add_judgement(
            session, "r_x", "r_y", "same", other.user_id, label_home.home.clock()
        )
        session.commit()
    assert desk.undo(label_home.viewer(other), other) is None  # nobody asked; it came from a file


def test_an_answer_of_an_earlier_run_can_be_taken_back(
    desk: LabelDesk, label_home: LabelHome
) -> None:
    lease = answer(desk, label_home)
    second_run(label_home)
    question = desk.undo(label_home.viewer(), label_home.user)
    assert question is not None
    assert question.question_id == lease.question_id


def second_run(label_home: LabelHome, keep: int = 3) -> None:
    """A later run over the same records, with the first few questions only."""
    home, pool = label_home.home, label_home.pools["records"]
    run = home.folder / "resolved" / "x_secondrun"
    current = home.folder / "resolved" / "current.json"
    text = current.read_text(encoding="utf-8")
    (run / "questions").mkdir(parents=True)
    old = run.with_name("x_firstrun")
    (run / "link.parquet").write_bytes((old / "link.parquet").read_bytes())
    cut = {
        entry.name: getattr(pool, entry.name)[:keep]
        for entry in dataclasses.fields(pool)
        if entry.name not in {"form", "names", "directions"}
    }
    write_pool(run / "questions", "records", dataclasses.replace(pool, **cut))
    current.write_text(text.replace("x_firstrun", "x_secondrun"), encoding="utf-8")


def test_a_later_run_s_questions_replace_the_earlier_ones(
    desk: LabelDesk, label_home: LabelHome
) -> None:
    answer(desk, label_home)
    assert desk.progress(label_home.user).since_training == 1
    second_run(label_home)
    assert desk.progress(label_home.user).since_training == 0
    lease = answer(desk, label_home)
    assert lease.question["run_id"] == "x_secondrun"
    pool = label_home.pools["records"]
    pairs = set(zip(pool.record_a[:3], pool.record_b[:3], strict=True))
    assert lease.pair in pairs | {(b, a) for a, b in pairs}
    progress = desk.progress(label_home.user)
    assert (progress.labels, progress.since_training) == (2, 1)


def test_records_come_first_then_clusters_and_one_in_ten_is_drawn_at_random(
    label_home: LabelHome,
) -> None:
    desk = LabelDesk(label_home.home, budget=40)
    asked = [answer(desk, label_home) for _ in range(48)]
    assert [lease.form for lease in asked[:40]] == ["records"] * 25 + ["clusters"] * 15
    assert [lease.form for lease in asked[40:]].count("records") == 5
    control = [number for number, lease in enumerate(asked) if lease.question["control"]]
    assert control == [9, 19, 29, 39]
    assert "members" not in asked[0].question
    members = asked[30].question["members"]
    assert asked[30].record_a in members[0]
    assert asked[30].record_b in members[1]


def test_the_ratio_of_forms_holds_from_the_first_to_the_last() -> None:
    counts = {"records": 0, "clusters": 0}
    for _ in range(800):
        counts[form_of(counts["records"], counts["clusters"], 400)] += 1
    assert counts == {"records": 500, "clusters": 300}
    assert form_of(0, 0, 1) == "records"


def test_a_question_about_clusters_shows_every_record_of_both(label_home: LabelHome) -> None:
    desk = LabelDesk(label_home.home, budget=1)
    answer(desk, label_home)
    question = ask(desk, label_home)
    lease = lease_of(label_home)
    assert question.form == lease.form == "clusters"
    sides = lease.question["members"]
    assert [len(question.left_sources), len(question.right_sources)] == [*map(len, sides)]
    shown = label_home.events("question_shown")[-1]["what"]
    assert sorted(shown) == sorted([*sides[0], *sides[1]])


def test_progress_counts_and_the_curve_is_made_of_windows(
    desk: LabelDesk, label_home: LabelHome
) -> None:
    other = add_steward(label_home.home, "oskar")
    for number in range(WINDOW + 5):
        answer(desk, label_home, other if number % 2 else None)
    answer(desk, label_home, verdict="unsure")
    for seen_by in (desk, LabelDesk(label_home.home)):  # another process sees the same
        progress = seen_by.progress(label_home.user)
        assert (progress.labels, progress.by_me) == (WINDOW + 6, 16)
        assert (progress.since_training, progress.until_training) == (WINDOW + 6, 50 - WINDOW - 6)
        assert [point.labels for point in progress.curve] == [WINDOW, WINDOW + 5]
        assert all(0.5 < point.agreement <= 1 for point in progress.curve)


def test_ten_thousand_labels_are_borne(desk: LabelDesk, label_home: LabelHome) -> None:
    now = label_home.home.clock()
    note = {"run_id": "x_earlier", "foreseen": 0.7}
    with label_home.home.register.session() as session:
        session.add_all(
            JudgementRow(
                record_a=f"r_a{number:05d}", record_b=f"r_b{number:05d}",
                verdict=VERDICTS[number % 3], user_id="u_aaaa", at=now, form="records",
                question=note,
            )
            for number in range(10_000)
        )  # fmt: skip
        session.commit()
    answer(desk, label_home)
    progress = desk.progress(label_home.user)
    assert (progress.labels, progress.by_me, progress.since_training) == (10_001, 1, 1)
    status = read_status(label_home.home, label_home.user)
    assert (status.ignored, status.contradictions) == (10_000, [])


def test_labels_that_contradict_are_listed_and_the_later_one_counts(
    desk: LabelDesk, label_home: LabelHome
) -> None:
    lease = answer(desk, label_home, verdict="same")
    other = add_steward(label_home.home, "oskar")
    with label_home.home.register.session() as session:
        judgements.add_judgement(
            session, *lease.pair, "different", other.user_id, label_home.home.clock()
        )
        session.commit()
    [found] = read_status(label_home.home, label_home.user).contradictions
    assert (found.kind, found.pairs, found.holds) == ("stewards", (lease.pair,), "different")
    answer(desk, label_home)  # and work goes on


def test_a_pair_whose_record_is_gone_is_never_asked(label_home: LabelHome) -> None:
    gone = label_home.pools["records"].record_a[0]
    erase(label_home, gone)
    desk = LabelDesk(label_home.home)
    while desk.next(label_home.viewer(), label_home.user) is not None:
        assert gone not in answer(desk, label_home).pair
    assert all(gone not in event["what"] for event in label_home.events("question_shown"))


def test_an_answer_about_an_erased_record_waits_and_is_counted(
    desk: LabelDesk, label_home: LabelHome
) -> None:
    lease = answer(desk, label_home)
    erase(label_home, lease.record_a)
    fresh = LabelDesk(label_home.home)
    assert read_status(label_home.home, label_home.user).ignored == 1
    question = fresh.undo(label_home.viewer(), label_home.user)
    assert question is not None  # the answer is taken back, and another question comes
    assert question.question_id != lease.question_id
    assert verdicts(label_home)[-1] == "undone"


def erase(label_home: LabelHome, record_id: str) -> None:
    """Take a record out of the snapshot, as an erasure does."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    [folder] = (label_home.home.folder / "snapshots").iterdir()
    for name in ("record", "residence"):
        file = folder / f"{name}.parquet"
        rows = pq.read_table(file)
        pq.write_table(rows.filter(pc.field("record_id") != record_id), file)


class Deaf:
    """An audit that cannot write some kinds of event."""

    def __init__(self, audit: object, *kinds: str) -> None:
        self._audit, self._kinds = audit, kinds

    def record(self, event: object, *rest: object) -> object:
        if getattr(event, "kind", "") in self._kinds:
            raise AuditError("The audit cannot be written; nothing is shown without it.")
        return self._audit.record(event, *rest)  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> object:
        return getattr(self._audit, name)


def deafen(label_home: LabelHome, monkeypatch: pytest.MonkeyPatch, *kinds: str) -> None:
    monkeypatch.setattr(label_home.home, "audit", Deaf(label_home.home.audit, *kinds))


def test_without_an_audit_row_there_is_no_question(
    desk: LabelDesk, label_home: LabelHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        deafen(label_home, patch, "question_shown")
        with pytest.raises(AuditError):
            ask(desk, label_home)
        with label_home.home.register.session() as session:
            assert labels.leased(session, label_home.home.clock()) == []
    ask(desk, label_home)


def test_the_audit_row_names_the_records_the_purpose_and_comes_first(
    desk: LabelDesk, label_home: LabelHome
) -> None:
    ask(desk, label_home)
    [event] = label_home.events("question_shown")
    assert sorted(event["what"]) == sorted(lease_of(label_home).pair)
    assert (event["purpose"], event["reference"], event["role"]) == (
        "record_linkage", "DQ-1", "steward",
    )  # fmt: skip


def test_without_an_audit_row_nothing_is_decided_or_taken_back(
    desk: LabelDesk, label_home: LabelHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(desk, label_home)
    question = ask(desk, label_home)
    deafen(label_home, monkeypatch, "judgement_made")
    with pytest.raises(AuditError):
        desk.answer(label_home.viewer(), label_home.user, question.question_id, "same")
    with pytest.raises(AuditError):
        desk.undo(label_home.viewer(), label_home.user)
    assert len(verdicts(label_home)) == 1
    assert lease_of(label_home).question_id == question.question_id


def test_answers_and_undos_are_audited(desk: LabelDesk, label_home: LabelHome) -> None:
    lease = answer(desk, label_home, verdict="unsure")
    desk.undo(label_home.viewer(), label_home.user)
    made = label_home.events("judgement_made")
    assert [(event["verdict"], tuple(event["what"])) for event in made] == [
        ("unsure", lease.pair), ("undone", lease.pair),
    ]  # fmt: skip
    assert {event["simulated"] for event in made} == {None}


def test_a_question_given_back_is_there_for_others(desk: LabelDesk, label_home: LabelHome) -> None:
    question = ask(desk, label_home)
    desk.release(label_home.user)
    desk.release(label_home.user)
    other = add_steward(label_home.home, "oskar")
    assert ask(desk, label_home, other).question_id == question.question_id


def test_a_broken_pool_is_refused_in_words(label_home: LabelHome, tmp_path: Path) -> None:
    folder = label_home.home.folder / "resolved" / "x_firstrun" / "questions"
    (folder / "pairs.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(Exception, match=r"broken|resolve again"):
        ask(LabelDesk(label_home.home), label_home)


def test_a_snapshot_that_is_gone_is_refused_in_words(label_home: LabelHome) -> None:
    current = label_home.home.folder / "resolved" / "current.json"
    current.write_text(current.read_text().replace("a" * 32, "b" * 32), encoding="utf-8")
    with pytest.raises(Exception, match="kith resolve"):
        ask(LabelDesk(label_home.home), label_home)
