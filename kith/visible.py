"""Text that can be printed: what would steer a terminal, or turn a line around, is made visible.

Invariant: after `visible` no control character is left but the line break and the tab, and no mark
that changes the direction of what follows; after `visible_json` the document says what it said.
"""

from __future__ import annotations

import re

_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)
_STAND_IN = "\N{REPLACEMENT CHARACTER}"


def visible(text: str) -> str:
    """The text, a stand-in for each character that a terminal would obey."""
    return _STEERING.sub(_STAND_IN, text)


def visible_json(document: str) -> str:
    """A JSON document with those characters, which JSON allows in strings, as escapes."""
    return _STEERING.sub(lambda found: f"\\u{ord(found.group()):04x}", document)
