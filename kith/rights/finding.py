"""Where something about a person is held, over everything that Kith keeps.

Invariant: it is asked for a case that is being worked on, about whom that case is about and nobody
else, and that it was answered is in the audit before the answer leaves.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

import loaders
from governance.looks import ids_of_person
from governance.permissions import Permission
from governance.sessions import SignedInUser
from governance.subject_cases import SubjectCase, working
from governance.subject_events import SubjectFound
from kith import pipeline
from kith.home import Home
from kith.refusing import demand
from kith.rights.held import Held, load_items, quarantine_items, read_held, snapshot_items
from kith.rights.items import Item, Subject, rows_of
from kith.rights.kept import audit_items, derived_items, file_items, register_items

_NAMED = 1_000  # ids in one row of the audit


@dataclass(frozen=True, kw_only=True)
class Found:
    """All that was found for a case."""

    case_id: str
    subject: Subject
    held: Held
    items: list[Item]

    @property
    def telling(self) -> dict[str, Item]:
        """The items that have values, by id: what a person may be given a copy of."""
        return {item.item_id: item for item in self.items if item.values}


def find_everything(home: Home, user: SignedInUser, case_id: str) -> Found:
    """All that is held about whom a case is about; on record before it is told.

    Raises:
        NotPermitted: if no role of theirs lets them work on a person's rights.
        SubjectError: if there is no such case, or it is closed.
    """
    demand(home, user, Permission.HANDLE_RIGHTS)
    with home.register.session() as session:
        case = working(session, case_id)
    found = search(home, case)
    home.audit.record(
        SubjectFound(
            user_id=user.user_id,
            agency=user.agency,
            case_id=case_id,
            items=len(found.items),
            what=sorted(found.subject.ids)[:_NAMED],
        ),
        home.clock(),
    )
    return found


def search(
    home: Home, case: SubjectCase, until: dt.datetime | None = None, *, files: bool = True
) -> Found:
    """As `find_everything`, for whoever puts it on record themselves before telling any of it.

    Args:
        until: rows of the audit that came since are left out.
        files: look through files that tell only how often they name them, too.
    """
    until = until or home.clock()
    with home.register.session() as session:
        subject = subject_of(home, session, case)
        held = held_of(home, subject)
        items = [
            *snapshot_items(home, held, subject.records),
            *derived_items(home, subject),
            *load_items(home, session, held, subject.records),
            *quarantine_items(home, session, held),
            *register_items(home, session, held, subject),
            *audit_items(home, subject.ids | held.contacts, until),
            *(file_items(home, subject, held) if files else ()),
        ]
    return Found(case_id=case.case_id, subject=subject, held=held, items=items)


def held_of(home: Home, subject: Subject) -> Held:
    """What the snapshot of all that is staged now holds about them."""
    snapshot = loaders.take_snapshot(pipeline.load_context(home))
    return read_held(snapshot, subject.records)


def subject_of(home: Home, session: Session, case: SubjectCase) -> Subject:
    """The records and person ids of a case: of a person, all records that they have now.

    Records that a case names are theirs alone: whom they are linked to may be what is wrong.
    """
    records, people = set(case.record_ids), set[str]()
    if case.person_id is not None:
        ids = ids_of_person(session, case.person_id)
        records |= {each for each in ids if each.startswith("r_")}
        people |= {each for each in ids if each.startswith("p_")}
    if pipeline.read_current(home) is not None:
        links = pipeline.current_result(home)
        if case.person_id is not None:
            rows = rows_of(links.files("link"), "person_id", [case.person_id])
            records |= {row["record_id"] for row in rows}
        else:
            rows = rows_of(links.files("link"), "record_id", records)
            people |= _whole(links.files("link"), rows, records)
    return Subject(records=frozenset(records), people=frozenset(people))


def _whole(files: list[Path], rows: list[dict[str, Any]], records: set[str]) -> set[str]:
    """The people whose every record is among those named."""
    people = {row["person_id"] for row in rows}
    others = {
        row["person_id"]
        for row in rows_of(files, "person_id", people)
        if row["record_id"] not in records
    }
    return people - others
