"""Every data set of the benchmark loads whole, and its truth names every record once."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

import loaders
from bench import frames
from bench.data import FILES, KEY, NAMES, Prepared, prepare, read_truth
from kith import pipeline
from kith.cli.area import register_sources
from kith.home import BLANK, Home
from kith.settings import Settings

PUBLIC = [name for name in NAMES if name != "vip"]
COUNTS = {"fake1000": 1000, "febrl3": 5000, "hist50k": 50578, "senzing": 147}
TRUE_PAIRS = {"fake1000": 2031, "febrl3": 6538, "hist50k": 303961, "senzing": 102}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).year >= 1000
    except ValueError:
        return False


def _lines(file: Path) -> int:
    with file.open(encoding="utf-8", newline="") as stream:
        return sum(1 for _ in csv.DictReader(stream))


@pytest.mark.parametrize("name", PUBLIC)
def test_every_record_is_loaded_and_none_quarantined(
    name: str, cache: Path, tmp_path: Path
) -> None:
    prepared = prepare(name, cache)
    datasets = [
        (source.dataset.split("/")[0], source.dataset.split("/")[1]) for source in prepared.sources
    ]
    with Home.create(Settings(home=tmp_path / "home"), BLANK) as home:
        register_sources(home, datasets, "other")
        for source in prepared.sources:
            # Found by its columns, as a user would: the mapping is not named.
            done = pipeline.load_file(home, source.file, dataset=source.dataset)
            assert done.state == "staged", done.reason
            assert done.entry.mapping.partition("@")[0].startswith(source.mapping.stem)
            assert done.entry.rejected == 0
            assert done.entry.counts["rows"]["record"] == _lines(source.file)
        snapshot = loaders.take_snapshot(pipeline.load_context(home))
        records = snapshot.read("record", ["agency", "dataset", "source_key"]).to_pandas()
    truth = read_truth(prepared)
    loaded = set(records.itertuples(index=False, name=None))
    assert len(records) == COUNTS[name]
    assert loaded == set(truth[KEY].itertuples(index=False, name=None))


@pytest.mark.parametrize("name", PUBLIC)
def test_the_truth_has_the_pairs_that_its_publisher_says(name: str, cache: Path) -> None:
    truth = read_truth(prepare(name, cache))
    sizes = Counter(truth["person"]).values()
    assert sum(size * (size - 1) // 2 for size in sizes) == TRUE_PAIRS[name]
    assert not truth.duplicated(KEY).any()


def test_dates_of_history_come_in(cache: Path, tmp_path: Path) -> None:
    prepared = prepare("hist50k", cache)
    with Home.create(Settings(home=tmp_path / "home"), BLANK) as home:
        register_sources(home, [("people", "historical50k")], "other")
        source = prepared.sources[0]
        pipeline.load_file(home, source.file, dataset=source.dataset)
        snapshot = loaders.take_snapshot(pipeline.load_context(home))
        record = snapshot.read("record", ["birth_date", "birth_date_raw"]).to_pandas()
    stated, read = record["birth_date_raw"].notna(), record["birth_date"].notna()
    assert stated.sum() == 39175
    assert read.sum() == record["birth_date_raw"].dropna().map(_is_day).sum()


@pytest.mark.parametrize("name", ["fake1000", "febrl3", "senzing"])
def test_the_frame_of_the_peers_holds_each_record_once_with_its_person(
    name: str, cache: Path
) -> None:
    prepared = prepare(name, cache)
    frame = frames.frame(prepared)
    assert len(frame) == COUNTS[name]
    assert frame["person"].notna().all()
    assert list(frame["unique_id"]) == list(range(len(frame)))


def test_a_truth_that_lacks_a_record_is_refused(cache: Path, tmp_path: Path) -> None:
    whole = prepare("fake1000", cache)
    short = tmp_path / "truth.csv"
    short.write_text(
        "".join(whole.truth.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]),
        encoding="utf-8",
    )
    lacking = Prepared(
        name="fake1000", area=BLANK, folder=tmp_path, sources=whole.sources, truth=short
    )
    with pytest.raises(ValueError, match="the truth does not fit"):
        frames.frame(lacking)


def test_organisations_are_left_out_and_every_person_kept(cache: Path) -> None:
    prepared = prepare("senzing", cache)
    kept = sum(_lines(source.file) for source in prepared.sources)
    whole = [FILES / "senzing" / source.file.name for source in prepared.sources]
    kinds: Counter[str] = Counter()
    for file in whole:
        kinds += Counter(pd.read_csv(file, dtype=str)["RECORD_TYPE"])
    assert kept == kinds["PERSON"]
    assert kinds["ORGANIZATION"] == 12
