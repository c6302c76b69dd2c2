"""The desk where every disclosure is handed out.

Invariant: a read model's answer leaves this module only after its audit row is written; if the
row cannot be written there is no answer.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from graph import AddressCheck, PersonView
from kith.home import Home


@dataclass(frozen=True, kw_only=True)
class SourceAge:
    """How old a dataset is; `loaded_on` is null if nothing was ever loaded from it."""

    agency: str
    agency_label: str
    dataset: str
    dataset_label: str
    loaded_on: dt.datetime | None


@dataclass(frozen=True, kw_only=True)
class AddressAnswer:
    """What is known about an address, and how old the sources are that the viewer may see."""

    check: AddressCheck
    sources: list[SourceAge]
    being_updated_since: dt.datetime | None


@dataclass(frozen=True, kw_only=True)
class PersonAnswer:
    """What is known about a person; `person` is null if there is none that the viewer may see."""

    person: PersonView | None
    sources: list[SourceAge]
    being_updated_since: dt.datetime | None


class Desk:
    """Answers a viewer's questions, each on the record."""

    def __init__(self, home: Home) -> None:
        self._home = home
