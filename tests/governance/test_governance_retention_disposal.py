"""A disposal takes two officers, and leaves a certificate of counts and digests."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from governance.retention import RetentionError
from governance.retention_disposal import (
    approve,
    certificate_digest,
    certify,
    disposal,
    disposals,
    items_of,
    propose,
    withdraw,
)
from governance.retention_tables import DisposalItemRow
from tests.governance.builders import NOW, later
from tests.governance.retained import day, rule

TODAY = NOW.date()


def row(item_id: str, rule_id: str, what: str = "contact") -> dict[str, Any]:
    return {
        "item_id": item_id,
        "what": what,
        "rule_id": rule_id,
        "share_key": "police|niche|noise",
        "due_on": day("2026-01-01"),
    }


def test_one_proposes_another_approves_and_the_certificate_tells_counts(session: Session) -> None:
    rule_id = rule(session)
    rows = [row("c_a", rule_id), row("c_b", rule_id), row("r_a", rule_id, "record")]
    made = propose(session, rows, "u_aaaa", NOW, due_by=TODAY, rule_id=rule_id)
    assert items_of(session, made) == rows
    with pytest.raises(RetentionError, match="not waiting to be carried out"):
        certify(session, made, rows, {}, {}, NOW)
    with pytest.raises(RetentionError, match="somebody else"):
        approve(session, made, "u_aaaa", NOW)
    approve(session, made, "u_bbbb", later(hours=1))
    with pytest.raises(RetentionError, match="not waiting"):
        approve(session, made, "u_cccc", NOW)
    done = certify(session, made, rows[1:], {"held": 1}, {"loads": 2}, later(hours=2))
    assert done.state == "carried out"
    told = done.certificate
    assert told["disposed_of"] == [
        {"rule": rule_id, "share_key": "police|niche|noise", "what": "contact", "count": 1},
        {"rule": rule_id, "share_key": "police|niche|noise", "what": "record", "count": 1},
    ]
    assert told["totals"] == {"record": 1, "contact": 1, "indicator": 0}
    assert (told["spared"], told["erasure"]) == ({"held": 1}, {"loads": 2})
    assert told["disposed_ids_sha256"] == hashlib.sha256(b"c_b\nr_a\n").hexdigest()
    assert (told["proposed"]["by"], told["approved"]["by"]) == ("u_aaaa", "u_bbbb")
    words = json.dumps(told)
    assert not any(each["item_id"] in words for each in rows)
    assert session.scalars(select(DisposalItemRow)).all() == []
    stored = disposal(session, made).certificate
    assert certificate_digest(stored) == certificate_digest(told)
    assert certificate_digest({**stored, "spared": {}}) != certificate_digest(told)
    for act in (
        lambda: withdraw(session, made, "u_a", NOW),
        lambda: certify(session, made, [], {}, {}, NOW),
    ):
        with pytest.raises(RetentionError):
            act()


def test_a_disposal_that_is_given_up_forgets_what_it_was_about(session: Session) -> None:
    rule_id = rule(session)
    made = propose(session, [row("c_a", rule_id)], "u_aaaa", NOW, due_by=TODAY)
    withdraw(session, made, "u_aaaa", NOW)
    assert items_of(session, made) == []
    assert [each.state for each in disposals(session)] == ["withdrawn"]
    with pytest.raises(RetentionError):
        approve(session, made, "u_bbbb", NOW)


def test_there_is_no_disposal_of_nothing(session: Session) -> None:
    with pytest.raises(RetentionError, match="nothing"):
        propose(session, [], "u_aaaa", NOW, due_by=TODAY)
    with pytest.raises(RetentionError, match="no such"):
        disposal(session, "d_zzzz")
