"""The records of people who must not be traced, as sources and officers say now.

Invariant: no record of such a person is asked about, whichever of their records was marked. Before
records were linked nobody knows which those are: every record is left out that could be one.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from records.snapshot import Resolved, Snapshot

SamePerson = Callable[[pa.Array], frozenset[str]]
"""From record ids to the records of their people, or that may be."""


class Restricted:
    """The records that are left out."""

    def __init__(self, snapshot: Snapshot, same_person: SamePerson) -> None:
        self._same_person = same_person
        marked = snapshot.read("record", ["record_id", "restricted"])
        self._marked = marked.filter(pc.field("restricted"))["record_id"].combine_chunks()
        self._decided: frozenset[str] | None = None
        self._found: frozenset[str] = frozenset()

    def records(self, decided: frozenset[str]) -> frozenset[str]:
        """Every record of a person one of whose records is restricted.

        Args:
            decided: record ids under a restriction of the register now.
        """
        if decided != self._decided:
            subjects = pa.concat_arrays([self._marked, pa.array(sorted(decided), pa.string())])
            self._found = self._same_person(subjects) | frozenset(subjects.to_pylist())
            self._decided = decided
        return self._found


def as_linked(resolved: Resolved) -> SamePerson:
    """The records that a run found to be one person with others."""
    links = resolved.read("link", ["record_id", "person_id"])

    def same_person(subjects: pa.Array) -> frozenset[str]:
        people = links.filter(pc.is_in(links["record_id"], value_set=subjects))["person_id"]
        theirs = links.filter(pc.is_in(links["person_id"], value_set=people))["record_id"]
        return frozenset(theirs.to_pylist())

    return same_person


def as_like(snapshot: Snapshot) -> SamePerson:
    """The records that share a number, a whole name, or a date of birth and an initial."""

    def same_person(subjects: pa.Array) -> frozenset[str]:
        if not len(subjects):
            return frozenset()
        with duckdb.connect(config={"threads": 2}) as con:
            con.register("subject", pa.table({"record_id": subjects}))
            query = _LIKE.format(told=_TOLD)
            rows = con.execute(query, {"file": str(snapshot.path("record"))}).fetchall()
        return frozenset(record_id for (record_id,) in rows)

    return same_person


_TOLD = """
select record_id, unnest([
  'n' || nhs_number, 'u' || upn, 'l' || uln, 'i' || nino, 'a' || agency || '|' || local_id,
  'w' || lower(coalesce(full_name, given_name || ' ' || family_name)),
  'g' || birth_date || lower(left(coalesce(given_name, full_name), 1)),
  'f' || birth_date || lower(left(family_name, 1))]) v
from read_parquet($file)
"""

_LIKE = """
with told as ({told}),
theirs as (select distinct v from told semi join subject using (record_id) where v is not null)
select distinct record_id from told semi join theirs using (v)
"""
