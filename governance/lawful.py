"""On which lawful basis a dataset is processed: without one, no file of it is taken.

Invariant: a basis is one of code list lawful_basis, and in force up to its last day. What an
officer noted last holds; where nothing was noted, what the words of the registration name.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance.errors import NoLawfulBasis, RegistrationError
from governance.retention_tables import DatasetBasisRow
from governance.tables import DatasetRow
from records.codes import code_list

NONE = "none"
"""What an officer notes of a dataset that may be processed on no basis any more."""

_ARTICLE = re.compile(r"(?:Art(?:icle|\.)?\s*)6\s*\(1\)\s*\((ea|[a-f])\)", re.IGNORECASE)
_LETTERS = {
    "a": "consent",
    "b": "contract",
    "c": "legal_obligation",
    "d": "vital_interests",
    "e": "public_task",
    "ea": "recognised_interest",
    "f": "legitimate_interests",
}
_PART_3 = re.compile(r"(?:DPA|Data Protection Act) 2018,? Part 3\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class LawfulBasis:
    """Bases of code list lawful_basis, and the last day that they hold, if there is one."""

    codes: tuple[str, ...]
    until: dt.date | None = None

    def in_force(self, on: dt.date) -> bool:
        """Whether a file may be taken on a day."""
        return bool(self.codes) and (self.until is None or on <= self.until)


def named_in(words: str) -> tuple[str, ...]:
    """The bases that words name: a code, a label, an article of UK GDPR, or Part 3 of the Act."""
    labels = code_list("lawful_basis").labels
    exact = [code for code, label in labels.items() if words.strip() in {code, label}]
    articles = [_LETTERS[letter.lower()] for letter in _ARTICLE.findall(words)]
    part_3 = ["law_enforcement"] if _PART_3.search(words) else []
    return tuple(dict.fromkeys(exact + articles + part_3))


def note_basis(
    session: Session,
    agency: str,
    dataset: str,
    basis: str,
    by: str,
    at: dt.datetime,
    *,
    until: dt.date | None = None,
) -> None:
    """Note the basis of a dataset from now on; `none` ends the one before.

    Raises:
        RegistrationError: if there is no such dataset, or the basis is not on the list.
    """
    if session.get(DatasetRow, (agency, dataset)) is None:
        raise RegistrationError("there is no such agency or dataset")
    if basis != NONE and basis not in code_list("lawful_basis"):
        known = ", ".join([*code_list("lawful_basis").labels, NONE])
        raise RegistrationError(f"a lawful basis is one of: {known}")
    row = DatasetBasisRow(
        agency=agency, dataset=dataset, basis=basis, until=until, noted_by=by, noted_at=at
    )
    session.add(row)
    session.flush()


def basis_of(session: Session, agency: str, dataset: str) -> LawfulBasis:
    """What a dataset is processed on; without codes there is none."""
    query = (
        select(DatasetBasisRow)
        .where(DatasetBasisRow.agency == agency, DatasetBasisRow.dataset == dataset)
        .order_by(DatasetBasisRow.sequence.desc())
        .limit(1)
    )
    noted = session.scalars(query).first()
    if noted is not None:
        return LawfulBasis(codes=() if noted.basis == NONE else (noted.basis,), until=noted.until)
    row = session.get(DatasetRow, (agency, dataset))
    return LawfulBasis(codes=named_in(row.lawful_basis) if row is not None else ())


def require_basis(session: Session, agency: str, dataset: str, on: dt.date) -> None:
    """Go on only if a file of the dataset may be taken on a day.

    Raises:
        NoLawfulBasis: saying what is missing, and who can mend it.
    """
    found = basis_of(session, agency, dataset)
    if found.in_force(on):
        return
    why = "has no lawful basis"
    if found.codes and found.until is not None:
        why = f"has had no lawful basis since {found.until.isoformat()}"
    raise NoLawfulBasis(
        f"dataset '{agency}/{dataset}' {why}; a governance officer notes one with: "
        f"kith retention basis {agency}/{dataset} BASIS"
    )
