"""The label desk: what is asked, of whom, and who may answer."""

from __future__ import annotations

import dataclasses
import threading

import pytest

from governance import judgements
from governance.errors import NotPermitted, RegistrationError
from governance.judgements import pair_of
from kith.labelling import LabelDesk, NoQuestionsError, NotLeasedError
from kith.labelling.implied import Implied
from tests.kith.labelling_acts import (
    answer,
    ask,
    lease_of,
    verdicts,
)
from tests.kith.labelling_builders import LabelHome, add_steward


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
        pair_of(*pair)
        for pool in label_home.pools.values()
        for pair in zip(pool.record_a, pool.record_b, strict=True)
    }
    implied = Implied()
    implied.take((pair, label_home.verdict(pair)) for pair in seen)
    assert seen < pairs  # what is left is decided by what was answered
    assert implied.places(sorted(pairs)) == set(range(len(pairs)))


def test_without_a_run_it_says_what_to_do_first(label_home: LabelHome) -> None:
    (label_home.home.folder / "resolved" / "current.json").unlink()
    with pytest.raises(NoQuestionsError, match="kith resolve"):
        ask(LabelDesk(label_home.home), label_home)


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


def test_a_question_given_back_is_there_for_others(desk: LabelDesk, label_home: LabelHome) -> None:
    question = ask(desk, label_home)
    desk.release(label_home.user)
    desk.release(label_home.user)
    other = add_steward(label_home.home, "oskar")
    assert ask(desk, label_home, other).question_id == question.question_id
