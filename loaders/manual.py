"""The generated tables of the manual: what a mapping may fill, and with which codes.

Invariant: they are a function of `records.schema`, the code lists and the FHIR reader alone.
`python -m loaders.manual docs/mapping.md` writes them anew between their marks; a test compares.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from loaders.readers.fhir import COLUMNS, PARTS
from records.codes import code_list, code_lists
from records.schema import TABLES, key_columns, source_fields

_FORMS = {
    "text": "text",
    "name": "name",
    "names": "names",
    "address": "address",
    "code": "code",
    "flag": "yes or no",
    "date": "date",
    "partial_date": "date, partial allowed",
}


def field_tables() -> str:
    """Every canonical table with the fields that a mapping may fill."""
    return "\n".join(_field_lines())


def code_tables() -> str:
    """The code lists of the fields, and those of the kinds of indicator."""
    lines = ["| list | codes |", "|---|---|"]
    fields = [entry.metadata["codes"] for t in TABLES.values() for entry in source_fields(t)]
    used = {*fields, *code_list("indicator_kind").labels}
    for name, codes in code_lists().items():
        if name not in used:
            continue
        words = ", ".join(f"`{code}` {label}" for code, label in codes.labels.items())
        lines.append(f"| {name} | {words} |")
    return "\n".join(lines)


def fhir_tables() -> str:
    """The columns of a FHIR Patient, and of the parts inside it."""
    lines = ["| column | what |", "|---|---|"]
    lines += [f"| `{name}` | {doc} |" for name, doc in COLUMNS.items()]
    for part, columns in PARTS.items():
        lines += ["", f'With `each = "{part}"`:', "", "| column | what |", "|---|---|"]
        lines += [f"| `{name}` | {doc} |" for name, doc in columns.items()]
    return "\n".join(lines)


SECTIONS = {"fields": field_tables, "codes": code_tables, "fhir": fhir_tables}


def with_tables(text: str) -> str:
    """A manual's text with each generated section written anew."""
    for name, made in SECTIONS.items():
        marked = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- end of {name} -->)", re.DOTALL)
        text = marked.sub(lambda found, made=made: f"{found[1]}{made()}{found[2]}", text)  # type: ignore[misc]
    return text


def _field_lines() -> Iterator[str]:
    for name, table in TABLES.items():
        keys = " + ".join(f"`{column}`" for column in key_columns(name))
        yield f"### {name}"
        yield ""
        yield f"{(table.__doc__ or '').splitlines()[0]} One row for each {keys}."
        yield ""
        yield "| field | what | form |"
        yield "|---|---|---|"
        for entry in source_fields(table):
            about = entry.metadata
            form = _FORMS.get(about["form"], about["form"].replace("_", " "))
            if about["codes"]:
                listed = "that of its kind" if about["codes"] == "*kind" else about["codes"]
                form = f"code, list {listed}"
            required = ", required" if about["required"] else ""
            yield f"| `{entry.name}` | {about['doc']} | {form}{required} |"
        yield ""


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(with_tables(file.read_text(encoding="utf-8")), encoding="utf-8")
