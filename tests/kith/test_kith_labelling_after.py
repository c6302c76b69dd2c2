"""The label desk: what becomes of answers, over undos, later runs, erasures and faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from governance import judgements, labels
from governance.errors import AuditError
from governance.tables import JudgementRow
from kith.labelling import VERDICTS, LabelDesk, NoQuestionsError
from kith.labelling.ledger import WINDOW
from kith.labelling.rounds import form_of
from kith.labelling.state import read_status
from tests.kith.labelling_acts import (
    answer,
    ask,
    deafen,
    erase,
    lease_of,
    second_run,
    verdicts,
)
from tests.kith.labelling_builders import LabelHome, add_steward


def test_a_run_that_left_no_questions_says_so_and_progress_still_works(
    label_home: LabelHome,
) -> None:
    for file in (label_home.home.folder / "resolved" / "x_firstrun" / "questions").iterdir():
        file.unlink()
    desk = LabelDesk(label_home.home)
    with pytest.raises(NoQuestionsError):
        ask(desk, label_home)
    assert desk.progress(label_home.user).labels == 0


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
