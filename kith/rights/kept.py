"""Where Kith itself has something about a person: links, the graph, the register, the audit, files.

Invariant: what others did is told by its kind, agency and count; who they are is for officers, by
opaque ids, and never among the values that a person may be given.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from governance.audit import AuditRow
from governance.looks import DISCLOSURES
from governance.request_tables import (
    RequestFactRow,
    RequestMessageRow,
    UserNoticeRow,
    WorkRequestRow,
)
from governance.restrictions import REASONS
from governance.retention_tables import DisposalItemRow, LegalHoldRow, RetentionReviewRow
from governance.subject_tables import RectificationRow, SubjectCaseRow
from governance.tables import (
    EmergencyRow,
    IdentityEventRow,
    JudgementRow,
    NoticeRow,
    QuestionLeaseRow,
    RestrictedRow,
)
from kith import pipeline
from kith.home import Home
from kith.rights.held import Held
from kith.rights.items import Item, Subject, rows_of
from records.codes import code_list

_AT_ONCE = 100
_MOST_BYTES = 200_000_000
_DERIVED = ("link", "person", "lives_at", "member", "possible_pair", "record_address")
_GOLDEN = (
    "given_name",
    "middle_names",
    "family_name",
    "full_name",
    "former_family_name",
    "other_names",
    "birth_date",
    "birth_date_status",
    "death_date",
    "sex",
    "nhs_number",
    "upn",
    "phone",
)
_NAMING = frozenset({"record_id", "record_a", "record_b", "person_id", "contact_id", "other_id"})


def derived_items(home: Home, subject: Subject) -> Iterator[Item]:
    """The golden record and the links, with what they say; other tables by their counts."""
    if pipeline.read_current(home) is None:
        return
    resolved = pipeline.current_result(home)
    for name in _DERIVED:
        if not resolved.path(name).parent.exists() or not _there(resolved.files(name)):
            continue
        columns = _naming(resolved.files(name)[0])
        rows = [row for c in columns for row in rows_of(resolved.files(name), c, subject.ids)]
        if not rows:
            continue
        if name in ("link", "person"):
            yield from (_derived(home, name, row) for row in rows)
        else:
            yield Item(
                item_id=home.keys.derived_id("f", "resolved", name),
                place="resolved",
                kind=name,
                count=len(rows),
            )


def _there(files: list[Path]) -> bool:
    return bool(files) and all(file.exists() for file in files)


def _derived(home: Home, name: str, row: dict[str, Any]) -> Item:
    about = row["record_id"] if name == "link" else row["person_id"]
    if name == "person":
        values = {key: str(row[key]) for key in _GOLDEN if row.get(key)}
    else:
        told = {key: row.get(key) for key in ("probability", "decided_on")}
        values = {key: str(value) for key, value in told.items() if value is not None}
        values["decided_by"] = str(row.get("decided_by") or "").partition(":")[0] or "not told"
    return Item(
        item_id=home.keys.derived_id("f", "resolved", name, about),
        place="resolved",
        kind=name,
        about=about,
        values=values,
    )


def register_items(home: Home, session: Session, held: Held, subject: Subject) -> Iterator[Item]:
    """Rows of the register that name them, or seem to speak of them."""
    ids = subject.ids | held.contacts | {row["indicator_id"] for row in held.rows["indicator"]}
    counted: tuple[tuple[str, Iterable[InstrumentedAttribute[Any]]], ...] = (
        ("judgement", (JudgementRow.record_a, JudgementRow.record_b)),
        ("question_lease", (QuestionLeaseRow.record_a, QuestionLeaseRow.record_b)),
        ("identity", (IdentityEventRow.member_key, IdentityEventRow.identity_id)),
        ("request_fact", (RequestFactRow.fact_id,)),
        ("notice", (NoticeRow.subject_id,)),
        ("user_notice", (UserNoticeRow.subject_id,)),
        ("legal_hold", (LegalHoldRow.subject_id,)),
        ("retention_review", (RetentionReviewRow.item_id,)),
        ("disposal", (DisposalItemRow.item_id,)),
        ("rectification", (RectificationRow.fact_id,)),
        ("subject_case", (SubjectCaseRow.person_id,)),
    )
    for kind, columns in counted:
        count = sum(_count(session, columns, part) for part in _parts(ids))
        if count:
            item_id = home.keys.derived_id("f", "register", kind)
            yield Item(item_id=item_id, place="register", kind=kind, count=count)
    yield from _restrictions(home, session, subject)
    yield from _spoken(home, session, held, ids)


def _count(session: Session, columns: Iterable[InstrumentedAttribute[Any]], ids: list[str]) -> int:
    named = list(columns)
    query = select(func.count()).select_from(named[0].class_)
    return session.scalar(query.where(or_(*(column.in_(ids) for column in named)))) or 0


def _parts(ids: Iterable[str]) -> Iterator[list[str]]:
    every = sorted(ids)
    return (every[n : n + _AT_ONCE] for n in range(0, len(every), _AT_ONCE))


def _restrictions(home: Home, session: Session, subject: Subject) -> Iterator[Item]:
    query = select(RestrictedRow).where(RestrictedRow.subject_id.in_(sorted(subject.ids)))
    for row in session.scalars(query):
        values = {"reason": REASONS[row.reason], "since": str(row.restricted_at.date())}
        if row.lifted_at is not None:
            values["lifted"] = str(row.lifted_at.date())
        yield Item(
            item_id=home.keys.derived_id("f", "register", "restriction", row.restriction_id),
            place="register",
            kind="restriction",
            about=row.restriction_id,
            values=values,
        )


def _spoken(home: Home, session: Session, held: Held, ids: frozenset[str]) -> Iterator[Item]:
    """Words that somebody typed: requests, their messages, emergencies."""
    tied = set(session.scalars(select(RequestFactRow.request_id).where(RequestFactRow.fact_id.in_(
        sorted(ids)))))  # fmt: skip
    spoken = _Spoken(home, _names(held))
    for row in session.scalars(select(WorkRequestRow)):
        sure = row.subject_id in ids or row.request_id in tied
        values = {"words": row.words, "answer": row.answer or ""}
        yield from spoken.item("request", row.request_id, row.agency, values, sure=sure)
        if sure:
            tied.add(row.request_id)
    for said in session.scalars(select(RequestMessageRow)):
        sure = said.request_id in tied
        key = f"{said.request_id}/{said.sequence}"
        yield from spoken.item("message", key, None, {"words": said.words}, sure=sure)
    for emergency in session.scalars(select(EmergencyRow)):
        values = {"words": emergency.words}
        yield from spoken.item("emergency", emergency.emergency_id, emergency.agency, values)


class _Spoken:
    """Words that are about somebody: surely, by an id beside them, or perhaps, by their names."""

    def __init__(self, home: Home, names: list[tuple[str, ...]]) -> None:
        self._home, self._people = home, names

    def item(
        self, kind: str, key: str, agency: str | None, values: dict[str, str], *, sure: bool = False
    ) -> Iterator[Item]:
        text = " ".join(values.values()).casefold()
        named = any(all(part in text for part in name) for name in self._people)
        if sure or named:
            yield Item(
                item_id=self._home.keys.derived_id("f", "register", kind, key),
                place="register",
                kind=kind,
                agency=agency,
                sure=sure,
                values={name: value for name, value in values.items() if value},
            )


def _names(held: Held) -> list[tuple[str, ...]]:
    """Given and family name of each record: both have to be there."""
    found = []
    for row in held.rows["record"]:
        parts = [row["given_name"], row["family_name"]]
        if all(parts):
            found.append(tuple(str(part).casefold() for part in parts))
    return found


def audit_items(home: Home, ids: Iterable[str], until: dt.datetime) -> Iterator[Item]:
    """Rows of the audit that name them, by kind, user, agency and purpose; looks have values.

    Args:
        until: what came since is left out, so that what was decided on stands still.
    """
    rows: dict[int, AuditRow] = {}
    for part in _parts(ids):
        rows |= {row.sequence: row for row in home.audit.search(about=part, until=until)}
    groups: dict[tuple[str, ...], list[AuditRow]] = defaultdict(list)
    for row in rows.values():
        given = (row.payload.get(name) or "" for name in ("user_id", "agency", "purpose"))
        groups[row.kind, *given].append(row)
    for (kind, user_id, agency, purpose), group in sorted(groups.items()):
        yield Item(
            item_id=home.keys.derived_id("f", "audit", kind, user_id, agency, purpose),
            place="audit",
            kind=kind,
            about=user_id or None,
            agency=agency or None,
            count=len(group),
            values=_looks(group, purpose) if kind in DISCLOSURES else {},
        )


def _looks(group: list[AuditRow], purpose: str) -> dict[str, str]:
    days = sorted(row.at.date().isoformat() for row in group)
    why = code_list("purpose").labels.get(purpose, purpose)
    return {"why": why, "times": str(len(days)), "first": days[0], "last": days[-1]}


def file_items(home: Home, subject: Subject, held: Held) -> Iterator[Item]:
    """Files that other runs left, questions, models, the projection: how often they name them."""
    ids = subject.ids | held.contacts
    for root in ("resolved", "models", "projection"):
        for file in sorted((home.folder / root).rglob("*")):
            count = _hits(file, ids) if file.is_file() else 0
            if count:
                name = file.relative_to(home.folder).as_posix()
                yield Item(
                    item_id=home.keys.derived_id("f", "files", name),
                    place="graph" if root == "projection" else "files",
                    kind=name,
                    count=count,
                )


def _hits(file: Path, ids: frozenset[str]) -> int:
    if file.suffix == ".parquet":
        return max((len(rows_of([file], c, ids)) for c in _naming(file)), default=0)
    if file.stat().st_size > _MOST_BYTES:
        return 0
    content = file.read_bytes()
    return sum(content.count(each.encode()) for each in ids)


def _naming(file: Path) -> list[str]:
    """The columns of a file that name people, records or contacts."""
    schema = pq.read_schema(file)
    return [f.name for f in schema if f.name in _NAMING and pa.types.is_string(f.type)]
