"""Opaque ids: what the register, the audit and a URL call things.

Invariant: an id is one letter, an underscore and lower-case base 32; it carries no meaning and
no person's value. Names that people choose (agencies, datasets) are short plain words.
"""

from __future__ import annotations

import base64
import re
import secrets

OPAQUE_ID = re.compile(r"[a-z]_[a-z2-7]+")
PLAIN_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
ANY = "*"


def new_id(prefix: str) -> str:
    """A fresh random id (120 bits) with a one-letter prefix."""
    return f"{prefix}_{base64.b32encode(secrets.token_bytes(15)).decode().lower()}"


def is_opaque(text: object) -> bool:
    return isinstance(text, str) and OPAQUE_ID.fullmatch(text) is not None


def is_plain_name(text: object) -> bool:
    return isinstance(text, str) and PLAIN_NAME.fullmatch(text) is not None
