"""A home with a small graph behind it, two approvers, and a question: what request tests share."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from sqlalchemy.orm import Session

from governance import accounts, registration, requests
from governance.approvers import name_approver
from governance.policy import AgreementTerms, add_agreement
from governance.requests import Question
from governance.sessions import SignedInUser
from governance.viewer import Level
from graph import project
from graph.embedded_store import EmbeddedStore
from kith.requesting import RequestDesk
from tests.graph.builders import AGENCIES, World
from tests.webapp.rooms import NOW, PASSWORD, PageHome

QUESTION = Question(
    giving_agency="housing",
    question="free",
    words="Ann Other, born in 1980, of 3 Oak Way",
    legal_basis="public_task",
    urgency="today",
    subject_id="p_ann",
)
SECRET = "Threw a plate at the warden"


def small_world(*, later_contact: bool = False, summary: str = SECRET) -> World:
    """Ann, of whom housing and police know; Hid, who must not be traced."""
    world = World()
    world.address("a_oak", "3 Oak Way")
    ann = world.record(
        "housing",
        "p_ann",
        "Ann Other",
        birth_date="1980-02-03",
        lead_worker="Jo Hale",
        phone="07700",
    )
    world.record("police", "p_ann", "Ann Other")
    hid = world.record("housing", "p_hid", "Hid Away", restricted=True, lead_worker="Jo Hale")
    world.lives(ann, "a_oak", dt.date(2025, 1, 1))
    world.contact(
        "housing",
        "noise",
        at="a_oak",
        people={ann: "subject"},
        contact_id="c_noise",
        on_date=dt.date(2026, 5, 6),
        status="open",
        summary=summary,
        service="Tenancy",
        ring="01922 555104",
    )
    world.contact(
        "housing",
        "domestic_abuse",
        people={ann: "subject"},
        contact_id="c_abuse",
        on_date=dt.date(2024, 5, 6),
        summary="Old",
    )
    world.contact(
        "housing", "noise", people={hid: "subject"}, contact_id="c_hid", on_date=dt.date(2026, 1, 1)
    )
    world.indicator("housing", "warning", "violent", record_id=ann, indicator_id="i_warn")
    if later_contact:
        world.contact(
            "housing",
            "noise",
            people={ann: "subject"},
            contact_id="c_new",
            on_date=dt.date(2026, 11, 1),
            summary="Came later",
        )
    return world


def fill(home: PageHome, folder: Path, *, restricted: bool = False) -> EmbeddedStore:
    """Give a home the graph, housing's own agreement and its two approvers."""
    home.store = store = EmbeddedStore(folder / "graph")
    bring(store, small_world(), folder, "w1")
    with home.register.session() as session:
        registration.add_dataset(
            session,
            "housing",
            "northgate",
            "Northgate",
            "Walsall Housing",
            "Article 6(1)(e)",
            "Owner",
            7,
        )
        terms = AgreementTerms(
            giving_agency="housing",
            receiving_agency="housing",
            level=Level.DETAIL,
            starts=NOW.date(),
            restricted_allowed=restricted,
            title="Its own",
        )
        add_agreement(session, terms, NOW - dt.timedelta(days=1))
        for name in ("warden", "deputy"):
            made = accounts.create_user(session, name, PASSWORD, "housing", ["practitioner"], NOW)
            name_approver(session, made.user_id, "u_governor", NOW)
        session.commit()
    return store


def bring(store: EmbeddedStore, world: World, folder: Path, name: str) -> None:
    """Bring the graph to a world."""
    snapshot, resolved = world.write(folder / "worlds", name)
    project(store, snapshot, resolved, folder=folder / "projection", agencies=AGENCIES)


def at_work(home: PageHome, name: str, purpose: str | None = "visit") -> SignedInUser:
    """A user as their session has them, a purpose stated unless it is None."""
    with home.register.session() as session:
        user = _user(session, name)
    return SignedInUser(
        user_id=user.user_id,
        username=name,
        agency=user.agency,
        roles=user.roles,
        session_id="s_aaaa",
        started_at=NOW,
        expires_at=NOW + dt.timedelta(hours=12),
        purpose=purpose,
        reference="24-1182" if purpose else None,
        purpose_until=NOW + dt.timedelta(hours=4) if purpose else None,
    )


def asked(home: PageHome, question: Question = QUESTION, by: str = "officer") -> str:
    """A request that waits."""
    with home.register.session() as session:
        made = requests.ask(session, at_work(home, by), question, home.clock())
        session.commit()
    return made.request_id


def approve(
    home: PageHome, request_id: str, chosen: dict[str, set[str]], *, restricted: bool = False
) -> None:
    """The warden tells some fields."""
    desk, warden = RequestDesk(home.as_home()), at_work(home, "warden", None)
    considered = desk.consider(warden, request_id)
    desk.approve(
        warden,
        request_id,
        subject_id=None,
        chosen={key: frozenset(names) for key, names in chosen.items()},
        seen=considered.seen,
        words="",
        days=7,
        restricted=restricted,
    )


def _user(session: Session, name: str) -> accounts.User:
    found = accounts.user_named(session, name)
    assert found is not None
    return found
