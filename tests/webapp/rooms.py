"""A home for page tests: a real register and audit, and a desk that answers what it was given.

The graph is left out: the end-to-end tests ask it. A disclosure still writes its audit row.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import cast

from cryptography.fernet import Fernet

from governance import accounts, events, registration
from governance.audit import Audit
from governance.checkpoints import Sealer, SealingKey
from governance.policy import AgreementTerms, add_agreement
from governance.register import Register
from governance.second_factor import Demand
from governance.viewer import Level, Viewer
from graph import AddressCheck, EgoNetwork, GraphStore
from kith.desk import AddressAnswer, Desk, PersonAnswer, SourceAge
from kith.home import Home
from kith.settings import Settings
from loaders.at_rest import AtRest
from records.keys import KeyMaker
from tests.webapp import answers

PASSWORD = "lantern-gravel-otter-17"
NOW = dt.datetime(2026, 11, 23, 9, 5, tzinfo=dt.UTC)
AGENCIES = (
    ("police", "West Midlands Police", "police", "Control room 01922 555101"),
    ("children", "Children's services", "children", "Duty desk 01922 555102"),
    ("adults", "Adults' services", "adults", "Access team 01922 555103"),
    ("housing", "Walsall Housing", "housing", "Neighbourhood team 01922 555104"),
    ("nhs", "Health", "health", "Safeguarding nurse 01922 555105"),
)
USERS = {
    "officer": ("police", "practitioner"),
    "analyst": ("police", "analyst"),
    "steward": ("police", "steward"),
    "manager": ("police", "data_manager"),
    "landlord": ("housing", "data_manager"),
    "governor": ("police", "governance_officer"),
    "admin": ("police", "administrator"),
}


@dataclass
class Clock:
    """A clock that tests move."""

    moment: dt.datetime = NOW

    def __call__(self) -> dt.datetime:
        return self.moment

    def pass_time(self, **span: float) -> None:
        self.moment += dt.timedelta(**span)


@dataclass
class PageHome:
    """What pages use of a home."""

    settings: Settings
    register: Register
    audit: Audit
    folder: Path
    area: str = "walsall"
    clock: Clock = field(default_factory=Clock)
    keys: KeyMaker = field(default_factory=lambda: KeyMaker(b"k" * 32))
    store: GraphStore | None = None
    at_rest: AtRest = field(default_factory=AtRest)
    kept_by: str | None = None

    @property
    def demand(self) -> Demand:
        return Demand(self.settings.second_factor)

    @cached_property
    def box(self) -> Fernet:
        return Fernet(Fernet.generate_key())

    @cached_property
    def sealer(self) -> Sealer:
        key = SealingKey.of_home(self.folder / "audit.key", self.area)
        return Sealer(self.audit, key, [self.folder / "checkpoints"])

    def keeper(self, _session: object) -> str | None:
        return self.kept_by

    def close(self) -> None:
        self.register.close()
        self.audit.close()

    def as_home(self) -> Home:
        return cast(Home, self)


def make_home(folder: Path, *, plain_cookies: bool = True) -> PageHome:
    """Register, audit, agencies and one user for each role."""
    settings = Settings(
        home=folder,
        demo=False,
        secret="s" * 40,
        insecure_cookies=plain_cookies,
        host="127.0.0.1",
        second_factor="offered",
    )
    register = Register(f"sqlite:///{folder / 'register.sqlite'}")
    register.upgrade()
    audit = Audit(f"sqlite:///{folder / 'audit.sqlite'}")
    audit.upgrade()
    with register.session() as session:
        for agency in AGENCIES:
            registration.add_agency(session, *agency)
            registration.add_dataset(
                session,
                agency[0],
                "main",
                f"{agency[1]} system",
                agency[1],
                "Article 6(1)(e)",
                "Owner",
                7,
            )
        for giver in ("police", "housing", "nhs"):
            terms = AgreementTerms(
                giving_agency=giver,
                receiving_agency="police",
                level=Level.DETAIL,
                starts=NOW.date(),
                title=f"{giver} to police",
                legal_basis="Task in the public interest",
            )
            add_agreement(session, terms, NOW - dt.timedelta(days=1))
        for name, (agency_id, role) in USERS.items():
            accounts.create_user(session, name, PASSWORD, agency_id, [role], NOW)
        session.commit()
    return PageHome(settings=settings, register=register, audit=audit, folder=folder)


class ScriptedDesk:
    """Answers by hand-made values; like the real desk it writes the audit row first."""

    def __init__(self, home: PageHome) -> None:
        self.home = home
        self.asked: list[dict[str, str]] = []
        self.by_text: dict[str, AddressCheck] = {
            "12 alder road": answers.alder(),
            "alder": answers.candidates(),
        }
        self.by_id = {"a_alder": answers.alder()}
        self.people = {"p_dean": answers.dean()}
        self.networks = {key: answers.network(key) for key in ("a_alder", "p_dean")}
        self.being_updated_since: dt.datetime | None = None

    def as_desk(self) -> Desk:
        return cast(Desk, self)

    def check_address(self, viewer: Viewer, **asked: str) -> AddressAnswer:
        self.asked.append(asked)
        self.home.audit.record(events.AddressChecked.by(viewer), self.home.clock())
        nothing = AddressCheck(nothing_found=True)
        if "address_id" in asked:
            check = self.by_id.get(asked["address_id"], nothing)
        else:
            typed = asked.get("text", asked.get("uprn", "")).lower()
            check = self.by_text.get(typed, nothing)
        return AddressAnswer(
            check=check,
            sources=self.sources("police", "nhs", "housing"),
            not_searched=self.sources("adults", "children"),
            being_updated_since=self.being_updated_since,
        )

    def person(self, viewer: Viewer, person_id: str) -> PersonAnswer:
        self.home.audit.record(events.PersonViewed.by(viewer), self.home.clock())
        return PersonAnswer(
            person=self.people.get(person_id),
            sources=self.sources("police", "nhs", "housing"),
            not_searched=self.sources("adults", "children"),
            being_updated_since=None,
        )

    def network(self, viewer: Viewer, centre: str, hops: int) -> EgoNetwork:
        self.home.audit.record(events.NetworkViewed.by(viewer, hops=hops), self.home.clock())
        return self.networks.get(centre, EgoNetwork(centre=centre, hops=hops))

    def sources(self, *agencies: str) -> list[SourceAge]:
        now = self.home.clock()
        ages = {"police": now, "nhs": now - dt.timedelta(days=19)}
        return [
            SourceAge(
                agency=agency,
                agency_label=label,
                dataset="main",
                dataset_label="Main system",
                loaded_on=ages.get(agency),
            )
            for agency, label, *_ in AGENCIES
            if agency in agencies
        ]
