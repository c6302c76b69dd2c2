"""What forms have in common.

Invariant: every form carries a token against forged requests; what was typed is trimmed, and
characters that cannot be seen are taken out.
"""

from __future__ import annotations

import datetime as dt
import unicodedata

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field
from wtforms.validators import ValidationError

_UNSEEN = {"Cc", "Cf", "Cs"}
_DAY = "%d/%m/%Y"


class Form(FlaskForm):  # type: ignore[misc]
    """Base of all forms. It reads the fields of a posted form: no file, no JSON, no address."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """How Flask-WTF finds what was sent."""

        def wrap_formdata(self, form: Form, formdata: object) -> MultiDict[str, str] | None:
            if isinstance(formdata, MultiDict):
                return formdata
            return request.form if formdata is not None and form.is_submitted() else None


def trimmed(text: str | None) -> str:
    """What was typed, composed, without control characters, outer and repeated spaces."""
    composed = unicodedata.normalize("NFC", text or "")
    kept = (mark if unicodedata.category(mark) not in _UNSEEN else " " for mark in composed)
    return " ".join("".join(kept).split())


def read_day(text: str) -> dt.date:
    """A day as forms take it, such as 23/11/2026. Raises ValueError."""
    return dt.datetime.strptime(text, _DAY).date()  # noqa: DTZ007  (a day has no zone)


def a_day(_form: Form, field: Field) -> None:
    """Validates a field that holds a day, or nothing."""
    if field.data:
        try:
            read_day(field.data)
        except ValueError:
            raise ValidationError("Enter a day such as 23/11/2026") from None
