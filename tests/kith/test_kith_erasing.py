"""What is erased is in no file of the home any more, and no load, run or rebuild brings it back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import graph
import loaders
from governance import erasures, judgements
from governance.erasures import ErasureError
from kith import erasing, pipeline
from kith.cli.demo import prepare
from kith.home import Home
from kith.pipeline import Actor
from kith.settings import Settings

OFFICER = Actor(user_id="u_officer", agency="police")
OWN = ("source_key", "nhs_number", "phone", "email", "upn")


@pytest.fixture(scope="module")
def resolved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home that was resolved and projected."""
    folder = tmp_path_factory.mktemp("erasing") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder.parent / "state"))
        for name in ("NEO4J_URI", "KITH_HOME", "KITH_REGISTER_URL", "KITH_AUDIT_URL"):
            patch.delenv(name, raising=False)
        home = prepare(folder, "walsall", 150, seed=5)
        home.close()
        yield folder


@pytest.fixture
def home(resolved: Path, tmp_path: Path) -> Iterator[Home]:
    shutil.copytree(resolved, tmp_path / "home")
    with Home.open(Settings(home=tmp_path / "home")) as home:
        yield home


def someone(home: Home) -> tuple[list[str], set[str]]:
    """The records of a person known to several, and values that nobody else has."""
    links = pipeline.current_result(home).read("link", ["record_id", "person_id"]).to_pandas()
    snapshot = loaders.take_snapshot(pipeline.load_context(home))
    rows = snapshot.read("record").to_pandas()
    by = links.merge(rows, on="record_id").groupby("person_id")
    parts = set(snapshot.read("involvement", ["record_id"])["record_id"].to_pylist())
    for _, own in by:
        others = rows[~rows["record_id"].isin(own["record_id"])].drop(columns="record_id")
        told = "\n".join(str(value) for value in others.to_numpy().ravel())
        values = {
            str(value)
            for column in OWN
            for value in own[column].dropna()
            if len(str(value)) > 6 and str(value) not in told
        }
        if len(own) >= 3 and len(values) >= 3 and parts & set(own["record_id"]):
            return own["record_id"].tolist(), values
    raise AssertionError("nobody is known well enough")


def files_holding(home: Home, values: set[str]) -> dict[str, set[str]]:
    """Where in the home some of the values stand, be a file compressed or not."""
    found = {}
    for file in home.folder.rglob("*"):
        below = file.relative_to(home.folder)
        if file.is_file() and below.parts[0] != "extracts":  # the files of the demonstration
            text = _text(file)
            here = {value for value in values if value in text}
            if here:
                found[str(below)] = here
    return found


def _text(file: Path) -> str:
    if file.suffix != ".parquet":
        return file.read_bytes().decode("utf-8", "replace")
    table = pq.read_table(file)
    columns = [
        column.cast(pa.string()).to_pylist()
        for column in table.columns
        if pa.types.is_string(column.type) or pa.types.is_dictionary(column.type)
    ]
    return "\n".join(str(value) for column in columns for value in column if value)


def everything_of(home: Home, records: list[str]) -> erasing.Erased:
    contacts = erasing.of_nobody_else(home, records)
    return erasing.erase(home, records=records, contacts=contacts, reason="request", actor=OFFICER)


def load_all_again(home: Home, folder: Path) -> list[loaders.LoadResult]:
    """Every extract anew, a day later: other bytes, the same rows."""
    folder.mkdir()
    with home.register.session() as session:
        from governance import loads as ledger

        staged = [load for load in ledger.loads(session) if load.state == "staged"]
    results = []
    for load in staged:
        file = home.folder / "extracts" / load.file_name
        copy = folder / load.file_name
        text = file.read_bytes()
        copy.write_bytes(text + b"\n" if file.suffix == ".csv" else text)
        dataset = f"{load.agency}/{load.dataset}"
        results.append(pipeline.load_file(home, copy, dataset=dataset))
    return results


def test_nothing_of_them_is_left_and_nothing_brings_it_back(home: Home, tmp_path: Path) -> None:
    records, values = someone(home)
    graph.forget(home.store, home.folder / "projection")
    pipeline.project(home)  # so that what is erased stands in the graph's log
    rooms = {Path(file).parts[0] for file in files_holding(home, values)}
    assert rooms == {"graph", "projection", "resolved", "snapshots", "staging"}
    done = everything_of(home, records)
    assert done.rows["record"] >= len(records)
    assert done.loads
    assert files_holding(home, values) == {}
    current = pipeline.current_result(home).read("link", ["record_id"])["record_id"].to_pylist()
    assert not set(records) & set(current)
    found = home.store.run("MATCH (r:Record) WHERE r.record_id IN $ids RETURN r", {"ids": records})
    assert found == []

    again = load_all_again(home, tmp_path / "again")
    assert {result.state for result in again} <= {"staged", "unchanged"}
    assert sum(result.entry.counts.get("erased", 0) for result in again) > 0
    pipeline.resolve(home, changed=True)
    pipeline.project(home)
    assert files_holding(home, values) == {}
    pipeline.resolve(home, force=True)
    assert files_holding(home, values) == {}


def test_others_are_left_as_they_were(home: Home) -> None:
    records, _ = someone(home)
    context = pipeline.load_context(home)
    before = loaders.take_snapshot(context).read("record").sort_by("record_id")
    everything_of(home, records)
    after = loaders.take_snapshot(context).read("record").sort_by("record_id")
    gone = pc.is_in(before["record_id"], value_set=pa.array(records))
    assert after.equals(before.filter(pc.invert(gone)))


def test_the_ledger_tells_the_files_before_and_after(home: Home) -> None:
    records, _ = someone(home)
    done = everything_of(home, records)
    with home.register.session() as session:
        told = erasures.rewritten(session, done.erasure_id)
        entry = erasures.erasures(session)[0]
    assert entry.done_at is not None
    assert {load.load_id for load in told} == set(done.loads)
    for load in told:
        [folder] = home.folder.glob(f"staging/*/*/{load.load_id}")
        for name, digest in load.after.items():
            assert loaders.files.file_digest(folder / f"{name}.parquet") == digest
            assert digest != load.before[name]
    begun = list(home.audit.rows(kind="erasure_begun"))
    assert set(records) <= set(begun[0].payload["what"])
    [ended] = home.audit.rows(kind="erasure_done")
    assert ended.payload["loads"] == len(told)


@pytest.mark.parametrize("stopped_at", ["findings", "tables", "resolving"])
def test_an_erasure_that_was_interrupted_is_carried_on(
    stopped_at: str, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    records, values = someone(home)

    class Killed(Exception):
        pass

    def stop(stage: str, share: float) -> None:
        here = {
            "findings": stage == "Rewriting findings" and share > 0.1,
            "tables": stage == "Rewriting loads" and share > 0.7,
            "resolving": stage == "Comparing clusters",
        }
        if here[stopped_at]:
            raise Killed

    contacts = erasing.of_nobody_else(home, records)
    with pytest.raises(Killed):
        erasing.erase(
            home,
            records=records,
            contacts=contacts,
            reason="request",
            actor=OFFICER,
            report=stop,
        )
    with home.register.session() as session:
        assert len(erasures.unfinished(session)) == 1
    [done] = erasing.resume(home, OFFICER)
    assert done.rows["record"] >= len(records)
    assert files_holding(home, values) == {}
    assert erasing.resume(home, OFFICER) == []


def test_a_contact_goes_without_its_people(home: Home) -> None:
    snapshot = loaders.take_snapshot(pipeline.load_context(home))
    contact = snapshot.read("involvement", ["contact_id"])["contact_id"][0].as_py()
    people = snapshot.rows("record")
    erasing.erase(home, contacts=[contact], reason="retention", actor=OFFICER)
    after = loaders.take_snapshot(pipeline.load_context(home))
    assert contact not in after.read("contact", ["contact_id"])["contact_id"].to_pylist()
    assert contact not in after.read("involvement", ["contact_id"])["contact_id"].to_pylist()
    assert after.rows("record") == people


def test_what_a_steward_said_of_them_does_not_count_any_more(home: Home) -> None:
    records, _ = someone(home)
    with home.register.session() as session:
        judgements.add_judgement(
            session, records[0], records[1], "same", "u_steward", home.clock(), form="records"
        )
        session.commit()
    everything_of(home, records)
    counts = pipeline.read_current(home)
    assert counts is not None
    assert counts["counts"]["labels"]["of_records_gone"] == 1


def test_all_that_there_is_can_be_erased(home: Home) -> None:
    snapshot = loaders.take_snapshot(pipeline.load_context(home))
    records = snapshot.read("record", ["record_id"])["record_id"].to_pylist()
    contacts = snapshot.read("contact", ["contact_id"])["contact_id"].to_pylist()
    erasing.erase(home, records=records, contacts=contacts, reason="retention", actor=OFFICER)
    assert pipeline.read_current(home) is None
    assert home.store.run("MATCH (n:Person) RETURN count(n) AS n", {}) == [{"n": 0}]


@pytest.mark.parametrize("reason", ["request", "because"])
def test_nothing_or_for_no_reason_is_refused(reason: str, home: Home) -> None:
    records = ["r_aaaa"] if reason == "because" else []
    with pytest.raises(ErasureError):
        erasing.erase(home, records=records, reason=reason, actor=OFFICER)
    with home.register.session() as session:
        assert erasures.erasures(session) == []
    assert list(home.audit.rows(kind="erasure_begun")) == []
