"""What forms have in common.

Invariant: every form carries a token against forged requests; what was typed is trimmed, and
characters that cannot be seen are taken out.
"""

from __future__ import annotations

import unicodedata

from flask_wtf import FlaskForm

_UNSEEN = {"Cc", "Cf", "Cs"}


class Form(FlaskForm):  # type: ignore[misc]
    """Base of all forms."""


def trimmed(text: str | None) -> str:
    """What was typed, composed, without control characters, outer and repeated spaces."""
    composed = unicodedata.normalize("NFC", text or "")
    kept = (mark if unicodedata.category(mark) not in _UNSEEN else " " for mark in composed)
    return " ".join("".join(kept).split())
