"""The desk where every disclosure is handed out.

Invariant: a read model's answer leaves this module only after its audit row is written; if the
row cannot be written there is no answer.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import graph
from governance import events
from governance.loads import freshness
from governance.permissions import Permission
from governance.viewer import Viewer
from graph import AddressCheck, EgoNetwork, GraphStore, PersonView
from graph.address_text import tells_a_place
from kith.home import Home
from kith.telling import tell_of_look
from kith.watching import admit_look
from records.errors import KithError

NO_ADDRESS = "That is no address: type a number, street and postcode, or a UPRN"
_UPRN = re.compile(r"\d{6,12}")


class NoAddressError(KithError):
    """What was typed cannot be looked for; nothing was, and nothing is said of any place."""

    exit_code = 2

    def __init__(self) -> None:
        super().__init__(NO_ADDRESS)


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
    """What is known about an address, and how old the sources are that the viewer may see.

    `not_searched` are the sources of the area that share nothing with the viewer.
    """

    check: AddressCheck
    sources: list[SourceAge]
    not_searched: list[SourceAge]
    being_updated_since: dt.datetime | None


@dataclass(frozen=True, kw_only=True)
class PersonAnswer:
    """What is known about a person; `person` is null if there is none that the viewer may see."""

    person: PersonView | None
    sources: list[SourceAge]
    not_searched: list[SourceAge]
    being_updated_since: dt.datetime | None


class Desk:
    """Answers a viewer's questions, each on the record."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def check_address(
        self,
        viewer: Viewer,
        *,
        text: str | None = None,
        address_id: str | None = None,
        uprn: str | None = None,
    ) -> AddressAnswer:
        """What is known about an address: typed (a UPRN alone too), by id or UPRN.

        Raises:
            NoAddressError: if what was typed is no address.
        """
        if text is not None and _UPRN.fullmatch(bare := text.replace(" ", "")):
            text, uprn = None, bare
        if text is not None and not tells_a_place(text):
            raise NoAddressError
        admit_look(self._home, viewer, Permission.CHECK_ADDRESS)
        store = self._home.store
        check = graph.check_address(store, viewer, text=text, address_id=address_id, uprn=uprn)
        searched, silent = self._sources(viewer)
        answer = AddressAnswer(
            check=check,
            sources=searched,
            not_searched=silent,
            being_updated_since=_updating_since(store),
        )
        if check.address is None:
            what = [candidate.address_id for candidate in check.candidates]
            self._home.audit.record(events.AddressSearched.by(viewer, what=what))
        else:
            self._home.audit.record(events.AddressChecked.by(viewer, what=check.disclosed))
        return answer

    def person(self, viewer: Viewer, person_id: str) -> PersonAnswer:
        """What is known about a person."""
        admit_look(self._home, viewer, Permission.VIEW_PERSON)
        store = self._home.store
        person = graph.person(store, viewer, person_id)
        searched, silent = self._sources(viewer)
        answer = PersonAnswer(
            person=person,
            sources=searched,
            not_searched=silent,
            being_updated_since=_updating_since(store),
        )
        what = person.disclosed if person else ()
        self._home.audit.record(events.PersonViewed.by(viewer, what=what))
        if person is not None:
            tell_of_look(self._home, viewer, person_id)
        return answer

    def network(self, viewer: Viewer, centre: str, hops: int) -> EgoNetwork:
        """The network around a person or an address, to `hops` steps."""
        admit_look(self._home, viewer, Permission.VIEW_NETWORK)
        network = graph.ego_network(self._home.store, viewer, centre, hops)
        self._home.audit.record(
            events.NetworkViewed.by(viewer, what=network.disclosed, hops=network.hops)
        )
        if network.nodes and centre.startswith("p_"):
            tell_of_look(self._home, viewer, centre)
        return network

    def _sources(self, viewer: Viewer) -> tuple[list[SourceAge], list[SourceAge]]:
        shared = {tuple(key.split("|")[:2]) for key in viewer.grants}
        with self._home.register.session() as session:
            ages = [
                SourceAge(
                    agency=entry.agency,
                    agency_label=entry.agency_label,
                    dataset=entry.dataset,
                    dataset_label=entry.dataset_label,
                    loaded_on=entry.loaded_on,
                )
                for entry in freshness(session)
            ]
        searched = [age for age in ages if (age.agency, age.dataset) in shared]
        silent = [age for age in ages if (age.agency, age.dataset) not in shared]
        return searched, silent


def _updating_since(store: GraphStore) -> dt.datetime | None:
    state = graph.projection_state(store)
    return state.being_updated_since if state else None
