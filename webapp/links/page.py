"""What a page of links holds: the same nodes and links for the picture and for the table.

Invariant: a link is in the picture if and only if it is a row of the table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

KINDS = {"person": "Person", "address": "Address", "household": "Household", "contact": "Contact"}
PLURALS = {
    "person": "People",
    "address": "Addresses",
    "household": "Households",
    "contact": "Contacts",
}


@dataclass(frozen=True, kw_only=True)
class Node:
    """Somebody or something in the picture; `words` is its kind in words."""

    key: str
    kind: str
    label: str
    facts: tuple[str, ...] = ()
    href: str | None = None
    expandable: bool = False

    @property
    def words(self) -> str:
        return KINDS.get(self.kind, self.kind)


@dataclass(frozen=True, kw_only=True)
class Link:
    """One row of the table; `far` is the end further from the centre."""

    source: Node
    target: Node
    far: Node
    words: str
    since: str
    order: str
    who: str
    uncertain: bool = False


@dataclass(frozen=True, kw_only=True)
class Chip:
    """A kind of node, how many there are, and whether they are shown."""

    key: str
    label: str
    total: int
    shown: bool


@dataclass(frozen=True, kw_only=True)
class LinksPage:
    """The page."""

    centre: Node
    chosen: Node
    hops: int
    opened: list[str]
    counted: str
    cut: str
    hidden: int
    chips: list[Chip]
    rows: list[Link]
    drawing: dict[str, Any] = field(default_factory=dict)
