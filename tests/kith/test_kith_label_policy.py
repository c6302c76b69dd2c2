"""Who may be asked about whom: a question shows what the viewer's agreements show, and no more."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from governance import restrictions
from governance.viewer import Grant, Level, Viewer
from kith.labelling import LabelDesk, Question
from tests.kith.labelling_builders import LabelHome, make_label_home

LONG_AGO = dt.date(2025, 1, 1)
POLICE = "police|niche|person"
Change = Callable[[dict[str, Any]], dict[str, Any]]


def with_grants(viewer: Viewer, **changes: Mapping[str, Any] | None) -> Viewer:
    """A viewer some of whose agencies share otherwise, or (None) not at all."""
    grants = {}
    for key, grant in viewer.grants.items():
        change = changes.get(key.split("|")[0], {})
        if change is not None:
            grants[key] = dataclasses.replace(grant, **change)
    return dataclasses.replace(viewer, grants=grants)


def all_questions(label_home: LabelHome, viewer: Viewer) -> tuple[list[Question], set[str]]:
    """Everything that this viewer is ever asked, and every record that was named for it."""
    desk = LabelDesk(label_home.home)
    found = []
    while (question := desk.next(viewer, label_home.user)) is not None:
        found.append(question)
        desk.answer(viewer, label_home.user, question.question_id, "unsure")
    shown = {record for event in label_home.events("question_shown") for record in event["what"]}
    return found, shown


def agencies(label_home: LabelHome, records: set[str]) -> set[str]:
    return {label_home.keys[record][0] for record in records}


@pytest.mark.parametrize(
    "change",
    [
        None,
        {"level": Level.EXISTENCE},
        {"since": dt.date(2030, 1, 1)},
    ],
)
def test_records_of_an_agency_that_does_not_share_are_never_asked_about(
    tmp_path: Path, change: dict[str, Any] | None
) -> None:
    touched = make_label_home(tmp_path, change=lambda row: row | {"updated_on": LONG_AGO})
    with touched.home:
        found, shown = all_questions(touched, with_grants(touched.viewer(), police=change))
        assert found
        assert agencies(touched, shown) == {"nhs", "housing"}
        assert not any("Police" in source for q in found for source in q.left_sources)


def test_a_viewer_without_a_grant_is_asked_nothing(label_home: LabelHome) -> None:
    nobody = dataclasses.replace(label_home.viewer(), grants={})
    assert LabelDesk(label_home.home).next(nobody, label_home.user) is None
    assert label_home.events("question_shown") == []


def test_an_agreement_that_ends_hides_the_question_that_was_held(label_home: LabelHome) -> None:
    desk = LabelDesk(label_home.home)
    viewer = label_home.viewer()
    first = desk.next(viewer, label_home.user)
    assert first is not None
    asked = {record for event in label_home.events("question_shown") for record in event["what"]}
    ended: dict[str, None] = dict.fromkeys(agencies(label_home, asked))
    later = desk.next(with_grants(viewer, **ended), label_home.user)
    assert later is None or later.question_id != first.question_id
    again = desk.next(viewer, label_home.user)
    assert again is not None


def test_what_is_withheld_is_neither_shown_nor_compared(label_home: LabelHome) -> None:
    hidden = frozenset({"nhs_number", "birth_date", "postcode"})
    viewer = with_grants(
        label_home.viewer(), **{name: {"withheld": hidden} for name in ("police", "nhs", "housing")}
    )
    found, _ = all_questions(label_home, viewer)
    fields = {entry.field for question in found for entry in question.comparisons}
    assert fields.isdisjoint({"nhs_number", "birth_date", "address"})
    assert "family_name" in fields
    assert "999000" not in repr(found)
    assert "Alder Road" not in repr(found)


def test_a_field_withheld_on_one_side_is_not_compared(label_home: LabelHome) -> None:
    viewer = with_grants(label_home.viewer(), police={"withheld": frozenset({"family_name"})})
    for question in all_questions(label_home, viewer)[0]:
        if question.form == "records" and "Police" in question.left_sources[0]:
            rows = {row.field: row for row in question.comparisons}
            row = rows.get("family_name")
            assert row is None or (row.left, row.mark) == ((), "missing")


def test_at_headline_there_are_names_and_dates_and_no_numbers(label_home: LabelHome) -> None:
    headline = {"level": Level.HEADLINE}
    viewer = with_grants(label_home.viewer(), police=headline, nhs=headline, housing=headline)
    found, _ = all_questions(label_home, viewer)
    fields = {entry.field for question in found for entry in question.comparisons}
    assert fields >= {"given_name", "birth_date", "sex", "address"}
    assert fields.isdisjoint({"nhs_number", "phone", "local_id"})


def test_a_hidden_record_of_a_cluster_is_not_shown_with_it(label_home: LabelHome) -> None:
    viewer = with_grants(label_home.viewer(), housing=None)
    found, shown = all_questions(label_home, viewer)
    assert any(question.form == "clusters" for question in found)
    assert "housing" not in agencies(label_home, shown)
    assert not any(
        "Housing" in source for q in found for source in (*q.left_sources, *q.right_sources)
    )


def restricted_at(number: int, agency: str) -> Change:
    def change(row: dict[str, Any]) -> dict[str, Any]:
        return row | {"restricted": row["source_key"] == f"{agency}-{number}" or None}

    return change


def test_a_person_whom_any_source_restricts_is_asked_about_by_no_record(tmp_path: Path) -> None:
    made = make_label_home(tmp_path, change=restricted_at(3, "nhs"))
    with made.home:
        everything = {key: dataclasses.replace(grant, restricted_allowed=True)
                      for key, grant in made.viewer().grants.items()}  # fmt: skip
        viewer = dataclasses.replace(made.viewer(), grants=everything, restricted_allowed=True)
        _, shown = all_questions(made, viewer)
        assert shown
        assert "3" not in {made.truth[record] for record in shown}


def test_a_restriction_by_an_officer_holds_from_the_next_question_on(
    label_home: LabelHome,
) -> None:
    desk = LabelDesk(label_home.home)
    assert desk.next(label_home.viewer(), label_home.user) is not None
    [event] = label_home.events("question_shown")
    subject = event["what"][0]
    with label_home.home.register.session() as session:
        restrictions.restrict(
            session, subject, "threat", label_home.user.user_id, label_home.home.clock()
        )
        session.commit()
    before = len(label_home.events("question_shown"))
    while (question := desk.next(label_home.viewer(), label_home.user)) is not None:
        desk.answer(label_home.viewer(), label_home.user, question.question_id, "unsure")
    shown = {record for e in label_home.events("question_shown")[before:] for record in e["what"]}
    assert label_home.truth[subject] not in {label_home.truth[record] for record in shown}


def test_a_grant_of_the_steward_s_agreement_is_what_counts(label_home: LabelHome) -> None:
    """The pack shares people with stewards for this purpose; for a visit they see their own."""
    assert label_home.viewer().grants[POLICE] == Grant(level=Level.DETAIL)
    visiting = dataclasses.replace(label_home.user, purpose="visit")
    assert POLICE not in label_home.viewer(visiting).grants
    assert LabelDesk(label_home.home).next(label_home.viewer(visiting), visiting) is None
