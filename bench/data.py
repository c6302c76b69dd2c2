"""The data sets of the benchmark: their files, as Kith loads them, and their truth.

Invariant: a contestant is given the files and, where it may ask a steward, the truth of the pairs
it asks about; what is scored is the whole truth, one line per record.
"""

from __future__ import annotations

import csv
import fcntl
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from areas import make_area
from loaders import choose_mapping, read_mappings

FILES = Path(__file__).parent / "data"
ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "areas" / "mappings" / "samples"
DEMO = ROOT / "areas" / "mappings" / "demo"
VIP_AREA = "gwent"
KEY = ["agency", "system", "source_key"]


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file, the dataset `AGENCY/SYSTEM` that gave it, and its mapping."""

    file: Path
    dataset: str
    mapping: Path


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A data set ready to be loaded.

    Attributes:
        area: the area pack of the home, or "blank".
        truth: CSV with agency, system, source_key, person.
        folder: where the files lie.
    """

    name: str
    area: str
    folder: Path
    sources: tuple[Source, ...]
    truth: Path


def prepare(name: str, cache: Path, seed: int = 1) -> Prepared:
    """Write the files of a data set below `cache`, once; and say what they are.

    Args:
        name: one of `NAMES`.
        seed: of the demonstration area; the other sets are what they are.
    """
    folder = cache / (f"{name}-{seed}" if name == "vip" else name)
    cache.mkdir(parents=True, exist_ok=True)
    with _alone(cache / f".{folder.name}.lock"):
        if not folder.exists():
            building = folder.with_name(f".{folder.name}.building")
            shutil.rmtree(building, ignore_errors=True)
            building.mkdir()
            _MAKERS[name](building, seed)
            building.rename(folder)
    sources = _area_sources(folder) if name == "vip" else _SOURCES[name](folder)
    area = VIP_AREA if name == "vip" else "blank"
    return Prepared(
        name=name, area=area, folder=folder, sources=tuple(sources), truth=folder / "truth.csv"
    )


def read_truth(prepared: Prepared) -> pd.DataFrame:
    """The truth: agency, system, source_key, person, all text."""
    truth = pd.read_csv(prepared.truth, dtype=str, keep_default_na=False)
    return truth[[*KEY, "person"]]


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _one(dataset: str, mapping: str) -> Callable[[Path], list[Source]]:
    def sources(folder: Path) -> list[Source]:
        return [
            Source(
                file=folder / "people.csv",
                dataset=dataset,
                mapping=SAMPLES / f"{mapping}.toml",
            )
        ]

    return sources


_SENZING = ("customers", "reference", "watchlist")


def _senzing_sources(folder: Path) -> list[Source]:
    return [
        Source(
            file=folder / f"{name}.csv",
            dataset=f"senzing/{name}",
            mapping=SAMPLES / f"people-senzing-{name}.toml",
        )
        for name in _SENZING
    ]


def _area_sources(folder: Path) -> list[Source]:
    mappings = read_mappings([DEMO])
    extracts = json.loads((folder / "extracts.json").read_text(encoding="utf-8"))
    return [
        Source(
            file=folder / entry["file"],
            dataset=entry["dataset"],
            mapping=DEMO
            / f"{choose_mapping(folder / entry['file'], mappings, entry['dataset']).mapping}.toml",
        )
        for entry in extracts
    ]


def _write_truth(folder: Path, rows: pd.DataFrame) -> None:
    rows[[*KEY, "person"]].to_csv(folder / "truth.csv", index=False)


def _make_fake1000(folder: Path, _seed: int) -> None:
    shutil.copy(FILES / "fake_1000.csv", folder / "people.csv")
    people = pd.read_csv(FILES / "fake_1000.csv", dtype=str)
    rows = people.rename(columns={"unique_id": "source_key", "cluster": "person"})
    _write_truth(folder, rows.assign(agency="people", system="fake1000"))


def _make_febrl3(folder: Path, _seed: int) -> None:
    shutil.copy(FILES / "febrl3.csv", folder / "people.csv")
    people = pd.read_csv(FILES / "febrl3.csv", dtype=str, skipinitialspace=True)
    people.columns = people.columns.str.strip()
    keys = people["rec_id"].str.strip()
    person = keys.str.extract(r"^rec-(\d+)-(?:org|dup-\d+)$", expand=False)
    rows = pd.DataFrame({"source_key": keys, "person": person})
    _write_truth(folder, rows.assign(agency="people", system="febrl3"))


def _make_hist50k(folder: Path, _seed: int) -> None:
    people = pd.read_parquet(FILES / "historical_50k.parquet")
    people.drop(columns=["cluster"]).to_csv(folder / "people.csv", index=False)
    rows = people.rename(columns={"unique_id": "source_key", "cluster": "person"})
    _write_truth(folder, rows.assign(agency="people", system="historical50k"))


def _make_senzing(folder: Path, _seed: int) -> None:
    """The records of persons; organisations of the truth set are no business of Kith's."""
    kept: set[tuple[str, str]] = set()
    for name in _SENZING:
        with (FILES / "senzing" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            header = list(reader.fieldnames or [])
            people = [row for row in reader if row["RECORD_TYPE"] == "PERSON"]
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, header)
            writer.writeheader()
            writer.writerows(people)
        kept |= {(name, row["RECORD_ID"]) for row in people}
    key = pd.read_csv(FILES / "senzing" / "truth_key.csv", dtype=str)
    key["system"] = key["DATA_SOURCE"].str.lower()
    key = key[[pair in kept for pair in zip(key["system"], key["RECORD_ID"], strict=True)]]
    rows = key.rename(columns={"RECORD_ID": "source_key", "CLUSTER_ID": "person"})
    _write_truth(folder, rows.assign(agency="senzing"))


def _make_vip(folder: Path, seed: int) -> None:
    made = make_area(VIP_AREA, out=folder, scale="vip", seed=seed)
    listed = [
        {"file": Path(entry.file).name, "dataset": f"{entry.agency}/{entry.dataset}"}
        for entry in made.extracts
    ]
    (folder / "extracts.json").write_text(json.dumps(listed), encoding="utf-8")


_MAKERS: dict[str, Callable[[Path, int], None]] = {
    "fake1000": _make_fake1000,
    "febrl3": _make_febrl3,
    "senzing": _make_senzing,
    "hist50k": _make_hist50k,
    "vip": _make_vip,
}
_SOURCES: dict[str, Callable[[Path], list[Source]]] = {
    "fake1000": _one("people/fake1000", "people-fake1000"),
    "febrl3": _one("people/febrl3", "people-febrl3"),
    "hist50k": _one("people/historical50k", "people-historical50k"),
    "senzing": _senzing_sources,
}
NAMES = tuple(_MAKERS)
"""The data sets, the smallest first."""
