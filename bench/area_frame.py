"""The person files of a demonstration area as one frame, for peers that know no mappings.

Invariant: loaded and standardised by Kith's own loaders, so a peer starts from what Kith starts
from; the truth stands in `person`, which no model may read.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from areas import install_pack
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
            if path.name.startswith(("truth", "README", "stories", "extracts.json", "frame")):
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
    out = people[["agency", "system", "source_key", "person"]].copy()
    out["unique_id"] = np.arange(len(people))
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
