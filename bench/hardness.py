"""How hard an area is for an expert Splink model.

    .venv/bin/python bench/hardness.py FOLDER [--make AREA] [--scale vip] [--seed N]

Loads the person files of FOLDER (made first with --make) with the mappings that ship, links them
with a Splink 5 model written by hand for these data and prints precision, recall and F1 over all
true pairs, for the pairs and for the clusters, at the best threshold. The truth is used for
nothing but the score.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import re
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

from areas import install_pack, make_area
from governance.register import Register
from loaders import LoadContext, choose_mapping, load_file, read_mappings, take_snapshot
from records.keys import KeyMaker

MAPPINGS = Path(__file__).parent.parent / "areas" / "mappings" / "demo"

BORN = re.compile(r"\d{4}-\d{2}-\d{2}")


def stage(folder: Path, home: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Load the person files of an area as Kith does; the records and residences in force."""
    area = json.loads((folder / "stories.json").read_text(encoding="utf-8"))["area"]
    mappings = read_mappings([MAPPINGS])
    with Register(f"sqlite:///{home / 'register.sqlite'}") as register:
        register.upgrade()
        with register.session() as session:
            install_pack(session, area)
            session.commit()
        context = LoadContext(
            home=home,
            session=register.session,
            keys=KeyMaker(b"only for measuring"),
            user_id="u_bench",
            clock=lambda: dt.datetime.now(dt.UTC),
        )
        for path in sorted(folder.iterdir()):
            if path.name.startswith(("truth", "README", "stories")):
                continue
            mapping = choose_mapping(path, mappings, None)
            if any(emit.table == "record" for emit in mapping.emits):
                load_file(path, mappings=[mapping], context=context)
        snapshot = take_snapshot(context)
        return snapshot.read("record").to_pandas(), snapshot.read("residence").to_pandas()


def read_all(folder: Path) -> pd.DataFrame:
    """All person records with their address, standardised once more, and their true person.

    Records without a name (the census) are left out: no comparison of names can place them.
    """
    with tempfile.TemporaryDirectory() as home:
        records, residences = stage(folder, Path(home))
    residences = residences.drop_duplicates("record_id", keep="last")
    places = residences[["record_id", "address_line", "flat", "postcode", "uprn"]]
    people = records.merge(places, on="record_id", how="left")
    people = people.rename(columns={"dataset": "system"})
    truth = pd.read_csv(folder / "truth.csv", dtype=str)
    people = people.merge(truth, on=["agency", "system", "source_key"], validate="one_to_one")
    out = pd.DataFrame({"person": people["person"], "unique_id": np.arange(len(people))})
    given, family = _split_names(people)
    out["given"], out["family"] = _plain(given).str.split().str[0], _plain(family)
    out["middle"] = _plain(people["middle_names"]).str.split().str[0]
    out["birth"], out["sex"] = people["birth_date"], people["sex"]
    out["nhs"], out["upn"], out["phone"] = people["nhs_number"], people["upn"], people["phone"]
    out["postcode"] = people["postcode"].str.replace(" ", "")
    out["uprn"] = people["uprn"]
    line = people["address_line"].fillna("").str.upper().str.replace(r"[^A-Z0-9 ]", " ", regex=True)
    out["number"] = line.str.extract(r"(\d+[A-Z]?)\s+[A-Z]+", expand=False)
    out["street"] = line.str.extract(r"\d+[A-Z]?\s+([A-Z]+)", expand=False)
    flat = people["flat"].fillna("").str.upper() + " " + line
    out["flat"] = flat.str.extract(r"FLAT (\d+)", expand=False)
    out["initial"] = out["given"].str[0]
    out["sound"] = out["family"].str[:4]
    out["year"] = out["birth"].str[:4]
    out["born"] = out["birth"].where(out["birth"].str.fullmatch(BORN, na=False))
    out = out[out["family"].notna()].reset_index(drop=True)
    out["unique_id"] = np.arange(len(out))
    return out.astype(object).where(out.notna(), None)


def _plain(names: pd.Series) -> pd.Series:
    plain = names.str.normalize("NFKD").str.upper().str.replace(r"[^A-Z ]", "", regex=True)
    return plain.where(plain != "")


def _split_names(people: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Forename and surname; whole names are cut at the comma, or before the last word."""
    whole = people["full_name"].fillna("")
    comma = whole.str.contains(",")
    first = whole.str.split(",").str[-1].where(comma, whole.str.rsplit(n=1).str[0]).str.strip()
    last = whole.str.split(",").str[0].where(comma, whole.str.rsplit(n=1).str[-1]).str.strip()
    blank = first.where(whole != ""), last.where(whole != "")
    return people["given_name"].fillna(blank[0]), people["family_name"].fillna(blank[1])


def settings() -> SettingsCreator:
    """The model: names with term frequencies, one location comparison, NHS number by digits."""
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            _names(),
            cl.CustomComparison(
                output_column_name="middle",
                comparison_levels=[
                    cll.NullLevel("middle"),
                    cll.ExactMatchLevel("middle"),
                    cll.CustomLevel("middle_l[1] = middle_r[1]", "same initial"),
                    cll.ElseLevel(),
                ],
            ),
            _birth(),
            _location(),
            cl.CustomComparison(
                output_column_name="nhs",
                comparison_levels=[
                    cll.NullLevel("nhs"),
                    cll.ExactMatchLevel("nhs"),
                    cll.DamerauLevenshteinLevel("nhs", 1),
                    cll.ElseLevel(),
                ],
            ),
            cl.ExactMatch("upn"),
            cl.ExactMatch("sex"),
            cl.ExactMatch("phone"),
        ],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in BLOCKS],
        retain_matching_columns=False,
        max_iterations=15,
    )


BLOCKS = (
    ("nhs",),
    ("upn",),
    ("born", "family"),
    ("born", "given"),
    ("born", "postcode"),
    ("family", "given", "year"),
    ("family", "given", "postcode"),
    ("postcode", "initial", "year"),
    ("postcode", "number", "initial"),
    ("uprn", "initial"),
    ("sound", "initial", "born"),
    ("phone", "family"),
)


def _names() -> cl.CustomComparison:
    both = "given_l = given_r and family_l = family_r"
    swapped = "given_l = family_r and family_l = given_r"

    def near(level: float) -> str:
        return (
            f"jaro_winkler_similarity(given_l, given_r) >= {level} "
            f"and jaro_winkler_similarity(family_l, family_r) >= {level}"
        )

    return cl.CustomComparison(
        output_column_name="name",
        comparison_levels=[
            cll.CustomLevel("given_l is null or given_r is null", "no name").configure(
                is_null_level=True
            ),
            cll.CustomLevel(both, "both").configure(tf_adjustment_column="family"),
            cll.CustomLevel(swapped, "swapped"),
            cll.CustomLevel(near(0.92), "both nearly"),
            cll.CustomLevel(near(0.85), "both alike"),
            cll.CustomLevel("family_l = family_r and given_l[1] = given_r[1]", "initial"),
            cll.ExactMatchLevel("family", term_frequency_adjustments=True),
            cll.ExactMatchLevel("given", term_frequency_adjustments=True),
            cll.JaroWinklerLevel("family", 0.88),
            cll.JaroWinklerLevel("given", 0.88),
            cll.ElseLevel(),
        ],
    )


def _birth() -> cl.CustomComparison:
    swapped = (
        "born_l[1:4] = born_r[1:4] and born_l[6:7] = born_r[9:10] and born_l[9:10] = born_r[6:7]"
    )
    return cl.CustomComparison(
        output_column_name="birth",
        comparison_levels=[
            cll.NullLevel("birth"),
            cll.ExactMatchLevel("born", term_frequency_adjustments=True),
            cll.CustomLevel(swapped, "day and month swapped"),
            cll.DamerauLevenshteinLevel("born", 1),
            cll.CustomLevel("born_l[1:4] = born_r[1:4] and born_l[6:7] = born_r[6:7]", "month"),
            cll.CustomLevel("born_l[6:10] = born_r[6:10]", "day and month"),
            cll.ExactMatchLevel("year"),
            cll.ElseLevel(),
        ],
    )


def _location() -> cl.CustomComparison:
    home = "number_l = number_r and coalesce(flat_l, '') = coalesce(flat_r, '')"
    return cl.CustomComparison(
        output_column_name="location",
        comparison_levels=[
            cll.CustomLevel(
                "(postcode_l is null or postcode_r is null) and (uprn_l is null or uprn_r is null)"
                " and (street_l is null or street_r is null)",
                "nowhere",
            ).configure(is_null_level=True),
            cll.CustomLevel(f"uprn_l = uprn_r or (postcode_l = postcode_r and {home})", "home"),
            cll.CustomLevel(f"street_l = street_r and {home}", "number and street"),
            cll.CustomLevel("postcode_l = postcode_r", "postcode"),
            cll.CustomLevel("postcode_l[1:-3] = postcode_r[1:-3]", "district"),
            cll.ElseLevel(),
        ],
    )


def train_and_predict(people: pd.DataFrame) -> pd.DataFrame:
    """Pairs with their match weight."""
    api = DuckDBAPI()
    linker = Linker(api.register(people.drop(columns=["person"])), settings(), log_level=40)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("nhs"), block_on("given", "family", "born")], recall=0.7
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=4e6, seed=1)
    for columns in (("given", "family"), ("born",), ("postcode", "number")):
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*columns), max_pairs=2e6
        )
    predicted = linker.inference.predict(threshold_match_probability=0.005)
    return predicted.as_pandas_dataframe()[["unique_id_l", "unique_id_r", "match_weight"]]


def pair_count(labels: np.ndarray) -> int:
    """How many pairs share a label."""
    sizes = np.bincount(labels)
    return int((sizes.astype(np.int64) * (sizes - 1) // 2).sum())


def components(size: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Connected components by handing the least label on until nothing changes."""
    labels = np.arange(size)
    while True:
        least = np.minimum(labels[left], labels[right])
        after = labels.copy()
        np.minimum.at(after, left, least)
        np.minimum.at(after, right, least)
        after = after[after]
        if np.array_equal(after, labels):
            return labels
        labels = after


def score(people: pd.DataFrame, pairs: pd.DataFrame) -> dict[str, object]:
    """Best-threshold figures of pairs and of clusters."""
    truth = pd.factorize(people["person"])[0]
    total = pair_count(truth)
    left, right = pairs["unique_id_l"].to_numpy(), pairs["unique_id_r"].to_numpy()
    weight = pairs["match_weight"].to_numpy()
    order = np.argsort(-weight)
    right_pair = (truth[left] == truth[right])[order]
    hits = np.cumsum(right_pair)
    count = np.arange(1, len(hits) + 1)
    f1 = 2 * hits / (count + total)
    best = int(np.argmax(f1))
    result: dict[str, object] = {
        "records": len(people),
        "people": int(truth.max() + 1),
        "true_pairs": total,
        "candidates": len(pairs),
        "blocked": round(float(right_pair.sum() / total), 4),
        "pairs": {
            "f1": round(float(f1[best]), 4),
            "precision": round(float(hits[best] / count[best]), 4),
            "recall": round(float(hits[best] / total), 4),
            "weight": round(float(weight[order][best]), 2),
        },
    }
    tried = [
        _clusters(truth, total, left, right, weight, float(at)) for at in np.arange(-2, 18, 1.0)
    ]
    result["clusters"] = max(tried, key=lambda one: one["f1"])
    return result


def _clusters(
    truth: np.ndarray,
    total: int,
    left: np.ndarray,
    right: np.ndarray,
    weight: np.ndarray,
    threshold: float,
) -> dict[str, float]:
    keep = weight >= threshold
    labels = components(len(truth), left[keep], right[keep])
    both = pd.factorize(labels.astype(np.int64) * (truth.max() + 1) + truth)[0]
    found, hits = pair_count(labels), pair_count(both)
    return {
        "f1": round(2 * hits / (found + total), 4),
        "precision": round(hits / max(found, 1), 4),
        "recall": round(hits / total, 4),
        "weight": threshold,
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--make", metavar="AREA", help="make this area first")
    parser.add_argument("--scale", choices=["demo", "vip"], default="demo")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.make:
        started = time.perf_counter()
        make_area(given.make, out=given.folder, scale=given.scale, seed=given.seed)
        print(f"made in {time.perf_counter() - started:.1f} s")
    people = read_all(given.folder)
    started = time.perf_counter()
    pairs = train_and_predict(people)
    seconds = round(time.perf_counter() - started, 1)
    print(json.dumps({**score(people, pairs), "seconds": seconds}, indent=1))


if __name__ == "__main__":
    main()
