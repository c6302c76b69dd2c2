"""A home for page tests: a real register and audit, and a desk that answers what it was given.

The graph is left out: the end-to-end tests ask it. A disclosure still writes its audit row.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from governance import accounts, registration
from governance.audit import Audit
from governance.register import Register
from kith.home import Home
from kith.settings import Settings

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

    def close(self) -> None:
        self.register.close()
        self.audit.close()

    def as_home(self) -> Home:
        return cast(Home, self)


def make_home(folder: Path, *, plain_cookies: bool = True) -> PageHome:
    """Register, audit, agencies and one user for each role."""
    settings = Settings(
        home=folder, demo=True, secret="s" * 40, insecure_cookies=plain_cookies, host="127.0.0.1"
    )
    register = Register(f"sqlite:///{folder / 'register.sqlite'}")
    register.upgrade()
    audit = Audit(f"sqlite:///{folder / 'audit.sqlite'}")
    audit.upgrade()
    with register.session() as session:
        for agency in AGENCIES:
            registration.add_agency(session, *agency)
            registration.add_dataset(
                session, agency[0], "main", f"{agency[1]} system", agency[1], "Task", "Owner", 7
            )
        for name, (agency_id, role) in USERS.items():
            accounts.create_user(session, name, PASSWORD, agency_id, [role], NOW)
        session.commit()
    return PageHome(settings=settings, register=register, audit=audit, folder=folder)
