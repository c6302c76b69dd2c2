"""Why two records are one person, or not; and how far a resolution can be trusted."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from governance import registration, restrictions, runs, sessions
from governance.decisions import sees_all_records
from governance.errors import AuditError
from governance.notices import notices
from governance.sessions import SessionLimits
from governance.viewer import Level, Viewer
from governance.watch import LimitReached
from kith.cli import kith, tokens
from kith.labelling.explaining import NotShownError, _step, explain
from records.errors import KithError
from records.keys import share_key
from records.resolved import RESOLVED_TABLES
from records.schema import arrow_schema
from resolution.explaining import REST, START
from tests.kith.labelling_builders import RUN, LabelHome

REASONS = [
    ["Same date of birth", 3.0],
    ["Everything else", 1.0],
    ["What every pair starts from", -2],
]
NUMBER = frozenset({"nhs_number"})
Pairs = dict[str, Any]


def told(other: str, words: str = "Speaking for it: same date of birth") -> dict[str, Any]:
    return {
        "by": "model:abc",
        "record": other,
        "probability": 0.88,
        "words": words,
        "reasons": REASONS,
    }


@pytest.fixture
def pairs(label_home: LabelHome) -> Pairs:
    """Records a, b, c of one person, linked a to b and b to c; d and e of another, f of a third.

    Of the first two people a and d are told of; the third was never weighed.
    """
    records = list(label_home.truth)
    a, b, c = (record for record in records if label_home.truth[record] == "1")
    d, e = [record for record in records if label_home.truth[record] == "2"][:2]
    f = next(record for record in records if label_home.truth[record] == "3")
    evidence = {b: [told(a), told(c)]}
    folder = label_home.home.folder / "resolved" / RUN
    links = {
        "record_id": records,
        "person_id": [f"p_{label_home.truth[record]}" for record in records],
        "evidence": [json.dumps(evidence.get(record, [])) for record in records],
    }
    pq.write_table(pa.table(links), folder / "link.parquet")
    entry = {key: value for key, value in told("").items() if key != "record"}
    possible = {
        "record_a": [min(a, d)],
        "record_b": [max(a, d)],
        "probability": [0.88],
        "reason": ["Two different valid NHS numbers"],
        "evidence": [json.dumps(entry)],
    }
    pq.write_table(pa.table(possible), folder / "possible_pair.parquet")
    return {"a": a, "b": b, "c": c, "d": d, "e": e, "f": f}


def without(label_home: LabelHome, record: str, terms: dict[str, Any] | None) -> Viewer:
    """The steward's view with other terms for one record's dataset; None: no agreement."""
    viewer = label_home.viewer()
    key = share_key(*label_home.keys[record][:2], "person")
    grants = dict(viewer.grants)
    grant = grants.pop(key)
    if terms is not None:
        grants[key] = dataclasses.replace(grant, **terms)
    return dataclasses.replace(viewer, grants=grants)


def found(label_home: LabelHome, one: str, other: str) -> Any:
    return explain(label_home.home, label_home.viewer(), label_home.user, (one, other))


def test_a_link_is_explained_either_way_round(label_home: LabelHome, pairs: Pairs) -> None:
    for one, other in (("a", "b"), ("b", "a")):
        why = found(label_home, pairs[one], pairs[other])
        assert (why.joined, why.refused, why.between) == (True, None, 0)
        [step] = why.steps
        assert step.reasons[0] == ("Same date of birth", 3.0)
        assert {"given_name", "birth_date"} <= {entry.field for entry in why.comparisons}


def test_records_linked_through_another_show_each_step_and_not_the_other(
    label_home: LabelHome, pairs: Pairs
) -> None:
    why = found(label_home, pairs["a"], pairs["c"])
    assert (why.joined, why.between, len(why.steps)) == (True, 1, 2)
    assert pairs["b"] not in repr(why)


@pytest.mark.parametrize(
    "terms",
    [None, {"level": Level.HEADLINE}, {"withheld": NUMBER}, {"since": dt.date(2020, 1, 1)}],
)
def test_what_may_rest_on_more_than_is_shown_is_told_alike_whatever_it_was(
    label_home: LabelHome, pairs: Pairs, terms: dict[str, Any] | None
) -> None:
    viewer = without(label_home, pairs["b"], terms)
    asked = [(pairs["a"], pairs["c"]), (pairs["a"], pairs["d"]), (pairs["c"], pairs["d"])]
    told = [explain(label_home.home, viewer, label_home.user, pair) for pair in asked]
    assert [why.joined for why in told] == [True, False, False]
    assert {(why.steps, why.between, "rests on more" in str(why.refused)) for why in told} == {
        ((), 0, True)
    }


def test_a_system_of_another_agency_that_shares_nothing_counts_too(
    label_home: LabelHome, pairs: Pairs
) -> None:
    assert sees_all_records(label_home.viewer())
    with label_home.home.register.session() as session:
        registration.add_dataset(
            session, "fire", "other", "Other", "Fire", "Article 6(1)(e)", "Owner", 7
        )
        session.commit()
    assert not sees_all_records(label_home.viewer())


def test_whom_they_were_seen_with_is_among_the_rest(label_home: LabelHome, pairs: Pairs) -> None:
    said = [("3 people were seen with both, at different places", 1.5), *map(tuple, REASONS)]
    entry = told(pairs["b"], "Speaking for it: 3 people were seen with both, at different places")
    step = _step({**entry, "reasons": said})
    assert step.words == ""
    assert dict(step.reasons) == {"Same date of birth": 3.0, REST: 2.5, START: -2.0}
    assert sum(value for _, value in step.reasons) == 3.5


def test_a_refused_merge_names_what_refused_it_and_the_reasons(
    label_home: LabelHome, pairs: Pairs
) -> None:
    why = found(label_home, pairs["d"], pairs["a"])
    assert (why.joined, why.refused) == (False, "Two different valid NHS numbers")
    assert why.steps[0].probability == 0.88


def test_what_was_never_weighed_says_so(label_home: LabelHome, pairs: Pairs) -> None:
    why = found(label_home, pairs["a"], pairs["f"])
    assert (why.joined, why.steps) == (False, ())
    assert "not weighed" in str(why.refused)


def test_records_of_two_people_that_others_speak_for_say_so_and_no_more(
    label_home: LabelHome, pairs: Pairs
) -> None:
    for one, other in (("a", "e"), ("e", "b")):
        why = found(label_home, pairs[one], pairs[other])
        assert (why.joined, why.steps) == (False, ())
        assert "Other records of the two people" in str(why.refused)
        assert "NHS" not in str(why.refused)


def test_what_is_told_is_on_the_record_first(
    label_home: LabelHome, pairs: Pairs, monkeypatch: pytest.MonkeyPatch
) -> None:
    found(label_home, pairs["a"], pairs["d"])
    [event] = label_home.events("link_explained")
    assert event["what"] == sorted([pairs["a"], pairs["d"]])
    assert event["user_id"] == label_home.user.user_id

    def full(_event: object) -> None:
        raise AuditError("the audit cannot be written")

    monkeypatch.setattr(label_home.home.audit, "record", full)
    with pytest.raises(AuditError):
        found(label_home, pairs["a"], pairs["d"])


def test_who_asks_too_often_is_told_nothing_more(label_home: LabelHome, pairs: Pairs) -> None:
    home = label_home.home
    home.settings = dataclasses.replace(home.settings, looks_unusual=1, looks_most=2)
    for _ in range(2):
        found(label_home, pairs["a"], pairs["d"])
    with pytest.raises(LimitReached):
        found(label_home, pairs["a"], pairs["d"])
    assert len(label_home.events("link_explained")) == 2
    assert label_home.events("refused")[0]["reason"] == "limit"
    with home.register.session() as session:
        assert {notice.kind for notice in notices(session)} == {"bulk", "limit"}


def test_who_must_not_be_traced_and_who_is_not_there_look_alike(
    label_home: LabelHome, pairs: Pairs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        restrictions, "restricted_subjects", lambda _session: frozenset({pairs["c"]})
    )
    for other in (pairs["a"], pairs["c"], "r_nobody"):
        with pytest.raises(NotShownError):
            found(label_home, pairs["d"], other)
    assert label_home.events("link_explained") == []


@pytest.fixture
def signed_in(label_home: LabelHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LabelHome:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    home = label_home.home
    limits = SessionLimits.from_settings(home.settings)
    with home.register.session() as session:
        token = sessions.start_session(session, label_home.user.user_id, home.clock(), limits)
        session.commit()
    tokens.keep(home.folder, token)
    return label_home


def call(label_home: LabelHome, *arguments: str) -> Result:
    [command, *rest] = arguments
    return CliRunner().invoke(kith, [command, "--home", str(label_home.home.folder), *rest])


def test_the_command_tells_it_for_a_purpose(signed_in: LabelHome, pairs: Pairs) -> None:
    refused = call(signed_in, "explain", pairs["a"], pairs["b"])
    assert isinstance(refused.exception, KithError)
    assert refused.exception.exit_code == 3
    purpose = ("--purpose", "record_linkage", "--reference", "DQ-1")
    shown = call(
        signed_in, "explain", pairs["a"], pairs["b"], *purpose, "--basis", "legal_obligation"
    )
    for kind in ("purpose_stated", "link_explained"):
        assert signed_in.events(kind)[-1]["legal_basis"] == "legal_obligation"
    assert "One person in the last resolution" in shown.stdout
    assert "+3.00" in shown.stdout
    apart = call(signed_in, "explain", pairs["a"], pairs["d"])
    assert "Two different valid NHS numbers" in apart.stdout
    document = json.loads(call(signed_in, "explain", pairs["a"], pairs["c"], "--json").stdout)
    assert (document["joined"], document["between"]) == (True, 1)
    assert call(signed_in, "explain", pairs["a"], pairs["a"]).exit_code == 2


BIN = {
    "low": 0.9,
    "high": 0.95,
    "labels": 40,
    "promised": 0.93,
    "found": 0.9,
    "found_low": 0.8,
    "found_high": 0.96,
}
COUNTS = {
    "records": 72,
    "model": {"version": "abc", "threshold": 0.75, "threshold_chosen_from": 50},
    "automatic": {
        "joined": {"rule": 5, "model": 60, "steward": 5},
        "alone": 2,
        "share": 65 / 70,
        "pairs_left": 9,
        "refused": 4,
    },
    "estimate": {
        "labels": 80,
        "precision": 0.995,
        "precision_low": 0.95,
        "precision_high": 1.0,
        "recall": 0.98,
        "recall_low": 0.94,
        "recall_high": 0.99,
    },
    "reliability": [{"of": "records", "by": "identifiers", "bins": [BIN]}],
}


def finish(label_home: LabelHome, counts: dict[str, Any]) -> None:
    home, at = label_home.home, dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    with home.register.session() as session:
        run_id = runs.start_run(session, runs.RESOLUTION, at, snapshot_id="a" * 32)
        runs.finish_run(session, run_id, at, counts=counts)
        session.commit()


def test_links_are_compared_on_the_record_and_never_those_of_a_few(
    signed_in: LabelHome, tmp_path: Path
) -> None:
    decided: dict[str, Any] = {"probability": 1.0, "decided_by": "alone", "evidence": "[]"}
    decided["decided_on"] = dt.date(2026, 11, 23)
    links = [{"record_id": r, "person_id": f"p_{p}", **decided} for r, p in signed_in.truth.items()]
    table = pa.Table.from_pylist(links, schema=arrow_schema(RESOLVED_TABLES["link"]))
    pq.write_table(table, signed_in.home.folder / "resolved" / RUN / "link.parquet")
    truth = signed_in.write_truth(tmp_path / "truth.csv")
    assert "precision" in call(signed_in, "evaluate", "--truth", str(truth)).stdout
    lines = truth.read_text(encoding="utf-8").splitlines()
    few = tmp_path / "few.csv"
    few.write_text("\n".join([*lines[:3], "a,b,padding,9"]), encoding="utf-8")
    refused = call(signed_in, "evaluate", "--truth", str(few))
    assert isinstance(refused.exception, KithError)
    assert "precision" not in refused.output
    assert [event["records"] for event in signed_in.events("links_compared")] == [72, 2]


def test_a_report_before_any_run_finds_nothing(signed_in: LabelHome) -> None:
    refused = call(signed_in, "report")
    assert isinstance(refused.exception, KithError)
    assert refused.exception.exit_code == 5


def test_a_report_tells_promises_findings_and_what_is_still_open(
    signed_in: LabelHome, tmp_path: Path
) -> None:
    finish(signed_in, COUNTS)
    shown = call(signed_in, "report", "--json", str(tmp_path / "report.json")).stdout
    for words in ("0.930", "0.800 to 0.960", "92.9%", "chosen by 50 answers", "98.0%", "open;"):
        assert words in shown
    document = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert document == json.loads(call(signed_in, "report", "--json", "-").stdout)
    assert document["reliability"] == COUNTS["reliability"]
    assert call(signed_in, "report", "--json", "/nowhere/x.json").exit_code == 2


def test_a_run_of_rules_alone_says_what_is_unknown(signed_in: LabelHome) -> None:
    finish(signed_in, {"records": 3, "model": None, "estimate": None, "automatic": None})
    shown = call(signed_in, "report").stdout
    assert "the rules decided alone" in shown
    assert "unknown" in shown
