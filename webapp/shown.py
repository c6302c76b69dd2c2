"""How values look on a page: dates, ages, telephone numbers, codes.

Invariant: nothing here makes markup out of a value without escaping it, and a value that is
missing is said in words, never left blank and never shown as "no".
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from flask import Flask
from markupsafe import Markup, escape

from governance.bases import BASES
from governance.permissions import Permission, allows
from kith.desk import SourceAge
from records.codes import code_list, code_lists
from records.dates import PartialDate
from webapp.context import answers_requests, now, signed_in, unseen_notices

_LONDON = ZoneInfo("Europe/London")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_PHONE = re.compile(r"\+?\(?\d[\d ()-]{5,}\d")
NOT_KNOWN = "not known"


def install(app: Flask) -> None:
    """Give the filters and globals to the templates."""
    app.jinja_env.filters.update(
        day=day,
        moment=moment,
        ago=ago,
        ring=ring,
        code=code,
        clock=clock,
        counted=counted,
        by_agency=by_agency,
    )
    app.context_processor(_globals)


def _globals() -> dict[str, Any]:
    account = signed_in()
    roles = account.roles if account else frozenset()
    return {
        "account": account,
        "may": lambda name: allows(roles, Permission(name)),
        "purposes": code_list("purpose").labels,
        "bases": BASES,
        "unseen_notices": unseen_notices,
        "answers_requests": answers_requests,
    }


def day(value: dt.date | PartialDate | str | None, missing: str = NOT_KNOWN) -> str:
    """`3 Mar 2026`, `Mar 2026` or `2026`, as far as it is known."""
    if value is None or value == "":
        return missing
    if isinstance(value, dt.datetime):
        value = value.astimezone(_LONDON).date()
    if isinstance(value, str):
        try:
            value = PartialDate.parse(value)
        except ValueError:
            return missing
    if isinstance(value, dt.date):
        return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
    parts = [str(value.day) if value.day else "", _MONTHS[value.month - 1] if value.month else ""]
    return " ".join(part for part in [*parts, str(value.year)] if part)


def clock(value: dt.datetime) -> str:
    """`16:05`, in the United Kingdom."""
    return f"{value.astimezone(_LONDON):%H:%M}"


def moment(value: dt.datetime | None, missing: str = NOT_KNOWN) -> str:
    """`today 06:10`, or `3 Mar 2026 at 06:10`."""
    if value is None:
        return missing
    local = value.astimezone(_LONDON)
    if local.date() == _today():
        return f"today {clock(value)}"
    return f"{day(local.date())} at {clock(value)}"


def ago(value: dt.datetime | dt.date | None, missing: str = NOT_KNOWN) -> str:
    """`today 06:10`, `yesterday`, `14 days ago`."""
    if value is None:
        return missing
    date = value.astimezone(_LONDON).date() if isinstance(value, dt.datetime) else value
    days = (_today() - date).days
    if days <= 0:
        return moment(value) if isinstance(value, dt.datetime) else "today"
    return "yesterday" if days == 1 else f"{days} days ago"


def by_agency(sources: Iterable[SourceAge]) -> list[tuple[str, str]]:
    """(agency, how old what it sent is); its systems by name where they differ."""
    ages: dict[str, dict[str, list[str]]] = {}
    for source in sources:
        age = ago(source.loaded_on, "nothing sent yet")
        ages.setdefault(source.agency_label, {}).setdefault(age, []).append(source.dataset_label)
    return [
        (
            agency,
            next(iter(found))
            if len(found) == 1
            else "; ".join(f"{', '.join(names)} {age}" for age, names in found.items()),
        )
        for agency, found in ages.items()
    ]


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 record`, `3 records`, `no records`."""
    if number == 1:
        return f"1 {one}"
    return f"{number if number else 'no'} {many or one + 's'}"


def code(value: str | None, list_name: str, missing: str = NOT_KNOWN) -> str:
    """The words for a code; a code that its list lacks is shown as it stands."""
    if not value:
        return missing
    lists = code_lists()
    return lists[list_name].labels.get(value, value) if list_name in lists else value


def ring(value: str | None, missing: str = "no number given") -> Markup:
    """Whom to ring, the number as a link that a telephone dials."""
    if not value:
        return escape(missing)
    found = _PHONE.search(value)
    if found is None:
        return escape(value)
    number = found.group()
    return Markup('{}<a class="app-ring" href="tel:{}">{}</a>{}').format(
        value[: found.start()], _dialled(number), number, value[found.end() :]
    )


def _dialled(number: str) -> str:
    try:
        parsed = phonenumbers.parse(number, "GB")
    except phonenumbers.NumberParseException:
        return re.sub(r"[^\d+]", "", number)
    if not phonenumbers.is_possible_number(parsed):
        return re.sub(r"[^\d+]", "", number)
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def _today() -> dt.date:
    return now().astimezone(_LONDON).date()
