"""Which records are compared: the keys of `blocking.toml` that suit a list of records.

Invariant: a key stands once, whatever groups name it, and names nothing outside the vocabulary.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from importlib.resources import files

import duckdb
import pandas as pd
import pyarrow as pa

from resolution.errors import RulesError
from resolution.keys import check_keys
from resolution.names import TITLES, sound
from resolution.statistics import Statistics

Keys = tuple[tuple[str, ...], ...]

_GROUPS = ("always", "small", "tiny", "wordy")
_SHORTEST_WORD = 2


@dataclass(frozen=True, kw_only=True)
class Blocking:
    """The keys of candidate pairs, and the limits that go with them."""

    version: int
    block_cap: int
    small_list: int
    tiny_list: int
    always: Keys
    small: Keys
    tiny: Keys
    wordy: Keys

    def of_list(self, records: int) -> Blocking:
        """Those for a list of so many records, also where only a part of it is looked at."""
        return replace(
            self,
            small=self.small if records <= self.small_list else (),
            tiny=self.tiny if records <= self.tiny_list else (),
        )


def read_blocking() -> Blocking:
    """Read the keys that ship with Kith.

    Raises:
        RulesError: if the file names a key that there is not.
    """
    text = (files("resolution") / "blocking.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    groups = {name: tuple(tuple(key) for key in data[name]) for name in _GROUPS}
    faults = [fault for keys in groups.values() for key in keys for fault in check_keys(key)]
    if faults:
        raise RulesError("the blocking keys cannot be used: " + "; ".join(faults))
    return Blocking(
        version=data["version"],
        block_cap=data["block_cap"],
        small_list=data["small_list"],
        tiny_list=data["tiny_list"],
        **groups,
    )


def suited_keys(con: duckdb.DuckDBPyConnection, blocking: Blocking, known: Statistics) -> Keys:
    """The keys for the records prepared; makes the tables `whereabouts` and `word` they read."""
    con.execute(_WHEREABOUTS)
    names = con.execute(_NAMES).df()
    _write_words(con, names if known.wordy else names.head(0))
    suited = blocking.of_list(known.records)
    keys = suited.always + suited.small + suited.tiny
    if known.wordy:
        keys += suited.wordy
    return tuple(dict.fromkeys(keys))


def _write_words(con: duckdb.DuckDBPyConnection, names: pd.DataFrame) -> None:
    rows = [
        (rid, word)
        for rid, text in zip(names["rid"].tolist(), names["v"].fillna("").tolist(), strict=True)
        for word in dict.fromkeys(text.split())
        if len(word) >= _SHORTEST_WORD and word not in TITLES
    ]
    heard = {word: sound(word) for word in {word for _, word in rows}}
    made = pa.table(
        {
            "rid": pa.array([rid for rid, _ in rows], pa.int32()),
            "word": pa.array([word for _, word in rows], pa.string()),
            "sound": pa.array([heard[word] for _, word in rows], pa.string()),
        }
    )
    con.register("made", made)
    con.execute("create or replace temp table word as select * from made")
    con.unregister("made")


_WHEREABOUTS = """
create or replace temp table whereabouts as
select k.rid, k.dwelling, k.postcode, k.area, a.number, a.street
from known k join address a using (address_no)
"""

_NAMES = """
select rid, nullif(trim(concat_ws(' ', given, middle, family)), '') v from person order by rid
"""
