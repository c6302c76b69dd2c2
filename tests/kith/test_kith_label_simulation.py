"""The simulated steward, labels in files, and `kith label`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from governance import judgements, labels, sessions
from governance.errors import AuditError, NotPermitted
from governance.sessions import SessionLimits, SignedInUser
from governance.viewer import Viewer
from kith.cli import console, kith, label_screen, tokens
from kith.labelling import LabelDesk
from kith.labelling.files import ImportedLabels, export_labels, import_labels
from kith.labelling.simulated import read_persons, simulate
from records.errors import KithError
from resolution.errors import QuestionsError, TruthError
from tests.kith.labelling_acts import deafen
from tests.kith.labelling_builders import LabelHome, add_steward
from tests.kith.test_kith_label_policy import with_grants


def run(label_home: LabelHome, truth: dict[str, str] | None = None, **options: Any) -> Any:
    known = label_home.truth if truth is None else truth
    return simulate(label_home.home, label_home.viewer(), label_home.user, known, **options)


def held(label_home: LabelHome) -> list[judgements.Judgement]:
    with label_home.home.register.session() as session:
        return judgements.judgements(session)


def test_a_simulated_steward_answers_by_the_truth_and_says_what_it_is(
    label_home: LabelHome,
) -> None:
    found = run(label_home, budget=48)
    assert (found.labels, found.records, found.clusters, found.unsure) == (48, 30, 18, 0)
    assert found.same + found.different == 48
    assert found.same > 5
    assert (found.control, found.wrong) == (4, 0)
    assert found.waits.p50 <= found.waits.p95 <= found.waits.longest <= found.seconds
    made = held(label_home)
    assert all(entry.question["simulated"] for entry in made)
    assert all(entry.verdict == label_home.verdict((entry.record_a, entry.record_b))
               for entry in made)  # fmt: skip
    assert {event["simulated"] for event in label_home.events("judgement_made")} == {True}
    assert len(label_home.events("question_shown")) == 48


@pytest.mark.parametrize("rate", [0.25, 1.0])
def test_it_is_wrong_as_often_as_it_is_told_and_the_same_way_again(
    label_home: LabelHome, rate: float
) -> None:
    found = run(label_home, budget=40, errors=rate, seed=5)
    wrong = [entry for entry in held(label_home)
             if entry.verdict != label_home.verdict((entry.record_a, entry.record_b))]  # fmt: skip
    assert len(wrong) == found.wrong
    assert found.wrong == (40 if rate == 1 else pytest.approx(10, abs=6))


def test_what_the_truth_does_not_know_it_cannot_tell(label_home: LabelHome) -> None:
    half = dict(list(label_home.truth.items())[:36])
    found = run(label_home, half, budget=30)
    assert 0 < found.unsure < 30
    with pytest.raises(TruthError, match="none of the records"):
        run(label_home, {"r_nobody": "1"}, budget=5)


def test_it_stops_when_nothing_is_left(label_home: LabelHome) -> None:
    found = run(label_home, budget=10_000)
    assert 0 < found.labels < 1_000
    assert run(label_home, budget=3).labels == 0


def test_a_truth_file_names_records_by_their_source(label_home: LabelHome, tmp_path: Path) -> None:
    file = label_home.write_truth(tmp_path / "truth.csv")
    assert read_persons(file, label_home.home.keys) == label_home.truth
    file.write_text("agency,system,person\npolice,niche,1\n", encoding="utf-8")
    with pytest.raises(TruthError, match="source_key"):
        read_persons(file, label_home.home.keys)


def test_labels_go_out_and_come_back_into_another_ledger(
    label_home: LabelHome, tmp_path: Path
) -> None:
    run(label_home, budget=30)
    file = tmp_path / "labels.json"
    before = {(e.record_a, e.record_b): e.verdict for e in held(label_home)}
    assert export_labels(label_home.home, label_home.viewer(), label_home.user, file).labels == 30
    assert file.stat().st_mode & 0o077 == 0
    clear(label_home)
    other = add_steward(label_home.home, "oskar")
    found = import_labels(label_home.home, label_home.viewer(other), other, file)
    assert found == ImportedLabels(labels=30, held=0, unknown=0)
    after = held(label_home)
    assert {(e.record_a, e.record_b): e.verdict for e in after} == before
    assert {e.user_id for e in after} == {other.user_id}
    again = import_labels(label_home.home, label_home.viewer(other), other, file)
    assert again == ImportedLabels(labels=0, held=30, unknown=0)
    [event, _] = label_home.events("labels_imported")
    assert (event["labels"], event["unknown"], event["user_id"]) == (30, 0, other.user_id)
    assert set(event["what"]) == {record for pair in before for record in pair}


def test_imported_labels_are_learnt_from_and_not_asked_again(
    label_home: LabelHome, tmp_path: Path
) -> None:
    run(label_home, budget=30)
    pairs = {(e.record_a, e.record_b) for e in held(label_home)}
    file = tmp_path / "labels.json"
    export_labels(label_home.home, label_home.viewer(), label_home.user, file)
    clear(label_home)
    desk = LabelDesk(label_home.home)
    import_labels(label_home.home, label_home.viewer(), label_home.user, file)
    assert desk.progress(label_home.user).labels == 30
    while (question := desk.next(label_home.viewer(), label_home.user)) is not None:
        desk.answer(label_home.viewer(), label_home.user, question.question_id, "unsure")
    asked = [(e.record_a, e.record_b) for e in held(label_home) if "run_id" in e.question]
    assert asked
    assert pairs.isdisjoint(asked)
    assert desk.progress(label_home.user).since_training == len(asked)


def clear(label_home: LabelHome) -> None:
    """Undo every judgement, as if this were another home."""
    with label_home.home.register.session() as session:
        undone = [(e.record_a, e.record_b, "undone") for e in judgements.judgements(session)]
        judgements.add_judgements(session, undone, "u_aaaa", label_home.home.clock())
        session.commit()


def test_a_file_holds_no_more_than_its_maker_may_see(label_home: LabelHome, tmp_path: Path) -> None:
    run(label_home, budget=40)
    everything = len(held(label_home))
    file = tmp_path / "labels.json"
    viewer = with_grants(
        label_home.viewer(),
        police={"withheld": frozenset({"family_name", "postcode"})},
        nhs={"withheld": frozenset({"nhs_number"})},  # its own key may be the number
    )
    count = export_labels(label_home.home, viewer, label_home.user, file).labels
    assert 0 < count < everything
    sides = [side for pairs in json.loads(file.read_text()).values() for pair in pairs
             for side in pair["__value__"]]  # fmt: skip
    assert {side["agency"] for side in sides} == {"police", "housing"}
    police = [side for side in sides if side["agency"] == "police"]
    assert police
    assert not any(side["family_name"] or side["address"] or side["postcode"] for side in police)
    [event] = label_home.events("labels_exported")
    assert len(event["what"]) == len({(s["agency"], s["source_key"]) for s in sides})


def test_nobody_judges_by_a_file_what_they_may_not_see(
    label_home: LabelHome, tmp_path: Path
) -> None:
    run(label_home, budget=30)
    file = tmp_path / "labels.json"
    export_labels(label_home.home, label_home.viewer(), label_home.user, file)
    clear(label_home)
    viewer = with_grants(label_home.viewer(), police=None)
    found = import_labels(label_home.home, viewer, label_home.user, file)
    assert found.labels + found.unknown == 30
    assert found.unknown > 0
    assert all("police" not in {label_home.keys[e.record_a][0], label_home.keys[e.record_b][0]}
               for e in held(label_home))  # fmt: skip


def test_without_an_audit_row_no_file_is_written_and_none_taken_in(
    label_home: LabelHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(label_home, budget=5)
    file = tmp_path / "labels.json"
    export_labels(label_home.home, label_home.viewer(), label_home.user, file)
    clear(label_home)
    deafen(label_home, monkeypatch, "labels_exported", "labels_imported")
    with pytest.raises(AuditError):
        export_labels(label_home.home, label_home.viewer(), label_home.user, tmp_path / "no.json")
    assert not (tmp_path / "no.json").exists()
    with pytest.raises(AuditError):
        import_labels(label_home.home, label_home.viewer(), label_home.user, file)
    assert held(label_home) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "not json",
        '{"match": 3, "distinct": []}',
        '{"match": [[1, 2]], "distinct": []}',
        '{"match": [[{"a": "Mia"}, {"b": "Omar"}]], "distinct": []}',
        "[" * 100_000,
    ],
)
def test_a_file_that_is_no_training_file_is_refused_whole_and_tells_nobody_s_name(
    label_home: LabelHome, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "labels.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(QuestionsError) as caught:
        import_labels(label_home.home, label_home.viewer(), label_home.user, file)
    assert "Mia" not in str(caught.value)
    assert held(label_home) == []


def test_only_a_steward_makes_or_takes_a_file(label_home: LabelHome, tmp_path: Path) -> None:
    nora = add_steward(label_home.home, "nora", roles=("practitioner",))
    for act in (export_labels, import_labels):
        with pytest.raises(NotPermitted):
            act(label_home.home, label_home.viewer(), nora, tmp_path / "labels.json")
    assert not (tmp_path / "labels.json").exists()


@pytest.fixture
def signed_in(label_home: LabelHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LabelHome:
    """The steward signed in at this terminal."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    home = label_home.home
    limits = SessionLimits.from_settings(home.settings)
    with home.register.session() as session:
        token = sessions.start_session(session, label_home.user.user_id, home.clock(), limits)
        session.commit()
    tokens.keep(home.folder, token)
    return label_home


PURPOSE = ("--purpose", "record_linkage", "--reference", "DQ-1")


def call(label_home: LabelHome, *arguments: str) -> Result:
    return CliRunner().invoke(kith, ["label", "--home", str(label_home.home.folder), *arguments])


def test_without_a_terminal_nothing_is_asked(signed_in: LabelHome) -> None:
    refused = call(signed_in, *PURPOSE)
    assert refused.exit_code == 2
    assert "no terminal" in refused.output
    assert signed_in.events("question_shown") == []


@pytest.mark.parametrize(
    "arguments", [("--status", "--export", "x.json"), ("--json",), ("--errors", "1.5"),
                  ("--budget", "0"), ("--truth", "/nowhere.csv"), ("--import", "/nowhere.json")],
)  # fmt: skip
def test_wrong_use_is_refused(signed_in: LabelHome, arguments: tuple[str, ...]) -> None:
    assert call(signed_in, *arguments).exit_code == 2


def test_a_simulation_needs_a_purpose(signed_in: LabelHome, tmp_path: Path) -> None:
    truth = signed_in.write_truth(tmp_path / "truth.csv")
    refused = call(signed_in, "--truth", str(truth))
    assert isinstance(refused.exception, KithError)
    assert refused.exception.exit_code == 3


def test_a_simulation_a_status_and_a_file_from_the_command_line(
    signed_in: LabelHome, tmp_path: Path
) -> None:
    truth, file = signed_in.write_truth(tmp_path / "truth.csv"), tmp_path / "labels.json"
    options = ("--budget", "12", "--errors", "0.5", "--seed", "3", *PURPOSE, "--json")
    simulated = call(signed_in, "--truth", str(truth), *options)
    assert simulated.exit_code == 0, simulated.output
    found = json.loads(simulated.stdout)
    assert (found["labels"], set(found["waits"])) == (12, {"first", "p50", "p95", "longest"})
    status = json.loads(call(signed_in, "--status", "--json").stdout)
    assert (status["progress"]["labels"], status["ignored"], status["contradictions"]) == (
        12,
        0,
        [],
    )
    assert "12 answers so far, 12 of them yours" in call(signed_in, "--status").stdout
    written = call(signed_in, "--export", str(file))  # the purpose holds for the session
    assert "12 labels written" in written.stdout
    taken = call(signed_in, "--import", str(file), "--json")
    assert json.loads(taken.stdout) == {"labels": 0, "held": 12, "unknown": 0}
    shown = call(signed_in, "--truth", str(truth), "--budget", "2")
    assert "simulated steward" in shown.stdout


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A console of our own, so that what is drawn can be read."""
    from rich.console import Console

    monkeypatch.setattr(console, "out", Console(highlight=False, width=160))
    monkeypatch.setattr(console, "err", Console(highlight=False, width=160, stderr=True))
    return iter(())


def out_with_stewards(label_home: LabelHome) -> list[labels.Lease]:
    with label_home.home.register.session() as session:
        return labels.leased(session, label_home.home.clock())


def ask(label_home: LabelHome, keys: str) -> int:
    pressed = iter(keys)

    def signed() -> tuple[SignedInUser, Viewer]:
        return label_home.user, label_home.viewer()

    return label_screen.run(LabelDesk(label_home.home), signed, lambda: next(pressed))


@pytest.mark.usefixtures("drawn")
def test_a_steward_answers_by_keys(
    label_home: LabelHome, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(label_home, "zsdxUzuq") == 4
    printed = capsys.readouterr()
    assert "There is nothing to take back." in printed.err
    assert "Taken back." in printed.err
    assert "Are these two records one person?" in printed.out
    assert "Date of birth" in printed.out
    assert "DIFFERENT" in printed.out
    assert [entry.verdict for entry in held(label_home)] == ["same", "different", "unsure"]
    assert out_with_stewards(label_home) == []


@pytest.mark.usefixtures("drawn")
def test_an_interrupt_gives_the_question_back(label_home: LabelHome) -> None:
    def interrupt() -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        label_screen.run(
            LabelDesk(label_home.home), lambda: (label_home.user, label_home.viewer()), interrupt
        )
    assert out_with_stewards(label_home) == []


@pytest.mark.usefixtures("drawn")
def test_an_answer_that_comes_too_late_is_not_counted(
    label_home: LabelHome, capsys: pytest.CaptureFixture[str]
) -> None:
    pressed = iter("sq")

    def slow() -> str:
        label_home.pass_time(minutes=11)
        return next(pressed)

    signed = (label_home.user, label_home.viewer())
    assert label_screen.run(LabelDesk(label_home.home), lambda: signed, slow) == 0
    assert "Not counted" in capsys.readouterr().err
    assert held(label_home) == []


@pytest.mark.usefixtures("drawn")
def test_markup_in_a_name_is_shown_as_it_was_typed(
    label_home: LabelHome, capsys: pytest.CaptureFixture[str]
) -> None:
    from kith.labelling import Comparison

    cell = label_screen._side(
        Comparison(field="given_name", left=("[red]Mia[/red]",), right=(), mark="missing"),
        ("[red]Mia[/red]",),
    )
    console.out.print(cell)
    assert "[red]Mia[/red]" in capsys.readouterr().out
