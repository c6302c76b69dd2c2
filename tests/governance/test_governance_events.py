from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance import events
from governance.events import (
    KINDS,
    AddressChecked,
    Event,
    EventError,
    FileRefused,
    PersonViewed,
    Refused,
    SignedIn,
    SignInFailed,
    UserCreated,
    from_payload,
)
from governance.viewer import Viewer
from tests.governance.builders import NOW, address_checked

SHOWN: dict[str, Any] = {
    "user_id": "u_aaaa",
    "agency": "police",
    "purpose": "visit",
    "reference": "REF 24-1182",
    "role": "practitioner",
}
VALUES: dict[str, Any] = {
    **SHOWN,
    "load_id": "l_aaaa",
    "giving_agency": "police",
    "dataset": "niche",
    "sha256": "0" * 64,
    "accepted": 1,
    "rejected": 0,
    "rows": 3,
    "run_id": "x_aaaa",
    "records": 5,
    "people": 4,
    "changes": 2,
    "subject_id": "u_bbbb",
    "agreement_id": "g_aaaa",
    "roles": ["analyst"],
    "permission": "load",
    "verdict": "same",
    "form": "records",
    "labels": 2,
    "unknown": 1,
    "emergency_id": "e_aaaa",
    "notice_id": "n_aaaa",
    "outcome": "justified",
    "request_id": "q_aaaa",
    "question": "known",
    "told": ["u_cccc"],
    "tells": True,
    "for_agency": "police",
    "for_purpose": "visit",
    "rule_id": "k_aaaa",
    "hold_id": "h_aaaa",
    "disposal_id": "d_aaaa",
    "due_by": "2026-11-23",
    "items": 3,
    "erasure_id": "z_aaaa",
    "loads": 2,
    "digest": "0" * 64,
    "rules": ["k_aaaa"],
    "basis": "public_task",
    **{"manifest": "0" * 64, "files": 3, "encrypted": True},
    **dict.fromkeys(("contacts", "indicators", "spared", "requests", "notices", "runs"), 1),
    "case_id": "j_aaaa",
    "asked_by": ["given_name", "nhs_number"],
    "found": 3,
    "request_kind": "access",
    "decision": "disclose",
    "rectification_id": "w_aaaa",
    **dict.fromkeys(("disclosed", "redacted", "withheld"), 1),
    **dict.fromkeys(("emergencies", "sessions", "tries", "quarantined"), 1),
}
CHOICES = {
    "file_refused": {"reason": "drift"},
    "refused": {"reason": "role"},
    "user_changed": {"change": "role_given"},
    "agreement_changed": {"change": "approved"},
    "restriction_changed": {"change": "lifted"},
    "register_changed": {"change": "added"},
    "request_changed": {"change": "told"},
    "approver_named": {"change": "named"},
    "worker_named": {"change": "named"},
    "retention_rule_changed": {"change": "approved"},
    "legal_hold_changed": {"change": "placed"},
    "retention_reviewed": {"outcome": "keep"},
    "disposal_changed": {"change": "proposed"},
    "erasure_begun": {"reason": "request"},
    "subject_case_changed": {"change": "opened"},
    "rectification_changed": {"change": "asked"},
}


def example(kind: str) -> Event:
    """An event of a kind with every field that must be there."""
    needed = [
        entry.name
        for entry in dataclasses.fields(KINDS[kind])
        if entry.default is dataclasses.MISSING
    ]
    given = {**VALUES, **CHOICES.get(kind, {})}
    return KINDS[kind](**{name: given[name] for name in needed})


@pytest.mark.parametrize("kind", KINDS)
def test_every_event_goes_into_json_and_comes_back_the_same(kind: str) -> None:
    event = example(kind)
    assert event.kind == kind
    assert from_payload(kind, json.loads(json.dumps(event.payload()))) == event


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_too_many_or_too_few_raises(kind: str) -> None:
    event = example(kind)
    with pytest.raises(TypeError):
        KINDS[kind](**{**event.payload(), "family_name": "Carter"})
    with pytest.raises(EventError):
        from_payload(kind, {**event.payload(), "family_name": "Carter"})
    required = [
        entry.name for entry in dataclasses.fields(event) if entry.default is dataclasses.MISSING
    ]
    for name in required:
        less = {key: value for key, value in event.payload().items() if key != name}
        with pytest.raises(EventError):
            from_payload(kind, less)


def test_events_are_named_as_the_audit_stores_them() -> None:
    assert KINDS["address_checked"] is AddressChecked
    assert all(cls.kind == kind for kind, cls in KINDS.items())
    public = {
        cls
        for name, cls in vars(events).items()
        if isinstance(cls, type) and issubclass(cls, Event) and not name.startswith("_")
    }
    assert public - {Event} == {cls for cls in KINDS.values() if cls.__module__ == events.__name__}


@pytest.mark.parametrize("field", ["user_id", "agency", "purpose", "reference", "role"])
def test_a_disclosure_says_who_for_whom_and_why(field: str) -> None:
    with pytest.raises(TypeError):
        PersonViewed(**{key: value for key, value in SHOWN.items() if key != field})
    with pytest.raises(EventError, match=field):
        PersonViewed(**{**SHOWN, field: None})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("user_id", "jo.smith"),
        ("user_id", "u_aaaa\n"),
        ("user_id", "system"),
        ("agency", "West Midlands Police"),
        ("agency", "*"),
        ("purpose", "curiosity"),
        ("reference", "Mia Carter"),
        ("reference", "24\n1182"),
        ("role", "king"),
        ("what", ["Mia Carter"]),
        ("what", ["12 Alder Road"]),
        ("what", ["9990000018"]),
        ("what", ["r_AAAA"]),
        ("what", ["r_aaa1"]),
        ("what", ["rr_aaaa"]),
        ("what", ["r_"]),
        ("what", [None]),
        ("what", "r_aaaa"),
        ("what", None),
    ],
)
def test_nothing_but_opaque_ids_and_codes_gets_in(field: str, value: object) -> None:
    with pytest.raises(EventError) as raised:
        AddressChecked(**{**SHOWN, field: value})
    assert "Carter" not in str(raised.value)
    assert field in str(raised.value)


@given(text=st.text(min_size=1, max_size=30))
def test_no_typed_text_passes_for_an_id(text: str) -> None:
    try:
        event = AddressChecked(**SHOWN, what=(text,))
    except EventError:
        return
    [passed] = event.what
    assert passed[1] == "_"
    assert set(passed[2:]) <= set("abcdefghijklmnopqrstuvwxyz234567")


@pytest.mark.parametrize("count", [-1, 1.5, True, "3", None])
def test_a_count_is_a_whole_number(count: Any) -> None:
    with pytest.raises(EventError):
        events.Resolved(user_id="system", run_id="x_a", records=count, people=1)


def test_what_may_come_as_any_collection() -> None:
    wanted = ("a_b", "r_a")
    assert AddressChecked(**SHOWN, what=list(wanted)).what == wanted
    assert AddressChecked(**SHOWN, what={"r_a", "a_b"}).what == wanted


def test_a_failed_sign_in_names_no_one_unknown() -> None:
    assert SignInFailed().payload()["user_id"] is None
    with pytest.raises(TypeError):
        SignInFailed(username="jo")  # type: ignore[call-arg]


def test_unattended_work_is_the_system() -> None:
    assert SignedIn(user_id="system").user_id == "system"


def test_closed_choices_are_closed() -> None:
    with pytest.raises(EventError):
        FileRefused(user_id="system", reason="row 7 of Mia Carter")
    with pytest.raises(EventError):
        Refused(permission="everything", reason="role")
    with pytest.raises(EventError):
        UserCreated(user_id="system", subject_id="u_a", roles=("king",))
    with pytest.raises(EventError):
        UserCreated(user_id="system", subject_id="u_a", roles=())


def test_a_viewer_fills_in_who_and_why() -> None:
    viewer = Viewer(**SHOWN, on=NOW.date())
    assert AddressChecked.by(viewer, what=("a_a", "r_aaaa")) == address_checked(0)


def test_a_stored_kind_that_is_unknown_raises() -> None:
    with pytest.raises(EventError, match="unknown kind"):
        from_payload("dropped_tables", {})


def test_the_manual_lists_every_event_in_its_own_words() -> None:
    manual = Path(__file__).parents[2].joinpath("docs", "governance.md").read_text(encoding="utf-8")
    for kind, cls in KINDS.items():
        assert f"| `{kind}` | {(cls.__doc__ or '').splitlines()[0]} |" in manual
