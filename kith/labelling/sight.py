"""What one steward may see of the records that questions are about.

Invariant: a record is shown only under a grant above existence that reaches back to it, never
if its person is restricted by any record or decision, and never with a value that the grant
withholds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from governance.policy import PERSON
from governance.viewer import Grant, Level, Viewer
from graph.disclosure import cut_row, places_withheld
from kith.labelling.comparing import SHOWN, Side, Stay
from kith.labelling.rows import Row, Rows


class Sight:
    """A viewer's sight of rows."""

    def __init__(
        self, viewer: Viewer, restricted: frozenset[str], labels: Mapping[tuple[str, str], str]
    ) -> None:
        self._grants = viewer.grants
        self._restricted = restricted
        self._labels = labels

    @property
    def key(self) -> Any:
        """Equal for two sights that are shown the same records."""
        grants = (
            (key, grant.level, grant.since)
            for key, grant in self._grants.items()
            if key.endswith(f"|{PERSON}")
        )
        return frozenset(grants), self._restricted

    def shows(self, record_id: str, share_key: str | None, updated_on: dt.date | None) -> bool:
        """Whether a record may be shown at all."""
        grant = self._grants.get(share_key or "")
        return (
            grant is not None
            and grant.level > Level.EXISTENCE
            and (updated_on is None or updated_on >= grant.since)
            and record_id not in self._restricted
        )

    def sides(self, rows: Rows, record_ids: Sequence[str]) -> dict[str, Side]:
        """Those of the records that may be shown, in order, cut to the grants."""
        found = {}
        for record_id in record_ids:
            row = rows.record(record_id)
            if row and self.shows(record_id, row["share_key"], row["updated_on"]):
                found[record_id] = self._side(row, rows.stays(record_id))
        return found

    def _side(self, row: Row, stays: Sequence[Row]) -> Side:
        grant = self._grants[row["share_key"]]
        terms = {"level": grant.level, "withheld": grant.withheld}
        shown = cut_row("record", {**row, **terms})
        agency, dataset = row["agency"], row["dataset"]
        return Side(
            agency=agency,
            agency_label=self._labels.get((agency, ""), agency),
            dataset_label=self._labels.get((agency, dataset), dataset),
            values={name: _text(shown.get(name)) for name in SHOWN},
            stays=_stays(stays, grant),
        )


def _stays(rows: Sequence[Row], grant: Grant) -> tuple[Stay, ...]:
    """Addresses are withheld whole if any part of them is."""
    if places_withheld({"withheld": grant.withheld}):
        return ()
    dated = not {"from_date", "to_date"} & grant.withheld
    return tuple(
        Stay(
            address_line=row["address_line"],
            flat=row["flat"],
            postcode=row["postcode"],
            uprn=row["uprn"],
            since=_text(row["from_date"]) if dated else None,
            until=_text(row["to_date"]) if dated else None,
        )
        for row in rows
        if any(row[name] for name in ("address_line", "flat", "postcode", "uprn"))
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
