"""What forms have in common.

Invariant: every form carries a token against forged requests; what was typed is trimmed, and a
control character in it is a fault.
"""

from __future__ import annotations

import unicodedata

from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.validators import ValidationError


class Form(FlaskForm):  # type: ignore[misc]
    """Base of all forms."""


def trimmed(text: str | None) -> str:
    """What was typed, composed, without outer and repeated spaces."""
    return " ".join(unicodedata.normalize("NFC", text or "").split())


def plain(_form: Form, field: Field) -> None:
    """A validator: no control characters."""
    if any(unicodedata.category(mark) in {"Cc", "Cs"} for mark in field.data or ""):
        raise ValidationError("Use letters, digits and ordinary signs only")
