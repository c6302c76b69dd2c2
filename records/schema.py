"""The canonical tables, declared once; Arrow schemas and the manual are made from them.

Invariant: every field that a source gives stands twice, canonical under its own name and
exactly as sent under `<name>_raw`; a canonical value is null when the source gave nothing that
could be understood, and then the raw one tells why.

Three things are set by staging, never by a mapping: the opaque keys, the share key and the
provenance (`load_id`, `file_line`). A mapping speaks of source keys; see loaders.mapping.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing
from dataclasses import dataclass
from typing import Any

import pyarrow as pa


def _given(
    doc: str, *, codes: str | None = None, form: str = "text", required: bool = False
) -> Any:
    """A field that a mapping may fill. `form` names its standardiser, see loaders.standardise."""
    metadata = {"doc": doc, "given": True, "codes": codes, "form": form, "required": required}
    if required:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=None, metadata=metadata)


def _set(doc: str) -> Any:
    """A field that staging sets."""
    return dataclasses.field(metadata={"doc": doc, "given": False})


@dataclass(frozen=True, kw_only=True)
class _Provenance:
    agency: str = _set("agency that sent it, as in the register")
    dataset: str = _set("the agency's system")
    load_id: str = _set("load that brought it")
    file_line: int = _set("line (CSV), row (sheet) or element number in the file, from 1")


@dataclass(frozen=True, kw_only=True)
class _Place:
    address_line: str | None = _given("address as one line, without postcode", form="address")
    flat: str | None = _given("flat, room or sub-building, where the source splits it")
    uprn: str | None = _given("unique property reference number", form="uprn")
    postcode: str | None = _given("postcode, with its space", form="postcode")


@dataclass(frozen=True, kw_only=True)
class PersonRecord(_Provenance):
    """One person as one agency's system has them. Addresses are residences."""

    record_id: str = _set("opaque key")
    share_key: str = _set("agency|dataset|person")
    source_key: str = _given("the system's own key", required=True)
    local_id: str | None = _given("the agency's id for the person over its systems")
    title: str | None = _given("title", form="name")
    given_name: str | None = _given("first forename", form="name")
    middle_names: str | None = _given("other forenames", form="name")
    family_name: str | None = _given("surname", form="name")
    full_name: str | None = _given("whole name, where the source does not split it", form="name")
    former_family_name: str | None = _given("earlier surname", form="name")
    other_names: str | None = _given("aliases and other whole names, '; ' between", form="names")
    birth_date: str | None = _given("date of birth, partial allowed", form="partial_date")
    birth_date_status: str | None = _given("how it is known", codes="date_status", form="code")
    death_date: str | None = _given("date of death, partial allowed", form="partial_date")
    dead: bool | None = _given("known to have died", form="flag")
    sex: str | None = _given("sex or gender as recorded", codes="sex", form="code")
    ethnicity: str | None = _given("ethnicity, the source's words")
    nhs_number: str | None = _given("NHS number, 10 digits, check digit valid", form="nhs_number")
    upn: str | None = _given("unique pupil number", form="upn")
    uln: str | None = _given("unique learner number", form="uln")
    nino: str | None = _given("National Insurance number", form="nino")
    other_identifiers: str | None = _given(
        "other identifiers, each as `KIND value`, '; ' between", form="identifiers"
    )
    phone: str | None = _given("telephone, E.164", form="phone")
    email: str | None = _given("e-mail address", form="email")
    birth_place: str | None = _given("place of birth", form="name")
    occupation: str | None = _given("occupation")
    lead_worker: str | None = _given("worker to ring about this person, name and number")
    restricted: bool | None = _given("must not be traced: sensitive in PDS", form="flag")
    updated_on: dt.date | None = _given("day the source last touched the row", form="date")


@dataclass(frozen=True, kw_only=True)
class Residence(_Provenance, _Place):
    """A person's address as one agency recorded it, current if `to_date` is null."""

    record_id: str = _set("whose")
    record_key: str = _given("source key of the person", required=True)
    from_date: dt.date | None = _given("first day there, if known", form="date")
    to_date: dt.date | None = _given("last day there, if it ended", form="date")
    place_kind: str | None = _given("kind of place", codes="address_kind", form="code")


@dataclass(frozen=True, kw_only=True)
class Contact(_Provenance, _Place):
    """An agency's contact, concern or incident; it may have an address and no person."""

    contact_id: str = _set("opaque key")
    share_key: str = _set("agency|dataset|category")
    source_key: str = _given("the system's own key", required=True)
    category: str = _given("what about", codes="contact_category", form="code", required=True)
    service: str | None = _given("team or service")
    on_date: dt.date | None = _given("day of the contact", form="date")
    status: str | None = _given("state", codes="contact_status", form="code")
    severity: str | None = _given("severity", codes="severity", form="code")
    reference: str | None = _given("reference to quote")
    summary: str | None = _given("what happened, the source's words")
    ring: str | None = _given("whom to ring, name and number")


@dataclass(frozen=True, kw_only=True)
class Involvement(_Provenance):
    """A person's part in a contact."""

    contact_id: str = _set("which contact")
    record_id: str = _set("which person")
    contact_key: str = _given("source key of the contact", required=True)
    record_key: str = _given("source key of the person", required=True)
    role: str | None = _given("part played", codes="involvement", form="code")


@dataclass(frozen=True, kw_only=True)
class Indicator(_Provenance, _Place):
    """A dated fact about a person or, without `record_key`, about an address alone."""

    indicator_id: str = _set("opaque key")
    share_key: str = _set("agency|dataset|kind")
    record_id: str | None = _set("about whom, if anybody")
    source_key: str = _given("the system's own key", required=True)
    record_key: str | None = _given("source key of the person, if anybody")
    kind: str = _given("kind", codes="indicator_kind", form="code", required=True)
    code: str = _given("code on the list of its kind", codes="*kind", form="code", required=True)
    value: str | None = _given("value, the source's words")
    severity: str | None = _given("severity", codes="severity", form="code")
    valid_from: dt.date | None = _given("first day in force", form="date")
    valid_to: dt.date | None = _given("last day in force, if it ended", form="date")
    ring: str | None = _given("whom to ring, name and number")


@dataclass(frozen=True, kw_only=True)
class Statement(_Provenance):
    """A relation that the agency states: `record` is the `relation` of `other`."""

    record_id: str = _set("who")
    other_id: str = _set("of whom")
    record_key: str = _given("source key of the person", required=True)
    other_key: str = _given("source key of the other person", required=True)
    relation: str = _given("relation", codes="relation", form="code", required=True)


TABLES: dict[str, type] = {
    "record": PersonRecord,
    "residence": Residence,
    "contact": Contact,
    "involvement": Involvement,
    "indicator": Indicator,
    "statement": Statement,
}
"""Canonical table name -> its dataclass."""

KEYS: dict[str, tuple[str, ...]] = {
    "record": ("source_key",),
    "residence": ("record_key", "address_line", "uprn", "postcode", "from_date"),
    "contact": ("source_key",),
    "involvement": ("contact_key", "record_key", "role"),
    "indicator": ("source_key",),
    "statement": ("record_key", "other_key", "relation"),
}

ORDERS: dict[str, tuple[str, ...]] = {
    "record": ("record_id",),
    "residence": ("record_id", "address_line", "uprn", "postcode", "from_date"),
    "contact": ("contact_id",),
    "involvement": ("record_id", "contact_id", "role"),
    "indicator": ("indicator_id",),
    "statement": ("record_id", "other_id", "relation"),
}
"""What a snapshot's tables are in the order of; the first column is what rows are found by."""

_ARROW: dict[object, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    dt.date: pa.date32(),
    dt.datetime: pa.timestamp("us", tz="UTC"),
    list[str]: pa.list_(pa.string()),
}


def source_fields(table: type) -> list[dataclasses.Field[Any]]:
    """The fields of a canonical table that a mapping may fill."""
    return [entry for entry in dataclasses.fields(table) if entry.metadata.get("given")]


def key_columns(table_name: str) -> tuple[str, ...]:
    """The columns that tell one row of a canonical table from another in one dataset."""
    return KEYS[table_name]


def arrow_schema(table: type) -> pa.Schema:
    """The Arrow schema of a table's dataclass; given fields are followed by their raw text."""
    hints = typing.get_type_hints(table)
    columns = []
    for entry in dataclasses.fields(table):
        kind, optional = _unwrap(hints[entry.name])
        columns.append(pa.field(entry.name, _ARROW[kind], nullable=optional))
        if entry.metadata.get("given"):
            columns.append(pa.field(f"{entry.name}_raw", pa.string()))
    return pa.schema(columns)


def _unwrap(hint: object) -> tuple[object, bool]:
    parts = typing.get_args(hint)
    if type(None) in parts:
        return next(part for part in parts if part is not type(None)), True
    return hint, False
