"""Rectification, restriction and erasure, from a case.

Invariant: no agency's data are changed here; what is erased was approved by another officer and is
under no legal hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from governance import restrictions, retention_holds, subject_cases, subject_items
from governance import subject_rectification as rectifying
from governance.approvers import is_approver
from governance.errors import NotPermitted
from governance.events import RestrictionChanged
from governance.ids import ANY
from governance.retention_holds import Hold
from governance.sessions import SignedInUser
from governance.subject_cases import SubjectCase, SubjectError
from governance.subject_events import RectificationChanged, SubjectErased
from governance.subject_rectification import Rectification, Wrong
from kith import erasing, pipeline
from kith.home import Home
from kith.pipeline import Actor, Report, silent
from kith.rights.access import cases_about, drop_bundles
from kith.rights.acting import ERASE, note, proposal
from kith.rights.finding import held_of, subject_of
from kith.rights.held import Held
from kith.rights.items import Subject, seal, told

_KEYS = {"record": "record_id", "contact": "contact_id", "indicator": "indicator_id"}


def rectify(
    home: Home, user: SignedInUser, case_id: str, fact_id: str, field: str, words: str
) -> str:
    """Put a value to the agency whose dataset holds it; the correction's id.

    Raises:
        SubjectError: if it is no fact of whom the case is about, or nobody answers for the agency.
    """
    with home.register.session() as session:
        case = subject_cases.working(session, case_id)
        held = held_of(home, subject_of(home, session, case))
        wrong = _wrong(home, held, fact_id, field, words)
        made = rectifying.ask(session, case_id, wrong, user.user_id, user.agency, home.clock())
        _noted(home, user, rectifying.rectification(session, made), "asked")
        session.commit()
    return made


def _wrong(home: Home, held: Held, fact_id: str, field: str, words: str) -> Wrong:
    for what, column in _KEYS.items():
        for row in held.rows[what]:
            if row[column] == fact_id:
                value = {field: told(what, row).get(field, "")}
                return Wrong(
                    fact_id=fact_id,
                    what=what,
                    agency=row["agency"],
                    dataset=row["dataset"],
                    field=field,
                    load_id=row["load_id"],
                    seal=seal(home.keys, value),
                    words=words,
                )
    raise SubjectError("name a record, contact or indicator of whom this case is about")


def to_answer(home: Home, user: SignedInUser, rectification_id: str) -> tuple[Rectification, str]:
    """A correction before who is named for its agency, and the value as it is now; on record.

    Raises:
        NotPermitted: if the user is not named for that agency.
        SubjectError: if there is none by this id.
    """
    with home.register.session() as session:
        found = rectifying.rectification(session, rectification_id)
        _require_named(session, user, found)
        case = subject_cases.case(session, found.case_id)
        held = held_of(home, subject_of(home, session, case))
    now = _now(held, found)
    _noted(home, user, found, "shown")
    return found, now[0] if now else ""


def answer(
    home: Home,
    user: SignedInUser,
    rectification_id: str,
    *,
    accepted: bool,
    reason: str = "",
    officer: bool = False,
) -> Rectification:
    """Note what an agency says.

    Args:
        officer: a governance officer writes down what the agency said.

    Raises:
        NotPermitted: if the user is not named for that agency.
    """
    with home.register.session() as session:
        found = rectifying.rectification(session, rectification_id)
        if not officer:
            _require_named(session, user, found)
        done = rectifying.answer(
            session, rectification_id, accepted, user.user_id, home.clock(), reason=reason
        )
        _noted(home, user, done, done.state)
        session.commit()
    return done


def look_again(home: Home, user: SignedInUser, case_id: str) -> list[Rectification]:
    """The corrections of a case; those that a later load brought are noted as corrected."""
    with home.register.session() as session:
        case = subject_cases.case(session, case_id)
        found = rectifying.rectifications(session, case_id)
        if any(each.state in ("asked", "accepted") for each in found):
            held = held_of(home, subject_of(home, session, case))
            found = [_looked(home, session, user, held, each) for each in found]
            session.commit()
    return found


def _looked(
    home: Home, session: Session, user: SignedInUser, held: Held, about: Rectification
) -> Rectification:
    now = _now(held, about)
    if about.state not in ("asked", "accepted") or now is None or now[1] == about.load_id:
        return about
    if seal(home.keys, {about.field: now[0]}) == about.seal:
        return about
    done = rectifying.note_changed(session, about.rectification_id, now[1])
    _noted(home, user, done, "changed")
    return done


def _now(held: Held, about: Rectification) -> tuple[str, str] | None:
    """The value as it is now, and the load that brought it."""
    for row in held.rows[about.what]:
        if row[_KEYS[about.what]] == about.fact_id:
            return told(about.what, row).get(about.field, ""), row["load_id"]
    return None


def _require_named(session: Session, user: SignedInUser, about: Rectification) -> None:
    if user.agency != about.agency or not is_approver(session, user):
        raise NotPermitted("This is for whoever is named to answer for that agency.")


def _noted(home: Home, user: SignedInUser, about: Rectification, change: str) -> None:
    note(
        home,
        user,
        RectificationChanged,
        rectification_id=about.rectification_id,
        giving_agency=about.agency,
        change=change,
        what=[about.fact_id],
    )


def restrict(home: Home, user: SignedInUser, case_id: str, reason: str) -> int:
    """Restrict the person of a case, record by record, and bring the graph up to that; how many."""
    with home.register.session() as session:
        case = subject_cases.working(session, case_id)
        if case.kind != "restriction":
            raise SubjectError("processing is restricted by a case of restriction")
        before = restrictions.restricted_subjects(session)
        records = sorted(subject_of(home, session, case).records - before)
        if not records:
            raise SubjectError("nothing is held that is not restricted already")
        now = home.clock()
        made = [restrictions.restrict(session, r, reason, user.user_id, now) for r in records]
        note(home, user, RestrictionChanged, change="restricted", what=records)
        every = [*case.counts.get("restrictions", []), *made]
        subject_cases.note_counts(session, case_id, {"restrictions": every})
        session.commit()
    _project(home, user)
    return len(made)


def _project(home: Home, user: SignedInUser) -> None:
    if pipeline.read_current(home) is not None:
        pipeline.project(home, actor=Actor(user_id=user.user_id, agency=user.agency))


def lift(home: Home, user: SignedInUser, case_id: str) -> int:
    """Lift what a case restricted; how many records. The person is told before (Article 18(3))."""
    with home.register.session() as session:
        case = subject_cases.working(session, case_id)
        wanted = set(case.counts.get("restrictions", []))
        standing = [
            each
            for each in restrictions.restrictions(session)
            if each.restriction_id in wanted and each.lifted_at is None
        ]
        if not standing:
            raise SubjectError("this case restricts nothing")
        for each in standing:
            restrictions.lift(session, each.restriction_id, user.user_id, home.clock())
        what = sorted(each.subject_id for each in standing)
        note(home, user, RestrictionChanged, change="lifted", what=what)
        session.commit()
    _project(home, user)
    return len(standing)


def erase(home: Home, user: SignedInUser, case_id: str, *, report: Report = silent) -> SubjectCase:
    """Carry out an erasure that another officer approved, and close the case with its counts.

    A contact goes too if nobody else has a part in it. Bundles about the person go.

    Raises:
        SubjectError: if it was not approved, other records are theirs now, or a legal hold
            covers any of it.
    """
    with home.register.session() as session:
        case = subject_cases.working(session, case_id)
        if case.state != "approved" or case.proposal != ERASE:
            raise SubjectError("nothing is erased that another officer did not approve")
        if proposal(home, session, case)[1] != case.proposal_sha256:
            raise SubjectError("other records are theirs now than were approved; send it back")
        subject = subject_of(home, session, case)
        held = held_of(home, subject)
        if list(_holding(session, subject, held)):
            raise SubjectError("a legal hold covers this: nothing was erased")
        dropped = _forget(home, session, subject, case)
        session.commit()
    contacts = erasing.of_nobody_else(home, subject.records)
    actor = Actor(user_id=user.user_id, agency=user.agency)
    done = erasing.erase(
        home,
        records=subject.records,
        contacts=contacts,
        reason="request",
        actor=actor,
        report=report,
    )
    with home.register.session() as session:
        shared = sorted(held.contacts - set(contacts))
        counts: dict[str, Any] = {"rows": done.rows, "loads": len(done.loads), "bundles": dropped}
        counts["shared_contacts"] = shared  # they stay for others, their words included
        note(
            home,
            user,
            SubjectErased,
            case_id=case_id,
            records=len(subject.records),
            contacts=len(contacts),
        )
        closed = subject_cases.close(
            session, case_id, "erased", user.user_id, home.clock(), counts=counts
        )
        session.commit()
    return closed


def _forget(home: Home, session: Session, subject: Subject, own: SubjectCase) -> int:
    """Cases about the same person lose their bundles and drawn items; how many bundles."""
    people = subject.people | {own.person_id} - {None}
    found = cases_about(session, [each for each in people if each], subject.records)
    for case_id in found:
        subject_items.forget_items(session, case_id)
    return drop_bundles(home, found)


def _holding(session: Session, subject: Subject, held: Held) -> Iterator[Hold]:
    """The holds in force that cover any of it."""
    rows = [
        *((row, "person") for row in held.rows["record"]),
        *((row, row["category"]) for row in held.rows["contact"]),
        *((row, row["kind"]) for row in held.rows["indicator"]),
    ]
    ids = subject.ids | held.contacts | {row["indicator_id"] for row in held.rows["indicator"]}
    for hold in retention_holds.holds(session, in_force=True):
        about = hold.terms.subject_id
        if about is not None:
            people = [about] if about.startswith("p_") else []
            if about in ids or subject.records & set(retention_holds.held_records(session, people)):
                yield hold
        elif any(_covers(hold, row["agency"], row["dataset"], what) for row, what in rows):
            yield hold


def _covers(hold: Hold, agency: str, dataset: str, category: str) -> bool:
    terms = hold.terms
    return (
        terms.agency in (ANY, agency)
        and terms.dataset in (ANY, dataset)
        and terms.category in (ANY, category)
    )
