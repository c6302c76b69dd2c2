"""Each data set as one frame for the peers: cleaned columns, `unique_id`, the key and the truth.

Invariant: cleaning says nothing about who is who; `person` is kept for scoring and for the
simulated steward, and is dropped before a model sees the frame.

The time that this takes is in no contestant's figures: Kith's own preparation is in Kith's, so a
peer gains here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from bench.area_frame import read_all
from bench.data import KEY, Prepared, read_truth

HIDDEN = [*KEY, "person"]
"""Columns that no model may read."""


def frame(prepared: Prepared) -> pd.DataFrame:
    """The frame of a data set, made once and kept beside its files."""
    kept = prepared.folder / "frame.parquet"
    if not kept.exists():
        made = _MAKERS[prepared.name](prepared)
        draft = prepared.folder / "frame.draft"
        made.to_parquet(draft, index=False)
        draft.replace(kept)
    found = pd.read_parquet(kept)
    return found.astype(object).where(found.notna(), None)


def _joined(prepared: Prepared, people: pd.DataFrame) -> pd.DataFrame:
    """Put the truth beside the cleaned columns. Raises if a record has none."""
    truth = read_truth(prepared)
    whole = people.merge(truth, on=KEY, how="left", validate="one_to_one")
    if whole["person"].isna().any() or len(whole) != len(truth):
        raise ValueError(f"{prepared.name}: the truth does not fit the records")
    whole["unique_id"] = np.arange(len(whole))
    return whole


def _read(file: Path) -> pd.DataFrame:
    people = pd.read_csv(file, dtype=str, skipinitialspace=True)
    people.columns = people.columns.str.strip()
    return people.apply(lambda column: _filled(column.str.strip()))


def _filled(column: pd.Series) -> pd.Series:
    return column.where(column.fillna("") != "")


def _plain(column: pd.Series) -> pd.Series:
    """Lower case, no accents, single blanks."""
    bare = column.str.normalize("NFKD").str.replace(r"[\u0300-\u036f]", "", regex=True)
    return _filled(bare.str.lower().str.replace(r"\s+", " ", regex=True).str.strip())


def _fake1000(prepared: Prepared) -> pd.DataFrame:
    people = _read(prepared.sources[0].file)
    out = pd.DataFrame({"agency": "people", "system": "fake1000", "source_key": people.unique_id})
    for name in ("first_name", "surname", "city", "email"):
        out[name] = _plain(people[name])
    out["dob"] = people["dob"]
    return _joined(prepared, out)


def _febrl3(prepared: Prepared) -> pd.DataFrame:
    people = _read(prepared.sources[0].file)
    out = pd.DataFrame({"agency": "people", "system": "febrl3", "source_key": people["rec_id"]})
    for name in ("given_name", "surname", "street_number", "address_1", "address_2", "suburb"):
        out[name] = _plain(people[name])
    for name in ("postcode", "state", "soc_sec_id"):
        out[name] = people[name]
    day = people["date_of_birth"]
    out["dob"] = (day.str[:4] + "-" + day.str[4:6] + "-" + day.str[6:8]).where(day.str.len() == 8)
    return _joined(prepared, out)


_TITLES = (
    r"\b(?:sir|lord|lady|dr|rev|reverend|baron|baronet|bt|earl|duke|duchess|countess|viscount"
    r"|marquess|dame|captain|colonel|general|admiral|bishop|1st|2nd|3rd|\d+th|of|the|and)\b"
)


def _hist50k(prepared: Prepared) -> pd.DataFrame:
    people = _read(prepared.sources[0].file)
    out = pd.DataFrame(
        {"agency": "people", "system": "historical50k", "source_key": people.unique_id}
    )
    for name in ("first_name", "surname", "birth_place", "occupation", "full_name"):
        out[name] = _plain(people[name])
    bare = out["full_name"].str.replace(_TITLES, " ", regex=True)
    words = bare.str.replace(r"[^a-z ]", " ", regex=True).str.split()
    out["name_words"] = words.map(
        lambda found: sorted(set(found)) if isinstance(found, list) else None
    )
    out["postcode"] = people["postcode_fake"].str.upper().str.replace(" ", "")
    out["dob"], out["gender"] = people["dob"], people["gender"]
    out["first_and_surname"] = _plain(people["first_and_surname"])
    return _joined(prepared, out)


_NATIVE = {"CUSTOMERS": "customers", "REFERENCE": "reference", "WATCHLIST": "watchlist"}


def _senzing(prepared: Prepared) -> pd.DataFrame:
    people = pd.concat([_read(source.file) for source in prepared.sources], ignore_index=True)
    out = pd.DataFrame(
        {
            "agency": "senzing",
            "system": people["DATA_SOURCE"].map(_NATIVE),
            "source_key": people["RECORD_ID"],
        }
    )
    whole = people["PRIMARY_NAME_FULL"].fillna(people["NATIVE_NAME_FULL"])
    comma = whole.str.contains(",", na=False)
    first = whole.str.split(",").str[-1].where(comma, whole.str.rsplit(n=1).str[0]).str.strip()
    last = whole.str.split(",").str[0].where(comma, whole.str.rsplit(n=1).str[-1]).str.strip()
    out["given"] = _plain(people["PRIMARY_NAME_FIRST"].fillna(first))
    out["family"] = _plain(people["PRIMARY_NAME_LAST"].fillna(last))
    out["dob"] = _days(people["DATE_OF_BIRTH"])
    out["phone"] = _digits(people["PHONE_NUMBER"]).str[-7:]
    mail = people["EMAIL_ADDRESS"].str.lower()
    out["email"] = mail.str.extract(r"([^\s<>\"]+@[^\s<>\"]+)", expand=False)
    address = people["ADDR_FULL"].fillna(people["ADDR_LINE1"])
    out["address"] = _plain(address).str.replace(r"[^a-z0-9 ]", " ", regex=True)
    out["number"] = out["address"].str.extract(r"(\d+)", expand=False)
    for name in ("PASSPORT_NUMBER", "DRIVERS_LICENSE_NUMBER", "SSN_NUMBER", "NATIONAL_ID_NUMBER"):
        out[name.split("_")[0].lower()] = _digits(people[name])
    return _joined(prepared, out)


def _digits(column: pd.Series) -> pd.Series:
    return _filled(column.str.replace(r"\D", "", regex=True))


def _days(column: pd.Series) -> pd.Series:
    """Dates of the truth set, written in six ways, month first; as YYYY-MM-DD."""
    found = pd.Series(pd.NaT, index=column.index)
    for pattern in ("%m/%d/%Y", "%m/%d/%y", "%d/%m/%Y", "%Y-%m-%d", "%b %d %Y", "%d-%b-%y"):
        found = found.fillna(pd.to_datetime(column, format=pattern, errors="coerce"))
    written: pd.Series = found.dt.strftime("%Y-%m-%d")
    return written


def _vip(prepared: Prepared) -> pd.DataFrame:
    return read_all(prepared.folder)


_MAKERS: dict[str, Callable[[Prepared], pd.DataFrame]] = {
    "fake1000": _fake1000,
    "febrl3": _febrl3,
    "hist50k": _hist50k,
    "senzing": _senzing,
    "vip": _vip,
}
