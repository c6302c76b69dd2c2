"""Leases of questions, and what the ledger of judgements comes to."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from governance import RegistrationError, judgements, labels
from governance.judgements import Judgement, add_judgement, last_of
from governance.labels import Asked, Contradiction, Lease
from governance.register import Register
from tests.governance.builders import NOW, later


def asked(left: str = "r_a", right: str = "r_b", form: str = "records", **note: Any) -> Asked:
    return Asked(record_a=left, record_b=right, form=form, question={"run_id": "x_a", **note})


def take(session: Session, user: str = "u_a", question: Asked | None = None) -> Lease | None:
    wanted = question or asked()
    return labels.take(session, f"q_{''.join(wanted.pair)}", wanted, user, NOW)


def test_a_question_comes_back_whole_until_its_lease_runs_out(session: Session) -> None:
    question = asked(form="clusters", members=[["r_a", "r_c"], ["r_b"]], control=True)
    lease = take(session, question=question)
    session.commit()
    assert lease is not None
    assert labels.held(session, "u_a", NOW) == lease
    assert (lease.form, lease.question) == ("clusters", question.question)
    assert lease.until == later(minutes=10)
    assert labels.held(session, "u_a", later(minutes=10)) is None
    assert labels.leased(session, later(minutes=10)) == []


def test_nobody_else_gets_a_question_that_is_out(session: Session) -> None:
    assert take(session) is not None
    assert take(session, "u_b") is None
    assert take(session, "u_b", asked("r_b", "r_a")) is None  # the same pair, turned round
    held = labels.held(session, "u_a", NOW)
    assert held is not None
    assert held.user_id == "u_a"


def test_a_lease_that_ran_out_is_free(session: Session) -> None:
    take(session)
    again = labels.take(session, "q_r_ar_b", asked(), "u_b", later(minutes=10))
    assert again is not None
    assert labels.settle(session, "q_r_ar_b", "u_a", later(minutes=11)) is None
    assert labels.settle(session, "q_r_ar_b", "u_b", later(minutes=11)) is not None


def test_a_user_holds_one_question_and_may_have_it_again(session: Session) -> None:
    take(session)
    take(session, question=asked("r_a", "r_c"))
    assert [lease.record_b for lease in labels.leased(session, NOW)] == ["r_c"]
    assert take(session, question=asked("r_a", "r_c")) is not None


def test_a_pair_that_was_judged_is_not_leased_until_that_is_undone(session: Session) -> None:
    add_judgement(session, "r_b", "r_a", "unsure", "u_b", NOW)
    assert take(session) is None
    assert labels.leased(session, NOW) == []
    add_judgement(session, "r_a", "r_b", "undone", "u_b", NOW)
    assert take(session) is not None


@pytest.mark.parametrize("wrong", [asked("r_a", "r_a"), asked(form="triplets")])
def test_what_cannot_be_asked_is_refused(session: Session, wrong: Asked) -> None:
    with pytest.raises(RegistrationError):
        take(session, question=wrong)


def test_an_answer_ends_the_lease_once_and_only_its_holder_s(session: Session) -> None:
    take(session)
    assert labels.settle(session, "q_r_ar_b", "u_b", NOW) is None
    assert labels.settle(session, "q_r_ar_b", "u_a", later(minutes=10)) is None
    lease = labels.settle(session, "q_r_ar_b", "u_a", later(minutes=9))
    assert lease is not None
    assert lease.pair == ("r_a", "r_b")
    assert labels.settle(session, "q_r_ar_b", "u_a", later(minutes=9)) is None


def test_a_question_that_is_given_back_is_free(session: Session) -> None:
    take(session)
    labels.release(session, "q_r_ar_b")
    labels.release(session, "q_nothing")
    assert take(session, "u_b") is not None


def test_stewards_who_ask_at_once_never_get_the_same_pair(register: Register) -> None:
    """Eight threads, a connection each, want the same forty pairs in the same order."""
    wanted = [asked(f"r_a{number:02d}", "r_z") for number in range(40)]
    got: list[tuple[str, str]] = []
    start = threading.Barrier(8)

    def work(user: str) -> None:
        start.wait()
        with register.session() as session:
            for question in wanted:
                lease = take(session, user, question)
                if lease is None:
                    session.rollback()
                    continue
                session.commit()
                got.append((question.record_a, user))
                labels.settle(session, lease.question_id, user, NOW)
                add_judgement(session, *question.pair, "same", user, NOW)
                session.commit()

    threads = [threading.Thread(target=work, args=(f"u_{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(pair for pair, _ in got) == [question.record_a for question in wanted]
    with register.session() as session:
        assert judgements.count(session) == 40


def test_a_judgement_keeps_what_was_asked(session: Session) -> None:
    note = {"run_id": "x_a", "members": [["r_a"], ["r_b", "r_c"]]}
    add_judgement(session, "r_b", "r_a", "same", "u_a", NOW, form="clusters", question=note)
    session.commit()
    session.expunge_all()
    [found] = judgements.judgements(session)
    assert (found.record_a, found.form, found.question) == ("r_a", "clusters", note)
    assert judgements.in_force(session, "r_b", "r_a") == found


def test_an_undo_takes_back_what_the_user_did_last_and_still_holds(session: Session) -> None:
    for left, right, user in (("a", "b", "u_a"), ("a", "c", "u_a"), ("a", "d", "u_b")):
        add_judgement(session, f"r_{left}", f"r_{right}", "same", user, NOW)
    add_judgement(session, "r_a", "r_c", "different", "u_b", NOW)  # overrules u_a's
    found = last_of(session, "u_a")
    assert found is not None
    assert found.record_b == "r_b"
    add_judgement(session, "r_a", "r_b", "undone", "u_a", NOW)
    assert last_of(session, "u_a") is None
    assert last_of(session, "u_nobody") is None


def judged(left: str, right: str, verdict: str, user: str = "u_a") -> Judgement:
    first, second = sorted((f"r_{left}", f"r_{right}"))
    return Judgement(record_a=first, record_b=second, verdict=verdict, user_id=user, at=NOW)


def test_a_label_about_an_erased_record_is_ignored_and_counted() -> None:
    history = [judged("a", "b", "same"), judged("a", "gone", "same"), judged("c", "d", "different")]
    found = labels.labels(history, {"r_a", "r_b", "r_c", "r_d"})
    assert [(j.record_a, j.record_b) for j in found.judgements] == [("r_a", "r_b"), ("r_c", "r_d")]
    assert found.ignored == 1
    assert found.contradictions == []


def test_of_two_stewards_who_disagree_the_later_one_holds_and_both_are_told() -> None:
    history = [judged("a", "b", "same", "u_a"), judged("b", "a", "different", "u_b")]
    found = labels.labels(history)
    assert [j.verdict for j in found.judgements] == ["different"]
    assert found.contradictions == [
        Contradiction(kind="stewards", pairs=(("r_a", "r_b"),), holds="different")
    ]


@pytest.mark.parametrize(
    "history",
    [
        [judged("a", "b", "same"), judged("a", "b", "different")],  # one changed their mind
        [judged("a", "b", "same"), judged("a", "b", "unsure", "u_b")],
        [
            judged("a", "b", "same"),
            judged("a", "b", "undone"),
            judged("a", "b", "different", "u_b"),
        ],
    ],
)
def test_a_change_of_mind_is_no_contradiction(history: list[Judgement]) -> None:
    assert labels.labels(history).contradictions == []


def test_a_chain_that_joins_what_was_judged_different_is_named_pair_by_pair() -> None:
    history = [
        judged("a", "b", "same"),
        judged("b", "c", "same"),
        judged("c", "d", "same"),
        judged("b", "d", "same"),
        judged("x", "y", "different"),
        judged("d", "a", "different"),
    ]
    [found] = labels.labels(history).contradictions
    assert found.kind == "chain"
    assert found.pairs == (("r_a", "r_d"), ("r_a", "r_b"), ("r_b", "r_d"))


RECORDS = st.sampled_from("abcdef")
STEPS = st.tuples(RECORDS, RECORDS, st.sampled_from(judgements.VERDICTS), st.sampled_from("xyz"))


@given(steps=st.lists(STEPS.filter(lambda step: step[0] != step[1]), max_size=25))
def test_labels_are_what_the_ledger_says_and_chains_are_real(
    steps: list[tuple[str, str, str, str]],
) -> None:
    history = [judged(left, right, verdict, f"u_{who}") for left, right, verdict, who in steps]
    last = {(entry.record_a, entry.record_b): entry.verdict for entry in history}
    found = labels.labels(history)
    held = {(entry.record_a, entry.record_b): entry.verdict for entry in found.judgements}
    assert held == {pair: verdict for pair, verdict in last.items() if verdict != "undone"}
    chains = {entry.pairs[0]: entry.pairs[1:] for entry in found.contradictions if not entry.holds}
    for apart, chain in chains.items():
        assert held[apart] == "different"
        assert all(held[pair] == "same" for pair in chain)
        ends = [record for pair in chain for record in pair]
        assert sorted({r for r in ends if ends.count(r) % 2}) == sorted(apart)
    for pair, verdict in held.items():
        assert (pair in chains) == (verdict == "different" and _joined(held, *pair))


def _joined(held: dict[tuple[str, str], str], start: str, end: str) -> bool:
    reached = {start}
    for _ in held:
        for pair, verdict in held.items():
            if verdict == "same" and reached & set(pair):
                reached |= set(pair)
    return end in reached


def test_ten_thousand_labels_with_one_long_chain_are_read(session: Session) -> None:
    history = [judged(f"{n:05d}", f"{n + 1:05d}", "same") for n in range(9_900)]
    history += [judged("00000", f"{n:05d}", "different") for n in range(100, 9_900, 99)]
    found = labels.labels(history)
    assert len(found.judgements) == 9_999
    assert len(found.contradictions) == 99
    assert max(len(entry.pairs) for entry in found.contradictions) > 9_700
