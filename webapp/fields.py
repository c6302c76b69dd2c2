"""How canonical fields and their values are called on pages.

Invariant: a field or code that has no words here is shown under its own name, never left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import phonenumbers

from webapp.shown import code, day

_LABELS = {
    "full_name": "Name",
    "given_name": "First name",
    "middle_names": "Middle names",
    "family_name": "Surname",
    "former_family_name": "Earlier surname",
    "other_names": "Other names",
    "birth_date": "Date of birth",
    "birth_date_status": "Date of birth is",
    "death_date": "Date of death",
    "dead": "Has died",
    "nhs_number": "NHS number",
    "upn": "Pupil number (UPN)",
    "uln": "Learner number (ULN)",
    "nino": "National Insurance number",
    "email": "E-mail",
    "local_id": "Agency's own number",
    "source_key": "System's own key",
    "birth_place": "Place of birth",
    "lead_worker": "Lead worker",
}
DATES = frozenset({"birth_date", "death_date"})
_CODES = {"sex": "sex", "birth_date_status": "date_status"}
_ISO = re.compile(r"\b\d{4}-\d\d(?:-\d\d)?\b")
CHOSEN = frozenset({*_CODES, "ethnicity", "dead"})
"""Fields whose values come from a list: their letters mean nothing."""


def field_label(name: str) -> str:
    """`Date of birth` for `birth_date`."""
    return _LABELS.get(name, name.replace("_", " ").capitalize())


def field_value(name: str, value: str) -> str:
    """A value as it is read: a date in words, a code's label, a number in groups."""
    if name in _CODES:
        return code(value, _CODES[name])
    if name in _FORMS:
        return _FORMS[name](value)
    if value in {"True", "False", "true", "false"}:
        return "Yes" if value.lower() == "true" else "No"
    return value


def _date(value: str) -> str:
    return day(value, value)


def _address(value: str) -> str:
    """The days of an address in words."""
    return _ISO.sub(lambda found: _date(found.group()), value)


def _nhs_number(value: str) -> str:
    return f"{value[:3]} {value[3:6]} {value[6:]}" if len(value) == 10 else value


def _phone(value: str) -> str:
    """`07700 900572` for `+447700900572`; what is no number stays as it is."""
    try:
        number = phonenumbers.parse(value, "GB")
    except phonenumbers.NumberParseException:
        return value
    home = number.country_code == phonenumbers.country_code_for_region("GB")
    form = phonenumbers.PhoneNumberFormat
    return str(phonenumbers.format_number(number, form.NATIONAL if home else form.INTERNATIONAL))


_FORMS: dict[str, Callable[[str], str]] = {
    **dict.fromkeys(DATES, _date),
    "address": _address,
    "nhs_number": _nhs_number,
    "phone": _phone,
}
