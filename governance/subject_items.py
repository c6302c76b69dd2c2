"""What is decided about each item of a case: disclosed, redacted in part, or withheld.

Invariant: an item that nobody decided about is never released, nor one whose values are not those
that were decided on; whatever is kept back names an exemption of the list.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from governance.subject_cases import SubjectError, working
from governance.subject_tables import SubjectCaseRow, SubjectItemRow
from records.codes import code_list

DECISIONS = {"disclose": "Disclose", "redact": "Disclose in part", "withhold": "Withhold"}
SILENT = frozenset(
    {
        "crime",
        "public_protection",
        "privilege",
        "health_serious_harm",
        "social_work_serious_harm",
        "education_serious_harm",
        "child_abuse",
    }
)
"""Exemptions under which even that something is kept back may be left unsaid."""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """An item as it was found: a seal of its values, and which fields better not be disclosed."""

    item_id: str
    seal: str
    suggested: tuple[str, ...] = ()
    suggested_exemption: str | None = None


@dataclass(frozen=True, kw_only=True)
class Decided:
    """An item of a case; `decision` is None until somebody decides."""

    item_id: str
    position: int
    seal: str
    suggested: list[str]
    suggested_exemption: str | None
    decision: str | None
    redacted: list[str]
    exemption: str | None
    silent: bool
    decided_by: str | None
    decided_at: dt.datetime | None


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Disclose, redact (these fields) or withhold; the last two by an exemption.

    `silent`: not even that something is kept back is told.
    """

    decision: str
    redacted: tuple[str, ...] = ()
    exemption: str | None = None
    silent: bool = False


def draw(session: Session, case_id: str, found: Sequence[Drawn], at: dt.datetime) -> int:
    """Take what was found as the items of a case; how many have to be decided about.

    A decision stays where the values are those that it was made on.

    Raises:
        SubjectError: if the case is before another officer, or closed.
    """
    _open(session, case_id)
    before = {each.item_id: each for each in items(session, case_id)}
    session.execute(delete(SubjectItemRow).where(SubjectItemRow.case_id == case_id))
    session.flush()
    for position, drawn in enumerate(found):
        old = before.get(drawn.item_id)
        same = old if old is not None and old.seal == drawn.seal else None
        row = SubjectItemRow(case_id=case_id, item_id=drawn.item_id, position=position)
        row.seal, row.suggested = drawn.seal, list(drawn.suggested)
        row.suggested_exemption = drawn.suggested_exemption
        row.decision = same.decision if same else None
        row.redacted = same.redacted if same else []
        row.exemption = same.exemption if same else None
        row.silent = same.silent if same else False
        row.decided_by = same.decided_by if same else None
        row.decided_at = same.decided_at if same else None
        session.add(row)
    case_row = session.get(SubjectCaseRow, case_id)
    assert case_row is not None
    case_row.drawn_at = at
    session.flush()
    return undecided(session, case_id)


def decide(
    session: Session,
    case_id: str,
    item_ids: Collection[str],
    decision: Decision,
    by: str,
    at: dt.datetime,
) -> None:
    """Decide about items of an open case.

    Raises:
        SubjectError: if one is not the case's, or the decision does not hold together.
    """
    _open(session, case_id)
    _check(decision)
    found = [session.get(SubjectItemRow, (case_id, each)) for each in sorted(set(item_ids))]
    rows = [row for row in found if row is not None]
    if not rows or len(rows) < len(found):
        raise SubjectError("name items of this case")
    for row in rows:
        row.decision, row.silent = decision.decision, decision.silent
        row.redacted, row.exemption = sorted(set(decision.redacted)), decision.exemption
        row.decided_by, row.decided_at = by, at
    session.flush()


def items(
    session: Session, case_id: str, *, offset: int = 0, limit: int | None = None
) -> list[Decided]:
    """The items of a case, in order."""
    query = (
        select(SubjectItemRow)
        .where(SubjectItemRow.case_id == case_id)
        .order_by(SubjectItemRow.position)
        .offset(offset)
    )
    return [_item(row) for row in session.scalars(query.limit(limit) if limit else query)]


def tally(session: Session, case_id: str) -> Counter[str]:
    """How many items are decided how; `""` for those that are not."""
    query = (
        select(SubjectItemRow.decision, func.count())
        .where(SubjectItemRow.case_id == case_id)
        .group_by(SubjectItemRow.decision)
    )
    return Counter({decision or "": count for decision, count in session.execute(query)})


def undecided(session: Session, case_id: str) -> int:
    """How many items nobody decided about."""
    return tally(session, case_id)[""]


def decisions_sha256(found: Sequence[Decided]) -> str:
    """The digest of what was decided about what, values included by their seals."""
    lines = [
        [each.item_id, each.seal, each.decision, each.redacted, each.exemption, each.silent]
        for each in sorted(found, key=lambda each: each.item_id)
    ]
    return hashlib.sha256(json.dumps(lines).encode()).hexdigest()


def forget_items(session: Session, case_id: str) -> None:
    """The items of a case that is over; what was done stays in its counts and the audit."""
    session.execute(delete(SubjectItemRow).where(SubjectItemRow.case_id == case_id))
    session.flush()


def _open(session: Session, case_id: str) -> None:
    found = working(session, case_id)
    if found.state != "open":
        raise SubjectError("this case is before another officer; send it back first")
    if found.kind != "access":
        raise SubjectError("only a request for access has items to disclose")


def _check(decision: Decision) -> None:
    if decision.decision not in DECISIONS:
        raise SubjectError(f"an item is one of: {', '.join(DECISIONS)}")
    kept_back = decision.decision != "disclose"
    if kept_back and decision.exemption not in code_list("exemption"):
        raise SubjectError("what is kept back names an exemption of the list")
    if not kept_back and (decision.exemption or decision.redacted or decision.silent):
        raise SubjectError("what is disclosed has no exemption")
    if (decision.decision == "redact") is not bool(decision.redacted):
        raise SubjectError("name the fields that are redacted, of an item disclosed in part")
    if decision.silent and decision.exemption not in SILENT:
        raise SubjectError("under this exemption the person is told that something is kept back")


def _item(row: SubjectItemRow) -> Decided:
    return Decided(**{name: getattr(row, name) for name in Decided.__dataclass_fields__})
