"""What an agency holds that could answer a request, and the answer read again from the graph.

Invariant: both are read by the statements of the pages, under the viewer's grants: the approver's
for what is offered, those of the approved facts for what is told. Of an answer only the facts and
fields that were approved come back, with the values that were approved.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from governance.request_answers import FIELDS, ToldFact
from governance.viewer import Level, Viewer
from graph.consistent import read_whole
from graph.disclosure import Desk, cut_row
from graph.lines import latest_of, rows_at
from graph.store import GraphStore, Row

_KEYS = {"record": "record_id", "contact": "contact_id", "indicator": "indicator_id"}
Seal = Callable[[str, Mapping[str, str]], str]
"""A fact's id and its values -> what shows later that they are the same."""


@dataclass(frozen=True, kw_only=True)
class HeldFact:
    """One fact with the values that it has, by field in the order of an answer.

    Attributes:
        via, via_key: the record that ties it to the person and its share key, or the address.
        restricted: somebody in it must not be traced.
        current: a contact that is open, or an indicator; a record always.
    """

    fact_id: str
    what: str
    share_key: str
    via: str
    via_key: str
    values: Mapping[str, str]
    restricted: bool = False
    current: bool = True


def held(store: GraphStore, viewer: Viewer, subject_id: str) -> list[HeldFact]:
    """What the viewer's grants show of a person or an address, fact by fact.

    Nothing for one that does not exist and for one that the viewer may not see.
    """
    return read_whole(store, lambda: _held(store, viewer, subject_id))


def told(
    store: GraphStore,
    viewer_of: Callable[[list[ToldFact]], Viewer],
    facts: Iterable[ToldFact],
    seal: Seal,
) -> list[HeldFact]:
    """The facts of an answer as they may be read now.

    One that is gone, that the graph keeps back (the person has become restricted), or whose
    approved values have changed, is not among them.

    Args:
        viewer_of: the asker with the grants of some of the facts.
    """
    wanted = list(facts)
    parts = [[f for f in wanted if f.restricted is restricted] for restricted in (False, True)]
    return read_whole(
        store,
        lambda: [
            line for part in parts if part for line in _told(store, viewer_of(part), part, seal)
        ],
    )


def _held(store: GraphStore, viewer: Viewer, subject_id: str) -> list[HeldFact]:
    every = _facts(Desk(store=store, viewer=viewer), subject_id)
    grants = {
        key: dataclasses.replace(grant, restricted_allowed=False)
        for key, grant in viewer.grants.items()
    }
    careful = dataclasses.replace(viewer, grants=grants, restricted_allowed=False)
    free = {f.fact_id: f.values for f in _facts(Desk(store=store, viewer=careful), subject_id)}
    return [
        dataclasses.replace(fact, restricted=free.get(fact.fact_id) != fact.values)
        for fact in every
    ]


def _told(store: GraphStore, viewer: Viewer, facts: list[ToldFact], seal: Seal) -> list[HeldFact]:
    desk = Desk(store=store, viewer=viewer)
    ties = sorted({fact.via for fact in facts})
    people = desk.rows("people_of_records", record_ids=ties)
    subjects = {row["person_id"] for row in people} | {via for via in ties if _is_place(via)}
    read = {
        (fact.fact_id, fact.via): fact
        for subject in sorted(subjects)
        for fact in _facts(desk, subject, once=False)
    }
    lines = []
    for fact in facts:
        found = read.get((fact.fact_id, fact.via))
        if found is None:
            continue
        values = {name: found.values[name] for name in found.values if name in fact.fields}
        if seal(fact.fact_id, values) == fact.seal:
            lines.append(dataclasses.replace(found, values=values, restricted=fact.restricted))
    return lines


def _facts(desk: Desk, subject_id: str, *, once: bool = True) -> list[HeldFact]:
    """The facts about a person or an address; `once`: each by the first record that ties it."""
    if _is_place(subject_id):
        found = [
            _fact(what, row, via=subject_id, via_key="")
            for what, rows in (
                ("contact", rows_at(desk, [subject_id])),
                ("indicator", desk.rows("indicators_at", address_ids=[subject_id])),
            )
            for row in desk.cut(what, rows)
        ]
    else:
        found = _of_person(desk, subject_id)
    if once:
        found = list({fact.fact_id: fact for fact in reversed(found)}.values())
    return sorted((fact for fact in found if fact.values), key=_order)


def _of_person(desk: Desk, person_id: str) -> list[HeldFact]:
    rows = desk.rows("records_of", person_ids=[person_id])
    key_of = {row["record_id"]: row["share_key"] for row in rows}
    found = [
        _fact("record", cut_row("record", row), via=row["record_id"], via_key=row["share_key"])
        for row in rows
        if row["level"] > Level.EXISTENCE
    ]
    ties = [("contact", row) for row in latest_of(desk, person_id)]
    ties += [
        ("indicator", row)
        for row in desk.shown("indicator", "indicators_of", person_ids=[person_id])
    ]
    found += [
        _fact(what, row, via=row["record_id"], via_key=key_of[row["record_id"]])
        for what, row in sorted(ties, key=lambda tie: str(tie[1]["record_id"]))
        if row["record_id"] in key_of
    ]
    return found


def _fact(what: str, row: Row, *, via: str, via_key: str) -> HeldFact:
    values = {name: str(row[name]) for name in FIELDS[what] if row.get(name) is not None}
    return HeldFact(
        fact_id=row[_KEYS[what]],
        what=what,
        share_key=row["share_key"],
        via=via,
        via_key=via_key,
        values=values,
        current=what != "contact" or row["status"] in ("open", "ongoing"),
    )


def _order(fact: HeldFact) -> tuple[object, ...]:
    """Records first, then contacts and indicators, the newest first."""
    day = fact.values.get("on_date") or fact.values.get("valid_from") or "0001-01-01"
    turned = "".join(chr(ord("9") - ord(c) + ord("0")) if c.isdigit() else c for c in day)
    return (list(_KEYS).index(fact.what), turned, fact.fact_id)


def _is_place(subject_id: str) -> bool:
    return subject_id.startswith("a_")
