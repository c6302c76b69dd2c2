"""Whom a request may be about: people found by what its sender says of themselves.

Invariant: few are shown, of each only what tells whether it is they; that they were is in the
audit before they are, by the names of the fields asked for and never by what was asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

import loaders
from governance.permissions import Permission
from governance.sessions import SignedInUser
from governance.subject_cases import SubjectError
from governance.subject_events import LOOKED_UP_BY, PeopleLookedUp
from kith import pipeline
from kith.home import Home
from kith.refusing import demand
from kith.rights.acting import note
from kith.rights.held import count_turned_away
from records import identifiers

MOST = 10  # people shown
AGREED = {
    "given_name": "forename",
    "family_name": "surname",
    "birth_date": "date of birth",
    "postcode": "postcode",
    "nhs_number": "NHS number",
}
_LEAST = 2  # fields that must agree, unless it is an NHS number


@dataclass(frozen=True, kw_only=True)
class Sought:
    """What a person says of themselves; at least two, or an NHS number.

    Attributes:
        birth_date: a day.
        postcode, nhs_number: as written; read as those of records are.
    """

    given_name: str = ""
    family_name: str = ""
    birth_date: dt.date | None = None
    postcode: str = ""
    nhs_number: str = ""

    def values(self) -> dict[str, str]:
        """Field -> value, canonical, of those that are given.

        Raises:
            SubjectError: if they are too few, or one cannot be read.
        """
        found = {
            "given_name": self.given_name,
            "family_name": self.family_name,
            "birth_date": self.birth_date.isoformat() if self.birth_date else "",
        }
        for name, read in (
            ("postcode", identifiers.postcode),
            ("nhs_number", identifiers.nhs_number),
        ):
            written = getattr(self, name)
            value = read(written) if written else ""
            if value is None:
                raise SubjectError(f"this is no {AGREED[name]}")
            found[name] = value
        given = {name: value for name, value in found.items() if value.strip()}
        if len(given) < _LEAST and "nhs_number" not in given:
            raise SubjectError("say at least two things of them, or their NHS number")
        return given


@dataclass(frozen=True, kw_only=True)
class Likely:
    """Somebody who may be meant.

    Attributes:
        about: the person's id; of a record that is not linked yet, the record's.
        agreed: names of the fields that agree, over all their records.
        records: how many.
    """

    about: str
    name: str
    birth_date: str | None
    agencies: tuple[str, ...]
    records: int
    agreed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LookedUp:
    """Those who may be meant, the likeliest first.

    Attributes:
        more: how many others agree as far as is asked, and are not shown.
        turned_away: rows that no record was made of and that may be theirs.
    """

    people: tuple[Likely, ...]
    more: int
    turned_away: int


def look_up(home: Home, user: SignedInUser, sought: Sought) -> LookedUp:
    """Find them among all that agencies hold now.

    Raises:
        NotPermitted: if no role of theirs lets them work on a person's rights.
        SubjectError: if too little is said of them, or something cannot be read.
    """
    demand(home, user, Permission.HANDLE_RIGHTS)
    values = sought.values()
    likely, count = _likely(home, values)
    personal = {values["nhs_number"]} if "nhs_number" in values else set()
    names = {values[field] for field in _NAMES if field in values}
    with home.register.session() as session:
        turned_away = count_turned_away(home, session, personal, names)
    asked = tuple(name for name in LOOKED_UP_BY if name in values)
    shown = [each.about for each in likely]
    note(home, user, PeopleLookedUp, asked_by=asked, found=count, what=shown)
    return LookedUp(people=likely, more=count - len(likely), turned_away=turned_away)


def _likely(home: Home, values: Mapping[str, str]) -> tuple[tuple[Likely, ...], int]:
    snapshot = loaders.take_snapshot(pipeline.load_context(home))
    linked = pipeline.read_current(home) is not None
    links = pipeline.current_result(home).files("link") if linked else []
    asked = {name: values.get(name, "") for name in LOOKED_UP_BY}
    with duckdb.connect() as con:
        con.execute(_FOLD)
        for table in ("record", "residence"):
            con.read_parquet(_names(snapshot.files(table))).create_view(table)
        if links:
            con.read_parquet(_names(links)).create_view("link")
        else:
            con.execute("create table link (record_id varchar, person_id varchar)")
        least = max(_LEAST, len(values) - 1)
        rows = con.execute(_PEOPLE, asked | {"least": least}).fetchall()
    people = tuple(
        Likely(
            about=about,
            name=name,
            birth_date=birth_date,
            agencies=tuple(agencies),
            records=records,
            agreed=tuple(field for field, same in zip(LOOKED_UP_BY, agreed, strict=True) if same),
        )
        for about, name, birth_date, agencies, records, *agreed in rows[:MOST]
    )
    return people, len(rows)


def _names(files: Sequence[Path]) -> list[str]:
    return [str(file) for file in files]


_NAMES = ("given_name", "family_name", "birth_date")

_FOLD = """
create macro fold(said) as trim(regexp_replace(regexp_replace(
  lower(strip_accents(coalesce(said, ''))), '[''\u2019]', '', 'g'), '[^\\p{L}\\p{N}]+', ' ', 'g'));
create macro bears(wanted, said) as fold(wanted) <> '' and (
  contains(' ' || said || ' ', ' ' || fold(wanted) || ' ') or list_max(list_transform(
    string_split(said, ' '), lambda word: jaro_winkler_similarity(word, fold(wanted)))) >= 0.92);
"""

_PEOPLE = """
with here as (
  select record_id from residence where $postcode <> '' and postcode = $postcode group by all),
said as (
  select r.record_id, r.agency, coalesce(l.person_id, r.record_id) about, r.birth_date,
    coalesce(nullif(concat_ws(' ', r.given_name, r.family_name), ''), r.full_name, '') as name,
    bears($given_name, fold(concat_ws(' ', r.given_name, r.middle_names, r.full_name,
      r.other_names::varchar))) given_name,
    bears($family_name, fold(concat_ws(' ', r.family_name, r.full_name, r.former_family_name,
      r.other_names::varchar))) family_name,
    coalesce(starts_with($birth_date, nullif(r.birth_date, '')), false) birth_date_same,
    h.record_id is not null postcode,
    coalesce($nhs_number <> '' and r.nhs_number = $nhs_number, false) nhs_number
  from record r left join link l using (record_id) left join here h using (record_id)),
people as (
  select about, arg_max(name, (own, name)) as name, arg_max(birth_date, (own, birth_date)) b,
    list_sort(list(distinct agency)) agencies, count(*) records, bool_or(given_name) g,
    bool_or(family_name) f, bool_or(birth_date_same) d, bool_or(postcode) p,
    bool_or(nhs_number) n, max(own) own
  from (select *, given_name::int + family_name::int + birth_date_same::int + postcode::int
    + nhs_number::int own from said) group by about)
select about, name, b, agencies, records, g, f, d, p, n from people
where n or g::int + f::int + d::int + p::int >= $least
order by n desc, g::int + f::int + d::int + p::int desc, own desc, records desc, about
"""
