"""Audit rows as an officer reads them.

Invariant: a row holds opaque ids, codes and counts, and so does what is made of it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from governance.bases import BASES
from governance.looks import Look
from records.codes import code_list

_WORDS = {
    "address_searched": "Searched for an address",
    "address_checked": "Checked an address",
    "person_viewed": "Looked at a person",
    "network_viewed": "Looked at links",
    "question_shown": "Was asked whether records are one person",
    "link_explained": "Asked why records are linked or not",
    "judgement_made": "Decided on a pair of records",
    "labels_exported": "Exported judged pairs",
    "labels_imported": "Imported judged pairs",
    "sign_in_failed": "Failed to sign in",
    "refused": "Was refused",
    "file_refused": "Had a file refused",
    "audit_read": "Read the audit",
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row: `things` are the opaque ids it names."""

    sequence: int
    at: dt.datetime
    what: str
    user: str
    agency: str
    role: str
    why: str
    things: tuple[str, ...]


def line_of(look: Look) -> Line:
    """One look in words."""
    row, payload = look.row, look.row.payload
    purposes = code_list("purpose").labels
    reason = payload.get("purpose")
    why = [purposes.get(reason, reason) if reason else "", payload.get("reference") or ""]
    why.append(BASES.get(payload.get("legal_basis") or "", ""))
    return Line(
        sequence=row.sequence,
        at=row.at,
        what=_what(row.kind, payload.get("reason")),
        user=look.user or "nobody known",
        agency=look.agency,
        role=(payload.get("role") or "").replace("_", " "),
        why=" · ".join(part for part in why if part),
        things=tuple(payload.get("what", ())),
    )


def _what(kind: str, reason: str | None) -> str:
    words = _WORDS.get(kind, kind.replace("_", " ").capitalize())
    return f"{words}: {reason.replace('_', ' ')}" if kind == "refused" and reason else words
