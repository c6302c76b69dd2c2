"""A person whom two agencies know, with a contact that another has a part in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from records.snapshot import Snapshot
from tests.governance.retained import day, snapshot

DEAN, DEAN_TOO, OTHER = "r_dean", "r_deantoo", "r_other"
POLICE = {"agency": "police", "dataset": "main", "load_id": "l_a", "file_line": 2}
HOUSING = {"agency": "housing", "dataset": "main", "load_id": "l_b", "file_line": 7}


def staged(folder: Path, **dean: Any) -> Snapshot:
    """A snapshot; `dean` changes what the police have of him."""
    named = {"given_name": "Dean", "family_name": "Ellis", "birth_date": "1984-03-02"}
    return snapshot(
        folder,
        record=[
            {**POLICE, "record_id": DEAN, "source_key": "P1", **named, **dean},
            {**HOUSING, "record_id": DEAN_TOO, "source_key": "H1", **named}
            | {"lead_worker": "Ann Carter 01922 555104"},
            {**POLICE, "record_id": OTHER, "source_key": "P2"}
            | {"given_name": "Tracy", "family_name": "Okafor"},
        ],
        residence=[
            {**POLICE, "record_id": DEAN, "record_key": "P1", "address_line": f"{n} Alder Road"}
            for n in range(1, 13)
        ],
        contact=[
            {**POLICE, "contact_id": "c_row", "source_key": "C1", "category": "noise"}
            | {"on_date": day("2024-05-01"), "summary": "Row with Tracy Okafor <b>at the door</b>"},
            {**HOUSING, "contact_id": "c_rent", "source_key": "C2", "category": "arrears"}
            | {"on_date": day("2025-05-01"), "summary": "Rent late"},
        ],
        involvement=[
            {**POLICE, "contact_id": "c_row", "contact_key": "C1"} | part
            for part in (
                {"record_id": DEAN, "record_key": "P1", "role": "subject"},
                {"record_id": OTHER, "record_key": "P2", "role": "victim"},
            )
        ]
        + [
            {**HOUSING, "contact_id": "c_rent", "contact_key": "C2"}
            | {"record_id": DEAN_TOO, "record_key": "H1", "role": "subject"}
        ],
    )
