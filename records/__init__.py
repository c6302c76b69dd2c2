"""The ground floor: the canonical records and the words that every room speaks.

Invariant: nothing here reads a file of an agency, a database or the clock, and nothing here
imports another room.
"""

from records.codes import CodeList, code_list, code_lists
from records.dates import PartialDate
from records.keys import KeyMaker, share_key
from records.schema import (
    TABLES,
    Contact,
    Indicator,
    Involvement,
    PersonRecord,
    Residence,
    Statement,
    arrow_schema,
    key_columns,
    source_fields,
)

__all__ = [
    "TABLES",
    "CodeList",
    "Contact",
    "Indicator",
    "Involvement",
    "KeyMaker",
    "PartialDate",
    "PersonRecord",
    "Residence",
    "Statement",
    "arrow_schema",
    "code_list",
    "code_lists",
    "key_columns",
    "share_key",
    "source_fields",
]
