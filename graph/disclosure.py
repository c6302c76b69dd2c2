"""What one viewer may see of the rows that a statement returned.

Invariant: a row leaves here with no value that its grant withholds. At level existence nothing
is left but the agency; at level headline only what
`HEADLINE_FIELDS` lists.

The statements join the grants themselves (what is out never leaves the graph); what they return
carries `level` and `withheld`, which are spent here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from governance.decisions import HEADLINE_FIELDS, PLACE_FIELDS
from governance.viewer import Grant, Level, Viewer
from graph import statements
from graph.answers import Source
from graph.store import GraphStore, Row
from records.codes import code_list

_ALWAYS = frozenset({"level", "share_key", "agency_id", "dataset", "person_id", "record_id"})


@dataclass(kw_only=True)
class Desk:
    """One viewer's way to the graph: runs statements, and notes what was disclosed."""

    store: GraphStore
    viewer: Viewer
    disclosed: set[str] = field(default_factory=set)
    existing: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._viewer_parameters = viewer_parameters(self.viewer)
        rows = self.store.run(statements.text("agencies"))
        self.kinds: dict[str, str | None] = {row["agency_id"]: row["kind"] for row in rows}
        self.agencies = {
            row["agency_id"]: Source(
                agency_id=row["agency_id"], label=row["label"], ring=row["ring"]
            )
            for row in rows
        }

    def rows(self, name: str, **params: Any) -> list[Row]:
        """A statement's rows, as the graph returns them."""
        statement = statements.load(name)
        given = {
            key: params[key] if key in params else self._viewer_parameters[key]
            for key in statement.params
        }
        return self.store.run(statement.text, given)

    def shown(self, what: str, name: str, **params: Any) -> list[Row]:
        """A statement's rows of one kind (record, stay, contact, indicator), cut to the grants.

        Rows at level existence are left out; their agencies go to `existing`. A row that ties
        something to an address is left out altogether if addresses are withheld.
        """
        return self.cut(what, self.rows(name, **params))

    def cut(self, what: str, rows: Iterable[Row]) -> list[Row]:
        """The same of rows that were returned already."""
        cut = []
        for row in rows:
            if "address_id" in row and places_withheld(row):
                continue
            if row["level"] <= Level.EXISTENCE:
                self.existing.add(row["agency_id"])
                self.disclosed.update(_keys(row))
            else:
                cut.append(cut_row(what, row))
        return cut

    def grant(self, row: Row) -> Grant:
        return self.viewer.grants[row["share_key"]]

    def source(self, agency_id: str) -> Source:
        """The agency's name and number; one that is not registered is named by its id."""
        return self.agencies.get(agency_id, Source(agency_id=agency_id, label=agency_id))

    def sources(self, agency_ids: Iterable[str]) -> tuple[Source, ...]:
        found = [self.source(agency_id) for agency_id in set(agency_ids)]
        return tuple(sorted(found, key=lambda source: (source.label, source.agency_id)))

    def existence(self) -> tuple[Source, ...]:
        """The agencies of which only this is told: that they hold something."""
        return self.sources(self.existing)

    def note(self, *ids: str | None) -> None:
        self.disclosed.update(entry for entry in ids if entry)


def cut_row(what: str, row: Row) -> Row:
    """A row at level headline or detail, without what its grant withholds."""
    withheld = set(row.get("withheld") or ())
    kept = {}
    for key, value in row.items():
        if key == "withheld":
            continue
        hidden = key in withheld and key not in _ALWAYS
        if row["level"] == Level.HEADLINE and key not in HEADLINE_FIELDS[what] | _ALWAYS:
            hidden = True
        kept[key] = None if hidden else value
    if row.get("guarded"):
        kept.update(dict.fromkeys(("summary", "reference", "value")))
    return kept


def tells_of_company(words: str) -> bool:
    """Whether words on a link tell of people who were seen with both records."""
    return "seen with both" in words


def without_company(words: str) -> str:
    """A sentence on a link without those people: it is their records that say so."""
    if not tells_of_company(words):
        return words
    kept, heading = [], ""
    for part in words.split("; "):
        head, colon, said = part.rpartition(": ")
        heading = f"{head}: " if colon else heading
        if not tells_of_company(said):
            kept.append(f"{heading}{said}")
            heading = ""
    text = "; ".join(kept)
    return text[:1].upper() + text[1:]


def viewer_parameters(viewer: Viewer) -> dict[str, Any]:
    """What statements are given of a viewer: their grants, and whether each tells of places."""
    given = viewer.parameters()
    for terms in given["grants"].values():
        terms["places"] = not places_withheld(terms)
    return given


def places_withheld(row: Row) -> bool:
    """Whether the grant keeps back where something was."""
    return bool(PLACE_FIELDS & set(row.get("withheld") or ()))


def latest_only(desk: Desk, contacts: Sequence[Row], owner: str) -> list[Row]:
    """Contacts, but of those under a latest-only grant the latest of each owner, agency, category.

    Args:
        owner: the column that names whose contact a row is.
    """
    newest: dict[tuple[Any, ...], tuple[Any, ...]] = defaultdict(tuple)
    for row in contacts:
        if desk.grant(row).latest_only:
            key = (row[owner], row["agency_id"], row["category"])
            newest[key] = max(newest[key], _age(row))
    return [
        row
        for row in contacts
        if not desk.grant(row).latest_only
        or newest[row[owner], row["agency_id"], row["category"]] == _age(row)
    ]


def in_code_order(list_name: str, code: str | None) -> int:
    """Where a code stands on its list; last if it is on none."""
    codes = list(code_list(list_name).labels)
    return codes.index(code) if code in codes else len(codes)


def _age(row: Row) -> tuple[bool, str, str]:
    return (row["on_date"] is not None, str(row["on_date"]), row["contact_id"])


def _keys(row: Row) -> list[str]:
    return [row[key] for key in ("record_id", "contact_id", "indicator_id") if row.get(key)]
