"""Retention in a home: what officers do at the terminal and on pages, and disposals carried out.

Invariant: every act is in the audit before it counts; what is carried out was approved by another
officer, and is checked again against holds and dates in the moment before anything goes.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

import loaders
from governance import (
    erasures,
    lawful,
    retention,
    retention_disposal,
    retention_holds,
    retention_review,
)
from governance.events import Event
from governance.policy import london_date
from governance.retention import RetentionError, RuleTerms
from governance.retention_disposal import WHATS, Disposal, certificate_digest
from governance.retention_due import STATUSES, DueList, Item, Tally
from governance.retention_events import (
    CertificateRead,
    DisposalChanged,
    DisposalDone,
    LawfulBasisNoted,
    LegalHoldChanged,
    RetentionListed,
    RetentionReviewed,
    RetentionRuleChanged,
)
from governance.retention_holds import HoldTerms
from governance.sessions import SignedInUser
from kith import erasing, pipeline
from kith.home import Home
from kith.pipeline import Actor, Report

PAGE = 50
_AT_ONCE = 1_000  # ids in one row of the audit
_MOST = 10_000_000
REVIEWABLE = ("review", "dispose", "kept")


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Some of what falls due by a day: how much of each, and a page of one status."""

    by: dt.date
    tallies: list[Tally]
    items: list[Item]
    total: int


@contextlib.contextmanager
def due_list(home: Home, by: dt.date | None = None) -> Iterator[DueList]:
    """What falls due by a day, of all that is staged now."""
    snapshot = loaders.take_snapshot(pipeline.load_context(home))
    with (
        home.register.session() as session,
        DueList(snapshot, session, home.clock(), by) as due,
    ):
        yield due


def list_due(
    home: Home,
    user: SignedInUser,
    *,
    by: dt.date | None = None,
    status: str = "review",
    rule_id: str | None = None,
    offset: int = 0,
    limit: int = PAGE,
) -> Listing:
    """A page of what falls due; that it was shown is in the audit."""
    with due_list(home, by) as due:
        items = due.items(status, rule_id=rule_id, offset=offset, limit=limit)
        listing = Listing(
            by=due.by, tallies=due.tallies(), items=items, total=due.count(status, rule_id)
        )
    what = [item.item_id for item in items]
    _note(home, user, RetentionListed, due_by=str(listing.by), items=len(items), what=what)
    return listing


def propose_rule(home: Home, user: SignedInUser, terms: RuleTerms) -> str:
    """Propose a rule; its id."""
    with home.register.session() as session:
        rule_id = retention.propose(session, terms, user.user_id, home.clock())
        _note(home, user, RetentionRuleChanged, rule_id=rule_id, change="proposed")
        session.commit()
    return rule_id


def approve_rule(home: Home, user: SignedInUser, rule_id: str) -> None:
    """Put a rule in force that another proposed."""
    _change_rule(home, user, rule_id, retention.approve, "approved")


def withdraw_rule(home: Home, user: SignedInUser, rule_id: str) -> None:
    """End a rule."""
    _change_rule(home, user, rule_id, retention.withdraw, "withdrawn")


def place_hold(home: Home, user: SignedInUser, terms: HoldTerms) -> str:
    """Hold something; the hold's id."""
    what = [terms.subject_id] if terms.subject_id else []
    with home.register.session() as session:
        hold_id = retention_holds.place(session, terms, user.user_id, home.clock())
        _note(home, user, LegalHoldChanged, hold_id=hold_id, change="placed", what=what)
        session.commit()
    return hold_id


def lift_hold(home: Home, user: SignedInUser, hold_id: str) -> None:
    """End a hold."""
    with home.register.session() as session:
        retention_holds.lift(session, hold_id, user.user_id, home.clock())
        _note(home, user, LegalHoldChanged, hold_id=hold_id, change="lifted")
        session.commit()


def review(
    home: Home,
    user: SignedInUser,
    item_ids: Collection[str],
    outcome: str,
    reason: str,
    *,
    next_review: dt.date | None = None,
) -> int:
    """Decide about things that are due today; how many.

    Raises:
        RetentionError: if one is not due, has no known day, or is under a hold.
    """
    with due_list(home) as due:
        fit = {i.item_id for i in due.find(item_ids) if i.status in REVIEWABLE}
    if not_fit := set(item_ids) - fit:
        raise RetentionError(
            f"{len(not_fit)} of these cannot be decided: not due, of unknown day, or under a hold"
        )
    with home.register.session() as session:
        retention_review.review(
            session, fit, outcome, reason, user.user_id, home.clock(), next_review=next_review
        )
        _note(home, user, RetentionReviewed, outcome=outcome, what=sorted(fit))
        session.commit()
    return len(fit)


def review_all(
    home: Home,
    user: SignedInUser,
    rule_id: str,
    outcome: str,
    reason: str,
    *,
    next_review: dt.date | None = None,
) -> int:
    """Decide alike about all that is to be reviewed today by one rule; how many."""
    with due_list(home) as due:
        found = [i.item_id for i in due.items("review", rule_id=rule_id, limit=_MOST)]
    for at in range(0, len(found), _AT_ONCE):
        part = found[at : at + _AT_ONCE]
        with home.register.session() as session:
            retention_review.review(
                session, part, outcome, reason, user.user_id, home.clock(), next_review=next_review
            )
            _note(home, user, RetentionReviewed, outcome=outcome, what=part)
            session.commit()
    return len(found)


def propose_disposal(
    home: Home, user: SignedInUser, *, by: dt.date | None = None, rule_id: str | None = None
) -> Disposal:
    """Propose to dispose of all that may go by a day, or by one rule."""
    with due_list(home, by) as due, home.register.session() as session:
        if due.by > london_date(home.clock()):
            raise RetentionError("nothing is disposed of before it is due")
        made = retention_disposal.propose(
            session,
            due.disposable(rule_id),
            user.user_id,
            home.clock(),
            due_by=due.by,
            rule_id=rule_id,
        )
        proposed = retention_disposal.disposal(session, made)
        _note_disposal(home, user, proposed, "proposed")
        session.commit()
    return proposed


def approve_disposal(home: Home, user: SignedInUser, disposal_id: str) -> None:
    """Allow a disposal that another proposed."""
    _change_disposal(home, user, disposal_id, retention_disposal.approve, "approved")


def withdraw_disposal(home: Home, user: SignedInUser, disposal_id: str) -> None:
    """Give a disposal up."""
    _change_disposal(home, user, disposal_id, retention_disposal.withdraw, "withdrawn")


def carry_out(
    home: Home, user: SignedInUser, disposal_id: str, *, report: Report = pipeline.silent
) -> Disposal:
    """Carry out an approved disposal, and certify it.

    What is held now, is not due any more or waits for what hangs on it is spared. Called again
    after it was interrupted, it goes on: an erasure that has begun is ended first.

    Raises:
        RetentionError: if it was not approved, or is done.
        GraphBusyError: if another process has the embedded graph open.
    """
    actor = Actor(user_id=user.user_id, agency=user.agency)
    with home.register.session() as session:
        about = retention_disposal.disposal(session, disposal_id)
        proposed = retention_disposal.items_of(session, disposal_id)
        interrupted = bool(erasures.unfinished(session))
    if about.state != "approved" or about.approved_at is None:
        raise RetentionError("this disposal is not waiting to be carried out")
    if interrupted:
        erasing.resume(home, actor, report)
    with home.register.session() as session:
        before = retention_disposal.erased_since(session, about.approved_at)
    report("Looking again at what is due", 0.0)
    ids = {row["item_id"] for row in proposed}
    with due_list(home, about.due_by) as due:
        free = {row["item_id"] for row in due.disposable(among=ids)}
        gone = [row for row in proposed if row["item_id"] in free | set(before)]
        left = ids - {row["item_id"] for row in gone}
        spared = Counter(_why_spared(item) for item in due.find(left))
    spared["gone, or not due any more"] = len(left) - spared.total()
    _erase(home, actor, [row for row in gone if row["item_id"] in free], report)
    return _certified(home, user, about, gone, +spared)


def _erase(home: Home, actor: Actor, rows: Sequence[Mapping[str, Any]], report: Report) -> None:
    """Erase them from everything; nothing to do is no fault."""
    if not rows:
        return
    keys: dict[str, list[str]] = {what: [] for what in WHATS}
    for row in rows:
        keys[row["what"]].append(row["item_id"])
    erasing.erase(
        home,
        records=keys["record"],
        contacts=keys["contact"],
        indicators=keys["indicator"],
        reason="retention",
        actor=actor,
        report=report,
    )


def _certified(
    home: Home,
    user: SignedInUser,
    about: Disposal,
    gone: Sequence[Mapping[str, Any]],
    spared: Mapping[str, int],
) -> Disposal:
    """Write the certificate, the audit first."""
    now = home.clock()
    with home.register.session() as session:
        since = retention_disposal.erased_since(session, about.approved_at or now)
        acts = sorted({since[row["item_id"]] for row in gone if row["item_id"] in since})
        told = [
            {"erasure": act, "load": load.load_id, "before": load.before, "after": load.after}
            for act in acts
            for load in erasures.rewritten(session, act)
        ]
        done = retention_disposal.certify(
            session, about.disposal_id, gone, spared, {"acts": acts, "files": told}, now
        )
        _note(
            home,
            user,
            DisposalDone,
            disposal_id=about.disposal_id,
            rules=sorted({row["rule_id"] for row in gone}),
            **{f"{what}s": count for what, count in done.certificate["totals"].items()},
            spared=sum(spared.values()),
            digest=certificate_digest(done.certificate),
        )
        session.commit()
    return done


def _why_spared(item: Item) -> str:
    if item.status == "dispose":
        return "something that hangs on it is kept"
    return STATUSES[item.status].lower()


def read_certificate(home: Home, user: SignedInUser, disposal_id: str) -> dict[str, Any]:
    """The certificate of a disposal that was carried out, with its own digest.

    Raises:
        RetentionError: if there is none yet.
    """
    with home.register.session() as session:
        found = retention_disposal.disposal(session, disposal_id)
    if found.done_at is None:
        raise RetentionError("this disposal was not carried out: it has no certificate")
    _note(home, user, CertificateRead, disposal_id=disposal_id)
    return {**found.certificate, "certificate_sha256": certificate_digest(found.certificate)}


def note_basis(
    home: Home, user: SignedInUser, dataset: str, basis: str, until: dt.date | None = None
) -> None:
    """Note on which lawful basis `AGENCY/SYSTEM` is processed, and up to which day.

    Raises:
        RegistrationError: if it is not registered, or the basis not on the list.
    """
    agency, _, system = dataset.partition("/")
    with home.register.session() as session:
        lawful.note_basis(session, agency, system, basis, user.user_id, home.clock(), until=until)
        _note(
            home,
            user,
            LawfulBasisNoted,
            giving_agency=agency,
            dataset=system,
            basis=basis,
            until=str(until) if until else None,
        )
        session.commit()


Change = Callable[[Session, str, str, dt.datetime], None]


def _change_rule(home: Home, user: SignedInUser, rule_id: str, act: Change, change: str) -> None:
    with home.register.session() as session:
        act(session, rule_id, user.user_id, home.clock())
        _note(home, user, RetentionRuleChanged, rule_id=rule_id, change=change)
        session.commit()


def _change_disposal(
    home: Home, user: SignedInUser, disposal_id: str, act: Change, change: str
) -> None:
    with home.register.session() as session:
        act(session, disposal_id, user.user_id, home.clock())
        _note_disposal(home, user, retention_disposal.disposal(session, disposal_id), change)
        session.commit()


def _note_disposal(home: Home, user: SignedInUser, about: Disposal, change: str) -> None:
    _note(
        home,
        user,
        DisposalChanged,
        disposal_id=about.disposal_id,
        change=change,
        items=about.items,
        digest=about.items_sha256,
    )


def _note(home: Home, user: SignedInUser, event: type[Event], **fields: Any) -> None:
    home.audit.record(event(user_id=user.user_id, agency=user.agency, **fields), home.clock())
