"""What ships for the sources of any area: mappings, who keeps the area, an agency's own data.

Invariant: an agency added by hand sees its own data, and nobody else's, until agreements say so.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from sqlalchemy.orm import Session

from areas.pack import read_pack
from governance.policy import AgreementTerms, add_agreement
from governance.viewer import Level

_MAPPINGS = Path(__file__).parent / "mappings"
_BEGINNING = dt.date(2000, 1, 1)


def mapping_folders() -> list[Path]:
    """The folders of mapping files that ship."""
    return sorted(entry for entry in _MAPPINGS.iterdir() if entry.is_dir())


def keeper(area: str) -> str:
    """The agency that keeps the area's data: the first children's services, or the first of all."""
    agencies = read_pack(area).agencies
    kept = [entry.agency for entry in agencies if entry.kind == "children"]
    return kept[0] if kept else agencies[0].agency


def agree_with_itself(session: Session, agency: str) -> None:
    """Let an agency's own users see its own data in full."""
    terms = AgreementTerms(
        giving_agency=agency,
        receiving_agency=agency,
        level=Level.DETAIL,
        starts=_BEGINNING,
        restricted_allowed=True,
        title="An agency's own data",
    )
    add_agreement(session, terms)
