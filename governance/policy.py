"""Agreements, and what those in force let one user see for one purpose.

Invariant: for every share key a viewer's grant is the terms of exactly one agreement that is in
force. Several agreements on one key are never added together: a sum could show a field, a date
or a depth that no single agreement gives. The one chosen has the highest level; among equals the
fewest fields withheld, then the earliest `since`, then all contacts before the latest only, then
restricted people allowed, then the lowest agreement id.
"""

from __future__ import annotations

import calendar
import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance.errors import AgreementError, NotPermitted, PurposeNeeded
from governance.ids import ANY, new_id
from governance.permissions import Role, acting_role
from governance.sessions import SignedInUser
from governance.tables import SYSTEM, AgencyRow, AgreementRow, DatasetRow
from governance.viewer import Grant, Level, Viewer
from records.codes import code_list
from records.keys import share_key
from records.schema import TABLES, source_fields

_LONDON = ZoneInfo("Europe/London")
PERSON = "person"
"""The category of a person record."""


@dataclass(frozen=True, kw_only=True)
class AgreementTerms:
    """What one agency discloses to another; `*` stands for every one there is.

    `expires` is the last day in force. `since` and `window_months` (a rolling window) both cut
    what is older; the later of the two days counts. `withheld` names canonical fields.
    """

    giving_agency: str
    receiving_agency: str
    level: Level
    starts: dt.date
    dataset: str = ANY
    category: str = ANY
    role: str = ANY
    purpose: str = ANY
    withheld: frozenset[str] = frozenset()
    latest_only: bool = False
    since: dt.date | None = None
    window_months: int | None = None
    expires: dt.date | None = None
    restricted_allowed: bool = False
    title: str = ""
    legal_basis: str = ""


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Terms with their history: in force only once approved and until withdrawn or expired."""

    agreement_id: str
    terms: AgreementTerms
    proposed_by: str
    proposed_at: dt.datetime
    approved_by: str | None
    approved_at: dt.datetime | None
    withdrawn_by: str | None
    withdrawn_at: dt.datetime | None

    def in_force(self, now: dt.datetime) -> bool:
        """Whether it discloses anything at this moment."""
        today = london_date(now)
        return (
            self.approved_at is not None
            and self.approved_at <= now
            and (self.withdrawn_at is None or now < self.withdrawn_at)
            and self.terms.starts <= today
            and (self.terms.expires is None or today <= self.terms.expires)
        )


@cache
def categories() -> tuple[str, ...]:
    """Every category that a `*` expands to: `person`, contact categories, indicator kinds."""
    return (PERSON, *code_list("contact_category").labels, *code_list("indicator_kind").labels)


def london_date(now: dt.datetime) -> dt.date:
    """The day it is in the United Kingdom: agreements begin and end at its midnights."""
    return now.astimezone(_LONDON).date()


def midnight(day: dt.date) -> dt.datetime:
    """When a day begins in the United Kingdom."""
    return dt.datetime.combine(day, dt.time(), _LONDON)


def propose(session: Session, terms: AgreementTerms, by: str, at: dt.datetime) -> str:
    """Write terms that wait for approval; the answer is the agreement's id.

    Raises:
        AgreementError: naming every fault of the terms.
    """
    faults = list(_faults(session, terms))
    if faults:
        raise AgreementError(f"this agreement cannot be made: {'; '.join(faults)}")
    row = AgreementRow(
        agreement_id=new_id("g"),
        proposed_by=by,
        proposed_at=at,
        **_columns(terms),
    )
    session.add(row)
    session.flush()
    return row.agreement_id


def approve(session: Session, agreement_id: str, by: str, at: dt.datetime) -> None:
    """Put a proposed agreement in force.

    Raises:
        AgreementError: if there is none, it is approved or withdrawn, or `by` proposed it.
    """
    row = _existing(session, agreement_id)
    if row.approved_at is not None or row.withdrawn_at is not None:
        raise AgreementError("this agreement is not waiting for approval")
    if row.proposed_by == by:
        raise AgreementError("an agreement is approved by somebody else than who proposed it")
    row.approved_by, row.approved_at = by, at
    session.flush()


def withdraw(session: Session, agreement_id: str, by: str, at: dt.datetime) -> None:
    """End an agreement, or a proposal, at once. Raises AgreementError if it has ended."""
    row = _existing(session, agreement_id)
    if row.withdrawn_at is not None:
        raise AgreementError("this agreement has been withdrawn already")
    row.withdrawn_by, row.withdrawn_at = by, at
    session.flush()


def add_agreement(session: Session, terms: AgreementTerms, at: dt.datetime | None = None) -> str:
    """Write an agreement that an area pack brings, in force as its dates say.

    It was agreed before this home was made: without `at` it counts as approved when it starts.
    """
    at = at or midnight(terms.starts)
    agreement_id = propose(session, terms, SYSTEM, at)
    row = _existing(session, agreement_id)
    row.approved_by, row.approved_at = SYSTEM, at
    session.flush()
    return agreement_id


def agreements(session: Session) -> list[Agreement]:
    """Every agreement, withdrawn and expired ones included, in the order proposed."""
    query = select(AgreementRow).order_by(AgreementRow.proposed_at, AgreementRow.agreement_id)
    return [_agreement(row) for row in session.scalars(query)]


def viewer_for(
    session: Session,
    user: SignedInUser,
    now: dt.datetime,
    role: Role | None = None,
    *,
    restricted: bool = False,
) -> Viewer:
    """The viewer that a user is now, for the purpose stated.

    One role counts, `role` or the first of `DISCLOSURE_ROLES` held: agreements with other roles
    the user holds do not apply. A viewer may see restricted people only if every grant it holds
    allows them; `restricted` asks for that and leaves out the agreements that do not.

    Raises:
        NotPermitted: if the user holds no role that is shown people, or not `role`.
        PurposeNeeded: if no purpose is stated, or it has run out.
    """
    acting = acting_role(user.roles) if role is None else acting_role({role} & user.roles)
    if acting is None:
        raise NotPermitted("Your role does not allow you to see people's records.")
    if not (user.purpose and user.reference and user.purpose_until and now < user.purpose_until):
        raise PurposeNeeded("Say why you are looking before you go on.")
    applying = [
        agreement
        for agreement in _addressed_to(session, user.agency, acting, user.purpose)
        if agreement.in_force(now) and (agreement.terms.restricted_allowed or not restricted)
    ]
    datasets = _dataset_names(session)
    grants = resolve_grants(applying, datasets, london_date(now))
    return Viewer(
        user_id=user.user_id,
        agency=user.agency,
        role=acting,
        purpose=user.purpose,
        reference=user.reference,
        legal_basis=user.legal_basis,
        on=london_date(now),
        restricted_allowed=bool(grants) and all(g.restricted_allowed for g in grants.values()),
        records=frozenset(share_key(a, d, PERSON) for a, names in datasets.items() for d in names),
        grants=grants,
    )


def resolve_grants(
    applying: Iterable[Agreement], datasets: dict[str, list[str]], today: dt.date
) -> dict[str, Grant]:
    """Share key -> the grant of the one agreement chosen, see this module's invariant."""
    chosen = deciding(applying, datasets, today)
    made = {
        id(agreement): dataclasses.replace(
            _grant(agreement.terms, today), agreement_id=agreement.agreement_id
        )
        for agreement in chosen.values()
    }
    return {key: made[id(agreement)] for key, agreement in chosen.items()}


def deciding(
    applying: Iterable[Agreement], datasets: dict[str, list[str]], today: dt.date
) -> dict[str, Agreement]:
    """Share key -> the one agreement that decides it."""
    chosen: dict[str, Agreement] = {}
    for agreement in sorted(applying, key=lambda agreement: _rank(agreement, today)):
        for key in _share_keys(agreement.terms, datasets):
            chosen.setdefault(key, agreement)
    return chosen


def deciding_for(
    session: Session, agency: str, role: str, purpose: str, now: dt.datetime
) -> dict[str, Agreement]:
    """Share key -> the agreement that decides it for users of an agency, a role and a purpose."""
    applying = [
        agreement
        for agreement in _addressed_to(session, agency, role, purpose)
        if agreement.in_force(now)
    ]
    return deciding(applying, _dataset_names(session), london_date(now))


def _rank(agreement: Agreement, today: dt.date) -> tuple[Any, ...]:
    grant = _grant(agreement.terms, today)
    return (
        -grant.level,
        len(grant.withheld),
        grant.since,
        grant.latest_only,
        not grant.restricted_allowed,
        agreement.agreement_id,
    )


def _grant(terms: AgreementTerms, today: dt.date) -> Grant:
    since = terms.since or dt.date.min
    if terms.window_months is not None:
        since = max(since, months_before(today, terms.window_months))
    return Grant(
        level=terms.level,
        since=since,
        latest_only=terms.latest_only,
        withheld=terms.withheld,
        restricted_allowed=terms.restricted_allowed,
    )


def months_before(day: dt.date, months: int) -> dt.date:
    """The day some months earlier; a day its month lacks becomes the month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < 1:
        return dt.date.min
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _share_keys(terms: AgreementTerms, datasets: dict[str, list[str]]) -> Iterator[str]:
    known = datasets.get(terms.giving_agency, [])
    for dataset in known if terms.dataset == ANY else [terms.dataset]:
        for category in categories() if terms.category == ANY else [terms.category]:
            yield share_key(terms.giving_agency, dataset, category)


def _dataset_names(session: Session) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    query = select(DatasetRow.agency, DatasetRow.dataset_id).order_by("agency", "dataset_id")
    for agency, dataset in session.execute(query):
        names.setdefault(agency, []).append(dataset)
    return names


def _addressed_to(session: Session, agency: str, role: str, purpose: str) -> list[Agreement]:
    query = select(AgreementRow).where(
        AgreementRow.receiving_agency.in_([agency, ANY]),
        AgreementRow.role.in_([role, ANY]),
        AgreementRow.purpose.in_([purpose, ANY]),
        AgreementRow.approved_at.is_not(None),
    )
    return [_agreement(row) for row in session.scalars(query)]


def _faults(session: Session, terms: AgreementTerms) -> Iterator[str]:
    if session.get(AgencyRow, terms.giving_agency) is None:
        yield f"giving agency '{terms.giving_agency}' is not registered"
    if terms.receiving_agency != ANY and session.get(AgencyRow, terms.receiving_agency) is None:
        yield f"receiving agency '{terms.receiving_agency}' is not registered"
    dataset = (terms.giving_agency, terms.dataset)
    if terms.dataset != ANY and session.get(DatasetRow, dataset) is None:
        yield f"dataset '{terms.giving_agency}/{terms.dataset}' is not registered"
    if terms.category not in {ANY, *categories()}:
        yield f"category '{terms.category}' is not known"
    if terms.role not in {ANY, *code_list("role").labels}:
        yield f"role '{terms.role}' is not on the list"
    if terms.purpose not in {ANY, *code_list("purpose").labels}:
        yield f"purpose '{terms.purpose}' is not on the list"
    unknown = sorted(terms.withheld - _field_names())
    if unknown:
        yield f"there are no such fields to withhold: {', '.join(unknown)}"
    if terms.expires is not None and terms.expires < terms.starts:
        yield "it expires before it starts"
    if terms.window_months is not None and terms.window_months < 1:
        yield "window_months must be at least 1"


@cache
def _field_names() -> frozenset[str]:
    return frozenset(field.name for table in TABLES.values() for field in source_fields(table))


def _existing(session: Session, agreement_id: str) -> AgreementRow:
    row = session.get(AgreementRow, agreement_id)
    if row is None:
        raise AgreementError("there is no such agreement")
    return row


_SAME = tuple(
    field.name
    for field in dataclasses.fields(AgreementTerms)
    if field.name not in {"level", "withheld"}
)


def _columns(terms: AgreementTerms) -> dict[str, Any]:
    columns = {name: getattr(terms, name) for name in _SAME}
    return {**columns, "level": int(terms.level), "withheld": sorted(terms.withheld)}


def _agreement(row: AgreementRow) -> Agreement:
    terms = AgreementTerms(
        level=Level(row.level),
        withheld=frozenset(row.withheld),
        **{name: getattr(row, name) for name in _SAME},
    )
    return Agreement(
        agreement_id=row.agreement_id,
        terms=terms,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        withdrawn_by=row.withdrawn_by,
        withdrawn_at=row.withdrawn_at,
    )
