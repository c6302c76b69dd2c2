"""The real geography of an area: its postcodes with position and small area.

Invariant: what an area's geography holds is real (see data/SOURCES.md); nobody's address is in
it. Streets, house numbers and people are invented on top of it, by `areas.maker`.
"""

from __future__ import annotations

import functools
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from areas.pack import read_pack

DATA = Path(__file__).parent / "data"


@functools.cache
def all_postcodes() -> pa.Table:
    """Every postcode that ships: postcode, latitude, longitude, small_area, authority."""
    types = {"postcode": pa.string(), "lsoa11": pa.string(), "local_authority": pa.string()}
    table = pa_csv.read_csv(
        DATA / "postcodes.csv.gz",
        convert_options=pa_csv.ConvertOptions(
            column_types=types,
            include_columns=["postcode", "latitude", "longitude", "lsoa11", "local_authority"],
        ),
    )
    return table.rename_columns(["postcode", "latitude", "longitude", "small_area", "authority"])


def geography(area: str) -> pa.Table:
    """The postcodes of an area.

    Returns:
        A table sorted by `postcode`, with `latitude`, `longitude`, `small_area` (2011 LSOA) and
        `authority` (the council's ONS code).

    Raises:
        PackError: there is no such area.
    """
    table = all_postcodes()
    wanted = pa.array(list(read_pack(area).authorities))
    return table.filter(pc.is_in(table["authority"], value_set=wanted))


def deprivation() -> dict[str, int]:
    """Small area -> decile of its national index (1 the most deprived tenth)."""
    table = pa_csv.read_csv(DATA / "deprivation_lsoa11.csv")
    areas = table["lsoa11_code"].to_pylist()
    deciles = table["imd_decile"].to_pylist()
    return {area: int(decile) for area, decile in zip(areas, deciles, strict=True) if decile}
