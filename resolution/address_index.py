"""What a run over a change looks up of addresses: ways of writing, keys and addresses, in a file.

Invariant: everything in it follows from the snapshot of the run whose folder it lies in, but for
`address_id`, which the ledger gave. An address stands here as the number of the key that leads it
or, as text, as its UPRN.

Tables:
    place      a way of writing: how often, the street as typed, its key and its address
    key        what its places say (`own`: a UPRN, null for itself) and whose it is (`owner`)
    address    what others are told by (`told`: all of it that links and stays depend on)
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from resolution.address_matching import AddressKey, Entity, Matched, Place

Written = tuple[str | None, str | None, str | None, str | None]
"""A way of writing: line, flat, UPRN and postcode."""

Code = int | str
"""An address as it stands here."""

TELLING = ("mark", "kind", "flat", "number", "street", "town", "postcode")
"""The columns of an address that somebody's whereabouts or stays follow from."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """One way of writing."""

    no: int
    written: Written
    uses: int
    kinds: str | None
    key_no: int
    address: Code

    @property
    def kind(self) -> str | None:
        """The kind as most residences state it, the first in the alphabet on a tie."""
        counts: dict[str, int] = json.loads(self.kinds or "{}")
        return min(counts, key=lambda kind: (-counts[kind], kind), default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyRow:
    """One key; `own` and `owner` as they stand here."""

    no: int
    key: AddressKey
    uses: int
    towns: str
    own: str | None
    owner: Code


def write_index(
    file: Path,
    written: Sequence[Sequence[Any]],
    places: Sequence[Place],
    matched: Matched,
    addresses: pa.Table,
) -> None:
    """Write it for all addresses.

    Args:
        written: line, flat, UPRN, postcode, uses, kind and how often each kind, of each place.
        addresses: one row per address, in the order in which their places come first.
    """
    told, numbers = matched.told, {key: no for no, key in enumerate(matched.told.own, 1)}

    def code(entity: Entity) -> Code:
        return entity if isinstance(entity, str) else numbers[entity]

    codes = [code(entity) for entity in matched.entities]
    db = _connect(file)
    db.execute("pragma page_size=8192")
    db.executescript(_TABLES)
    db.executemany(
        "insert into place values (null, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (*row[:5], row[6], place.parsed.street, numbers[key], address)
            for row, place, key, address in zip(written, places, matched.keys, codes, strict=True)
        ),
    )
    db.executemany(
        "insert into key values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (no, *_of_key(key), told.uses[key], towns_text(told.towns.get(key, ())),
             own if isinstance(own := told.own[key], str) else None, code(matched.owner[key]))
            for key, no in numbers.items()
        ),
    )  # fmt: skip
    db.executemany(_PUT_ADDRESS, zip(dict.fromkeys(codes), telling(addresses), strict=True))
    db.executescript(_INDEXES)
    db.commit()
    db.close()


def name_addresses(file: Path, ids: Iterable[str]) -> None:
    """Note the lasting id of each address of `write_index`, in its order."""
    db = _connect(file)
    db.executemany(
        "update address set address_id = ? where no = ?",
        ((address_id, no) for no, address_id in enumerate(ids, 1)),
    )
    db.execute("create index address_by_id on address (address_id)")
    db.commit()
    db.close()


def towns_text(towns: Iterable[str]) -> str:
    """Several towns in one column."""
    return "\n".join(sorted(towns))


def telling(addresses: pa.Table) -> Iterator[str]:
    """Of each address the columns of `TELLING`, as one text."""
    columns = [addresses[name].to_pylist() for name in TELLING]
    for row in zip(*columns, strict=True):
        yield json.dumps(row)


def _of_key(key: AddressKey) -> tuple[str, str, str, str, str]:
    return key.postcode, key.number, key.flat, key.street, key.town


def _connect(file: Path) -> sqlite3.Connection:
    # The file is nobody else's until the run's folder is in its place.
    db = sqlite3.connect(file)
    for pragma in ("journal_mode=off", "synchronous=off", "cache_size=-60000"):
        db.execute(f"pragma {pragma}")
    return db


class AddressIndex:
    """The file, opened to bring it up to date."""

    def __init__(self, file: Path) -> None:
        self._db = _connect(file)
        self._keys: dict[int, AddressKey] = {}
        self._numbers: dict[AddressKey, int] = {}

    def close(self) -> None:
        """Write what changed."""
        self._db.commit()
        self._db.close()

    def find(self, written: Written) -> Way | None:
        """A way of writing, if somebody wrote so."""
        rows = self._db.execute(_FIND, (written[3], *written[:3])).fetchall()
        return _way(rows[0]) if rows else None

    def ways(self, column: str, values: Collection[Code]) -> list[Way]:
        """The ways of writing that have one of some values in a column."""
        return [_way(row) for row in self._in(_WAYS.format(column=column), values)]

    def add_way(self, written: Written, uses: int, kinds: str | None, street: str | None) -> int:
        """A new way of writing; its number. Its key and address are yet to be told."""
        row = (*written, uses, kinds, street)
        made = self._db.execute("insert into place values (null,?,?,?,?,?,?,?,0,0)", row)
        return int(made.lastrowid or 0)

    def set_ways(self, column: str, rows: Iterable[tuple[object, int]]) -> None:
        """Set one column of ways of writing, by number."""
        self._db.executemany(f"update place set {column} = ? where no = ?", rows)

    def drop_ways(self, numbers: Iterable[int]) -> None:
        """Nobody writes so any more."""
        self._db.executemany("delete from place where no = ?", ((no,) for no in numbers))

    def streets(self, postcodes: Collection[str]) -> list[tuple[int, str, str, str, int]]:
        """Way's number, postcode, street as typed, as settled, and uses, at some postcodes."""
        return self._in(_STREETS, postcodes)

    def key(self, number: int) -> AddressKey:
        """The key with a number; it was read before."""
        return self._keys[number]

    def number(self, key: AddressKey) -> int:
        """The number of a key, which is made if there is none."""
        if key not in self._numbers:
            rows = self._db.execute(_FIND_KEY, _of_key(key)).fetchall()
            if rows:
                self._remember(rows[0][0], key)
            else:
                made = self._db.execute(_PUT_KEY, _of_key(key))
                self._remember(int(made.lastrowid or 0), key)
        return self._numbers[key]

    def code(self, entity: Entity) -> Code:
        """An address as it stands here."""
        return entity if isinstance(entity, str) else self.number(entity)

    def entity(self, code: Code) -> Entity:
        """The address that a code stands for; its key was read before."""
        return code if isinstance(code, str) else self._keys[code]

    def keys(self, numbers: Collection[int]) -> list[KeyRow]:
        """Keys by number, those that are there."""
        return self._key_rows(self._in(_KEYS + " where no in (select value from wanted)", numbers))

    def within(self, key: AddressKey) -> list[KeyRow]:
        """The keys that agree in street, number and flat."""
        query = _KEYS + " where street = ? and number = ? and flat = ?"
        return self._key_rows(self._db.execute(query, key.within).fetchall())

    def at_number(self, key: AddressKey) -> list[KeyRow]:
        """The keys that agree in postcode, number and flat."""
        query = _KEYS + " where postcode = ? and number = ? and flat = ?"
        return self._key_rows(self._db.execute(query, _of_key(key)[:3]).fetchall())

    def set_keys(self, rows: Iterable[tuple[int, str, str | None, int]]) -> None:
        """Set uses, towns and own of keys."""
        self._db.executemany("update key set uses = ?, towns = ?, own = ? where no = ?", rows)

    def set_owners(self, rows: Iterable[tuple[Code, int]]) -> None:
        """Set whose keys are."""
        self._db.executemany("update key set owner = ? where no = ?", rows)

    def drop_keys(self, numbers: Collection[int]) -> None:
        """No place has them any more; their numbers are not given again in this run."""
        self._db.executemany("delete from key where no = ?", ((no,) for no in numbers))
        for number in numbers:
            self._numbers.pop(self._keys[number], None)

    def told(self, codes: Collection[Code]) -> dict[Code, tuple[str, str | None]]:
        """Of addresses that are known, what they tell and their lasting ids."""
        rows = self._in(_TOLD, codes)
        return {code: (told, address_id) for code, told, address_id in rows}

    def named(self, address_ids: Collection[str]) -> list[Code]:
        """The addresses of some lasting ids."""
        return [code for (code,) in self._in(_NAMED, address_ids)]

    def leading(self, numbers: Collection[int]) -> set[Code]:
        """Of some keys those that lead an address."""
        return {code for (code,) in self._in(_LEADING, numbers)}

    def set_told(self, codes: Iterable[Code], rows: pa.Table) -> None:
        """What addresses tell, in the order of their rows."""
        self._db.executemany(_PUT_ADDRESS, zip(codes, telling(rows), strict=True))

    def set_ids(self, rows: Iterable[tuple[str, Code]]) -> None:
        """The lasting ids of addresses."""
        self._db.executemany("update address set address_id = ? where code = ?", rows)

    def drop_addresses(self, codes: Iterable[Code]) -> None:
        """They are no more."""
        self._db.executemany("delete from address where code = ?", ((code,) for code in codes))

    def _in(self, query: str, values: Collection[Code]) -> list[Any]:
        given = json.dumps(list(values))
        return self._db.execute(f"with wanted as (select value from json_each(?)) {query}",
                                (given,)).fetchall()  # fmt: skip

    def _key_rows(self, rows: Iterable[Any]) -> list[KeyRow]:
        found = []
        for no, postcode, number, flat, street, town, uses, towns, own, owner in rows:
            key = AddressKey(postcode, street, number, flat, town)
            self._remember(no, key)
            found.append(KeyRow(no=no, key=key, uses=uses, towns=towns, own=own, owner=owner))
        return found

    def _remember(self, number: int, key: AddressKey) -> None:
        self._keys[number] = key
        self._numbers[key] = number


def _way(row: Any) -> Way:
    no, line, flat, uprn, postcode, uses, kinds, key_no, address = row
    written = (line, flat, uprn, postcode)
    return Way(no=no, written=written, uses=uses, kinds=kinds, key_no=key_no, address=address)


# A column without a type holds a number or a text as it was given.
_TABLES = """
create table place (no integer primary key, line text, flat text, uprn text, postcode text,
  uses integer, kinds text, street text, key_no integer, address);
create table key (no integer primary key, postcode text, number text, flat text, street text,
  town text, uses integer, towns text, own text, owner);
create table address (no integer primary key, code unique, told text, address_id text);
"""

_INDEXES = """
create index place_by_words on place (postcode, line, flat, uprn);
create index place_by_uprn on place (uprn) where uprn is not null;
create index place_by_key on place (key_no);
create index place_by_address on place (address);
create index key_by_words on key (postcode, number, flat, street, town);
create index key_by_street on key (street, number, flat);
"""

_WAY = "select no, line, flat, uprn, postcode, uses, kinds, key_no, address from place "
_FIND = _WAY + "where postcode is ? and line is ? and flat is ? and uprn is ?"
_WAYS = _WAY + "where {column} is not null and {column} in (select value from wanted)"
_KEYS = "select no, postcode, number, flat, street, town, uses, towns, own, owner from key"
_FIND_KEY = (
    "select no from key where postcode = ? and number = ? and flat = ? and street = ? and town = ?"
)
_PUT_KEY = "insert into key values (null, ?, ?, ?, ?, ?, 0, '', null, 0)"
_STREETS = """
select p.no, k.postcode, p.street, k.street, p.uses
from key k join place p on p.key_no = k.no
where k.postcode in (select value from wanted) and p.street is not null
"""
_TOLD = "select code, told, address_id from address where code in (select value from wanted)"
_NAMED = "select code from address where address_id in (select value from wanted)"
_LEADING = "select distinct address from place where address in (select value from wanted)"
_PUT_ADDRESS = """
insert into address (code, told) values (?, ?) on conflict (code) do update set told = excluded.told
"""
