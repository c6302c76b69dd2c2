"""What falls due: the retention schedule, holds and reviews over everything that a snapshot holds.

Invariant: only what has a known day by every rule that counts for it falls due; an unknown day is
listed by itself. Nothing that a hold covers is ever in what may be disposed of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session

from governance import retention_facts as facts
from governance.policy import london_date
from governance.retention import applying, rules
from governance.retention_holds import held_records, holds
from governance.retention_review import last_reviews
from governance.tables import LoadRow
from records.keys import share_key
from records.snapshot import Snapshot

STATUSES = {
    "review": "To be reviewed",
    "dispose": "To be disposed of",
    "held": "Under a legal hold",
    "kept": "Kept after a review",
    "unknown": "The day is not known",
    "waiting": "It has not happened yet",
    "no_rule": "No rule: kept",
}
"""What may be said of something by a day; the first four of what is due by then."""

DUE = ("review", "dispose", "held", "kept")
_THREADS = 2
_TABLES = {
    "record": "record_id, agency, dataset, load_id, updated_on, birth_date, birth_date_status, "
    "dead, death_date",
    "contact": "contact_id, agency, dataset, category, load_id, on_date, status",
    "involvement": "contact_id, record_id",
    "indicator": "indicator_id, agency, dataset, kind, load_id, record_id, valid_from, valid_to",
}


@dataclass(frozen=True, kw_only=True)
class Item:
    """A record, contact or indicator: when it falls due, and why.

    `since` is the day of the event that the rule counts from; `by_part` that a record falls due
    with a contact or an indicator that hangs on it, by whose rule it then is.
    """

    item_id: str
    what: str
    agency: str
    dataset: str
    category: str
    status: str
    due_on: dt.date | None
    rule_id: str | None
    event: str | None
    since: dt.date | None
    by_part: bool
    hold_id: str | None
    next_review: dt.date | None


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How much of a category of a dataset is due, or not, by one rule."""

    agency: str
    dataset: str
    category: str
    status: str
    rule_id: str | None
    items: int


class DueList:
    """What falls due by a day, of one snapshot; close it, or use it in a `with` block."""

    def __init__(
        self, snapshot: Snapshot, session: Session, now: dt.datetime, by: dt.date | None = None
    ) -> None:
        """`by` is the last day that counts, today if not given."""
        self.by = by or london_date(now)
        self._con = duckdb.connect(config={"threads": _THREADS})
        try:
            self._read(snapshot)
            self._schedule(session)
            self._con.execute(facts.MACRO)
            self._con.execute(facts.PERSON, {"today": london_date(now)})
            self._con.execute(facts.FACT, {"today": london_date(now)})
            self._con.execute(facts.OWN)
            self._con.execute(facts.ITEM)
            self._hold(session)
            self._review(session)
            # A view takes no parameters: the day becomes a literal of its own type.
            self._con.execute(facts.LISTED.replace("$by", f"date '{self.by.isoformat()}'"))
        except BaseException:
            self._con.close()
            raise

    def tallies(self) -> list[Tally]:
        """How many of each category, by status and rule."""
        rows = self._con.execute(
            "select agency, dataset, category, status, rule_id, count(*) from listed "
            "group by all order by all"
        ).fetchall()
        names = ("agency", "dataset", "category", "status", "rule_id", "items")
        return [Tally(**dict(zip(names, row, strict=True))) for row in rows]

    def items(
        self, status: str, *, rule_id: str | None = None, offset: int = 0, limit: int = 50
    ) -> list[Item]:
        """Some of a status, those that fell due first before the others."""
        return self._items(
            "where status = $status and ($rule is null or rule_id = $rule) "
            "order by due_on, item_id limit $limit offset $offset",
            {"status": status, "rule": rule_id, "limit": limit, "offset": offset},
        )

    def count(self, status: str, rule_id: str | None = None) -> int:
        """How many of a status."""
        rows = self._con.execute(
            "select count(*) from listed where status = $status "
            "and ($rule is null or rule_id = $rule)",
            {"status": status, "rule": rule_id},
        ).fetchall()
        return int(rows[0][0])

    def find(self, item_ids: Collection[str]) -> list[Item]:
        """Those of some ids that are listed."""
        wanted = pa.table({"item_id": pa.array(sorted(item_ids), pa.string())})
        self._con.register("wanted", wanted)
        found = self._items("semi join wanted using (item_id) order by item_id", {})
        self._con.unregister("wanted")
        return found

    def disposable(
        self, rule_id: str | None = None, *, among: Collection[str] | None = None
    ) -> list[dict[str, Any]]:
        """What may be disposed of: rows for a disposal, by id.

        A record is among them only if all that hangs on it is too, or has gone.

        Args:
            rule_id: by this rule alone.
            among: only of these ids.
        """
        wanted = pa.table({"item_id": pa.array(sorted(among or ()), pa.string())})
        self._con.register("wanted", wanted)
        rows = self._con.execute(facts.DISPOSABLE, {"rule": rule_id, "any": among is None})
        names = ("item_id", "what", "rule_id", "agency", "dataset", "category", "due_on")
        found = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
        self._con.unregister("wanted")
        for row in found:
            row["share_key"] = share_key(*(row.pop(name) for name in names[3:6]))
        return found

    def close(self) -> None:
        self._con.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _items(self, rest: str, given: dict[str, Any]) -> list[Item]:
        names = tuple(Item.__dataclass_fields__)
        rows = self._con.execute(f"select {', '.join(names)} from listed {rest}", given).fetchall()
        return [Item(**dict(zip(names, row, strict=True))) for row in rows]

    def _read(self, snapshot: Snapshot) -> None:
        for name, columns in _TABLES.items():
            query = f"create table {name} as select {columns} from read_parquet($file)"
            self._con.execute(query, {"file": str(snapshot.path(name))})

    def _schedule(self, session: Session) -> None:
        """Which rules count for each category of each dataset that there is something of."""
        groups = self._con.execute(
            "select distinct agency, dataset, 'person' from record "
            "union select distinct agency, dataset, category from contact "
            "union select distinct agency, dataset, kind from indicator"
        ).fetchall()
        found = rules(session)
        rows = [
            (*group, rule.rule_id, rule.terms.event, rule.terms.months, rule.terms.ends)
            for group in groups
            for rule in applying(found, *group)
        ]
        names = ("agency", "dataset", "category", "rule_id", "event", "months", "ends")
        kinds = (*[pa.string()] * 5, pa.int32(), pa.string())
        self._register("applies", names, kinds, rows)
        loads = session.execute(select(LoadRow.load_id, LoadRow.loaded_on)).all()
        days = [(load_id, london_date(at)) for load_id, at in loads]
        self._register("load", ("load_id", "loaded_on"), (pa.string(), pa.date32()), days)

    def _hold(self, session: Session) -> None:
        found = holds(session, in_force=True)
        named = {h.terms.subject_id: h.hold_id for h in found if h.terms.subject_id is not None}
        records = held_records(session, [key for key in named if key.startswith("p_")])
        subjects = list(named.items()) + [(rec, named[who]) for rec, who in records.items()]
        self._register("subject", ("item_id", "hold_id"), (pa.string(),) * 2, subjects)
        scopes = [
            (h.terms.agency, h.terms.dataset, h.terms.category, h.hold_id)
            for h in found
            if h.terms.subject_id is None
        ]
        names = ("agency", "dataset", "category", "hold_id")
        self._register("scope", names, (pa.string(),) * 4, scopes)
        self._con.execute(facts.HELD)

    def _review(self, session: Session) -> None:
        rows = [
            (each.item_id, each.outcome, each.next_review, london_date(each.decided_at))
            for each in last_reviews(session)
        ]
        names = ("item_id", "outcome", "next_review", "decided_on")
        kinds = (pa.string(), pa.string(), pa.date32(), pa.date32())
        self._register("review_row", names, kinds, rows)

    def _register(
        self,
        name: str,
        columns: tuple[str, ...],
        kinds: tuple[pa.DataType, ...],
        rows: list[Any],
    ) -> None:
        schema = pa.schema(list(zip(columns, kinds, strict=True)))
        named = [dict(zip(columns, row, strict=True)) for row in rows]
        self._con.register(name, pa.Table.from_pylist(named, schema=schema))
