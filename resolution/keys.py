"""The closed vocabulary of match keys, each a column that DuckDB can read.

Invariant: a rule can name nothing but these; their text is the only SQL that reaches DuckDB
from a rule. A record without a value for one of a key's columns is in no block of that key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from resolution.errors import RulesError


@dataclass(frozen=True)
class KeyColumn:
    """A column of the prepared tables.

    `person` p, `called` c, `nick` n, `lodged` a, `known` k, `word` w, `identifier` i.
    """

    sql: str
    table: str
    words: str


COLUMNS: dict[str, KeyColumn] = {
    "local_id": KeyColumn("p.local_id", "p", "the agency's own id for the person"),
    "nhs_number": KeyColumn("p.nhs_number", "p", "NHS number"),
    "upn": KeyColumn("p.upn", "p", "unique pupil number"),
    "uln": KeyColumn("p.uln", "p", "unique learner number"),
    "nino": KeyColumn("p.nino", "p", "National Insurance number"),
    "other_identifier": KeyColumn(
        "i.kind || ' ' || i.value", "i", "another identifier: passport, driving licence ..."
    ),
    "phone": KeyColumn("p.phone", "p", "telephone"),
    "phone_end": KeyColumn("right(p.phone, 7)", "p", "last seven digits of the telephone"),
    "email": KeyColumn("p.email", "p", "e-mail address"),
    "email_name": KeyColumn(
        "nullif(split_part(p.email, '@', 1), '')", "p", "e-mail address before the @"
    ),
    "email_domain": KeyColumn(
        "nullif(split_part(p.email, '@', 2), '')", "p", "e-mail address behind the @"
    ),
    "birth_day": KeyColumn("p.birth_day", "p", "whole date of birth"),
    "birth_year": KeyColumn("left(p.birth, 4)", "p", "year of birth"),
    "birth_month_day": KeyColumn("substr(p.birth_day, 6)", "p", "month and day of birth"),
    "birth_unordered": KeyColumn(
        "left(p.birth_day, 5) || least(substr(p.birth_day, 6, 2), substr(p.birth_day, 9, 2))"
        " || greatest(substr(p.birth_day, 6, 2), substr(p.birth_day, 9, 2))",
        "p",
        "date of birth, day and month in either order",
    ),
    "given": KeyColumn("c.given", "c", "forename"),
    "given_initial": KeyColumn("left(c.given, 1)", "c", "initial of the forename"),
    "given_sound": KeyColumn("c.given_sound", "c", "how the forename sounds"),
    "family": KeyColumn("c.family", "c", "surname, former and alias ones too"),
    "family_initial": KeyColumn("left(c.family, 1)", "c", "initial of the surname"),
    "family_sound": KeyColumn("c.family_sound", "c", "how the surname sounds"),
    "names_unordered": KeyColumn(
        "case when c.given is not null and c.family is not null then"
        " least(c.given, c.family) || '|' || greatest(c.given, c.family) end",
        "c",
        "forename and surname in either order",
    ),
    "formal_name": KeyColumn("n.formal", "n", "formal names that a forename may stand for"),
    "address": KeyColumn("a.dwelling", "a", "resolved address of a dwelling"),
    "postcode": KeyColumn("a.postcode", "a", "postcode"),
    "area": KeyColumn("a.area", "a", "first half of the postcode, or the town"),
    "birth_month": KeyColumn("left(p.birth_day, 7)", "p", "year and month of birth"),
    "birth_decade": KeyColumn("left(p.birth, 3)", "p", "decade of birth"),
    "birth_day_of_month": KeyColumn("right(p.birth_day, 2)", "p", "day of the month of birth"),
    "birth_parts_unordered": KeyColumn(
        "least(substr(p.birth_day, 6, 2), substr(p.birth_day, 9, 2))"
        " || greatest(substr(p.birth_day, 6, 2), substr(p.birth_day, 9, 2))",
        "p",
        "month and day of birth in either order",
    ),
    "birth_place": KeyColumn("p.birth_place", "p", "place of birth"),
    "occupation": KeyColumn("p.occupation", "p", "occupation"),
    "given_sound_start": KeyColumn("left(c.given_sound, 1)", "c", "how the forename begins"),
    "given_sound_two": KeyColumn("left(c.given_sound, 2)", "c", "two sounds of the forename"),
    "family_sound_start": KeyColumn("left(c.family_sound, 1)", "c", "how the surname begins"),
    "family_sound_two": KeyColumn("left(c.family_sound, 2)", "c", "two sounds of the surname"),
    "family_sound_three": KeyColumn("left(c.family_sound, 3)", "c", "three sounds of the surname"),
    "known_address": KeyColumn("k.dwelling", "k", "any address of the person, seen at or home"),
    "known_postcode": KeyColumn("k.postcode", "k", "any postcode of the person"),
    "known_area": KeyColumn("k.area", "k", "first half of any postcode, or any town"),
    "known_number": KeyColumn("k.number", "k", "house number of any address"),
    "known_street": KeyColumn("k.street", "k", "street of any address"),
    "word": KeyColumn("w.word", "w", "a word of the names"),
    "word_sound": KeyColumn("w.sound", "w", "how a word of the names sounds"),
}


def check_keys(names: Sequence[str]) -> list[str]:
    """What is wrong with a rule's keys; empty if nothing is."""
    faults = [f"there is no key '{name}'" for name in names if name not in COLUMNS]
    return faults or ([] if names else ["it has no keys"])


def key_select(names: Sequence[str]) -> str:
    """A query of `rid` and `h`, the hash of a record's values for the keys named.

    Raises:
        RulesError: for a name outside the vocabulary.
    """
    faults = check_keys(names)
    if faults:
        raise RulesError("; ".join(faults))
    columns = [COLUMNS[name] for name in names]
    tables = {column.table for column in columns}
    joins = "from person p"
    if tables & {"c", "n"}:
        joins += " join called c on c.rid = p.rid"
    if "n" in tables:
        joins += " join nick n on n.given = c.given"
    if "a" in tables:
        joins += " join lodged a on a.rid = p.rid"
    if "k" in tables:
        joins += " join whereabouts k on k.rid = p.rid"
    if "w" in tables:
        joins += " join word w on w.rid = p.rid"
    if "i" in tables:
        joins += " join identifier i on i.rid = p.rid"
    present = " and ".join(f"({column.sql}) is not null" for column in columns)
    values = ", ".join(f"({column.sql})" for column in columns)
    return f"select distinct p.rid, hash({values}) h {joins} where {present}"


def build_key_table(con: duckdb.DuckDBPyConnection, ladder: Sequence[Sequence[str]]) -> None:
    """The table `key` (`t` the key's place in the ladder, `h`, `rid`) for all keys at once."""
    con.execute("create or replace temp table key (t utinyint, h ubigint, rid integer)")
    for place, names in enumerate(ladder):
        con.execute(f"insert into key select {place}, h, rid from ({key_select(names)})")
