"""FHIR R4: a Patient, or a Bundle of them, as the Personal Demographics Service answers it.

Invariant: one broken resource costs that resource and no other; what an element says is taken as
written. Which of several names or numbers stands first is told by their `use` and period alone.

`COLUMNS` are the columns of a Patient that a mapping may name, `PARTS` what may stand in `each`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from loaders.errors import DriftError, ReadError
from loaders.mapping import Mapping, Source
from loaders.readers.guard import first_bytes
from loaders.readers.rows import FileRows, Gathering, RowFault, Rows

_NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
_ADDRESS_KEY = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AddressKey"
_BIRTH_PLACE = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"
_CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_STRICTEST = ("V", "R", "N", "M", "L", "U")
_FORMER = ("old", "maiden")
_LIVED_IN = (None, "home", "temp", "old")
# What the columns are read from: a fault elsewhere in a resource is a finding, not a loss.
_READ = {"id", "identifier", "meta", "name", "telecom", "address"}
_VALUES = {"birthDate", "gender", "deceasedDateTime", "deceasedBoolean"}

COLUMNS: dict[str, str] = {
    "id": "logical id; in PDS the NHS number",
    "nhsNumber": "identifier of the NHS number system",
    "name.prefix": "titles of the name in use",
    "name.given": "first forename of the name in use",
    "name.middle": "its other forenames",
    "name.family": "its surname",
    "name.text": "its whole text, where given",
    "formerFamily": "surname of the latest name marked old or maiden",
    "otherNames": "every name but the one in use, '; ' between",
    "gender": "male, female, other or unknown",
    "birthDate": "date of birth",
    "deceased": "true if a death is recorded, false if denied",
    "deceasedDateTime": "when",
    "phone": "telephone: mobile before home before others",
    "email": "e-mail address",
    "birthPlace": "town, district and country of birth",
    "generalPractitioner": "code of the practice",
    "security": "strictest confidentiality code: U, N, R or V",
    "lastUpdated": "when the resource last changed, where given",
}
KINDS = ("Patient", "Bundle")
PARTS: dict[str, dict[str, str]] = {
    "address": {
        "use": "home, temp or old; work and billing addresses are no residences",
        "line": "its lines, ', ' between",
        "postalCode": "postcode",
        "uprn": "unique property reference number, from the address keys",
        "text": "its text, where given",
        "start": "first day",
        "end": "last day; for an old one without it, its first",
    }
}


def read_headings(path: Path, source: Source) -> list[str]:
    """The columns of a Patient, and whether the file is a `Patient` or a `Bundle`."""
    del source
    content = _parse(path)
    _resources(content, path)
    return [*COLUMNS, str(content["resourceType"])]


def read_rows(path: Path, mapping: Mapping) -> FileRows:
    """Every Patient; resources of other types are no rows."""
    names = [name for name in mapping.columns() if name in COLUMNS]
    wanted = {each: mapping.part_columns(each) for each in mapping.parts()}
    rows: _Batch = _Batch()
    parts = {each: _Batch() for each in wanted}
    faults: list[RowFault] = []
    content = _parse(path)
    resources = _resources(content, path)
    _check_kind(content, mapping, path)
    for number, resource in enumerate(resources, start=1):
        if isinstance(resource, dict) and resource.get("resourceType") not in {None, "Patient"}:
            continue
        found = _faults(resource, number)
        faults += found
        if any(not fault.keep for fault in found):
            continue
        columns = _columns(resource)
        rows.add([columns[name] for name in names], number, 0)
        for each, part_names in wanted.items():
            for place, part in enumerate(_part_columns(resource, columns), start=1):
                parts[each].add([part[name] for name in part_names], number, place)
    return FileRows(
        rows=rows.gathered(names, numbered=False),
        parts={each: parts[each].gathered(wanted[each], numbered=True) for each in wanted},
        faults=faults,
    )


def _check_kind(content: Any, mapping: Mapping, path: Path) -> None:
    kind = content["resourceType"]
    wanted = [name for name in mapping.source.match if name in KINDS and name != kind]
    if wanted:
        raise DriftError(f"{path.name}: this is a {kind}, and the mapping is for a {wanted[0]}")


class _Batch:
    """Rows on their way into columns."""

    def __init__(self) -> None:
        self.values: list[list[str]] = []
        self.lines: list[int] = []
        self.numbers: list[int] = []

    def add(self, values: list[str], line: int, number: int) -> None:
        self.values.append(values)
        self.lines.append(line)
        self.numbers.append(number)

    def gathered(self, names: Sequence[str], *, numbered: bool) -> Rows:
        gathering = Gathering(names, numbered=numbered)
        gathering.add(self.values, self.lines, self.numbers)
        return gathering.rows()


def _parse(path: Path) -> Any:
    codec = "utf-16" if first_bytes(path, 2) in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        return json.loads(path.read_text(encoding=codec), parse_constant=_no_number)
    except UnicodeDecodeError:
        raise ReadError(f"{path.name}: JSON must be UTF-8") from None
    except json.JSONDecodeError as error:
        raise ReadError(f"{path.name}: not JSON, on line {error.lineno}") from None
    except ValueError:
        raise ReadError(f"{path.name}: holds a number that is none") from None
    except RecursionError:
        raise ReadError(f"{path.name}: nested too deeply to be FHIR") from None
    except OSError as error:
        raise ReadError(f"{path.name}: cannot be opened: {error.strerror}") from None


def _no_number(_text: str) -> None:
    raise ValueError("NaN and Infinity are no numbers of JSON")


def _resources(content: Any, path: Path) -> list[Any]:
    kind = content.get("resourceType") if isinstance(content, dict) else None
    if kind == "Patient":
        return [content]
    if kind != "Bundle":
        raise ReadError(f"{path.name}: neither a FHIR Patient nor a Bundle")
    entries = content.get("entry", [])
    if not isinstance(entries, list):
        raise ReadError(f"{path.name}: the Bundle's entry is no list")
    return [entry.get("resource") if isinstance(entry, dict) else None for entry in entries]


def _faults(resource: Any, number: int) -> list[RowFault]:
    """What is wrong with a resource, by the R4 model."""
    if not isinstance(resource, dict) or "resourceType" not in resource:
        reason = "the entry holds no resource"
        return [RowFault(line=number, field="resource", value="", reason=reason)]
    problems = _model_faults(resource)
    return [
        RowFault(line=number, field=place, value=words, reason="not as FHIR R4 has it", keep=keep)
        for place, words, keep in problems
    ]


def _model_faults(resource: dict[str, Any]) -> list[tuple[str, str, bool]]:
    from pydantic import ValidationError

    try:
        _model().model_validate(resource)
    except ValidationError as error:
        return [_fault(resource, found) for found in error.errors(include_url=False)]
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        return [("resource", type(error).__name__, False)]
    return []


def _fault(resource: dict[str, Any], found: Any) -> tuple[str, str, bool]:
    place = [str(step) for step in found["loc"]]
    top = place[0] if place else "resource"
    as_text = top in _VALUES and isinstance(resource.get(top), str | bool)
    harmless = as_text or top not in _READ | _VALUES | {"resource"}
    return ".".join(place), str(found["msg"]), harmless


@cache
def _model() -> Any:
    # The model takes half a second to import and only FHIR files need it.
    from fhir.resources.R4B.patient import Patient

    return Patient


def _columns(patient: dict[str, Any]) -> dict[str, str]:
    names = sorted(_dicts(patient, "name"), key=_name_rank)
    name = names[0] if names else {}
    former = [other for other in names[1:] if other.get("use") in _FORMER]
    given = [text for text in name.get("given", []) if isinstance(text, str)]
    return {
        "id": _string(patient.get("id")),
        "nhsNumber": _identifier(patient, _NHS_NUMBER),
        "name.prefix": " ".join(_strings(name, "prefix")),
        "name.given": given[0] if given else "",
        "name.middle": " ".join(given[1:]),
        "name.family": _string(name.get("family")),
        "name.text": _string(name.get("text")),
        "formerFamily": _string(former[0].get("family")) if former else "",
        "otherNames": "; ".join(filter(None, map(_whole_name, names[1:]))),
        "gender": _string(patient.get("gender")),
        "birthDate": _string(patient.get("birthDate")),
        "deceased": _deceased(patient),
        "deceasedDateTime": _string(patient.get("deceasedDateTime")),
        "phone": _telecom(patient, "phone"),
        "email": _telecom(patient, "email"),
        "birthPlace": _birth_place(patient),
        "generalPractitioner": _practice(patient),
        "security": _security(patient),
        "lastUpdated": _string(_dict(patient.get("meta")).get("lastUpdated")),
    }


def _part_columns(patient: dict[str, Any], columns: dict[str, str]) -> Iterator[dict[str, str]]:
    """The columns of each address that is a residence, and those of its patient as `../`."""
    above = {f"../{name}": text for name, text in columns.items()}
    for address in _dicts(patient, "address"):
        if address.get("use") in _LIVED_IN:
            yield above | _address(address)


def _address(address: dict[str, Any]) -> dict[str, str]:
    period = _dict(address.get("period"))
    start, end = _string(period.get("start")), _string(period.get("end"))
    if address.get("use") == "old" and not end:
        end = start
    return {
        "use": _string(address.get("use")),
        "line": ", ".join(filter(None, (text.strip() for text in _strings(address, "line")))),
        "postalCode": _string(address.get("postalCode")),
        "uprn": _uprn(address),
        "text": _string(address.get("text")),
        "start": start,
        "end": end,
    }


def _name_rank(name: dict[str, Any]) -> tuple[int, bool, list[int]]:
    """Usual before official before unmarked before the rest; unended first; latest first."""
    ranks = {"usual": 0, "official": 1, None: 2}
    period = _dict(name.get("period"))
    start = [-ord(mark) for mark in _string(period.get("start"))]
    return ranks.get(name.get("use"), 3), bool(period.get("end")), start or [1]


def _whole_name(name: dict[str, Any]) -> str:
    words = [*_strings(name, "given"), _string(name.get("family"))]
    return " ".join(filter(None, words)) or _string(name.get("text"))


def _identifier(patient: dict[str, Any], system: str) -> str:
    for identifier in _dicts(patient, "identifier"):
        if identifier.get("system") == system:
            return _string(identifier.get("value"))
    return ""


def _deceased(patient: dict[str, Any]) -> str:
    if patient.get("deceasedDateTime"):
        return "true"
    flag = patient.get("deceasedBoolean")
    return str(flag).lower() if isinstance(flag, bool) else ""


def _telecom(patient: dict[str, Any], system: str) -> str:
    ranks = {"mobile": 0, "home": 1}

    def rank(telecom: dict[str, Any]) -> tuple[bool, int]:
        ended = bool(_dict(telecom.get("period")).get("end"))
        return ended, ranks.get(_string(telecom.get("use")), 2)

    found = [t for t in _dicts(patient, "telecom") if t.get("system") == system]
    found = [t for t in found if t.get("use") != "old"]
    return _string(min(found, key=rank).get("value")) if found else ""


def _birth_place(patient: dict[str, Any]) -> str:
    for extension in _dicts(patient, "extension"):
        if extension.get("url") == _BIRTH_PLACE:
            place = _dict(extension.get("valueAddress"))
            parts = (_string(place.get(key)) for key in ("city", "district", "country"))
            return ", ".join(filter(None, parts))
    return ""


def _practice(patient: dict[str, Any]) -> str:
    for practice in _dicts(patient, "generalPractitioner"):
        return _string(_dict(practice.get("identifier")).get("value"))
    return ""


def _security(patient: dict[str, Any]) -> str:
    """The strictest label; a code of the system that is not known here stands before all."""
    labels = _dicts(_dict(patient.get("meta")), "security")
    codes = {_string(label.get("code")) for label in labels if _is_secrecy(label)} - {""}
    unknown = sorted(codes - set(_STRICTEST))
    if unknown:
        return unknown[0]
    return next((code for code in _STRICTEST if code in codes), "")


def _is_secrecy(label: dict[str, Any]) -> bool:
    return label.get("system") in {_CONFIDENTIALITY, None}


def _uprn(address: dict[str, Any]) -> str:
    for extension in _dicts(address, "extension"):
        if extension.get("url") != _ADDRESS_KEY:
            continue
        parts = {part.get("url"): part for part in _dicts(extension, "extension")}
        kind = _dict(_dict(parts.get("type")).get("valueCoding")).get("code")
        if kind == "UPRN":
            return _string(_dict(parts.get("value")).get("valueString"))
    return ""


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = value.get(key)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _strings(value: dict[str, Any], key: str) -> list[str]:
    found = value.get(key)
    return [entry for entry in found if isinstance(entry, str)] if isinstance(found, list) else []


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
