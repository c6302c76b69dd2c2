"""Every ground on which a fact is withheld, and the agreement that decides."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from governance.decisions import Fact, decide
from governance.viewer import Grant, Level, Viewer

KEY = "housing|nec|noise"
FACT = Fact(what="contact", share_key=KEY, on=dt.date(2025, 3, 1))


def viewer(**terms: Any) -> Viewer:
    grant = dataclasses.replace(Grant(level=Level.DETAIL, agreement_id="g_a"), **terms)
    return Viewer(
        user_id="u_a",
        agency="police",
        role="practitioner",
        purpose="visit",
        reference="VISIT-1",
        on=dt.date(2026, 11, 23),
        grants={KEY: grant},
    )


def test_without_an_agreement_nothing_is_allowed() -> None:
    decision = decide(viewer(), dataclasses.replace(FACT, share_key="housing|nec|person"))
    assert (decision.allowed, decision.agreement_id) == (False, None)
    assert decision.reason.startswith("No agreement")


@pytest.mark.parametrize(
    ("terms", "about", "words"),
    [
        ({}, {"restricted": True}, "must not be traced"),
        ({"since": dt.date(2025, 3, 2)}, {}, "older than 2 March 2025"),
        ({"latest_only": True}, {"is_latest": False}, "a later one"),
        ({"withheld": frozenset({"summary"})}, {"field_name": "summary"}, "withholds this field"),
        ({"level": Level.HEADLINE}, {"field_name": "summary"}, "headlines"),
        ({"level": Level.EXISTENCE}, {"field_name": "status"}, "holds something"),
        ({"withheld": frozenset({"uprn"})}, {"what": "stay"}, "withholds addresses"),
    ],
)
def test_each_ground_is_told_and_decides_alone(
    terms: dict[str, Any], about: dict[str, Any], words: str
) -> None:
    fact = dataclasses.replace(FACT, **about)
    decision = decide(viewer(**terms), fact)
    assert (decision.allowed, decision.agreement_id) == (False, "g_a")
    assert words in decision.reason
    widest = viewer(restricted_allowed=True)
    assert decide(widest, fact).allowed


def test_the_first_day_shown_is_shown() -> None:
    assert decide(viewer(since=dt.date(2025, 3, 1)), FACT).allowed
    assert decide(viewer(level=Level.EXISTENCE), FACT).allowed
