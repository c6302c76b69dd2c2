"""A slip is asked about once more, in words that say why, and what is said then stands."""

from __future__ import annotations

import pytest

from governance import judgements
from kith.labelling import LabelDesk
from resolution.learner import Learner
from tests.kith.labelling_acts import answer, ask, lease_of
from tests.kith.labelling_builders import LabelHome

OTHER = {"same": "different", "different": "same"}


def test_an_answer_against_all_others_is_asked_again_once(
    label_home: LabelHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = LabelDesk(label_home.home)
    monkeypatch.setattr(Learner, "doubtful", lambda _learner: [])
    answer(desk, label_home)
    ask(desk, label_home)
    slip = OTHER[label_home.verdict(lease_of(label_home).pair)]
    slipped = answer(desk, label_home, verdict=slip).pair
    doubted = label_home.pools["records"]
    pairs = list(zip(doubted.record_a, doubted.record_b, strict=True))
    place = next(n for n, pair in enumerate(pairs) if set(pair) == set(slipped))
    monkeypatch.setattr(Learner, "doubtful", lambda _learner: [place])
    assert "Asked again" in ask(desk, label_home).why
    assert answer(desk, label_home).pair == slipped
    with label_home.home.register.session() as session:
        held = judgements.in_force(session, *slipped)
        assert held is not None
        assert held.verdict == label_home.verdict(slipped)
        assert len(judgements.judgements(session)) == 2
    assert "Asked again" not in ask(desk, label_home).why  # whatever the model holds
    assert answer(desk, label_home).pair != slipped
