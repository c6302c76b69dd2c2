"""Subject access: items are drawn, looked at, decided about, and released in a bundle.

Invariant: values leave this module only after their audit row; a bundle is what another officer
approved, and every value in it stands as it was decided on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from governance import subject_cases, subject_items
from governance.looks import ids_of_person
from governance.policy import london_date
from governance.sessions import SignedInUser
from governance.subject_cases import SubjectCase, SubjectError
from governance.subject_events import (
    BundleRead,
    BundleReleased,
    SubjectFound,
    SubjectItemsDecided,
    SubjectItemsShown,
)
from governance.subject_items import Decided, Decision
from kith.home import Home
from kith.rights.acting import RELEASE, note, proposal
from kith.rights.bundle import (
    DATA,
    PAGE,
    Bundle,
    folder_of,
    make_bundle,
    remove_bundle,
    write_bundle,
)
from kith.rights.drawing import Suggester
from kith.rights.finding import search
from kith.rights.items import Item, seal

_NAMED = 1_000  # ids in one row of the audit


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An item before an officer; `item` is None if what it was drawn from is gone or changed."""

    decided: Decided
    item: Item | None


@dataclass(frozen=True, kw_only=True)
class ShownPage:
    """Some of a case's items, and how many of them are decided how."""

    case: SubjectCase
    shown: list[Shown]
    tally: dict[str, int]

    @property
    def total(self) -> int:
        """How many items the case has."""
        return sum(self.tally.values())


def draw(home: Home, user: SignedInUser, case_id: str) -> int:
    """Make items of all that is held and can be told; how many have to be decided about.

    Drawn again, what has not changed keeps its decision.
    """
    now = home.clock()
    with home.register.session() as session:
        case = subject_cases.working(session, case_id)
        found = search(home, case, now, files=False)
        suggest = Suggester(home, found.subject, found.held)
        drawn = [suggest.drawn(item) for item in found.telling.values()]
        left = subject_items.draw(session, case_id, drawn, now)
        ids = sorted(found.subject.ids)[:_NAMED]
        note(home, user, SubjectFound, case_id=case_id, items=len(drawn), what=ids)
        session.commit()
    return left


def show(
    home: Home, user: SignedInUser, case_id: str, *, offset: int = 0, limit: int = 20
) -> ShownPage:
    """A page of a case's items with their values; on record before they are told."""
    with home.register.session() as session:
        case = subject_cases.working(session, case_id)
        decided = subject_items.items(session, case_id, offset=offset, limit=limit)
        tally = dict(subject_items.tally(session, case_id))
    found = search(home, case, case.drawn_at, files=False).telling if decided else {}
    shown = [
        Shown(decided=each, item=_standing(home, each, found.get(each.item_id))) for each in decided
    ]
    ids = [each.item_id for each in decided]
    note(home, user, SubjectItemsShown, case_id=case_id, what=ids)
    return ShownPage(case=case, shown=shown, tally=tally)


def _standing(home: Home, decided: Decided, item: Item | None) -> Item | None:
    """The item if its values are still those that were drawn."""
    if item is None or seal(home.keys, item.values) != decided.seal:
        return None
    return item


def decide(
    home: Home, user: SignedInUser, case_id: str, item_ids: Collection[str], decision: Decision
) -> None:
    """Decide alike about items of a case."""
    with home.register.session() as session:
        _decide(home, session, user, case_id, item_ids, decision)
        session.commit()


def decide_each(
    home: Home, user: SignedInUser, case_id: str, decisions: dict[str, Decision]
) -> None:
    """Decide about items of a case, each in its own way; all of it or nothing."""
    with home.register.session() as session:
        for item_id, decision in decisions.items():
            _decide(home, session, user, case_id, [item_id], decision)
        session.commit()


def take_suggestions(home: Home, user: SignedInUser, case_id: str, item_ids: Iterable[str]) -> int:
    """Decide as suggested about those of some items that nobody decided about; how many."""
    wanted = set(item_ids)
    with home.register.session() as session:
        left = [
            each
            for each in subject_items.items(session, case_id)
            if each.item_id in wanted and each.decision is None
        ]
        for each in left:
            _decide(home, session, user, case_id, [each.item_id], suggested(each))
        session.commit()
    return len(left)


def suggested(about: Decided) -> Decision:
    """What is suggested for an item, as a decision."""
    if not about.suggested:
        return Decision(decision="disclose")
    return Decision(
        decision="redact",
        redacted=tuple(about.suggested),
        exemption=about.suggested_exemption,
    )


def _decide(
    home: Home,
    session: Session,
    user: SignedInUser,
    case_id: str,
    item_ids: Collection[str],
    decision: Decision,
) -> None:
    subject_items.decide(session, case_id, item_ids, decision, user.user_id, home.clock())
    what = sorted(set(item_ids))
    note(home, user, SubjectItemsDecided, case_id=case_id, decision=decision.decision, what=what)


def release(home: Home, user: SignedInUser, case_id: str) -> tuple[SubjectCase, Path]:
    """Write the bundle that another officer approved, and close the case; where it lies.

    Raises:
        SubjectError: if it was not approved, or something is not as it was decided on.
    """
    now = home.clock()
    with home.register.session() as session:
        case = subject_cases.working(session, case_id)
        if case.state != "approved" or case.proposal != RELEASE:
            raise SubjectError("nothing is released that another officer did not approve")
        if proposal(home, session, case)[1] != case.proposal_sha256:
            raise SubjectError("what was decided is not what was approved; send it back")
        decided = subject_items.items(session, case_id)
        bundle = _bundle(home, session, case, decided)
        counts = {name: bundle.counts.get(name, 0) for name in ("disclose", "redact", "withhold")}
        note(
            home,
            user,
            BundleReleased,
            case_id=case_id,
            disclosed=counts["disclose"],
            redacted=counts["redact"],
            withheld=counts["withhold"],
            digest=bundle.sha256,
        )
        folder = write_bundle(home, case_id, bundle)
        kept = (bundle.sha256, last_day(home, london_date(now)))
        closed = subject_cases.close(
            session, case_id, "released", user.user_id, now, counts=counts, bundle=kept
        )
        subject_items.forget_items(session, case_id)
        session.commit()
    return closed, folder


def _bundle(home: Home, session: Session, case: SubjectCase, decided: list[Decided]) -> Bundle:
    found = search(home, case, case.drawn_at, files=False).telling
    gone = [each for each in decided if _standing(home, each, found.get(each.item_id)) is None]
    if gone:
        raise SubjectError(
            f"{len(gone)} items are not as they were decided on: send it back, and draw again"
        )
    return make_bundle(home, session, case, decided, found)


def last_day(home: Home, today: dt.date) -> dt.date | None:
    """Until when a bundle made today is kept; None: without end."""
    days = home.settings.keep_bundles
    return today + dt.timedelta(days=days) if days else None


def read_bundle(home: Home, user: SignedInUser, case_id: str, *, page: bool) -> bytes:
    """A released bundle's page or data, to be handed over; on record.

    Raises:
        SubjectError: if there is none, or its files are gone.
    """
    with home.register.session() as session:
        case = subject_cases.case(session, case_id)
    file = folder_of(home, case_id) / (PAGE if page else DATA)
    if case.bundle_sha256 is None or not file.is_file():
        raise SubjectError("there is no bundle of this case, or not any more")
    content = file.read_bytes()
    note(home, user, BundleRead, case_id=case_id, digest=case.bundle_sha256)
    return content


def past_bundles(home: Home, session: Session, today: dt.date) -> list[str]:
    """The cases whose bundle is past its time."""
    return [
        case.case_id
        for case in subject_cases.cases(session)
        if case.bundle_until is not None
        and case.bundle_until < today
        and folder_of(home, case.case_id).is_dir()
    ]


def cases_about(session: Session, people: Collection[str], records: Collection[str]) -> list[str]:
    """The cases that name some people or records, or a person who has or had one of them."""
    ours = {*people, *records}
    return sorted(
        case.case_id
        for case in subject_cases.cases(session)
        if ours & {*case.record_ids, case.person_id}
        or (case.person_id is not None and ours & ids_of_person(session, case.person_id))
    )


def drop_bundles(home: Home, case_ids: Iterable[str]) -> int:
    """Remove bundles' files; how many. Their digests stay with their cases."""
    return sum(remove_bundle(home, case_id) for case_id in case_ids)
