"""What of an item better not be disclosed: a suggestion, which an officer takes or not.

Invariant: a suggestion decides nothing; whoever is named in words beside the person, and staff by
their names, are suggested always.
"""

from __future__ import annotations

import re

from governance.subject_items import Drawn
from kith import pipeline
from kith.home import Home
from kith.rights.held import Held
from kith.rights.items import Item, Subject, rows_of, seal

THIRD_PARTY = "third_party"
_STAFF = frozenset({"lead_worker", "ring"})
_OTHERS = frozenset({"other_person"})
_SPEAKING = frozenset({"summary", "value", "reference", "words", "answer", "service"})
_SHORTEST = 3


class Suggester:
    """Suggests with the names of those who are tied to a person by a contact, word or household."""

    def __init__(self, home: Home, subject: Subject, held: Held) -> None:
        self._keys = home.keys
        self._held = held
        own = _words(_own(held))
        names = [*held.names.values(), *_household(home, subject)]
        self._names = {word for name in names for word in _words(name)} - own

    def drawn(self, item: Item) -> Drawn:
        """An item with the seal of its values and what is suggested."""
        fields = tuple(sorted(self._fields(item)))
        return Drawn(
            item_id=item.item_id,
            seal=seal(self._keys, item.values),
            suggested=fields,
            suggested_exemption=THIRD_PARTY if fields else None,
        )

    def _fields(self, item: Item) -> set[str]:
        if not item.sure:
            return set(item.values)  # it may be somebody else's altogether
        shared = item.others or self._held.others.get(item.about or "")
        return {
            name
            for name, value in item.values.items()
            if name in _STAFF | _OTHERS
            or (name == "summary" and shared)
            or ((name in _SPEAKING or item.place == "quarantine") and self._names & _words(value))
        }


def _own(held: Held) -> str:
    columns = ("given_name", "middle_names", "family_name", "full_name")
    return " ".join(str(row[c]) for row in held.rows["record"] for c in columns if row[c])


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.casefold()) if len(word) >= _SHORTEST}


def _household(home: Home, subject: Subject) -> list[str]:
    """The names of those with whom they lived."""
    if pipeline.read_current(home) is None:
        return []
    resolved = pipeline.current_result(home)
    if not all(file.exists() for name in ("member", "person") for file in resolved.files(name)):
        return []
    member = resolved.files("member")
    homes = {row["household_id"] for row in rows_of(member, "person_id", subject.people)}
    people = {row["person_id"] for row in rows_of(member, "household_id", homes)} - subject.people
    rows = rows_of(resolved.files("person"), "person_id", people)
    return [
        " ".join(filter(None, (r["given_name"], r["family_name"], r["full_name"]))) for r in rows
    ]
